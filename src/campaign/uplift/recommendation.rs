//! Whether a targeted list pays, by customers whom its models have not seen.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use super::curve::{GainPoint, Offered, gain_curve};
use super::fitted::{FittedUplift, Unseen};
use super::propensity::Overlap;
use crate::answer::columns::{batch, numbers, texts, with_ends};
use crate::answer::options::options;
use crate::answer::text_table::{Side, aligned, percent, signed, wrapped};
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, write_notes};
use crate::campaign::shares::Each;
use crate::error::{Error, Result};
use crate::log::counted;
use crate::metrics::{Gain, mean_of};
use crate::stats::Z95;

options! {
    /// What an outcome is worth, and what offers cost.
    pub struct RecommendationOptions {
        /// What a unit of the outcome is worth: the margin of a purchase, or of a unit of spend
        #[value(value_name = "AMOUNT")]
        margin: f64 = 1.0,
        /// What the offer costs, or each of several, as letter=0.5,call=2
        #[value(value_name = "COST", value_parser = value::<Each>)]
        costs: Each = Each::All(0.0),
    }
}

/// One way to treat all customers, and what it is worth for each of them.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Policy {
    /// `nobody`, `everybody: letter`, `targeted`.
    pub name: String,
    /// The share of customers who get an offer.
    pub share: f64,
    /// Doubly robust profit.
    pub value: Gain,
    /// How much more it brings than nobody.
    pub over_nobody: Gain,
    /// How much more the targeted list brings.
    pub targeted_gain: Gain,
}

/// Whether a targeted list is recommended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recommendation {
    /// Nobody, everybody with each of the offers, and the targeted list.
    pub policies: Vec<Policy>,
    /// Whether the targeted list brings more than each of the others with 95 % confidence.
    pub recommended: bool,
    /// Policies that contact everybody and that the test does not tell from the better one: the interval
    /// of what lies between them holds 0.
    pub like_better: Vec<String>,
    /// What lists of every length gain, by rising spend.
    pub curve: Vec<GainPoint>,
    /// How far the arms overlap, where their chances were estimated.
    pub overlap: Option<Overlap>,
    margin: f64,
    /// In the order of the offers.
    costs: Vec<f64>,
    customers: usize,
}

impl FittedUplift {
    /// Whether the customers for whom an offer's effect × margin is above its cost, each with the best
    /// offer, should be contacted rather than nobody or everybody.
    ///
    /// Judged on the customers of the test by models that have not seen them, doubly robust, with
    /// standard errors of the paired differences. A targeted list is recommended only if the lower end
    /// of the 95 % interval of its gain is above 0 against each of the other policies, and so against
    /// the best of them. The models of the parts are judged, not this one, which learned from all.
    ///
    /// # Errors
    /// [`Error::Argument`] for a margin or costs that are not finite, costs below 0, and for a model that
    /// was fitted without parts.
    pub fn recommend(&self, options: &RecommendationOptions) -> Result<Recommendation> {
        let Some(unseen) = &self.unseen else {
            let expected = "2 or more in the fit, so that there are customers to judge by";
            return Err(Error::argument("folds", self.how.options.folds, expected));
        };
        let costs = self.costs(options)?;
        let offers = costs[1..].to_vec();
        let judged = Judged { unseen, arms: self.arms.len(), margin: options.margin, costs };
        let n = self.customers;
        let targeted: Vec<usize> = (0..n).map(|row| judged.best(row)).collect();
        let nobody = vec![0; n];
        let mut lists = vec![("nobody".to_owned(), nobody.clone())];
        for (arm, name) in self.arms.iter().enumerate().skip(1) {
            lists.push((format!("everybody: {name}"), vec![arm; n]));
        }
        lists.push(("targeted".to_owned(), targeted.clone()));
        let policy = |(name, list): (String, Vec<usize>)| Policy {
            name,
            share: list.iter().filter(|&&arm| arm > 0).count() as f64 / n as f64,
            value: mean_of((0..n).map(|row| judged.profit(row, list[row])).collect()),
            over_nobody: judged.difference(&list, &nobody),
            targeted_gain: judged.difference(&targeted, &list),
        };
        let policies: Vec<Policy> = lists.into_iter().map(policy).collect();
        let others = &policies[..policies.len() - 1];
        let best = better(others);
        let like_best = |&arm: &usize| {
            let between = judged.difference(&vec![best; n], &vec![arm; n]);
            arm != best && best > 0 && interval(between).0 <= 0.0
        };
        let like_better = (1..others.len()).filter(like_best);
        Ok(Recommendation {
            recommended: others.iter().all(|other| interval(other.targeted_gain).0 > 0.0),
            like_better: like_better.map(|arm| others[arm].name.clone()).collect(),
            policies,
            curve: judged.curve(),
            overlap: self.overlap(),
            margin: options.margin,
            costs: offers,
            customers: n,
        })
    }

