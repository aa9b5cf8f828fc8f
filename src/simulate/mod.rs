//! Customers who behave by a known process: for documentation, tests, benchmarks and
//! demonstrations.
//!
//! Buying and leaving follow the Pareto/NBD idea (Schmittlein, Morrison, Colombo 1987, "Counting
//! your customers: who are they and what will they do next?", Management Science 33): each customer
//! has a purchase rate and a hazard of leaving for good, both gamma distributed over customers. On
//! top of that come the things that make churn worth predicting:
//!
//! - **purchases** come at the rate λ · segment · season(t) · fade(t), and not at all during a
//!   pause. λ ~ gamma(shape 1.5, mean `purchases_per_year`); segment is 0.8 (`consumer`, half of
//!   all), 1.2 (`family`, a third) or 1.6 (`business`, a sixth). Everybody's first purchase is at
//!   the instant of joining.
//!   With a `regularity` above 1 that many parts of a purchase come at that many times the rate, and
//!   the last one is the purchase.
//! - **season(t)** = 1 + (`december_peak` − 1) · exp(−(d / 20)²), d days from the nearest 15
//!   December.
//! - **pauses**: an on/off process. Gaps between pauses are exponential with a rate ρ ~ gamma(shape
//!   0.7, mean `pauses_per_year`), so some customers pause again and again and many never; a pause
//!   lasts gamma(shape 4, mean `pause_months`).
//! - **leaving** is decided at the hazard h(t) = μ · (1 + `complaint_effect` · k(t)), μ ~
//!   gamma(shape 2, mean 1 / `lifetime_years`), with k(t) the number of badly handled tickets
//!   opened up to t. From that decision on, fade(t) falls linearly from 1 to 0 over gamma(shape 4,
//!   mean `fade_days`) days; its end is `left_at`.
//! - **tickets**: a purchase leads to one with chance `ticket_share`, exponential(3 days) later. A
//!   share `bad_service_share` is handled badly: answered and resolved in days, or never.
//! - **orders** have 1 to 4 lines; their total is the customer's own check level (lognormal, mean
//!   `average_check`, σ 0.5) times lognormal(0, 0.35). A fifth of the orders has a discount of 5 to
//!   30 %. A line is returned with chance `return_share`, days later: a negative row of its order.
//! - **surveys**: a purchase leads to an answer with chance `survey_share`, around the customer's
//!   own level, lower by 2 for each badly handled ticket and by 2 while fading.
//! - **events**, if asked for: a purchase begins with a `visit` and a `cart`; other visits come at
//!   twice the customer's own purchase rate, times i(t) = fade(t)², a tenth of it during a pause, so
//!   that they stop before purchases do. Of these 15 % fill a `cart`, half of which end in
//!   `checkout_abandoned`. Every fortnight an `email_sent` goes to everybody, also to those who have
//!   left; it is followed by an `email_open` with chance 0.02 + 0.4 · i(t), exponential(1 day) later.
//!   The `value` of a visit is its number of pages.
//! - **a campaign**, if asked for, has an offer that changes what customers do in its window. Who
//!   would not buy there is a `persuadable`, and places one order more with chance `persuaded`, but
//!   for those who have left or whose ticket was badly handled within the 180 days before: a
//!   `lost_cause`. Who would buy is a `sure_thing`, and with such a ticket a `sleeping_dog`, who with
//!   chance `annoyed` places none of these orders. All else of a life stays as it is: the order that
//!   the offer brings, at any time of the window, has lines and returns, but no ticket and no visit.
//! - region and age carry no information, as attributes often do not.
//!
//! ```
//! use winback::simulate::Simulation;
//! let simulated = Simulation::default().customers(100).seed(7).run()?;
//! assert_eq!(simulated.customers.num_rows(), 100);
//! assert_eq!(simulated.transactions.schema().field(0).name(), "customer_id");
//! assert!(Simulation::default().return_share(2.0).run().is_err());
//! # Ok::<(), winback::Error>(())
//! ```

mod campaign;
mod customer;
mod draws;
mod events;
mod filter;
mod known;
mod leaving;
mod oracle;
mod particle;
mod process;
mod rate;
mod season;
mod simulation;
mod tables;

use rayon::prelude::*;

use crate::error::Result;
pub use campaign::SimulatedCampaign;
use process::Process;
pub use simulation::Simulation;
use tables::Columns;
pub use tables::Simulated;

/// Customers per piece of work; fixed, so that the pieces do not depend on the number of threads.
const CHUNK: u64 = 256;

impl Simulation {
    /// Simulates all customers, on all threads of the current rayon pool.
    ///
    /// # Errors
    /// As [`Simulation::validate`]; [`Error::Interrupted`](crate::Error::Interrupted) where it was told to
    /// end.
    pub fn run(&self) -> Result<Simulated> {
        self.validate()?;
        let process = Process::new(self)?;
        let customers = self.customers as u64;
        let told = self.progress.pieces("simulating customers", customers);
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
        let columns = Columns::concat(chunks);
        if let Some(campaign) = &self.campaign {
            campaign.check_met(columns.met())?;
        }
        columns.into_batches(self.events, self.campaign.as_ref().map(SimulatedCampaign::names))
    }
}

#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;
