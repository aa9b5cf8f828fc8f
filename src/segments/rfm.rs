//! RFM scores with thresholds that are computed once and kept.

use std::fmt;
use std::path::Path;

use rayon::prelude::*;

use super::cuts::{self, MOST_SCORES, RfmCuts};
use super::rfm_scores::{RfmColumns, RfmScores};
use super::rules::{SegmentRules, place};
use crate::answer::options::options;
use crate::answer::output::write_aside;
use crate::answer::text_table::decimals;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result, named_choice};
use crate::log::{
    CustomerIndices, CustomerRows, LogFacts, Mergeable, Part, PurchaseRules, grouped,
};
use crate::model_file;
use crate::snapshot::{AllCustomersAt, PartitionedSnapshot, Snapshot};
use crate::time::Timestamp;

const FORMAT: &str = "winback RFM file";
const VERSION: u32 = 2;

/// The figure that is scored as monetary value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monetary {
    /// Net spend in all.
    #[default]
    TotalSpend,
    /// Net spend per purchase; less tied to frequency.
    AverageCheck,
}

named_choice!(Monetary, "monetary": TotalSpend = "total_spend", AverageCheck = "average_check");

options! {
    /// How customers are scored and named.
    #[serde(deny_unknown_fields)]
    pub struct RfmOptions {
        /// Number of scores for each figure, each given to equally many customers, 2 to 9; by
        /// default 5, or 4 with the rules of PyMC-Marketing
        #[option(value_name = "N")]
        #[takes(into)]
        quantiles: Option<usize> = None,
        /// Thresholds of the days since the last purchase, ascending, instead of quantiles:
        /// 30,90,180,365
        #[option(value_name = "DAYS", value_delimiter = ',')]
        #[takes(into)]
        recency_cuts: Option<Vec<f64>> = None,
        /// Thresholds of the number of purchases
        #[option(value_name = "COUNTS", value_delimiter = ',')]
        #[takes(into)]
        frequency_cuts: Option<Vec<f64>> = None,
        /// Thresholds of the monetary value
        #[option(value_name = "AMOUNTS", value_delimiter = ',', allow_negative_numbers = true)]
        #[takes(into)]
        monetary_cuts: Option<Vec<f64>> = None,
        /// The monetary value: total_spend or average_check
        #[value(value_name = "NAME", value_parser = value::<Monetary>)]
        monetary: Monetary = Monetary::default(),
        /// Rules of the segments: common (eleven), pymc-marketing (six), or a JSON file
        #[option(value_name = "NAME|FILE", default_value = "common", value_parser = super::rules::segment_rules)]
        segments: SegmentRules = SegmentRules::default(),
    }
}

/// RFM scores and segments, fitted at one cutoff. The thresholds stay the same at later ones, so a
/// customer's score changes only when the customer does.
///
/// Recency is `days_since_last_purchase`, frequency `purchase_count`, monetary value `total_spend` or
/// `average_check`, of all customers with a purchase before the cutoff (Hughes 1994, "Strategic
/// Database Marketing"). How values become scores: [`RfmCuts`].
///
/// ```
/// use winback::segments::{RfmOptions, RfmSegments};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let july = log.at("2024-07-01")?;
/// let segments = RfmSegments::fit(&july, &RfmOptions::default())?;
/// let then = segments.score(&july)?;
/// let now = segments.score(&log.at("2025-01-01")?)?; // by the thresholds of July
/// println!("{now}");
/// assert_eq!(then.rows().next().map(|row| row.rfm_score().len()), Some(3));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfmSegments {
    fitted_at: Timestamp,
    customers: u64,
    rules: PurchaseRules,
    options: RfmOptions,
    cuts: RfmCuts,
}

/// Of each customer the scores and the segment, and the segments' names.
type Named = (Vec<[u8; 3]>, Vec<u16>, Vec<String>);

impl RfmSegments {
    /// Computes the thresholds from the customers with a purchase before the cutoff.
    ///
    /// # Errors
    /// [`Error::Argument`] for a number of quantiles, thresholds or rules that are not allowed, or
    /// a log without amounts; [`Error::TooLittleData`] when no customer has a purchase before the
    /// cutoff.
    pub fn fit(snapshot: &impl AllCustomersAt, options: &RfmOptions) -> Result<Self> {
        Part::of(snapshot, options)?.finish()
    }

    /// Scores and segments of all customers with a purchase before a cutoff, by ascending id.
    ///
    /// # Errors
    /// [`Error::Argument`] for a log without amounts, or one that forms purchases by other rules; [`Error::Shape`] as in [`RfmSegments::fit`].
    pub fn score(&self, snapshot: &Snapshot) -> Result<RfmScores> {
        self.check_rules(snapshot.log().purchase_rules())?;
        let columns = RfmColumns::of(snapshot, self.options.monetary)?;
        let (scores, segments, names) = self.named(&columns)?;
        Ok(RfmScores::new(snapshot, columns, scores, segments, names))
    }

