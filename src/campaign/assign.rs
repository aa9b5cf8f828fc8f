//! Draws the arms of a campaign from a list of customers.

use std::collections::BTreeMap;
use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::assign_options::AssignOptions;
use super::balance::{
    BalanceRow, Omnibus, balance, balance_batch, filled, omnibus, omnibus_figures, ratio_test,
    standardised,
};
use super::draw::{balanced, mean_ranks, plain};
use super::exclusions::{Asked, Exclusion, exclusions};
use super::plan_file::{PlanFile, digest};
use super::sql::{duckdb, spark};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::of_batch;
use crate::answer::{Analysis, Table, write_notes};
use crate::error::{Error, Result, shown};
use crate::log::{AttributeValue, CustomerIds, CustomerIndex, CustomerTable, counted};
use crate::snapshot::Snapshot;
use crate::stats::LEAST_RATIO_P_VALUE;

/// The stratum of customers of whom a value is missing.
const MISSING: &str = "(missing)";
/// The most columns of a balance table.
const MOST_COVARIATES: usize = 30;

/// The arms of a campaign.
///
/// ```
/// use winback::campaign::{AssignOptions, Assignment};
/// use winback::log::{CustomerTable, IdSlice, TransactionSlices};
/// let at = ["2024-01-05".parse()?, "2024-03-01".parse()?, "2024-03-01".parse()?];
/// let list = TransactionSlices {
///     customer_id: IdSlice::Int(&[7, 3, 5]),
///     time: &at,
///     ..TransactionSlices::default()
/// };
/// let list = CustomerTable::of_batches("list", [list.to_batch()?])?;
/// let options = AssignOptions::default().control_share(0.5).salt("spring");
/// let drawn = Assignment::build(&list, None, &[], &options)?;
/// assert_eq!(drawn.plan().customers, 3);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Assignment {
    list: CustomerTable,
    /// Of each customer of the list, the arm; none of those left out.
    arms: Vec<Option<usize>>,
    excluded: Vec<Option<Exclusion>>,
    names: Vec<String>,
    shares: Vec<f64>,
    strata: Vec<Option<String>>,
    plan: PlanFile,
    balance: Vec<BalanceRow>,
    omnibus: Vec<(usize, Omnibus)>,
    repeated: u64,
    expressions: Option<(String, String)>,
    notes: Vec<String>,
}

