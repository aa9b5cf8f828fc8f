//! Whom to ask on which day.

use arrow_array::{Array, ArrayRef, RecordBatch};
use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::answer::columns::{Column, batch, times, whole};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, fields};
use crate::error::{Error, Result};
use crate::hash;
use crate::log::{CustomerId, CustomerIndex};
use crate::snapshot::Snapshot;
use crate::time::{MICROS_PER_DAY, Span, Timestamp};

options! {
    /// How many customers are asked, and how often.
    pub struct PlanOptions {
        /// Share of the customers to ask each day, as an upper limit; a round takes 1 / share days,
        /// rounded up
        #[value(value_name = "SHARE")]
        share: f64 = 0.005,
        /// Text that draws the days; another text draws new ones, and the guarantees do not hold
        /// across the change
        #[value(value_name = "TEXT")]
        #[takes(into)]
        salt: String = hash::DEFAULT_SALT.to_owned(),
        /// The least time between two questions to one customer; refused if a round is shorter
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        min_gap: Span = Span::ZERO,
        /// Leave out customers with an open ticket on the day, until the next round
        #[option(requires = "tickets")]
        skip_open_tickets: bool = false,
    }
}

/// Rounds are no longer than a century.
const LONGEST_ROUND: f64 = 36_525.0;

impl PlanOptions {
    /// Days of a round, in which everyone is asked once: 1 / share, rounded up.
    ///
    /// # Errors
    /// [`Error::Argument`] for a share that is not above 0 and at most 1 or whose round takes
    /// longer than a century, and for a `min_gap` longer than the round.
    pub fn round_days(&self) -> Result<u32> {
        // 1 / (1 / 3) is 3, whatever a last bit says.
        let days = (1.0 / self.share - 1e-9).ceil();
        if !(0.0 < self.share && self.share <= 1.0 && days <= LONGEST_ROUND) {
            let expected =
                format!("more than 0 and at most 1, a round of up to {LONGEST_ROUND} days");
            return Err(Error::argument("share", self.share, expected));
        }
        if self.min_gap.approx_days() > days {
            let expected = format!(
                "at most {days}d, after which a share of {} has asked everyone",
                self.share
            );
            return Err(Error::argument("min_gap", self.min_gap, expected));
        }
        Ok(days as u32)
    }
}

/// The customers to ask on one day.
///
/// Every customer has one day of the round, drawn from salt and id (the first 52 bits of md5(salt,
/// "/survey", 0xff, id), as a share of the round), and is asked on that day of every round. So no
/// state has to be kept: day, salt and log determine the list. Over any stretch of days as long as
/// a round, wherever it begins, everyone is asked exactly once. Two questions to one customer are
/// exactly a round apart. A customer who joins in mid-round is asked on their own day, the first
/// time within a round's length. The number asked on a day varies like that of independent draws,
/// about customers / round ± 2 √(customers / round). Rounds are counted from 1970-01-01. All this
/// holds as long as share and salt stay the same.
///
/// ```
/// use winback::surveys::{PlanOptions, SurveyPlan};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(1_000).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .tickets([shop.tickets])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let options = PlanOptions::default().share(0.02).skip_open_tickets(true);
/// let plan = SurveyPlan::build(&log.at("2024-12-01")?, &options)?;
/// assert_eq!(plan.round_days, 50);
/// assert_eq!(plan.due, plan.customers().len() as u64 + plan.open_ticket);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize)]
pub struct SurveyPlan {
    /// The day.
    pub day: Timestamp,
    /// The round that contains the day, counted from 1970-01-01.
    pub round: i64,
    /// Days of a round.
    pub round_days: u32,
    /// Customers with a purchase before the day.
    pub known: u64,
    /// Customers whose day it is.
    pub due: u64,
    /// Of these, those left out because of an open ticket.
    pub open_ticket: u64,
    #[serde(skip)]
    customers: Vec<CustomerIndex>,
    #[serde(skip)]
    ids: ArrayRef,
}

/// What becomes of a customer on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// No customer yet.
    Unknown,
    AnotherDay,
    OpenTicket,
    Asked,
}

