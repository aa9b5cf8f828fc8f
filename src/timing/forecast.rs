//! Everything that models of purchases and checks say of the customers of a log, in one table.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::beta_geo::{BetaGeo, ModifiedBetaGeo};
use super::buyer::Buyer;
use super::buyer_table::BuyerTable;
use super::buyers::Buyers;
use super::gamma_gamma::{FittedGammaGamma, GammaGamma, LifetimeValue};
use super::leaves::LeavesOptions;
use super::pareto_nbd::ParetoNBD;
use super::purchase_model::FittedPurchaseModel;
use super::time_unit::TimeUnit;
use crate::answer::columns::batch;
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Answer, Table, write_notes};
use crate::error::{Result, named_choice};
use crate::language::{Language, thousands};
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;
use crate::time::{Span, Timestamp};

/// The length of a step of the discount, in days: a mean month.
const MONTH: f64 = 30.436875;

/// Which model says when customers buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseModelKind {
    /// [`ModifiedBetaGeo`]: MBG/NBD.
    ModifiedBetaGeo,
    /// [`BetaGeo`]: BG/NBD.
    BetaGeo,
    /// [`ParetoNBD`]: Pareto/NBD.
    ParetoNbd,
}

named_choice!(
    PurchaseModelKind, "model":
    ModifiedBetaGeo = "modified_beta_geo",
    BetaGeo = "beta_geo",
    ParetoNbd = "pareto_nbd",
);

impl PurchaseModelKind {
    /// Fits the model.
    ///
    /// # Errors
    /// As those of the model.
    pub(crate) fn fit(self, buyers: &Buyers) -> Result<FittedPurchaseModel> {
        match self {
            PurchaseModelKind::ModifiedBetaGeo => ModifiedBetaGeo::default().fit(buyers),
            PurchaseModelKind::BetaGeo => BetaGeo::default().fit(buyers),
            PurchaseModelKind::ParetoNbd => ParetoNBD::default().fit(buyers),
        }
    }
}

options! {
    /// What is told of customers, and by which model.
    pub struct ForecastOptions {
        /// Model of purchases: modified_beta_geo, beta_geo or pareto_nbd
        #[value(value_name = "NAME", value_parser = value::<PurchaseModelKind>)]
        model: PurchaseModelKind = PurchaseModelKind::ModifiedBetaGeo,
        /// The time within which purchases are expected, such as 90d or 3mo
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        within: Span = Span::months(3),
        /// The chance that a customer has left who has been silent until the alarm date: above 0,
        /// below 1
        #[value(value_name = "SHARE")]
        certainty: f64 = 0.9,
        /// The time over which the lifetime value is summed
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::months(12),
        /// By how much a month lessens the value of money: 0.01 for 1 % a month
        #[value(value_name = "RATE")]
        discount_rate: f64 = 0.0,
        /// The share of a check that is kept, from -1000 to 1000
        #[value(value_name = "SHARE")]
        margin: f64 = 1.0,
    }
}

/// When customers buy next, when they leave and what they are worth.
///
/// ```
/// use winback::answer::Answer;
/// use winback::timing::{Forecast, ForecastOptions};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let found = Forecast::build(&log.at("2024-10-01")?, &ForecastOptions::default())?;
/// assert!(found.main_table()?.column_by_name("alarm_date").is_some());
/// println!("{found}");
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Forecast {
    at: Timestamp,
    within: Span,
    kind: PurchaseModelKind,
    model: FittedPurchaseModel,
    checks: Option<FittedGammaGamma>,
    customers: RecordBatch,
    expected: f64,
    /// Figures of the lifetime value of all; none without.
    value_of_all: Map<String, Value>,
    notes: Vec<String>,
}