    /// The cost of each arm, the control first.
    fn costs(&self, options: &RecommendationOptions) -> Result<Vec<f64>> {
        check_margin(options.margin)?;
        let offers = &self.arms[1..];
        let expected = || format!("one number, or the costs of {}", offers.join(", "));
        let given: Vec<f64> = match &options.costs {
            Each::All(one) => vec![*one; offers.len()],
            Each::Some(named) => {
                let of_offer = |offer: &String| options.costs.given(offer);
                let found: Option<Vec<f64>> = offers.iter().map(of_offer).collect();
                let found = found.filter(|found| found.len() == named.len());
                found.ok_or_else(|| {
                    Error::text_argument("costs", &options.costs.to_string(), expected())
                })?
            }
        };
        if let Some(cost) = given.iter().find(|cost| !(0.0..=1e100).contains(*cost)) {
            return Err(Error::argument("costs", cost, "0 or more, at most 1e100"));
        }
        Ok(std::iter::once(0.0).chain(given).collect())
    }
}

/// Refuses what a unit of the outcome cannot be worth.
pub(super) fn check_margin(margin: f64) -> Result<()> {
    match (0.0..=1e100).contains(&margin) {
        true => Ok(()),
        false => Err(Error::argument("margin", margin, "a finite number from 0 on")),
    }
}

/// The customers of the test, and what an outcome is worth.
struct Judged<'a> {
    unseen: &'a Unseen,
    arms: usize,
    margin: f64,
    costs: Vec<f64>,
}

impl Judged<'_> {
    /// The doubly robust profit of a customer in an arm.
    fn profit(&self, row: usize, arm: usize) -> f64 {
        self.margin * self.unseen.scores[row * self.arms + arm] - self.costs[arm]
    }

    /// The arm that models which have not seen the customer find best; of equal ones the first.
    fn best(&self, row: usize) -> usize {
        let offers = self.arms - 1;
        let effects = &self.unseen.uplift[row * offers..(row + 1) * offers];
        let gains =
            effects.iter().zip(&self.costs[1..]).map(|(effect, cost)| self.margin * effect - cost);
        let mut best = (0, 0.0);
        for (offer, gain) in gains.enumerate() {
            if gain > best.1 {
                best = (offer + 1, gain);
            }
        }
        best.0
    }

    /// The gain of lists by rising spend.
    fn curve(&self) -> Vec<GainPoint> {
        let rows = self.unseen.scores.chunks(self.arms);
        let found = rows.flat_map(|own| own[1..].iter().map(|score| score - own[0]));
        let expected: Vec<f64> =
            self.unseen.uplift.iter().map(|effect| self.margin * effect).collect();
        let found: Vec<f64> = found.map(|gain| self.margin * gain).collect();
        gain_curve(&Offered { expected: &expected, found: &found, costs: &self.costs[1..] })
    }

    /// How much more one list brings than another, customer by customer.
    fn difference(&self, one: &[usize], other: &[usize]) -> Gain {
        let differences = one.iter().zip(other).enumerate().map(|(row, (&one, &other))| {
            if one == other { 0.0 } else { self.profit(row, one) - self.profit(row, other) }
        });
        mean_of(differences.collect())
    }
}

fn interval(gain: Gain) -> (f64, f64) {
    let reach = Z95 * gain.standard_error;
    (gain.value - reach, gain.value + reach)
}

/// The place of the policy that brings most, nobody if in doubt.
fn better(policies: &[Policy]) -> usize {
    (1..policies.len()).fold(0, |best, place| {
        if policies[place].value.value > policies[best].value.value { place } else { best }
    })
}

