use approx::assert_abs_diff_eq;
use proptest::prelude::*;

use super::problem::{Limits, Problem};
use super::solve::{Solution, solve};

/// Solves with these profits and costs, a row a customer.
fn solved(profit: &[f64], cost: &[f64], offers: usize, limits: Limits) -> Solution {
    let key: Vec<u64> = (0..profit.len() / offers).map(|i| crate::hash::draw(i as u64)).collect();
    solve(&Problem { offers, profit, cost, key: &key }, limits)
}

fn within(budget: f64) -> Limits {
    Limits { budget, capacity: usize::MAX }
}

/// The most that any list brings, by trying all.
fn brute_force(profit: &[f64], cost: &[f64], offers: usize, limits: Limits) -> f64 {
    fn go(profit: &[f64], cost: &[f64], offers: usize, money: f64, places: usize) -> f64 {
        if profit.is_empty() {
            return 0.0;
        }
        let rest = |money, places| go(&profit[offers..], &cost[offers..], offers, money, places);
        let mut best = rest(money, places);
        for (profit, cost) in profit.iter().zip(cost).take(offers) {
            if *cost <= money && places > 0 {
                best = best.max(profit + rest(money - cost, places - 1));
            }
        }
        best
    }
    go(profit, cost, offers, limits.budget, limits.capacity)
}

const K4: ([f64; 18], [f64; 18]) = (
    [4.0, 7.0, 9.0, 3.0, 8.0, 8.5, 6.0, 6.5, 10.0, 1.0, 2.0, 7.0, 5.0, 5.0, 5.0, -2.0, 1.0, 3.0],
    [2.0, 5.0, 8.0, 2.0, 6.0, 9.0, 3.0, 4.0, 9.0, 1.0, 3.0, 5.0, 4.0, 2.0, 6.0, 1.0, 2.0, 3.0],
);

#[test]
fn lists_and_bounds_are_those_of_a_mixed_integer_program() {
    // scipy's milp and linprog, equal to enumeration: optimum, bound, price of the budget.
    let k1 = ([5.0, -1.0, 3.0, 8.0, 0.5, 2.0], [1.0; 6]);
    let found = solved(&k1.0, &k1.1, 1, within(3.0));
    assert_eq!(found.choice, [Some(0), None, Some(0), Some(0), None, None]);
    assert_eq!((found.totals.profit, found.bound, found.price), (16.0, 16.0, 2.0));

    let found = solved(&[10.0, 40.0, 30.0, 50.0], &[5.0, 4.0, 6.0, 3.0], 1, within(10.0));
    assert_eq!(found.choice, [None, Some(0), None, Some(0)]);
    assert_eq!((found.totals.profit, found.bound, found.price), (90.0, 105.0, 5.0));

    // One large offer against a small one that is better for its money.
    let found = solved(&[2.0, 100.0], &[1.0, 100.0], 1, within(100.0));
    assert_eq!(found.choice, [None, Some(0)]);
    assert_eq!((found.totals.profit, found.bound, found.price), (100.0, 101.0, 1.0));

    let found = solved(&K4.0, &K4.1, 3, within(20.0));
    assert_eq!((found.totals.profit, found.bound, found.price), (31.0, 32.0, 1.0));

    let found = solved(&K4.0, &K4.1, 3, Limits { budget: 20.0, capacity: 3 });
    assert_eq!((found.totals.profit, found.totals.customers), (25.0, 3));
    assert_abs_diff_eq!(found.bound, 25.0, epsilon = 1e-12);
    assert_abs_diff_eq!(found.price, 2.0 / 3.0, epsilon = 1e-12);

    let profit = [
        5.88, 8.87, 7.53, 1.48, 2.3, 8.61, -0.94, 8.03, 7.77, 4.15, 2.33, 2.06, 1.8, 3.9, 4.55,
        5.09, 9.95, 7.72, 5.84, 9.88, 1.37, 0.76, 5.74, -0.52,
    ];
    let cost = [
        0.66, 2.82, 2.6, 4.63, 3.33, 2.81, 2.74, 1.61, 0.55, 1.37, 3.61, 1.4, 2.16, 0.52, 4.24,
        1.2, 1.7, 4.46, 2.79, 4.31, 3.38, 3.84, 0.91, 2.94,
    ];
    let found = solved(&profit, &cost, 3, within(9.0));
    let offers = [Some(0), Some(2), Some(2), Some(0), Some(1), Some(1), None, Some(1)];
    assert_eq!(found.choice, offers);
    assert_abs_diff_eq!(found.totals.profit, 46.0, epsilon = 1e-9);
    assert_abs_diff_eq!(found.bound, 47.1003248260, epsilon = 1e-9);
    assert_abs_diff_eq!(found.price, 2.2923433875, epsilon = 1e-9);
}