impl Forecast {
    /// Fits the models to the customers with a purchase before the cutoff and asks them about each.
    ///
    /// Where no Gamma-Gamma model fits the checks, there is no `lifetime_value`, and a note says so.
    ///
    /// # Errors
    /// [`Error::TooLittleData`](crate::Error::TooLittleData) where nobody bought on a second day,
    /// [`Error::Argument`](crate::Error::Argument) for options out of range.
    pub fn build(snapshot: &Snapshot, options: &ForecastOptions) -> Result<Self> {
        let table = BuyerTable::of_snapshot(snapshot, TimeUnit::Day)?;
        let within = table.length("within", options.within)?;
        let horizon = table.length("horizon", options.horizon)?;
        let leaves = LeavesOptions { after: Vec::new(), certainty: options.certainty };
        let model = options.model.fit(table.buyers())?;
        let chance = model.purchase_probability_of(&table, within)?.main_table()?;
        let count = model.expected_purchases_of(&table, within)?.main_table()?;
        let next = model.next_purchase_of(&table)?;
        let left = model.leaves_of(&table, &leaves)?;
        let asked = [("within", options.within, within), ("horizon", options.horizon, horizon)];
        let mut notes = Vec::from_iter(beyond_known(&table, asked));
        for note in Analysis::notes(&next).into_iter().chain(Analysis::notes(&left)) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let (next, left) = (next.main_table()?, left.main_table()?);
        let mut columns = Vec::new();
        let mut take = |table: &RecordBatch, names: &[&str]| {
            let found = names.iter().filter_map(|name| {
                table.column_by_name(name).map(|column| ((*name).to_owned(), column.clone()))
            });
            columns.extend(found);
        };
        take(&left, &["customer_id", "p_alive"]);
        take(&chance, &["purchase_probability"]);
        take(&count, &["expected_purchases"]);
        take(&next, &["p_ever", "next_purchase", "next_purchase_low", "next_purchase_high"]);
        take(&left, &["alarm_date"]);
        let (mut checks, mut value_of_all) = (None, Map::new());
        if snapshot.log().columns().amount {
            let value = LifetimeValue::default()
                .horizon(horizon)
                .step(MONTH)
                .discount_rate(options.discount_rate)
                .margin(options.margin);
            match GammaGamma::default().fit(table.buyers()) {
                Ok(fitted) => {
                    take(&fitted.expected_check_of(&table)?.main_table()?, &["expected_check"]);
                    let values = fitted.lifetime_value_of(&model, &table, &value)?;
                    notes.extend(Analysis::notes(&values));
                    value_of_all = Analysis::figures(&values);
                    value_of_all.remove("at");
                    let names = ["lifetime_value", "lifetime_value_low", "lifetime_value_high"];
                    take(&values.main_table()?, &names);
                    checks = Some(fitted);
                }
                Err(error) => notes.push(format!("no lifetime_value: {error}")),
            }
        }
        let customers = batch(columns)?;
        let expected = exact_sum(
            table
                .buyers()
                .map_told(|buyer| model.expected_purchases(buyer, within).unwrap_or(0.0))?,
        );
        let (at, kind, within) = (snapshot.at(), options.model, options.within);
        Ok(Forecast { at, within, kind, model, checks, customers, expected, value_of_all, notes })
    }

    /// The model of purchases, times in days.
    pub fn model(&self) -> &FittedPurchaseModel {
        &self.model
    }

    /// The model of checks; none where it could not be fitted.
    pub fn checks(&self) -> Option<&FittedGammaGamma> {
        self.checks.as_ref()
    }

    fn customers(&self) -> Result<RecordBatch> {
        Ok(self.customers.clone())
    }
}

/// What is to be known where more time is asked about, in days, than was seen.
fn beyond_known(table: &BuyerTable, asked: [(&str, Span, f64); 2]) -> Option<String> {
    let seen = table.buyers().rows().iter().map(Buyer::t).fold(0.0, f64::max);
    let (name, span, _) = asked.into_iter().find(|&(.., days)| days > seen)?;
    Some(format!(
        "{name} {span} is longer than the {} days that any customer has been known for",
        seen.round()
    ))
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.customers.num_rows().to_string();
        let customers = thousands(&rows, Language::English);
        writeln!(f, "{customers} customers at {}, model {}", self.at, self.kind)?;
        let estimates = self.model.estimates();
        let params: Vec<String> = estimates
            .names()
            .iter()
            .zip(estimates.params())
            .map(|(name, value)| format!("{name} {value:.4}"))
            .collect();
        writeln!(f, "{}, times in days", params.join(", "))?;
        write!(f, "{:.0} purchases expected within {}", self.expected, self.within)?;
        if let Some(correlation) = self.checks.as_ref().and_then(FittedGammaGamma::correlation) {
            write!(f, "; correlation of number and size of checks {correlation:.2}")?;
        }
        write_notes(f, &self.notes)
    }
}

impl Analysis for Forecast {
    /// - `customers`: `customer_id`; `p_alive`; `purchase_probability` and `expected_purchases` within
    ///   the time asked; `p_ever`, `next_purchase`, `next_purchase_low`, `next_purchase_high`, null
    ///   where a next purchase is less likely than not; `alarm_date`; with amounts `expected_check`
    ///   and `lifetime_value` with its 95 % interval, `lifetime_value_low` and `lifetime_value_high`.
    const TABLES: &'static [Table<Self>] = &[("customers", Self::customers)];

    fn figures(&self) -> Map<String, Value> {
        let mut figures = Analysis::figures(self.model.estimates());
        let estimates = self.model.estimates();
        for (name, value) in estimates.names().iter().zip(estimates.params()) {
            figures.insert(name.clone(), (*value).into());
        }
        figures.insert("at".to_owned(), self.at.to_string().into());
        figures.insert("expected_purchases".to_owned(), self.expected.into());
        let correlation = self.checks.as_ref().and_then(FittedGammaGamma::correlation);
        figures.insert("correlation".to_owned(), correlation.into());
        figures.extend(self.value_of_all.clone());
        figures
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