    /// As [`RfmSegments::score`], bit-identical, of a log in parts.
    ///
    /// # Errors
    /// As [`RfmSegments::score`].
    pub fn score_parts(&self, snapshot: &PartitionedSnapshot<'_>) -> Result<RfmScores> {
        Part::of(snapshot, self)?.finish()
    }

    fn check_rules(&self, rules: PurchaseRules) -> Result<()> {
        self.rules.check(rules, "as when the scores were fitted")
    }

    fn named(&self, columns: &RfmColumns) -> Result<Named> {
        let all = self.cuts.scores();
        let table = self.options.segments.table(all)?;
        let scores: Vec<[u8; 3]> = (0..columns.customers.len())
            .into_par_iter()
            .map(|i| self.cuts.score(columns.recency[i], columns.frequency[i], columns.monetary[i]))
            .collect();
        let segments = scores.iter().map(|&scores| table[place(scores, all)]).collect();
        let names = self.options.segments.names().map(str::to_owned).collect();
        Ok((scores, segments, names))
    }

    /// The cutoff at which the thresholds were computed.
    pub fn fitted_at(&self) -> Timestamp {
        self.fitted_at
    }

    /// The thresholds.
    pub fn cuts(&self) -> &RfmCuts {
        &self.cuts
    }

    /// How it was fitted.
    pub fn options(&self) -> &RfmOptions {
        &self.options
    }

    /// Writes the fitted thresholds and rules to a file, completely or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written; nothing half-written stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_aside(path.as_ref(), |out| out.write_all(&bytes))
    }

    /// Reads what [`RfmSegments::save`] wrote; it gives the same scores.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, [`Error::ModelFile`] when it is damaged, of
    /// another version, or another kind of file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::from_bytes(&model_file::read(path)?).map_err(|error| error.in_model_file(path))
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when it cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        model_file::encode(FORMAT, VERSION, self)
    }

    /// From the bytes of a file.
    ///
    /// # Errors
    /// As [`RfmSegments::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read: RfmSegments = model_file::decode(FORMAT, VERSION, bytes)?;
        let damaged = |error: Error| Error::damaged_model(error);
        let RfmCuts { recency, frequency, monetary } = &read.cuts;
        for (name, cuts) in
            [("recency_cuts", recency), ("frequency_cuts", frequency), ("monetary_cuts", monetary)]
        {
            cuts::check(name, cuts, true).map_err(damaged)?;
        }
        read.options.segments.table(read.cuts.scores()).map_err(damaged)?;
        Ok(read)
    }
}

impl RfmOptions {
    /// Refuses options that contradict themselves; returns how many scores quantiles are to give.
    fn check(&self) -> Result<usize> {
        let parts = self.quantiles.unwrap_or(self.segments.default_scores());
        if !(2..=MOST_SCORES).contains(&parts) {
            return Err(Error::argument("quantiles", parts, format!("2 to {MOST_SCORES}")));
        }
        let given = [
            ("recency_cuts", &self.recency_cuts),
            ("frequency_cuts", &self.frequency_cuts),
            ("monetary_cuts", &self.monetary_cuts),
        ];
        for (name, cuts) in given {
            cuts.as_deref().map_or(Ok(()), |cuts| cuts::check(name, cuts, false))?;
        }
        let scores = given.map(|(_, cuts)| cuts.as_ref().map_or(parts, |cuts| cuts.len() + 1));
        self.segments.table(scores)?;
        Ok(parts)
    }
}

/// The figures of all customers, from which thresholds are learned.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct RfmSums {
    customers: u64,
    recency: Vec<f64>,
    frequency: Vec<f64>,
    monetary: Vec<f64>,
}

impl Mergeable for RfmSegments {
    const NAME: &'static str = "rfm";
    type Log = Snapshot;
    type Asked = RfmOptions;
    type Sums = RfmSums;

    fn sums(now: &Snapshot, _: &LogFacts, options: &RfmOptions) -> Result<RfmSums> {
        options.check()?;
        // A part without customers need not have amounts.
        if now.log().customers().is_empty() {
            return Ok(RfmSums::default());
        }
        let columns = RfmColumns::of(now, options.monetary)?;
        let RfmColumns { customers, recency, frequency, monetary, .. } = columns;
        let customers = customers.len() as u64;
        Ok(RfmSums { customers, recency, frequency, monetary })
    }

    fn merge(sums: &mut RfmSums, mut other: RfmSums) {
        sums.customers += other.customers;
        sums.recency.append(&mut other.recency);
        sums.frequency.append(&mut other.frequency);
        sums.monetary.append(&mut other.monetary);
    }

