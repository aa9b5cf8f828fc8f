//! What follows for active customers with an event of a kind, compared with active customers
//! without one who had bought as recently and as often.

use super::options::EventsOptions;
use crate::error::Result;
use crate::groups::{PURCHASE_BANDS, purchase_band};
use crate::labels::Label;
use crate::log::{CustomerIndex, CustomerIndices, EventLog, History, over_customers};
use crate::stats::Z95;
use crate::time::{Timestamp, Window};

/// Parts of the time in which a purchase makes a customer active, by which customers are compared.
const RECENCY_BANDS: i64 = 3;
const STRATA: usize = RECENCY_BANDS as usize * PURCHASE_BANDS.len();
/// What is looked for: a purchase, and silence.
const OUTCOMES: usize = 2;

/// How many times as likely something is with an event of a kind as without: the risk ratio of Mantel
/// and Haenszel over strata.
///
/// A row is a customer active at a cutoff. Rows of one cutoff, one third of the time since the last
/// purchase and one band of the number of purchases are a stratum k of N rows, n₁ of which have an
/// event of the kind in the time before and n₀ have none; of these a and b see the outcome. The ratio
/// is R / S with R = Σ a n₀ / N, S = Σ b n₁ / N (Mantel and Haenszel 1959; Nurminen 1981).
///
/// A customer has rows at several cutoffs, which are alike, so the variance of its logarithm is the
/// one between customers: c / (c − 1) Σ u² / R², where u sums over a customer's rows
/// (y − p₁) n₀ / N with the event and −(R / S) (y − p₀) n₁ / N without. Under the ratio, p₀ =
/// (a + b) / (n₁ R / S + n₀) and p₁ = p₀ R / S. With one stratum and one row a customer this is
/// 1 / a − 1 / n₁ + 1 / b − 1 / n₀, but for c / (c − 1).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Lift {
    /// Share of the rows with an event that see the outcome; none without such rows.
    pub with_event: Option<f64>,
    /// Share of those without.
    pub without: Option<f64>,
    /// R / S; none where no row without an event that has its like with one sees the outcome.
    pub lift: Option<f64>,
    /// Its 95 % interval; none where it has no width.
    pub interval: Option<(f64, f64)>,
}

impl Lift {
    /// Of what is not asked for.
    pub(super) const NONE: Lift =
        Lift { with_event: None, without: None, lift: None, interval: None };
}

/// What follows after events of one kind. Of kinds that stand in place of purchases, nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Precedes {
    /// Rows (customers active at a cutoff) with an event of the kind.
    pub rows: u64,
    /// Of a purchase within the horizon.
    pub purchase: Lift,
    /// Of silence: no purchase in the time of silence.
    pub silence: Lift,
}

/// Cutoffs, and the instants that are looked at around each.
pub(super) struct Cutoff {
    pub(super) at: Timestamp,
    active_from: i64,
    event_from: i64,
    purchase_until: Timestamp,
    silent_until: Timestamp,
    /// What became known later is not looked at.
    until: Timestamp,
}

/// The cutoffs, latest last: as many as are asked for, as far as the log reaches and
/// what follows is over by `until`.
pub(super) fn cutoffs(
    log: &EventLog,
    until: Timestamp,
    options: &EventsOptions,
) -> Result<Vec<Cutoff>> {
    let mut found = Vec::new();
    // Whatever is looked for must be over.
    let Ok(latest) = until
        .sub_argument("silence", options.silence)
        .and_then(|a| Ok(a.min(until.sub_argument("horizon", options.horizon)?)))
    else {
        return Ok(found);
    };
    for number in 0..options.cutoffs {
        let Ok(at) = latest.sub_times("stride", options.stride, number as u32) else { break };
        if at <= log.first_event() {
            break;
        }
        let (Ok(active), Ok(event)) = (
            at.sub_argument("silence", options.silence),
            at.sub_argument("within", options.within),
        ) else {
            break;
        };
        found.push(Cutoff {
            at,
            active_from: active.micros(),
            event_from: event.micros(),
            purchase_until: at.add_argument("horizon", options.horizon)?,
            silent_until: at.add_argument("silence", options.silence)?,
            until,
        });
    }
    found.reverse();
    Ok(found)
}