impl Assignment {
    /// Draws an arm for each customer of the list who may be contacted. `now` is the log at the
    /// cutoff, for exclusions and strata by attributes; `others` are lists of other campaigns.
    ///
    /// # Errors
    /// [`Error::Argument`] for options out of range, [`Error::Table`] for a list without ids or
    /// customers, [`Error::MissingColumn`] for columns that are not there.
    pub fn build(
        list: &CustomerTable,
        now: Option<&Snapshot>,
        others: &[CustomerTable],
        options: &AssignOptions,
    ) -> Result<Self> {
        let shares = options.shares()?;
        if !list.has_ids() {
            return Err(Error::bad_table(list.name(), "has no column customer_id"));
        }
        let asked =
            Asked { quiet_for: options.quiet_for, skip_open_tickets: options.skip_open_tickets };
        if let (Some(now), Some(start)) = (now, options.start)
            && start.on("start", now.log().time_zone())? < now.at()
        {
            let expected = format!("at or after the cutoff, {}", now.at());
            return Err(Error::argument("start", start, expected));
        }
        let excluded = exclusions(list, now, asked, others)?;
        let mut notes = Vec::new();
        // The first row of each customer; the others say the same customer again.
        let first: Vec<usize> = list.first_rows().collect();
        let all_strata = strata(list, now, &first, &options.strata)?;
        let kept: Vec<usize> =
            (0..excluded.len()).filter(|&place| excluded[place].is_none()).collect();
        if kept.is_empty() {
            return Err(Error::bad_table(
                list.name(),
                "all customers are excluded: nobody is left",
            ));
        }
        let id = |place: usize| list.ids().get(CustomerIndex::at(place));
        let ids: Vec<String> = kept.iter().map(|&place| id(place).to_string()).collect();
        let is_plain = options.strata.is_empty() && options.rank_by.is_empty();
        let drawn = if is_plain {
            plain(&ids, &shares, &options.salt)
        } else {
            let mut columns = Vec::new();
            for column in &options.rank_by {
                let values = list.numbers(column)?;
                let own: Vec<f64> = kept.iter().map(|&place| values[first[place]]).collect();
                let missing = own.iter().filter(|value| value.is_nan()).count();
                if missing == own.len() {
                    let message = "holds no number";
                    return Err(Error::bad_column(list.name(), column.as_str(), message));
                }
                if missing > 0 {
                    let customers = counted(missing as u64, "customer", "customers");
                    notes.push(format!("{customers} without {} rank last", shown(column)));
                }
                columns.push(own);
            }
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let of_kept = |&place: &usize| all_strata[place].clone().unwrap_or_default();
            let strata: Vec<String> = kept.iter().map(of_kept).collect();
            balanced(&ids, &strata, &mean_ranks(&columns, kept.len()), &shares, &options.salt)
        };
        let mut arms = vec![None; excluded.len()];
        kept.iter().zip(&drawn).for_each(|(&place, &arm)| arms[place] = Some(arm));
        let names: Vec<String> = shares.iter().map(|(name, _)| name.to_owned()).collect();
        let in_arms = kept.iter().zip(&drawn);
        let digest = digest(in_arms.map(|(&place, &arm)| (id(place), names[arm].as_str())));
        let plan = PlanFile::new(
            (&options.salt, if is_plain { "plain" } else { "balanced" }),
            (shares.clone(), &options.control),
            (&options.strata, &options.rank_by),
            (&options.metric, options.window, options.start),
            (kept.len() as u64, by_reason(&excluded), digest),
        );
        let expressions =
            is_plain.then(|| (duckdb(&options.salt, &shares), spark(&options.salt, &shares)));
        let mut found = Assignment {
            arms,
            excluded,
            shares: shares.iter().map(|(_, share)| share).collect(),
            strata: all_strata,
            plan,
            balance: Vec::new(),
            omnibus: Vec::new(),
            repeated: (list.rows() - list.ids().len()) as u64,
            expressions,
            notes,
            list: list.clone(),
            names,
        };
        found.compare(&kept, &drawn, &first, &options.control);
        found.note();
        let unmet = others.iter().filter(|other| other.customers_of(list.ids()).is_err());
        found.notes.extend(unmet.map(|other| {
            let first = |ids: &CustomerIds| {
                ids.first().map_or_else(|| "none".to_owned(), |id| shown(&id.to_string()))
            };
            format!(
                "nobody of another campaign is on the list: are the ids those of the same customers? \
                 One there is {}, one here {}",
                first(other.ids()),
                first(list.ids())
            )
        }));
        Ok(found)
    }

    /// How the arms were drawn.
    pub fn plan(&self) -> &PlanFile {
        &self.plan
    }

    /// The arm of each customer of the list by ascending id; none of those left out.
    pub fn arms(&self) -> impl Iterator<Item = Option<&str>> {
        self.arms.iter().map(|arm| arm.map(|arm| self.names[arm].as_str()))
    }

    fn compare(&mut self, kept: &[usize], drawn: &[usize], first: &[usize], control: &str) {
        let numeric = self.list.column_names().filter(|name| self.list.holds_numbers(name));
        let column = |name: &str| {
            let values = self.list.numbers(name).ok()?;
            let own: Vec<f64> = kept.iter().map(|&place| values[first[place]]).collect();
            let known = filled(&own)?;
            (standardised(&known).iter().any(|value| *value != 0.0))
                .then(|| (name.to_owned(), known))
        };
        let covariates: Vec<(String, Vec<f64>)> =
            numeric.filter_map(column).take(MOST_COVARIATES).collect();
        let Some(control) = self.names.iter().position(|name| name == control) else { return };
        for arm in (0..self.names.len()).filter(|&arm| arm != control) {
            self.balance.extend(balance(&covariates, drawn, arm, control));
            self.omnibus
                .extend(omnibus(&covariates, drawn, arm, control).map(|found| (arm, found)));
        }
    }

