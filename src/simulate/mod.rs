//! Customers with a known process: for documentation, tests, benches and demonstrations.
//!
//! Buying and leaving follow the Pareto/NBD idea (Schmittlein, Morrison, Colombo 1987, "Counting
//! your customers: who are they and what will they do next?", Management Science 33): each
//! customer has a rate of buying and a hazard of leaving for good, both gamma distributed over
//! customers. On top of it lie the things that make churn worth predicting:
//!
//! - **purchases** come at the rate λ · segment · season(t) · fade(t), and at none during a pause.
//!   λ ~ gamma(shape 1.5, mean `purchases_per_year`); segment is 0.8 (`consumer`, half of all), 1.2
//!   (`family`, a third) or 1.6 (`business`, a sixth). Everybody's first purchase is the instant of joining.
//! - **season(t)** = 1 + (`december_peak` − 1) · exp(−(d / 20)²), d days from the nearest 15
//!   December.
//! - **pauses**: an on/off process. Gaps between pauses are exponential with a rate ρ ~ gamma(shape
//!   0.7, mean `pauses_per_year`), so that some pause again and again and many never; a pause lasts
//!   gamma(shape 4, mean `pause_months`).
//! - **leaving** is decided at the hazard h(t) = μ · (1 + `complaint_effect` · k(t)), μ ~
//!   gamma(shape 2, mean 1 / `lifetime_years`), k(t) the number of badly handled tickets opened up
//!   to t. From that decision on fade(t) falls in a straight line from 1 to 0, over gamma(shape 4,
//!   mean `fade_days`) days; its end is `left_at`.
//! - **tickets**: a purchase leads to one with chance `ticket_share`, exponential(3 days) later. A
//!   share `bad_service_share` is handled badly: answered and resolved in days, or never.
//! - **orders** have 1 to 4 lines; their total is the customer's own check level (lognormal, mean
//!   `average_check`, σ 0.5) times lognormal(0, 0.35). A fifth of the orders has a discount of 5 to
//!   30 %. A line is returned with chance `return_share`, days later: a negative row of its order.
//! - **surveys**: a purchase leads to an answer with chance `survey_share`, about a level of the
//!   customer's own, lower by 2 for each badly handled ticket and by 2 while fading.
//! - region and age say nothing, as attributes often do.
//!
//! ```
//! use winback::simulate::Simulation;
//! let simulated = Simulation::default().customers(100).seed(7).run()?;
//! assert_eq!(simulated.customers.num_rows(), 100);
//! assert_eq!(simulated.transactions.schema().field(0).name(), "customer_id");
//! assert!(Simulation::default().return_share(2.0).run().is_err());
//! # Ok::<(), winback::Error>(())
//! ```

mod customer;
mod leaving;
mod process;
mod tables;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::progress::{Progress, Step};
use crate::time::Timestamp;
use process::Process;
use tables::Columns;
pub use tables::Simulated;

/// Customers per piece of work; fixed, so that the pieces do not depend on the number of threads.
const CHUNK: u64 = 256;

/// Declares the parameters once: field, default and setter share their documentation.
macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// What to simulate. Every parameter has a default and a setter of its name; the
        /// [module](self) says how they work together.
        ///
        /// ```
        /// use winback::simulate::Simulation;
        /// let steady = Simulation::default().pauses_per_year(0.0).december_peak(1.0);
        /// assert!(steady.validate().is_ok());
        /// let error = steady.customers(0).validate().unwrap_err();
        /// assert_eq!(error.to_string(), "customers = 0 is not allowed: 1 to 100000000");
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct Simulation {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl Default for Simulation {
            fn default() -> Self {
                Simulation { $($name: $default,)* }
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
        }
    };
}