/// One customer active at one cutoff.
struct Row {
    stratum: usize,
    /// Whether a purchase followed, and silence.
    outcomes: [bool; OUTCOMES],
}

impl Cutoff {
    /// The row of a customer, if active, and the kinds of its events in the time before into `kinds`, by
    /// their places, each once.
    fn row(
        &self,
        log: &EventLog,
        (number, customer): (usize, CustomerIndex),
        places: &[u16],
        kinds: &mut Vec<u16>,
    ) -> Option<Row> {
        let history: History<'_> = log.history(customer, self.at);
        let purchases = history.purchases();
        let last = purchases.last().map(|purchase| purchase.time)?;
        if last < self.active_from {
            return None;
        }
        let (at, all) = (self.at.micros(), self.at.micros() - self.active_from);
        let recency = ((at - last) * RECENCY_BANDS / (all + 1)).clamp(0, RECENCY_BANDS - 1);
        let band = purchase_band(purchases.len());
        let stratum =
            (number * RECENCY_BANDS as usize + recency as usize) * PURCHASE_BANDS.len() + band;
        kinds.clear();
        let recent = history.acts().into_iter().flatten().rev();
        kinds.extend(
            recent
                .take_while(|act| act.time >= self.event_from)
                .map(|act| places[usize::from(act.kind)])
                .filter(|&place| place != u16::MAX),
        );
        kinds.sort_unstable();
        kinds.dedup();
        let bought_by = |until: Timestamp| {
            let window = Window { start: self.at, end: until };
            log.seen(Label::Purchase, customer, window, self.until).purchased()
        };
        let outcomes = [bought_by(self.purchase_until), !bought_by(self.silent_until)];
        Some(Row { stratum, outcomes })
    }
}

/// Rows of one stratum, and of them those with each outcome.
type Counts = (u64, [u64; OUTCOMES]);

fn add((rows, seen): &mut Counts, outcomes: [bool; OUTCOMES]) {
    *rows += 1;
    seen.iter_mut().zip(outcomes).for_each(|(seen, outcome)| *seen += u64::from(outcome));
}

