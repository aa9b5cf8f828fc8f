//! What to simulate.

use super::campaign::SimulatedCampaign;
use crate::error::{Error, Result};
use crate::progress::{Progress, Step};
use crate::time::Timestamp;

/// Declares the parameters once: field, default and setter share their documentation.
macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// What to simulate. Every parameter has a default and a setter of the same name; the
        /// [module](super) says how they work together.
        ///
        /// ```
        /// use winback::simulate::Simulation;
        /// let steady = Simulation::default().pauses_per_year(0.0).december_peak(1.0);
        /// assert!(steady.validate().is_ok());
        /// let error = steady.customers(0).validate().unwrap_err();
        /// assert_eq!(error.to_string(), "customers: expected 1 to 100000000, got 0");
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct Simulation {
            $($(#[$doc])* pub $name: $type,)*
            pub(super) progress: Progress,
        }

        impl Default for Simulation {
            fn default() -> Self {
                Simulation { $($name: $default,)* progress: Progress::default() }
            }
        }

        impl Simulation {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = $name;
                    self
                }
            )*

            /// Calls `tell` often, from any thread; when it returns false, the work ends with
            /// [`Error::Interrupted`](crate::Error::Interrupted).
            ///
            /// ```
            /// use winback::{Error, simulate::Simulation};
            /// let ended = Simulation::default().on_progress(|step| step.done < 1_000).run();
            /// assert!(matches!(ended, Err(Error::Interrupted)));
            /// ```
            #[must_use]
            pub fn on_progress(
                mut self,
                tell: impl Fn(Step) -> bool + Send + Sync + 'static,
            ) -> Self {
                self.progress = Progress::to(tell);
                self
            }
        }
    };
}

parameters! {
    /// Number of customers, 1 to 100 million; defaults to 5,000. The first customers are the same,
    /// however many there are.
    customers: usize = 5_000;
    /// First instant; defaults to 2022-01-01.
    start: Timestamp = day(18_993);
    /// Instant up to which the log is complete (exclusive); defaults to 2025-01-01. At most 100
    /// years after `start`.
    end: Timestamp = day(20_089);
    /// Seed; defaults to 1. The same parameters and seed give the same rows, on any number of
    /// threads.
    seed: u64 = 1;
    /// Share of customers who join within the first 30 days, 0 to 1; defaults to 0.3. The others
    /// join at any time up to `end`.
    joined_at_start: f64 = 0.3;
    /// Mean purchases in a year without pauses of a customer whose segment's factor is 1, 0.001 to 365;
    /// defaults to 16. The mean of all factors is 16 / 15.
    purchases_per_year: f64 = 16.0;
    /// How evenly purchases come, 1 to 100: a gap, season, pauses and fade aside, is a sum of so many
    /// exponential ones, so that its coefficient of variation is 1 / √regularity. Defaults to 1, purely
    /// random purchases; 25 are those of a subscription, or with one purchase a year, of yearly donors.
    regularity: u32 = 1;
    /// Mean of the order total before discounts, in the log's currency, 0.01 to 1,000,000; defaults to 45.
    average_check: f64 = 45.0;
    /// Reciprocal of the mean hazard of leaving: the mean lifetime, in years, of a customer with
    /// the average hazard and no complaints. 0.001 to 1,000; defaults to 2.
    lifetime_years: f64 = 2.0;
    /// Mean days from the decision to leave to the last instant as a customer, 0 to 365; defaults
    /// to 90.
    fade_days: f64 = 90.0;
    /// Mean number of pauses per year, 0 to 12; defaults to 0.5.
    pauses_per_year: f64 = 0.5;
    /// Mean length of a pause in months of 30.4 days, 0.001 to 120; defaults to 4.5.
    pause_months: f64 = 4.5;
    /// Purchase rate in mid December divided by the usual rate, 1 to 10; defaults to 1.6.
    december_peak: f64 = 1.6;
    /// Chance that a purchase leads to a ticket, 0 to 1; defaults to 0.15.
    ticket_share: f64 = 0.15;
    /// Chance that a ticket is handled badly, 0 to 1; defaults to 0.3.
    bad_service_share: f64 = 0.3;
    /// Each badly handled ticket adds this many times the customer's own hazard of leaving, 0 to
    /// 100; defaults to 8.
    complaint_effect: f64 = 8.0;
    /// Chance that an order line is returned, 0 to 1; defaults to 0.03.
    return_share: f64 = 0.03;
    /// Chance that a purchase leads to an answered survey, 0 to 1; defaults to 0.2.
    survey_share: f64 = 0.2;
    /// Whether to simulate visits, carts and letters too; defaults to no. The other tables are the
    /// same either way.
    events: bool = false;
    /// A campaign among the customers, with an offer whose effect on each of them is known;
    /// defaults to none. What those do whom it does not reach is the same either way.
    campaign: Option<SimulatedCampaign> = None;
}

/// A constant day well inside the range of times.
fn day(days: i32) -> Timestamp {
    Timestamp::from_days(days).unwrap_or(Timestamp::MIN)
}

impl Simulation {
    /// Checks every parameter, as [`Simulation::run`] does first.
    ///
    /// # Errors
    /// [`Error::Argument`] for the first one outside its range.
    pub fn validate(&self) -> Result<()> {
        if !(1..=100_000_000).contains(&self.customers) {
            return Err(Error::argument("customers", self.customers, "1 to 100000000"));
        }
        let days = self.end.days_since(self.start);
        if !(days > 0.0 && days <= 36_525.0) {
            return Err(Error::argument(
                "end",
                self.end,
                format!("a time after start, {}, by at most 36525 days", self.start),
            ));
        }
        if !(1..=100).contains(&self.regularity) {
            return Err(Error::argument("regularity", self.regularity, "1 to 100"));
        }
        for (name, value, low, high) in [
            ("joined_at_start", self.joined_at_start, 0.0, 1.0),
            ("fade_days", self.fade_days, 0.0, 365.0),
            ("pauses_per_year", self.pauses_per_year, 0.0, 12.0),
            ("december_peak", self.december_peak, 1.0, 10.0),
            ("ticket_share", self.ticket_share, 0.0, 1.0),
            ("bad_service_share", self.bad_service_share, 0.0, 1.0),
            ("complaint_effect", self.complaint_effect, 0.0, 100.0),
            ("return_share", self.return_share, 0.0, 1.0),
            ("survey_share", self.survey_share, 0.0, 1.0),
            ("purchases_per_year", self.purchases_per_year, 0.001, 365.0),
            ("average_check", self.average_check, 0.01, 1e6),
            ("lifetime_years", self.lifetime_years, 0.001, 1e3),
            ("pause_months", self.pause_months, 0.001, 120.0),
        ] {
            if !(low..=high).contains(&value) {
                return Err(Error::argument(name, value, format!("{low} to {high}")));
            }
        }
        match &self.campaign {
            Some(campaign) => campaign.check(self.start, self.end, self.customers),
            None => Ok(()),
        }
    }
}