    fn note(&mut self) {
        if self.repeated > 0 {
            let rows = counted(self.repeated, "row", "rows");
            self.notes.push(format!(
                "{rows} of customers who are on the list already; each is drawn once"
            ));
        }
        let sizes = self.sizes();
        if let Some(empty) = sizes.iter().position(|size| *size == 0) {
            self.notes.push(format!(
                "the arm {} is empty: the list is too short for its share",
                self.names[empty]
            ));
        }
        let (_, p_value) = ratio_test(&sizes, &self.shares);
        if p_value < LEAST_RATIO_P_VALUE {
            self.notes.push(format!(
                "the arms are not as large as their shares say (p {p_value:.1e}): is the salt that of \
                 an earlier draw from which these customers were chosen?"
            ));
        }
        let off: Vec<&str> = self
            .balance
            .iter()
            .filter(|row| row.is_off())
            .map(|row| row.covariate.as_str())
            .collect();
        if !off.is_empty() {
            self.notes.push(format!(
                "arms differ by more than 0.1 standard deviations in {}: draw with rank_by, or with \
                 another salt, before anyone is contacted",
                unique(&off).join(", ")
            ));
        }
    }

    fn sizes(&self) -> Vec<u64> {
        let mut sizes = vec![0; self.names.len()];
        self.arms.iter().flatten().for_each(|&arm| sizes[arm] += 1);
        sizes
    }

    fn arms_table(&self) -> Result<RecordBatch> {
        let kept: Vec<usize> =
            (0..self.arms.len()).filter(|&place| self.arms[place].is_some()).collect();
        let arm = |&place: &usize| self.arms[place].map(|arm| self.names[arm].as_str());
        let mut columns = vec![
            (
                "customer_id".to_owned(),
                self.list.ids().take(kept.iter().copied().map(CustomerIndex::at)),
            ),
            texts("arm", kept.iter().map(arm)),
        ];
        if !self.plan.strata.is_empty() {
            columns.push(texts("stratum", kept.iter().map(|&place| self.strata[place].as_deref())));
        }
        batch(columns)
    }

    fn sizes_table(&self) -> Result<RecordBatch> {
        let sizes = self.sizes();
        let all: u64 = sizes.iter().sum();
        batch([
            texts("arm", self.names.iter().map(String::as_str)),
            numbers("share", self.shares.iter().copied()),
            counts("customers", sizes.iter().copied()),
            numbers("drawn_share", sizes.iter().map(|&size| size as f64 / all as f64)),
        ])
    }

    fn excluded_table(&self) -> Result<RecordBatch> {
        let out: Vec<usize> =
            (0..self.excluded.len()).filter(|&place| self.excluded[place].is_some()).collect();
        batch([
            (
                "customer_id".to_owned(),
                self.list.ids().take(out.iter().copied().map(CustomerIndex::at)),
            ),
            texts("reason", out.iter().map(|&place| self.excluded[place].map(Exclusion::name))),
        ])
    }

    fn exclusions_table(&self) -> Result<RecordBatch> {
        let counted = &self.plan.excluded;
        let reasons = || Exclusion::ALL.iter().map(|why| why.name());
        batch([
            texts("reason", reasons()),
            counts("customers", reasons().map(|reason| counted.get(reason).copied())),
        ])
    }

    fn balance_table(&self) -> Result<RecordBatch> {
        balance_batch(&self.balance, &self.names)
    }
}