#[test]
fn nobody_is_contacted_where_nothing_pays_or_nothing_can_be_paid() {
    for (profit, budget, capacity) in
        [([-1.0, 0.0], 10.0, 2), ([1.0, 2.0], 0.5, 2), ([1.0, 2.0], 0.0, 2), ([1.0, 2.0], 9.0, 0)]
    {
        let found = solved(&profit, &[1.0, 1.0], 1, Limits { budget, capacity });
        assert_eq!(found.choice, [None, None], "{profit:?} {budget} {capacity}");
        assert_eq!(found.totals.profit, 0.0);
    }
    // What costs nothing is not held back by an empty budget.
    let found = solved(&[1.0, 2.0], &[0.0, 1.0], 1, within(0.0));
    assert_eq!(found.choice, [Some(0), None]);
}

#[test]
fn decimal_costs_that_make_up_the_budget_are_paid() {
    let cases: [(u32, u32, usize); 8] = [
        (55, 5_500, 100),
        (7, 350, 50),
        (14, 700, 50),
        (10, 30, 3),
        (10, 7_000, 700),
        (55, 11_000, 200),
        (110, 5_500, 50),
        (99, 99_000_000, 1_000_000),
    ];
    for (cents, budget, customers) in cases {
        // Of more customers than can be paid, whose gains tie or do not.
        let n = customers * 3 / 2;
        for gain in
            [|_| 5.0, |i: usize| (2 + i % 3) as f64, |i: usize| 5.0 + (i * i % 97) as f64 / 89.0]
        {
            let cost = vec![f64::from(cents) / 100.0; n];
            let profit: Vec<f64> = (0..n).map(|i| gain(i) - cost[i]).collect();
            let mut best = profit.clone();
            best.sort_by(|a, b| b.total_cmp(a));
            let best = crate::stats::exact_sum(best.into_iter().take(customers));
            let limits = within(f64::from(budget) / 100.0);
            let found = solved(&profit, &cost, 1, limits);
            assert_eq!(found.totals.customers, customers as u64, "{cents} of {budget}");
            assert_abs_diff_eq!(found.totals.profit, best, epsilon = 1e-6);
        }
    }
}

fn problems() -> impl Strategy<Value = (usize, Vec<f64>, Vec<f64>, f64, usize)> {
    (1usize..4, 1usize..6).prop_flat_map(|(offers, customers)| {
        let n = offers * customers;
        (
            Just(offers),
            proptest::collection::vec((-4i32..40).prop_map(f64::from), n),
            proptest::collection::vec((0i32..12).prop_map(f64::from), n),
            (0i32..40).prop_map(f64::from),
            0usize..7,
        )
    })
}

proptest! {
    #[test]
    fn lists_keep_their_limits_and_miss_the_best_by_less_than_an_offer(
        (offers, profit, cost, budget, capacity) in problems(),
    ) {
        for capacity in [capacity, usize::MAX] {
            let limits = Limits { budget, capacity };
            let (found, best) = (
                solved(&profit, &cost, offers, limits),
                brute_force(&profit, &cost, offers, limits),
            );
            prop_assert!(found.totals.spend <= budget);
            prop_assert!(found.totals.customers as usize <= capacity);
            prop_assert!(found.totals.profit <= best + 1e-9);
            prop_assert!(found.bound >= best - 1e-9, "{} {}", found.bound, best);
            let largest = profit.iter().copied().fold(0.0, f64::max);
            // Half of the best at least, and within one offer of the bound where no place is short.
            prop_assert!(found.totals.profit >= best / 2.0 - 1e-9);
            if capacity == usize::MAX {
                prop_assert!(found.bound - found.totals.profit <= largest + 1e-9);
            }
        }
    }

    #[test]
    fn equal_costs_are_solved_exactly(
        (offers, profit, _, budget, capacity) in problems(), each in 1i32..6,
    ) {
        let cost = vec![f64::from(each); profit.len()];
        for capacity in [capacity, usize::MAX] {
            let limits = Limits { budget, capacity };
            let found = solved(&profit, &cost, offers, limits);
            let best = brute_force(&profit, &cost, offers, limits);
            prop_assert!((found.totals.profit - best).abs() < 1e-9, "{} {best}", found.totals.profit);
        }
    }

    #[test]
    fn more_money_never_lowers_the_bound_and_its_price_falls(
        (offers, profit, cost, budget, _) in problems(),
    ) {
        let less = solved(&profit, &cost, offers, within(budget));
        let more = solved(&profit, &cost, offers, within(budget + 3.0));
        prop_assert!(more.bound >= less.bound - 1e-9);
        prop_assert!(more.price <= less.price);
        prop_assert!(more.bound <= less.bound + 3.0 * less.price + 1e-9);
    }
}
