//! Reactivation candidates: the lapsed customers, ranked by what their return is worth.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch};
use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::answer::columns::{batch, counts, numbers, texts, times};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::churn::score::{ScoreReport, Scored};
use crate::churn::value::value_columns;
use crate::churn::{ChurnModel, CustomerValue, Value as Worth};
use crate::error::{Error, Result};
use crate::explain::{Reason, ReasonOptions, reason_columns};
use crate::hash;
use crate::labels::State;
use crate::log::{CustomerId, CustomerIndex, counted, grouped};
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;
use crate::time::Timestamp;
use crate::timing::{CustomerTiming, timing_columns};

options! {
    /// How candidates are chosen.
    pub struct CandidateOptions {
        /// Number of candidates to keep, best first; by default all
        #[option(value_name = "N")]
        #[takes(into)]
        top: Option<usize> = None,
        /// Share of the candidates held out as the control group, not to be contacted: 0 to below 1
        #[value(value_name = "SHARE")]
        control_share: f64 = 0.0,
        /// Text that decides who is in the control group; the same text draws the same customers,
        /// here and in a database (the first 52 bits of md5(salt, 0xff, id))
        #[value(value_name = "TEXT")]
        #[takes(into)]
        salt: String = hash::DEFAULT_SALT.to_owned(),
        /// What a customer is worth who buys within the outcome window; times the chance of it, the
        /// expected value by which candidates are ranked. expected_spend: purchases expected of
        /// them times the expected check. Or a number, or the name of a feature or of a column of the
        /// customers table, which counts as 0 where it is missing: average_check is one purchase at
        /// the customer's own average check. Without amounts expected_spend ranks by the chance alone
        #[value(value_name = "VALUE", value_parser = value::<Worth>)]
        value: Worth = Worth::ExpectedSpend,
        /// Adds next_purchase (median date, none where a next purchase is less likely than not),
        /// alarm_date (after it silence means that the customer has left, with 90 % certainty) and
        /// lifetime_value (expected spend of the next year), by the training's model of purchases
        #[option()]
        timing: bool = false,
        /// Reasons to give for each candidate
        #[flatten(ReasonOptions)]
        reasons: ReasonOptions = ReasonOptions::default(),
    }
}

impl CandidateOptions {
    pub(crate) fn check(&self) -> Result<()> {
        self.reasons.check()?;
        if !(0.0..1.0).contains(&self.control_share) {
            let expected = "from 0 to below 1";
            return Err(Error::argument("control_share", self.control_share, expected));
        }
        match self.top {
            Some(0) => Err(Error::argument("top", 0, "1 or more, or none for all customers")),
            _ => Ok(()),
        }
    }
}

/// What to do with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// To be contacted.
    Contact,
    /// Not to be contacted: the control group.
    Control,
}

impl Arm {
    /// `contact` or `control`.
    pub const fn name(self) -> &'static str {
        match self {
            Arm::Contact => "contact",
            Arm::Control => "control",
        }
    }
}

/// One lapsed customer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The customer's place in the log.
    pub customer: CustomerIndex,
    /// 1 for the best.
    pub rank: u64,
    /// Time of the last purchase.
    pub last_purchase: Timestamp,
    /// Days since the last purchase.
    pub days_since_last_purchase: f64,
    /// Purchases before the cutoff.
    pub purchase_count: u64,
    /// Net spend per purchase; NaN when the log has no amounts.
    pub average_check: f64,
    /// Chance of a purchase inside the outcome window.
    pub return_probability: f64,
    /// Days with a purchase expected inside the outcome window, given that there is one; NaN unless
    /// valued by expected spend.
    pub purchases_if_any: f64,
    /// The spend expected on such a day; NaN unless valued by expected spend.
    pub expected_check: f64,
    /// Return probability × the value of a return: by default, purchases if any × expected check.
    /// NaN when the log has no amounts to value customers by.
    pub expected_value: f64,
    /// When the customer buys next and leaves; none unless requested.
    pub timing: Option<CustomerTiming>,
    /// Whether the customer is to be contacted.
    pub arm: Arm,
    /// What moves the chance of return most, up or down, largest first.
    pub reasons: Vec<Reason>,
}

impl Candidate {
    /// What candidates are ranked by.
    pub(crate) fn worth(&self) -> f64 {
        if self.expected_value.is_nan() { self.return_probability } else { self.expected_value }
    }

    fn value(&self) -> CustomerValue {
        CustomerValue {
            purchases_if_any: self.purchases_if_any,
            expected_check: self.expected_check,
            expected_value: self.expected_value,
            missing: false,
        }
    }
}

/// Lapsed customers by decreasing expected value or, without amounts, by decreasing return
/// probability. Ties are ordered by ascending id.
#[derive(Debug, Clone)]
pub struct Candidates {
    ids: ArrayRef,
    rows: Vec<Candidate>,
    lapsed: usize,
    lapsed_value: f64,
    report: ScoreReport,
    has_amounts: bool,
    value: Option<Worth>,
    notes: Vec<String>,
    has_timing: bool,
    reasons: usize,
}