/// What follows after events of the kinds with these codes, and how many rows there are.
pub(super) fn precedes(log: &EventLog, cutoffs: &[Cutoff], codes: &[u16]) -> (u64, Vec<Precedes>) {
    let mut places = vec![u16::MAX; log.event_texts().len()];
    for (place, &code) in codes.iter().enumerate() {
        places[usize::from(code)] = place as u16;
    }
    if cutoffs.is_empty() {
        let none = Lift { with_event: None, without: None, lift: None, interval: None };
        return (0, vec![Precedes { rows: 0, purchase: none, silence: none }; codes.len()]);
    }
    let strata = STRATA * cutoffs.len();
    let rows = |customers: CustomerIndices, each: &mut dyn FnMut(CustomerIndex, Row, &[u16])| {
        let mut kinds = Vec::new();
        for customer in customers {
            for (number, cutoff) in cutoffs.iter().enumerate() {
                if let Some(row) = cutoff.row(log, (number, customer), &places, &mut kinds) {
                    each(customer, row, &kinds);
                }
            }
        }
    };
    // Of all rows, then of those with each kind.
    let size = strata * (codes.len() + 1);
    let count = |customers: CustomerIndices| {
        let mut counts: Vec<Counts> = vec![Counts::default(); size];
        rows(customers, &mut |_, row, kinds| {
            add(&mut counts[row.stratum], row.outcomes);
            for &kind in kinds {
                add(&mut counts[strata * (usize::from(kind) + 1) + row.stratum], row.outcomes);
            }
        });
        counts
    };
    let counts = over_customers(log, 3 * size, count, |all, other| {
        for (own, other) in all.iter_mut().zip(other) {
            own.0 += other.0;
            own.1.iter_mut().zip(other.1).for_each(|(own, other)| *own += other);
        }
    });
    let (all, with) = counts.split_at(strata);
    let ratios: Vec<[Ratio; OUTCOMES]> = with
        .chunks(strata)
        .map(|with| std::array::from_fn(|outcome| Ratio::of(all, with, outcome)))
        .collect();

    // The sum of squares over customers, of each kind and outcome, and how many customers there are.
    let spread = |neighbours: CustomerIndices| {
        let mut squares = vec![[0.0; OUTCOMES]; codes.len()];
        let mut own = vec![[0.0; OUTCOMES]; codes.len()];
        let (mut customers, mut current) = (0u64, None);
        let mut close = |own: &mut Vec<[f64; OUTCOMES]>| {
            for (squares, own) in squares.iter_mut().zip(own) {
                for (square, own) in squares.iter_mut().zip(own) {
                    *square += *own * *own;
                    *own = 0.0;
                }
            }
        };
        rows(neighbours, &mut |customer, row, kinds| {
            if current != Some(customer) {
                close(&mut own);
                (current, customers) = (Some(customer), customers + 1);
            }
            let mut kinds = kinds.iter().peekable();
            for (place, (own, ratios)) in own.iter_mut().zip(&ratios).enumerate() {
                let has = kinds.next_if(|kind| usize::from(**kind) == place).is_some();
                for outcome in 0..OUTCOMES {
                    let seen = f64::from(u8::from(row.outcomes[outcome]));
                    own[outcome] += ratios[outcome].residual(row.stratum, has, seen);
                }
            }
        });
        close(&mut own);
        (squares, customers)
    };
    let (squares, customers) =
        over_customers(log, 2 * codes.len() + 1, spread, |(all, count), (other, more)| {
            *count += more;
            for (own, other) in all.iter_mut().zip(other) {
                own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
            }
        });

    let total = all.iter().map(|counts| counts.0).sum();
    let found =
        ratios.iter().zip(with.chunks(strata)).zip(squares).map(|((ratios, with), squares)| {
            let lift = |outcome: usize| ratios[outcome].lift(squares[outcome], customers);
            let rows = with.iter().map(|counts| counts.0).sum();
            Precedes { rows, purchase: lift(0), silence: lift(1) }
        });
    (total, found.collect())
}

/// The ratio of one kind and outcome.
struct Ratio {
    /// R and S.
    sums: (f64, f64),
    shares: [Option<f64>; 2],
    /// Of each stratum n₁ / N, n₀ / N, p₁ and p₀.
    strata: Vec<[f64; 4]>,
}

impl Ratio {
    fn of(all: &[Counts], with: &[Counts], outcome: usize) -> Self {
        let (mut r, mut s) = (0.0, 0.0);
        let mut totals = [[0u64; 2]; 2];
        let cells = all.iter().zip(with).map(|(all, with)| {
            let (n1, a) = (with.0, with.1[outcome]);
            (n1, a, all.0 - n1, all.1[outcome] - a)
        });
        for (n1, a, n0, b) in cells.clone() {
            for (total, count) in totals.iter_mut().zip([[n1, a], [n0, b]]) {
                total.iter_mut().zip(count).for_each(|(total, count)| *total += count);
            }
            if n1 + n0 > 0 {
                let n = (n1 + n0) as f64;
                r += a as f64 * n0 as f64 / n;
                s += b as f64 * n1 as f64 / n;
            }
        }
        let ratio = r / s;
        let stratum = |(n1, a, n0, b): (u64, u64, u64, u64)| {
            if n1 == 0 || n0 == 0 {
                return [0.0; 4];
            }
            let (n1, n0) = (n1 as f64, n0 as f64);
            let p0 = (a + b) as f64 / (n1 * ratio + n0);
            [n1 / (n1 + n0), n0 / (n1 + n0), p0 * ratio, p0]
        };
        let share = |[n, seen]: [u64; 2]| (n > 0).then(|| seen as f64 / n as f64);
        Ratio { sums: (r, s), shares: totals.map(share), strata: cells.map(stratum).collect() }
    }

