//! When customers buy next: the table, and one customer in a service.

use std::cell::RefCell;
use std::fmt;

use arrow_array::{ArrayRef, RecordBatch};
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::model::TimeToPurchase;
use super::periods::Periods;
use crate::answer::columns::{batch, numbers, texts, times};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, write_notes};
use crate::churn::score::{ROWS_A_TELL, of_training};
use crate::error::{Error, Result};
use crate::features::Scratch;
use crate::labels::State;
use crate::log::{CustomerHistory, CustomerIndex, History, grouped};
use crate::snapshot::Snapshot;
use crate::time::{IntoTimestamp, MICROS_PER_DAY, Span, Timestamp};

/// The chances of a purchase by the median and by the ends of the interval that holds 80 %.
const CHANCES: [f64; 3] = [0.5, 0.1, 0.9];

options! {
    /// What to tell of the time to each customer's next purchase.
    pub struct PurchaseTimesOptions {
        /// Times within which to tell the chance of a purchase; none where the model's periods end before
        #[values(value_name = "SPANS", value_parser = value::<Span>)]
        #[takes(spans)]
        within: Vec<Span> = vec![Span::days(30), Span::days(90), Span::days(180)],
    }
}

/// When one customer buys next.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct PurchaseTime {
    /// State at the cutoff.
    pub state: State,
    /// Days since the last purchase.
    pub days_since_last_purchase: f64,
    /// The chance of a purchase within each of the times that were asked for; none beyond the model's
    /// periods.
    pub purchase_probability: Vec<Option<f64>>,
    /// When the chance of a purchase has reached one half; none where it does not within the periods.
    pub next_purchase: Option<Timestamp>,
    /// When it has reached 10 %: with the next, the interval that holds 80 %.
    pub next_purchase_low: Option<Timestamp>,
    /// When it has reached 90 %.
    pub next_purchase_high: Option<Timestamp>,
    /// The chances that nothing is bought up to the end of each of the model's periods.
    pub survival: Vec<f64>,
}

/// A cutoff, and spans with the days from it to their ends.
struct Asked {
    at: Timestamp,
    within: Vec<(Span, f64)>,
}

impl Asked {
    fn new(at: Timestamp, options: &PurchaseTimesOptions) -> Result<Asked> {
        let days = |&span: &Span| Ok((span, at.add_argument("within", span)?.days_since(at)));
        for (place, span) in options.within.iter().enumerate() {
            if options.within[..place].contains(span) {
                return Err(Error::argument("within", span, "each time once"));
            }
        }
        Ok(Asked { at, within: options.within.iter().map(days).collect::<Result<_>>()? })
    }

    fn after(&self, days: f64) -> Option<Timestamp> {
        let micros = (days * MICROS_PER_DAY as f64) as i64;
        Timestamp::from_micros(self.at.micros().checked_add(micros)?).ok()
    }
}

/// When customers buy next, by ascending id.
#[derive(Debug, Clone)]
pub struct PurchaseTimes {
    ids: ArrayRef,
    rows: Vec<PurchaseTime>,
    periods: Periods,
    within: Vec<(Span, f64)>,
    at: Timestamp,
    trained_until: Timestamp,
    customers: usize,
    unusable: Vec<String>,
    /// Customers who count as silent within a contract that is running.
    silent_in_contract: usize,
}

impl PurchaseTimes {
    /// The customers.
    pub fn rows(&self) -> &[PurchaseTime] {
        &self.rows
    }

    /// How many have a date of the next purchase.
    fn dated(&self) -> usize {
        self.rows.iter().filter(|row| row.next_purchase.is_some()).count()
    }

    fn times_table(&self) -> Result<RecordBatch> {
        let rows = || self.rows.iter();
        let mut columns = vec![
            ("customer_id".into(), self.ids.clone()),
            texts("state", rows().map(|row| row.state.name())),
            numbers("days_since_last_purchase", rows().map(|row| row.days_since_last_purchase)),
        ];
        for (place, (span, _)) in self.within.iter().enumerate() {
            let chances = rows().map(|row| row.purchase_probability[place]);
            columns.push(numbers(format!("purchase_probability_{span}"), chances));
        }
        columns.push(times("next_purchase", rows().map(|row| row.next_purchase)));
        columns.push(times("next_purchase_low", rows().map(|row| row.next_purchase_low)));
        columns.push(times("next_purchase_high", rows().map(|row| row.next_purchase_high)));
        batch(columns)
    }