impl Candidates {
    /// The candidates.
    pub fn rows(&self) -> &[Candidate] {
        &self.rows
    }

    /// How many customers of the log are in each state.
    pub fn report(&self) -> &ScoreReport {
        &self.report
    }

    /// Number of lapsed customers, including those not kept by `top`.
    pub fn lapsed(&self) -> usize {
        self.lapsed
    }

    /// What all lapsed customers are expected to be worth together; 0 without values.
    pub(crate) fn lapsed_value(&self) -> f64 {
        self.lapsed_value
    }

    /// How many are not to be contacted.
    fn control(&self) -> usize {
        self.rows.iter().filter(|row| row.arm == Arm::Control).count()
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let rows = || self.rows.iter();
        let mut columns = vec![
            ("customer_id".into(), self.ids.clone()),
            counts("rank", rows().map(|row| row.rank)),
            times("last_purchase", rows().map(|row| row.last_purchase)),
            numbers("days_since_last_purchase", rows().map(|row| row.days_since_last_purchase)),
            counts("purchase_count", rows().map(|row| row.purchase_count)),
        ];
        if self.has_amounts {
            columns.push(numbers("average_check", rows().map(|row| row.average_check)));
        }
        columns.push(numbers("return_probability", rows().map(|row| row.return_probability)));
        if let Some(value) = &self.value {
            let values: Vec<CustomerValue> = rows().map(Candidate::value).collect();
            columns.extend(value_columns(value, values.iter()));
        }
        if self.has_timing {
            columns.extend(timing_columns(rows().flat_map(|row| &row.timing)));
        }
        columns.push(texts("arm", rows().map(|row| row.arm.name())));
        columns.extend(reason_columns(rows().map(|row| &row.reasons[..]), self.reasons));
        batch(columns)
    }
}

impl ChurnModel {
    /// The lapsed customers, ranked by expected value, each with reasons: by default return
    /// probability × purchases expected, given a return × expected check.
    ///
    /// # Errors
    /// As [`ChurnModel::score`]; [`Error::Argument`] for a `control_share` outside 0 to below 1, a
    /// `top` of 0 or a `value` that cannot be had.
    pub fn candidates(
        &self,
        snapshot: &Snapshot,
        options: &CandidateOptions,
    ) -> Result<Candidates> {
        options.check()?;
        let scored = self.scored(snapshot, 0..snapshot.log().customers().len())?;
        self.candidates_of(snapshot, &scored, options, None)
    }

    /// The candidates among the customers that are scored, only those worth more than `floor` if one
    /// is given.
    pub(crate) fn candidates_of(
        &self,
        snapshot: &Snapshot,
        scored: &Scored,
        options: &CandidateOptions,
        floor: Option<f64>,
    ) -> Result<Candidates> {
        let log = snapshot.log();
        let is_lapsed = |&row: &usize| scored.rows[row].state == State::Lapsed;
        let lapsed: Vec<usize> = (0..scored.rows.len()).filter(is_lapsed).collect();
        let mut report = scored.report.clone();
        let mut notes = Vec::new();
        let value = Some(&options.value).filter(|value| self.can_value(value));
        let values = match value {
            Some(value) => {
                let chances = scored.chances(|score| score.state == State::Lapsed);
                let values = self.values_of(snapshot, &chances, value)?;
                report.count_missing(&values);
                notes = self.value_notes(value);
                values
            }
            None => {
                if log.columns().amount {
                    notes.push(
                        "the model was trained without amounts: candidates are ranked by the \
                                chance of a return"
                            .to_owned(),
                    );
                }
                Vec::new()
            }
        };
        let chance = |place: usize| scored.rows[lapsed[place]].purchase_probability;
        let worth = |place: usize| {
            values.get(place).map_or_else(|| chance(place), |value| value.expected_value)
        };
        let mut order: Vec<usize> = (0..lapsed.len()).collect();
        order.sort_by(|&a, &b| worth(b).total_cmp(&worth(a)));
        order.truncate(options.top.unwrap_or(lapsed.len()));
        if let Some(floor) = floor {
            order.truncate(order.partition_point(|&place| worth(place).total_cmp(&floor).is_gt()));
        }
        let customers: Vec<CustomerIndex> =
            order.iter().map(|&place| scored.customers[lapsed[place]]).collect();
        let timing = match options.timing {
            true => {
                notes.extend(self.timing_notes());
                self.timed().timing_of(snapshot, &customers)
            }
            false => Vec::new(),
        };
        let rows: Vec<Candidate> = order
            .par_iter()
            .enumerate()
            .map(|(i, &place)| {
                let row = lapsed[place];
                let value = values.get(place).copied();
                let score = &scored.rows[row];
                let customer = scored.customers[row];
                let values = scored.x.row(row).to_vec();
                let last = snapshot.history(customer).last_purchase();
                Ok(Candidate {
                    customer,
                    rank: i as u64 + 1,
                    last_purchase: last.unwrap_or(Timestamp::MIN),
                    days_since_last_purchase: score.days_since_last_purchase,
                    purchase_count: score.purchase_count,
                    average_check: score.average_check,
                    return_probability: score.purchase_probability,
                    purchases_if_any: value.map_or(f64::NAN, |value| value.purchases_if_any),
                    expected_check: value.map_or(f64::NAN, |value| value.expected_check),
                    expected_value: value.map_or(f64::NAN, |value| value.expected_value),
                    timing: timing.get(i).copied(),
                    arm: arm_of(log.customers().get(customer), options),
                    reasons: self.reasons(
                        score.state,
                        &values,
                        &self.model_of(score.state).contributions(&values)?,
                        &options.reasons,
                    ),
                })
            })
            .collect::<Result<_>>()?;
        let ids = log.customers().take(rows.iter().map(|row| row.customer));
        let reasons = options.reasons.count;
        Ok(Candidates {
            ids,
            rows,
            lapsed: lapsed.len(),
            lapsed_value: exact_sum(values.iter().map(|value| value.expected_value)),
            report,
            has_amounts: log.columns().amount,
            value: value.cloned(),
            notes,
            has_timing: options.timing,
            reasons,
        })
    }
}