/// How many are left out, by reason.
fn by_reason(excluded: &[Option<Exclusion>]) -> BTreeMap<String, u64> {
    let count = |why: Exclusion| excluded.iter().filter(|own| **own == Some(why)).count() as u64;
    Exclusion::ALL.iter().map(|&why| (why.name().to_owned(), count(why))).collect()
}

fn unique<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut unique: Vec<&str> = Vec::new();
    names.iter().for_each(|name| {
        if !unique.contains(name) {
            unique.push(name);
        }
    });
    unique
}

/// The stratum of each customer in words; none where there are no strata.
fn strata(
    list: &CustomerTable,
    now: Option<&Snapshot>,
    first: &[usize],
    columns: &[String],
) -> Result<Vec<Option<String>>> {
    let mut all: Vec<Option<String>> = vec![None; first.len()];
    for column in columns {
        let is_attribute = !list.has(column)
            && now.is_some_and(|now| now.log().attribute_names().any(|name| name == column));
        let values: Vec<Option<String>> = match now.filter(|_| is_attribute) {
            Some(now) => {
                let customers = list.customers_of(now.log().customers())?;
                let value = |customer: &Option<CustomerIndex>| -> Result<Option<String>> {
                    let Some(customer) = customer else { return Ok(None) };
                    Ok(match now.log().attribute(*customer, column)? {
                        AttributeValue::Missing => None,
                        AttributeValue::Number(number) => Some(number.to_string()),
                        AttributeValue::Text(text) => Some(text.into_owned()),
                    })
                };
                customers.iter().map(value).collect::<Result<_>>()?
            }
            None => {
                let values = list.texts(column)?;
                first.iter().map(|&row| values[row].clone()).collect()
            }
        };
        for (own, value) in all.iter_mut().zip(values) {
            let value = value.unwrap_or_else(|| MISSING.to_owned());
            *own = Some(own.take().map_or_else(|| value.clone(), |own| format!("{own}; {value}")));
        }
    }
    Ok(all)
}

impl Analysis for Assignment {
    /// - `arms`: `customer_id`, `arm`, with strata `stratum`; by ascending id.
    /// - `sizes`: `arm`, `share`, `customers`, `drawn_share`.
    /// - `exclusions`: `reason`, `customers`.
    /// - `excluded`: `customer_id`, `reason`.
    /// - `balance`: `arm`, `covariate` (columns of numbers on the list), `mean`, `control_mean`,
    ///   `standardised_difference`, `is_off` (more than 0.1).
    const TABLES: &'static [Table<Self>] = &[
        ("arms", Self::arms_table),
        ("sizes", Self::sizes_table),
        ("exclusions", Self::exclusions_table),
        ("excluded", Self::excluded_table),
        ("balance", Self::balance_table),
    ];

    fn figures(&self) -> Map<String, Value> {
        let (_, p_value) = ratio_test(&self.sizes(), &self.shares);
        let mut figures = Map::new();
        figures.insert("customers".to_owned(), self.plan.customers.into());
        let excluded = self.excluded.iter().flatten().count();
        figures.insert("excluded".to_owned(), excluded.into());
        figures.insert("sample_ratio_p_value".to_owned(), p_value.into());
        figures.insert("balance_tests".to_owned(), omnibus_figures(&self.omnibus, &self.names));
        figures.insert("plan".to_owned(), serde_json::to_value(&self.plan).unwrap_or_default());
        let (sql, spark) = self.expressions.clone().unzip();
        figures.insert("sql".to_owned(), sql.into());
        figures.insert("spark".to_owned(), spark.into());
        figures
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |table: Result<RecordBatch>| table.map(|t| of_batch(&t)).map_err(|_| fmt::Error);
        writeln!(
            f,
            "{} drawn, {} left out\n",
            counted(self.plan.customers, "customer", "customers"),
            self.excluded.iter().flatten().count()
        )?;
        writeln!(f, "{}\n", text(self.sizes_table())?)?;
        f.write_str(&text(self.exclusions_table())?)?;
        write_notes(f, &self.notes)
    }
}