    fn survival_table(&self) -> Result<RecordBatch> {
        let count = self.periods.count();
        let customers = (0..self.rows.len() as u64).flat_map(|row| std::iter::repeat_n(row, count));
        let customers = arrow_array::UInt64Array::from_iter_values(customers);
        let ids = arrow_select::take::take(&self.ids, &customers, None)?;
        let days = self.rows.iter().flat_map(|_| self.periods.ends().iter().copied());
        let survival = self.rows.iter().flat_map(|row| row.survival.iter().copied());
        batch([("customer_id".into(), ids), numbers("days", days), numbers("survival", survival)])
    }
}

impl Analysis for PurchaseTimes {
    /// - `times`: `customer_id`, `state`, `days_since_last_purchase`, the chances of a purchase
    ///   (`purchase_probability_30d` and so on; null beyond the model's periods), `next_purchase` (the
    ///   median) and the ends of the interval that holds 80 %, `next_purchase_low` and
    ///   `next_purchase_high`: the instants up to which the chance of a purchase is 50, 10 and 90 % (null
    ///   where it is less up to the end of the model's periods);
    /// - `survival`: a row a customer and period: `customer_id`, `days` at its end and `survival`, the
    ///   chance that nothing is bought up to there.
    const TABLES: &'static [Table<Self>] =
        &[("times", Self::times_table), ("survival", Self::survival_table)];

    fn figures(&self) -> Map<String, Value> {
        let mut figures = Map::new();
        for (name, at) in [("at", self.at), ("trained_until", self.trained_until)] {
            figures.insert(name.into(), at.to_string().into());
        }
        figures.insert("max_horizon_days".into(), self.periods.longest().into());
        for (name, count) in [
            ("customers", self.customers),
            ("scored", self.rows.len()),
            ("without_purchase", self.customers - self.rows.len() - self.unusable.len()),
            ("unusable", self.unusable.len()),
        ] {
            figures.insert(name.into(), count.into());
        }
        figures
    }

    fn notes(&self) -> Vec<String> {
        let (at, until, longest) = (self.at, self.trained_until, self.periods.longest());
        let mut notes = Vec::new();
        notes.extend(of_training(at, until));
        for (span, _) in self.within.iter().filter(|(_, days)| *days > longest) {
            notes.push(format!(
                "nothing is known of {span}: the model reaches {longest} days, as far as its \
                 max_horizon and the outcomes at its training cutoffs go"
            ));
        }
        let unlikely = self.rows.len() - self.dated();
        if unlikely > 0 {
            notes.push(format!(
                "{} of {} customers are more likely than not to buy nothing within {longest} days: their \
                 next purchase has no date",
                grouped(unlikely as u64),
                grouped(self.rows.len() as u64)
            ));
        }
        if self.silent_in_contract > 0 {
            notes.push(format!(
                "{} of the customers who count as lapsed or lost are within a contract that is running: \
                 choose limits that contracts cross before they are renewed, such as lapsed_after 11mo \
                 for yearly ones",
                grouped(self.silent_in_contract as u64)
            ));
        }
        if let Some(first) = self.unusable.first() {
            let count = grouped(self.unusable.len() as u64);
            notes.push(format!(
                "customers with values beyond numbers are left out: {count}; first {first}"
            ));
        }
        notes
    }
}

impl fmt::Display for PurchaseTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scored = grouped(self.rows.len() as u64);
        writeln!(f, "The next purchases of {scored} customers, as known at {}", self.at)?;
        for (place, (span, _)) in self.within.iter().enumerate() {
            let chance = |row: &PurchaseTime| row.purchase_probability[place];
            match self.rows.iter().map(chance).sum::<Option<f64>>() {
                Some(sum) => writeln!(f, "within {span} {sum:.0} of them are expected to buy")?,
                None => writeln!(f, "within {span}: not known")?,
            }
        }
        write!(f, "{} have a date of the next purchase", grouped(self.dated() as u64))?;
        write_notes(f, &Analysis::notes(self))
    }
}