    /// What a row adds to the sum whose square is the variance.
    fn residual(&self, stratum: usize, has_event: bool, seen: f64) -> f64 {
        let [w1, w0, p1, p0] = self.strata[stratum];
        match has_event {
            true => (seen - p1) * w0,
            false => -(self.sums.0 / self.sums.1) * (seen - p0) * w1,
        }
    }

    fn lift(&self, squares: f64, customers: u64) -> Lift {
        let (r, s) = self.sums;
        let lift = (s > 0.0).then_some(r / s);
        let c = customers as f64;
        let deviation = (squares * c / (c - 1.0)).sqrt() / r;
        let interval = lift.filter(|_| r > 0.0 && deviation.is_finite() && deviation > 1e-9);
        Lift {
            with_event: self.shares[0],
            without: self.shares[1],
            lift,
            interval: interval.map(|lift| {
                let reach = (Z95 * deviation).exp();
                (lift / reach, lift * reach)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stratum_gives_the_usual_ratio() {
        // 30 of 100 with the event, 20 of 200 without: ratio 3, and its usual variance.
        let (all, with) = ([(300, [50, 0])], [(100, [30, 0])]);
        let ratio = Ratio::of(&all, &with, 0);
        let mut squares = 0.0;
        for (has, seen, count) in
            [(true, 1.0, 30), (true, 0.0, 70), (false, 1.0, 20), (false, 0.0, 180)]
        {
            squares += f64::from(count) * ratio.residual(0, has, seen).powi(2);
        }
        let found = ratio.lift(squares, 1_000_000_000);
        let deviation = (1.0 / 30.0 - 1.0 / 100.0 + 1.0 / 20.0 - 1.0 / 200.0_f64).sqrt();
        let (low, high) = found.interval.unwrap();
        assert!((found.lift.unwrap() - 3.0).abs() < 1e-12);
        assert!((low - 3.0 / (Z95 * deviation).exp()).abs() < 1e-6, "{low}");
        assert!((high - 3.0 * (Z95 * deviation).exp()).abs() < 1e-6, "{high}");
        assert_eq!((found.with_event, found.without), (Some(0.3), Some(0.1)));
    }

    /// Rothman, Modern Epidemiology: trials of tolbutamide in two strata of age, deaths; the pooled
    /// risk ratio of Mantel and Haenszel is 1.33.
    #[test]
    fn strata_are_weighted_as_by_mantel_and_haenszel() {
        let all = [(226, [13, 0]), (183, [38, 0])];
        let with = [(106, [8, 0]), (98, [22, 0])];
        let found = Ratio::of(&all, &with, 0).lift(1.0, 409);
        assert!((found.lift.unwrap() - 1.33).abs() < 0.005, "{found:?}");
    }

    #[test]
    fn without_one_of_both_there_is_no_ratio() {
        for (all, with) in [
            ([(10, [4, 0])], [(0, [0, 0])]),
            ([(10, [4, 0])], [(10, [4, 0])]),
            ([(10, [4, 0])], [(5, [4, 0])]),
            ([(0, [0, 0])], [(0, [0, 0])]),
        ] {
            let found = Ratio::of(&all, &with, 0).lift(0.0, 10);
            assert_eq!((found.lift, found.interval), (None, None));
        }
        let none = Ratio::of(&[(10, [4, 0])], &[(5, [0, 0])], 0).lift(0.0, 10);
        assert_eq!((none.lift, none.interval), (Some(0.0), None));
    }
}