/// Draws the arm by salt and id alone, so that it does not depend on the other customers or on the
/// order of the input.
fn arm_of(id: CustomerId<'_>, options: &CandidateOptions) -> Arm {
    let is_control = hash::drawn_share(&options.salt, id) < options.control_share;
    if is_control { Arm::Control } else { Arm::Contact }
}

impl Analysis for Candidates {
    /// - `candidates`: `customer_id`, `rank`, `last_purchase`, `days_since_last_purchase`,
    ///   `purchase_count`, `average_check`, `return_probability`, `purchases_if_any`,
    ///   `expected_check`, `expected_value`, if requested `next_purchase`, `alarm_date` and
    ///   `lifetime_value`, `arm`, `reason_1`, `reason_2` and so on (null when there
    ///   are fewer). Without amounts there is no `average_check` and, by expected spend, no value;
    ///   `purchases_if_any` and `expected_check` are there by expected spend only.
    const TABLES: &'static [Table<Self>] = &[("candidates", Self::rows_table)];

    fn figures(&self) -> Map<String, Value> {
        let mut figures = fields(&self.report);
        figures.insert("candidates".to_owned(), self.rows.len().into());
        figures.insert("control".to_owned(), self.control().into());
        figures
    }

    fn notes(&self) -> Vec<String> {
        let worthless = self.rows.iter().filter(|row| row.expected_value <= 0.0).count();
        let mut notes = self.report.notes();
        notes.extend(self.notes.iter().cloned());
        notes.extend(match worthless {
            0 => None,
            1 => Some("1 candidate is worth nothing: the value is 0 or less".to_owned()),
            n => Some(format!(
                "{} candidates are worth nothing: their values are 0 or less",
                grouped(n as u64)
            )),
        });
        notes
    }
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.report)?;
        write_counts(f, self.rows.len(), self.lapsed, self.control())?;
        write_notes(f, &Analysis::notes(self))
    }
}

/// How many candidates there are and what is to be done with them.
pub(crate) fn write_counts(
    f: &mut fmt::Formatter<'_>,
    kept: usize,
    lapsed: usize,
    control: usize,
) -> fmt::Result {
    let n = |count: usize| grouped(count as u64);
    let candidates = counted(kept as u64, "candidate", "candidates");
    match kept == lapsed {
        true => write!(f, "{candidates}: all lapsed customers")?,
        false => {
            let lapsed = counted(lapsed as u64, "lapsed customer", "lapsed customers");
            write!(f, "{candidates}: the best of {lapsed}")?;
        }
    }
    match control {
        0 => Ok(()),
        _ => write!(f, "; {} to contact, {} for comparison", n(kept - control), n(control)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_has_its_share_and_the_salt_draws_it_anew() {
        let share = |options: &CandidateOptions| {
            let control = |&id: &i64| arm_of(CustomerId::Int(id), options) == Arm::Control;
            (0..20_000_i64).filter(control).collect::<Vec<i64>>()
        };
        let options = CandidateOptions { control_share: 0.1, ..CandidateOptions::default() };
        let first = share(&options);
        // 2,000 ± 4.7 standard deviations of 42.
        assert!((1_800..2_200).contains(&first.len()), "{}", first.len());
        assert_eq!(share(&options), first);
        let other = share(&CandidateOptions { salt: "spring".into(), ..options });
        let both = other.iter().filter(|id| first.contains(id)).count();
        assert!((120..280).contains(&both), "{both} of 200 expected");
        assert!(share(&CandidateOptions::default()).is_empty());
    }
}