/// A column of gains by its name.
type GainColumn = (&'static str, fn(&Policy) -> Gain);

impl Recommendation {
    /// The policy without a list that brings most, nobody if in doubt.
    pub fn better(&self) -> &Policy {
        &self.policies[better(&self.policies[..self.policies.len() - 1])]
    }

    fn targeted(&self) -> &Policy {
        &self.policies[self.policies.len() - 1]
    }

    pub(super) fn curve_table(&self) -> Result<RecordBatch> {
        let points = || self.curve.iter();
        let mut columns = vec![
            numbers("share", points().map(|point| point.share)),
            numbers("spend", points().map(|point| point.spend)),
        ];
        let mut add = |name: &str, of: fn(&GainPoint) -> Gain| {
            let estimate = |point: &GainPoint| Some((of(point).value, Some(interval(of(point)))));
            let estimates: Vec<_> = points().map(estimate).collect();
            columns.extend(with_ends(name, estimates.into_iter()));
        };
        add("gain", |point| point.gain);
        add("at_random", |point| point.at_random);
        add("over_random", |point| point.over_random);
        batch(columns)
    }

    pub(super) fn policies_table(&self) -> Result<RecordBatch> {
        let policies = || self.policies.iter();
        let mut columns = vec![
            texts("policy", policies().map(|policy| policy.name.as_str())),
            numbers("share", policies().map(|policy| policy.share)),
        ];
        let gains: [GainColumn; 3] = [
            ("value", |policy| policy.value),
            ("over_nobody", |policy| policy.over_nobody),
            ("targeted_gain", |policy| policy.targeted_gain),
        ];
        for (name, gain) in gains {
            columns.push(numbers(name, policies().map(|policy| gain(policy).value)));
            let end = |end: fn((f64, f64)) -> f64| {
                policies().map(move |policy| end(interval(gain(policy))))
            };
            columns.push(numbers(format!("{name}_low"), end(|ends| ends.0)));
            columns.push(numbers(format!("{name}_high"), end(|ends| ends.1)));
        }
        batch(columns)
    }

    /// What to do, in a sentence.
    fn advice(&self) -> String {
        let better = self.better();
        let gain = better.targeted_gain;
        let (low, high) = interval(gain);
        let by = format!(
            "for each customer it brings {} compared with contacting {} (95 % interval {} to {})",
            signed(gain.value, 4),
            better.name,
            signed(low, 4),
            signed(high, 4)
        );
        if self.recommended {
            return format!("A targeted list is recommended: {by}.");
        }
        let others = match interval(better.over_nobody).0 > 0.0 {
            true if self.like_better.is_empty() => format!("Contact {}.", better.name),
            true => format!(
                "Contact {}; the test does not tell that it is better than {}.",
                better.name,
                self.like_better.join(", ")
            ),
            false => "Nothing shows that contacting pays at all.".to_owned(),
        };
        format!("No targeted list is recommended: {by}. {others}")
    }
}

impl Analysis for Recommendation {
    /// - `policies`: nobody, everybody with each offer, and the targeted list: `policy`, `share`, and for
    ///   each customer `value`, `over_nobody` and `targeted_gain` (how much more the targeted list
    ///   brings), each with its interval of 95 % (`value_low`, `value_high` and so on).
    /// - `curve`: lists from nobody to everybody, by rising spend, where offers cost differently as long
    ///   as they are expected to bring anything: `share` (contacted), and for each customer `spend`,
    ///   `gain` (before costs), `at_random` (of the same offers to as many customers), `over_random`,
    ///   each of the three with its interval of 95 %.
    const TABLES: &'static [Table<Self>] =
        &[("policies", Self::policies_table), ("curve", Self::curve_table)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let better = self.better();
        let (low, high) = interval(better.targeted_gain);
        let figures = json!({
            "recommended": self.recommended,
            "advice": self.advice(),
            "better": better.name,
            "like_better": self.like_better,
            "gain": better.targeted_gain.value,
            "gain_low": low,
            "gain_high": high,
            "share": self.targeted().share,
            "customers": self.customers,
            "margin": self.margin,
            "costs": self.costs,
            "overlap": self.overlap,
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.targeted().share == 0.0 {
            notes.push("for nobody is an effect expected that pays for its offer".to_owned());
        }
        if let Some(Overlap { lowest, highest, outside }) = self.overlap {
            notes.push(format!(
                "the chances of the arms were not known, but estimated from the columns ({lowest:.3} to \
                 {highest:.3}): what differs between the arms and is in no column is taken for the effect"
            ));
            if outside > 0 {
                let customers = counted(outside, "customer", "customers");
                notes.push(format!(
                    "{customers} could hardly be in one of the arms (a chance below 0.01): of the like of \
                     them the test tells little"
                ));
            }
        }
        notes
    }
}

impl fmt::Display for Recommendation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = [
            ("policy", Side::Left),
            ("contacted", Side::Right),
            ("value", Side::Right),
            ("over nobody", Side::Right),
            ("95 %", Side::Right),
            ("targeted brings", Side::Right),
            ("95 %", Side::Right),
        ];
        let ends = |gain: Gain| {
            let (low, high) = interval(gain);
            format!("{} to {}", signed(low, 4), signed(high, 4))
        };
        let row = |policy: &Policy| {
            vec![
                policy.name.clone(),
                percent(policy.share),
                format!("{:.4}", policy.value.value),
                signed(policy.over_nobody.value, 4),
                ends(policy.over_nobody),
                signed(policy.targeted_gain.value, 4),
                ends(policy.targeted_gain),
            ]
        };
        let rows: Vec<Vec<String>> = self.policies.iter().map(row).collect();
        write!(f, "{}\n\n{}", aligned(&heads, &rows).trim_end(), wrapped(&self.advice(), ""))?;
        write_notes(f, &Analysis::notes(self))
    }
}