    fn fits(sums: &RfmSums, _: &LogFacts, _: &RfmOptions) -> Result<bool> {
        let columns = [&sums.recency, &sums.frequency, &sums.monetary];
        Ok(columns.iter().all(|values| values.len() as u64 == sums.customers))
    }

    fn finish(sums: RfmSums, facts: &LogFacts, options: &RfmOptions) -> Result<Self> {
        let parts = options.check()?;
        let at = facts.cutoff();
        if sums.customers == 0 {
            return Err(Error::TooLittleData(format!("no customer has a purchase before {at}")));
        }
        let cuts_of = |given: &Option<Vec<f64>>, values: &[f64]| {
            given.clone().unwrap_or_else(|| cuts::quantiles(values, parts))
        };
        Ok(RfmSegments {
            fitted_at: at,
            customers: sums.customers,
            rules: facts.rules,
            options: options.clone(),
            cuts: RfmCuts {
                recency: cuts_of(&options.recency_cuts, &sums.recency),
                frequency: cuts_of(&options.frequency_cuts, &sums.frequency),
                monetary: cuts_of(&options.monetary_cuts, &sums.monetary),
            },
        })
    }
}

/// The second pass, once there are thresholds.
impl Mergeable for RfmScores {
    const NAME: &'static str = "rfm_scores";
    type Log = Snapshot;
    type Asked = RfmSegments;
    type Sums = CustomerRows;

    fn sums(now: &Snapshot, facts: &LogFacts, asked: &RfmSegments) -> Result<CustomerRows> {
        asked.check_rules(facts.rules)?;
        // A part without customers need not have amounts.
        if now.log().customers().is_empty() {
            return Ok(CustomerRows::default());
        }
        let columns = RfmColumns::of(now, asked.options.monetary)?;
        let RfmColumns { customers, recency, frequency, monetary, revenue } = &columns;
        let columns = [
            ("recency", recency),
            ("frequency", frequency),
            ("monetary", monetary),
            ("revenue", revenue),
        ];
        let columns = columns.map(|(name, values)| (name, values.as_slice()));
        Ok(CustomerRows::new(now.log(), customers, columns))
    }

    fn merge(sums: &mut CustomerRows, other: CustomerRows) {
        sums.merge(other);
    }

    fn fits(sums: &CustomerRows, _: &LogFacts, _: &RfmSegments) -> Result<bool> {
        Ok(sums.is_whole() && sums.has(&["recency", "frequency", "monetary", "revenue"]))
    }

    fn finish(sums: CustomerRows, facts: &LogFacts, asked: &RfmSegments) -> Result<Self> {
        let rows = sums.sorted()?;
        let mut columns = rows.columns.into_iter().map(|(_, values)| values);
        let mut next = || columns.next().unwrap_or_default();
        let columns = RfmColumns {
            customers: CustomerIndices::of(0..rows.ids.len()).collect(),
            recency: next(),
            frequency: next(),
            monetary: next(),
            revenue: next(),
        };
        let (scores, segments, names) = asked.named(&columns)?;
        Ok(RfmScores::of_parts(facts.cutoff(), rows.ids, columns, scores, segments, names))
    }
}

impl RfmColumns {
    /// The figures of all customers with a purchase before the cutoff.
    fn of(snapshot: &Snapshot, monetary: Monetary) -> Result<Self> {
        if !snapshot.log().columns().amount {
            let expected = "a log with amounts; it lacks transactions.amount";
            return Err(Error::text_argument("monetary", monetary.name(), expected));
        }
        let names = ["days_since_last_purchase", "purchase_count", "total_spend"];
        let table = snapshot.some_features(&names, &[])?;
        let [recency, frequency, revenue] = names.map(|name| table.numbers(name));
        let (recency, frequency, revenue) = (recency?, frequency?, revenue?);
        let monetary = match monetary {
            Monetary::TotalSpend => revenue.to_vec(),
            // As the feature of this name.
            Monetary::AverageCheck => revenue.iter().zip(frequency).map(|(m, f)| m / f).collect(),
        };
        Ok(RfmColumns {
            customers: table.customers().to_vec(),
            recency: recency.to_vec(),
            frequency: frequency.to_vec(),
            monetary,
            revenue: revenue.to_vec(),
        })
    }
}

impl fmt::Display for RfmSegments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |cuts: &[f64]| {
            let cuts: Vec<String> = cuts.iter().map(|&cut| decimals(cut, 2)).collect();
            cuts.join(", ")
        };
        write!(
            f,
            "RFM scores fitted at {} on {} customers; {} segments and \"{}\"\nrecency, days: {}\n\
             frequency, purchases: {}\nmonetary value, {}: {}",
            self.fitted_at,
            grouped(self.customers),
            self.options.segments.rules.len(),
            self.options.segments.other,
            list(&self.cuts.recency),
            list(&self.cuts.frequency),
            self.options.monetary.name(),
            list(&self.cuts.monetary)
        )
    }
}