/// Kept by every thread from customer to customer.
#[derive(Default)]
struct Room {
    scratch: Scratch,
    row: Vec<f64>,
    buffer: Vec<f64>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

impl TimeToPurchase {
    /// The time to the next purchase of every customer with a purchase before the cutoff.
    ///
    /// # Errors
    /// [`Error::Argument`] for a log that was read by other rules and a span beyond the year 2262;
    /// [`Error::Table`] or [`Error::Column`] for a log that lacks what the model reads.
    pub fn score(
        &self,
        snapshot: &Snapshot,
        options: &PurchaseTimesOptions,
    ) -> Result<PurchaseTimes> {
        let (log, at) = (snapshot.log(), snapshot.at());
        let asked = Asked::new(at, options)?;
        self.recipe.check_log(log)?;
        let places: Vec<usize> = self.recipe.features.iter().map(|place| place.0).collect();
        let table = snapshot.table(&places, &self.recipe.attribute_names())?;
        let states = snapshot.states(self.limits())?;
        let table = self.recipe.complete(table, log)?;
        let all: Vec<usize> = (0..table.len()).collect();
        let x = self.recipe.matrix(&table, &all)?;
        let told = snapshot.progress().pieces("scoring", all.len() as u64);
        let found: Vec<std::result::Result<PurchaseTime, (CustomerIndex, Error)>> = all
            .par_iter()
            .with_min_len(256)
            .map_init(Room::default, |Room { row, buffer, .. }, &place| {
                if place % ROWS_A_TELL == 0 {
                    told.add(ROWS_A_TELL)?;
                }
                let customer = table.customers()[place];
                row.clear();
                row.extend(x.row(place));
                let history = snapshot.history(customer);
                let time = self.time_of(&history, states[place], &asked, row, buffer);
                Ok(time.map_err(|error| (customer, error)))
            })
            .collect::<Result<_>>()?;
        let (mut rows, mut customers, mut unusable) = (Vec::new(), Vec::new(), Vec::new());
        for (found, &customer) in found.into_iter().zip(table.customers()) {
            match found {
                Ok(row) => {
                    rows.push(row);
                    customers.push(customer);
                }
                Err((customer, error)) => {
                    let id = log.customers().get(customer);
                    unusable.push(error.with_customer(id).to_string());
                }
            }
        }
        let in_contract = |&(row, &customer): &(&PurchaseTime, &CustomerIndex)| {
            row.state != State::Active && snapshot.history(customer).is_valid_at(at)
        };
        let silent_in_contract = rows.iter().zip(&customers).filter(in_contract).count();
        Ok(PurchaseTimes {
            silent_in_contract,
            ids: log.customers().take(customers),
            rows,
            periods: self.periods.clone(),
            within: asked.within,
            at,
            trained_until: self.training.until,
            customers: log.customers().len(),
            unusable,
        })
    }

    /// The time to the next purchase of one customer, bit-identical to the batch; none without a purchase
    /// before the cutoff. It runs on the caller's thread and enters no thread pool.
    ///
    /// ```
    /// # use winback::{EventLog, log::NewTransaction, simulate::Simulation};
    /// # use winback::hazard::{PurchaseTimesOptions, TimeToPurchase};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = TimeToPurchase::builder().max_horizon("3mo")?.fit(&log, "2024-10-01")?;
    /// let mut customer = model.customer_history();
    /// let order = NewTransaction::at("2024-11-05T18:30:00".parse()?);
    /// customer.push_transaction(NewTransaction { amount: Some(35.0), ..order })?;
    /// let options = PurchaseTimesOptions::default();
    /// let time = model.score_customer(&customer, "2025-01-01", &options)?;
    /// assert!(time.is_some_and(|time| time.purchase_probability[0] > Some(0.0)));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModel::score_customer`](crate::ChurnModel::score_customer).
    pub fn score_customer(
        &self,
        customer: &CustomerHistory,
        at: impl IntoTimestamp,
        options: &PurchaseTimesOptions,
    ) -> Result<Option<PurchaseTime>> {
        let cutoff = at.into_argument("at", self.purchase_rules().time_zone)?;
        self.recipe.check_history(customer, cutoff)?;
        let history = customer.history(cutoff);
        let Some(last) = history.last_purchase() else { return Ok(None) };
        let state = self.limits().at(cutoff)?.state(last);
        let asked = Asked::new(cutoff, options)?;
        ROOM.with_borrow_mut(|Room { scratch, row, buffer }| {
            self.recipe.row(customer, &history, scratch, row)?;
            self.time_of(&history, state, &asked, row, buffer).map(Some)
        })
    }

    /// Of the columns of the recipe, behind which those of periods are put.
    fn time_of(
        &self,
        history: &History<'_>,
        state: State,
        asked: &Asked,
        row: &mut Vec<f64>,
        buffer: &mut Vec<f64>,
    ) -> Result<PurchaseTime> {
        let hazards = self.hazards().chances(history, state, row, buffer);
        let hazards = hazards.map_err(|error| self.recipe.unusable(row, error))?;
        let survival = self.periods.survival(hazards);
        let last = history.last_purchase().unwrap_or(history.cutoff());
        let chance = |(_, days): &(Span, f64)| self.periods.purchase_probability(&survival, *days);
        let when = |chance| asked.after(self.periods.wait(&survival, chance)?);
        let [median, low, high] = CHANCES.map(when);
        Ok(PurchaseTime {
            state,
            days_since_last_purchase: history.cutoff().days_since(last),
            purchase_probability: asked.within.iter().map(chance).collect(),
            next_purchase: median,
            next_purchase_low: low,
            next_purchase_high: high,
            survival,
        })
    }
}