impl SurveyPlan {
    /// The list for one day, the cutoff, from what was known before it.
    ///
    /// # Errors
    /// As [`PlanOptions::round_days`]; [`Error::Argument`] for a cutoff with a time of
    /// day, and for `skip_open_tickets` where the log has no tickets or does not say when they were resolved.
    pub fn build(snapshot: &Snapshot, options: &PlanOptions) -> Result<Self> {
        let (log, day) = (snapshot.log(), snapshot.at());
        let round_days = options.round_days()?;
        if day.micros().rem_euclid(MICROS_PER_DAY) != 0 {
            return Err(Error::argument("day", day, "a date, without a time of day"));
        }
        if options.skip_open_tickets {
            let expected = match log.columns().tickets {
                None => Some("false, for the log has no tickets"),
                Some(tickets) if !tickets.resolved_at => {
                    Some("false, for the tickets have no resolved_at: all would be open")
                }
                Some(_) => None,
            };
            if let Some(expected) = expected {
                return Err(Error::argument("skip_open_tickets", true, expected));
            }
        }
        let length = i64::from(round_days);
        let slot_today = day.day().rem_euclid(length) as u32;
        let turn = |customer: CustomerIndex| {
            let history = snapshot.history(customer);
            if history.purchases().is_empty() {
                return Turn::Unknown;
            }
            if slot(log.customers().get(customer), &options.salt, round_days) != slot_today {
                return Turn::AnotherDay;
            }
            let open = options.skip_open_tickets
                && history
                    .tickets()
                    .is_some_and(|mut tickets| tickets.any(|ticket| ticket.resolved_at.is_none()));
            if open { Turn::OpenTicket } else { Turn::Asked }
        };
        let turns: Vec<Turn> = log.customers().par_indices().map(turn).collect();
        let count = |of: Turn| turns.iter().filter(|turn| **turn == of).count() as u64;
        let all = log.customers().indices().zip(&turns);
        let asked = all.filter(|(_, turn)| **turn == Turn::Asked);
        let customers: Vec<CustomerIndex> = asked.map(|(customer, _)| customer).collect();
        Ok(SurveyPlan {
            day,
            round: day.day().div_euclid(length),
            round_days,
            known: turns.len() as u64 - count(Turn::Unknown),
            due: customers.len() as u64 + count(Turn::OpenTicket),
            open_ticket: count(Turn::OpenTicket),
            ids: log.customers().take(customers.iter().copied()),
            customers,
        })
    }

    /// The customers to ask, as their places in the log, ascending.
    pub fn customers(&self) -> &[CustomerIndex] {
        &self.customers
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let n = self.ids.len();
        let ids: Column = ("customer_id".into(), self.ids.clone());
        let days = times("day", std::iter::repeat_n(Some(self.day), n));
        batch(vec![ids, days, whole("round", std::iter::repeat_n(Some(self.round), n))])
    }
}

impl Analysis for SurveyPlan {
    /// - `customers`: `customer_id`, `day`, `round`, by customer.
    const TABLES: &'static [Table<Self>] = &[("customers", Self::rows_table)];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }
}

impl std::fmt::Display for SurveyPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, day {} of {} in round {}: {} of {} customers to ask",
            self.day,
            self.day.day().rem_euclid(i64::from(self.round_days)) + 1,
            self.round_days,
            self.round,
            self.customers.len(),
            self.known
        )?;
        match self.open_ticket {
            0 => Ok(()),
            left_out => write!(f, ", {left_out} left out for an open ticket"),
        }
    }
}

/// A customer's day of the round, from 0.
fn slot(id: CustomerId<'_>, salt: &str, round_days: u32) -> u32 {
    // A salt of its own: the days say nothing about the arms that the same salt draws.
    let salt = format!("{salt}/survey");
    (hash::drawn_share(&salt, id) * f64::from(round_days)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        /// 100,000 customers, 0.5 % a day: each day about 500, as chance has it.
        #[test]
        fn prop_days_are_as_even_as_chance_allows(salt in "[a-z]{0,8}", first in -9i64..9_000_000) {
            let mut of_day = vec![0u32; 200];
            for id in first..first + 100_000 {
                of_day[slot(CustomerId::Int(id), &salt, 200) as usize] += 1;
            }
            prop_assert_eq!(of_day.iter().sum::<u32>(), 100_000);
            // 500 ± 5.5 standard deviations of 22.3.
            prop_assert!(of_day.iter().all(|&n| (377..=623).contains(&n)), "{of_day:?}");
            // Chi-squared with 199 degrees of freedom: 199 ± 5 standard deviations of 20.
            let chi: f64 = of_day.iter().map(|&n| (f64::from(n) - 500.0).powi(2) / 500.0).sum();
            prop_assert!((99.0..=310.0).contains(&chi), "{chi}");
        }
    }

    #[test]
    fn another_salt_draws_other_days() {
        let of = |salt: &str| -> Vec<u32> {
            (0..10_000).map(|id| slot(CustomerId::Int(id), salt, 200)).collect()
        };
        let same = of("a").iter().zip(of("b")).filter(|(a, b)| **a == *b).count();
        // 50 ± 5 standard deviations of 7.
        assert!((15..=85).contains(&same), "{same}");
        assert_eq!(of("a"), of("a"));
    }

    #[test]
    fn a_round_takes_one_over_the_share_in_days() {
        let days = |share: f64| PlanOptions { share, ..PlanOptions::default() }.round_days();
        for (share, expected) in
            [(0.005, 200), (0.003, 334), (1.0, 1), (0.7, 2), (1.0 / 3.0, 3), (1.0 / 49.0, 49)]
        {
            assert_eq!(days(share).unwrap(), expected, "{share}");
        }
        for share in [0.0, -0.1, 1.01, 1e-5, f64::NAN, f64::INFINITY] {
            let error = days(share).unwrap_err().to_string();
            assert!(error.starts_with("share: expected "), "{error}");
        }
        let gap = |min_gap| PlanOptions { min_gap, ..PlanOptions::default() }.round_days();
        assert!(gap(Span::days(200)).is_ok() && gap(Span::months(6)).is_ok());
        let error = gap(Span::days(201)).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "min_gap: expected at most 200d, after which a share of 0.005 has asked "
            ),
            "{error}"
        );
    }
}