parameters! {
    /// Number of customers, 1 to 100 million; defaults to 5,000. The first customers are the same
    /// whatever their number.
    customers: usize = 5_000;
    /// First instant; defaults to 2022-01-01.
    start: Timestamp = day(18_993);
    /// Instant up to which the log is complete (exclusive); defaults to 2025-01-01. At most 100
    /// years after `start`.
    end: Timestamp = day(20_089);
    /// Seed; defaults to 1. Same parameters and same seed: the same rows, whatever the number of
    /// threads.
    seed: u64 = 1;
    /// Share of customers who join within the first 30 days, 0 to 1; defaults to 0.3. The others
    /// join at any time up to `end`.
    joined_at_start: f64 = 0.3;
    /// Mean purchases of a customer in a year without pauses, 0.001 to 365; defaults to 16.
    purchases_per_year: f64 = 16.0;
    /// Mean of the order total before discounts, in the log's currency, 0.01 to 1,000,000; defaults to 45.
    average_check: f64 = 45.0;
    /// Reciprocal of the mean hazard of leaving: the mean life, in years, of a customer of average
    /// hazard who has no complaint. 0.001 to 1,000; defaults to 2.
    lifetime_years: f64 = 2.0;
    /// Mean days from the decision to leave to the last instant as a customer, 0 to 365; defaults
    /// to 90.
    fade_days: f64 = 90.0;
    /// Mean number of pauses in a year, 0 to 12; defaults to 0.5.
    pauses_per_year: f64 = 0.5;
    /// Mean length of a pause in months of 30.4 days, 0.001 to 120; defaults to 4.5.
    pause_months: f64 = 4.5;
    /// Purchase rate in mid December over the usual rate, 1 to 10; defaults to 1.6.
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
}

/// A constant day well inside the range of times.
fn day(days: i32) -> Timestamp {
    Timestamp::from_days(days).unwrap_or(Timestamp::MIN)
}

impl Simulation {
    /// Checks every parameter, as [`Simulation::run`] does first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first one outside its range.
    pub fn validate(&self) -> Result<()> {
        if !(1..=100_000_000).contains(&self.customers) {
            return Err(Error::parameter("customers", self.customers, "1 to 100000000"));
        }
        let days = self.end.days_since(self.start);
        if !(days > 0.0 && days <= 36_525.0) {
            return Err(Error::parameter(
                "end",
                self.end,
                format!("after start, {}, by at most 36525 days", self.start),
            ));
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
                return Err(Error::parameter(name, value, format!("{low} to {high}")));
            }
        }
        Ok(())
    }

    /// Simulates all customers, on all threads of the current rayon pool.
    ///
    /// # Errors
    /// As [`Simulation::validate`].
    pub fn run(&self) -> Result<Simulated> {
        self.run_told(&Progress::default())
    }

    /// As [`Simulation::run`], calling `tell` often, from any thread.
    ///
    /// ```
    /// use winback::{Error, simulate::Simulation};
    /// let ended = Simulation::default().run_telling(|step| step.done < 1_000);
    /// assert!(matches!(ended, Err(Error::Interrupted)));
    /// ```
    ///
    /// # Errors
    /// As [`Simulation::run`]; [`Error::Interrupted`] once `tell` returns false.
    pub fn run_telling(
        &self,
        tell: impl Fn(Step) -> bool + Send + Sync + 'static,
    ) -> Result<Simulated> {
        self.run_told(&Progress::to(tell))
    }

    fn run_told(&self, progress: &Progress) -> Result<Simulated> {
        self.validate()?;
        let process = Process::new(self)?;
        let customers = self.customers as u64;
        let told = progress.pieces("simulating customers", customers);
        let chunks: Vec<Columns> = (0..customers.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut columns = Columns::default();
                let numbers = chunk * CHUNK + 1..=((chunk + 1) * CHUNK).min(customers);
                numbers.clone().for_each(|number| columns.push(process.life(number)));
                told.add(numbers.count())?;
                Ok(columns)
            })
            .collect::<Result<_>>()?;
        Columns::concat(chunks).into_batches()
    }
}

#[cfg(test)]
mod tests;
