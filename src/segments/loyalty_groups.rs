//! The loyalty group of every customer at a cutoff, with the rule that decided.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch};
use rayon::prelude::*;

use super::condition::{CHURN_PROBABILITY, Condition};
use super::loyalty::{LoyaltyGroup, LoyaltyRule, LoyaltyRules, OTHERWISE};
use super::profile::GroupProfile;
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::{percent, wrapped};
use crate::answer::{Analysis, Table, write_notes};
use crate::churn::ChurnModel;
use crate::error::Result;
use crate::features::{catalogue, find};
use crate::log::{CustomerIndex, EventLog, Part, grouped};
use crate::snapshot::{AllCustomersAt, Beside, PartitionedSnapshot, Snapshot};
use crate::stats::exact_sum;
use crate::time::Timestamp;

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GroupSummary {
    /// The group.
    pub group: LoyaltyGroup,
    /// Its customers.
    pub customers: u64,
    /// Their share of all customers.
    pub share: f64,
    /// Their share of all net spend; none if total net spend is not above zero or the log has no
    /// amounts.
    pub revenue_share: Option<f64>,
}

/// How many customers a rule decided on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct RuleSummary {
    /// Name of the rule; `otherwise` if none fits.
    pub rule: String,
    /// The group it leads to.
    pub group: LoyaltyGroup,
    /// Its conditions, joined by "and".
    pub conditions: String,
    /// The customers it decided on; none for a rule that was left out.
    pub customers: Option<u64>,
    /// What is missing for a rule that was left out.
    pub lacks: Option<String>,
}

/// The loyalty group of every customer with a purchase before the cutoff, by ascending id.
///
/// ```
/// use winback::segments::{LoyaltyGroup, LoyaltyRules};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .tickets([shop.tickets])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let groups = LoyaltyRules::default().group(&log.at("2025-01-01")?, None)?;
/// println!("{groups}");
/// println!("{}", groups.profile(LoyaltyGroup::Loyal, &[])?);
/// assert_eq!(groups.rules().len(), 12);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LoyaltyGroups {
    pub(super) at: Timestamp,
    /// None where the customers came in parts.
    pub(super) snapshot: Option<Snapshot>,
    pub(super) customers: Vec<CustomerIndex>,
    pub(super) ids: ArrayRef,
    /// Of each customer the rule that decided; `rules.rules.len()`: none.
    pub(super) decided: Vec<u16>,
    pub(super) rules: LoyaltyRules,
    /// Of each rule what is missing for it.
    pub(super) lacks: Vec<Option<String>>,
    /// What the rules read, one value a customer.
    pub(super) values: Vec<(String, Vec<f64>)>,
    pub(super) revenue: Option<Vec<f64>>,
    pub(super) notes: Vec<String>,
}

/// By which rules and which model customers are grouped.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedLoyalty {
    pub(super) rules: LoyaltyRules,
    /// What the bytes of the model sum up to, if there is one.
    pub(super) model_mark: Option<u32>,
}

impl LoyaltyRules {
    /// The group of every customer with a purchase before a cutoff.
    ///
    /// With a model, rules may read its `churn_probability`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for rules that are not allowed; as [`ChurnModel::score`] for a model that cannot score this log.
    pub fn group(&self, snapshot: &Snapshot, model: Option<&ChurnModel>) -> Result<LoyaltyGroups> {
        self.group_with(snapshot, model.map(|model| || churn_probabilities(model, snapshot)))
    }

    /// As [`LoyaltyRules::group`], bit-identical, of a log in parts.
    ///
    /// # Errors
    /// As [`LoyaltyRules::group`].
    pub fn group_parts(
        &self,
        snapshot: &PartitionedSnapshot<'_>,
        model: Option<&ChurnModel>,
    ) -> Result<LoyaltyGroups> {
        self.part(snapshot, model)?.finish()
    }

    /// The groups of some customers, to be merged with those of others.
    ///
    /// # Errors
    /// As [`LoyaltyRules::group`].
    pub fn part(
        &self,
        snapshot: &impl AllCustomersAt,
        model: Option<&ChurnModel>,
    ) -> Result<Part<LoyaltyGroups>> {
        let model_mark = model.map(ChurnModel::mark).transpose()?;
        let asked = AskedLoyalty { rules: self.clone(), model_mark };
        Part::of(&Beside { now: snapshot, what: model.cloned() }, &asked)
    }

    /// As [`LoyaltyRules::group`], by the churn probabilities that `churn` gives where a rule reads
    /// them.
    pub(crate) fn group_with(
        &self,
        snapshot: &Snapshot,
        churn: Option<impl FnOnce() -> Result<Vec<f64>>>,
    ) -> Result<LoyaltyGroups> {
        self.check()?;
        let log = snapshot.log();
        let lacks: Vec<Option<String>> =
            self.rules.iter().map(|rule| lacks(rule, log, churn.is_some())).collect();
        let applied: Vec<&LoyaltyRule> = self
            .rules
            .iter()
            .zip(&lacks)
            .filter(|(_, lack)| lack.is_none())
            .map(|(r, _)| r)
            .collect();
        let reads = |name: &str| {
            applied.iter().flat_map(|rule| &rule.when).any(|condition| condition.feature() == name)
        };
        let has_amounts = log.columns().amount;
        let names: Vec<&str> = catalogue()
            .map(|feature| feature.name)
            .filter(|name| reads(name) || has_amounts && *name == "total_spend")
            .collect();
        let table = snapshot.some_features(&names, &[])?;
        let mut values = Vec::with_capacity(names.len() + 1);
        for &name in names.iter().filter(|name| reads(name)) {
            values.push((name.to_owned(), table.numbers(name)?.to_vec()));
        }
        let mut notes = Vec::new();
        if let Some(churn) = churn {
            if reads(CHURN_PROBABILITY) {
                values.push((CHURN_PROBABILITY.to_owned(), churn()?));
            } else {
                notes.push("no rule reads the model's churn_probability".to_owned());
            }
        }
        let decided = decide(&self.rules, &lacks, &values, table.len());
        let revenue = if has_amounts { Some(table.numbers("total_spend")?.to_vec()) } else { None };
        let customers = table.customers().to_vec();
        let ids = log.customers().take(customers.iter().copied());
        Ok(LoyaltyGroups {
            at: snapshot.at(),
            snapshot: Some(snapshot.clone()),
            customers,
            ids,
            decided,
            rules: self.clone(),
            lacks,
            values,
            revenue,
            notes,
        })
    }
}

/// The model's churn probability of every customer with a purchase, in their order; NaN for those it
/// cannot score.
fn churn_probabilities(model: &ChurnModel, snapshot: &Snapshot) -> Result<Vec<f64>> {
    let scores = model.score(snapshot)?;
    let mut scored = scores.customers().iter().zip(scores.rows()).peekable();
    let of = |customer: &CustomerIndex| {
        let own = scored.next_if(|(scored, _)| *scored == customer);
        own.map_or(f64::NAN, |(_, row)| row.churn_probability)
    };
    Ok(snapshot.customers().iter().map(of).collect())
}

/// What is missing for a rule, if anything.
fn lacks(rule: &LoyaltyRule, log: &EventLog, has_model: bool) -> Option<String> {
    rule.when.iter().find_map(|condition| match find(condition.feature()) {
        Ok((_, feature)) if feature.available(&log.columns()) => None,
        Ok((_, feature)) => Some(feature.lacking_in(&log.columns()).to_owned()),
        Err(_) if has_model => None,
        Err(_) => Some("a model".to_owned()),
    })
}

/// The first rule that fits each customer.
pub(super) fn decide(
    rules: &[LoyaltyRule],
    lacks: &[Option<String>],
    values: &[(String, Vec<f64>)],
    customers: usize,
) -> Vec<u16> {
    type Check<'a> = (&'a Condition, &'a [f64]);
    let column = |condition: &Condition| {
        values.iter().find(|(name, _)| name == condition.feature()).map(|(_, values)| &values[..])
    };
    let applied: Vec<(u16, Vec<Check<'_>>)> = (0..)
        .zip(rules.iter().zip(lacks))
        .filter(|(_, (_, lack))| lack.is_none())
        .map(|(i, (rule, _))| (i, rule.when.iter().filter_map(|c| Some((c, column(c)?))).collect()))
        .collect();
    let none = rules.len() as u16;
    let decide = |row: usize| {
        let fits = |checks: &[Check<'_>]| checks.iter().all(|(c, values)| c.holds(values[row]));
        applied.iter().find(|(_, checks)| fits(checks)).map_or(none, |(i, _)| *i)
    };
    (0..customers).into_par_iter().with_min_len(1_024).map(decide).collect()
}

fn conditions(rule: &LoyaltyRule) -> String {
    rule.when.iter().map(Condition::to_string).collect::<Vec<_>>().join(" and ")
}

impl LoyaltyGroups {
    /// The cutoff.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The customers' places in the log, ascending; of a log in parts, among all rows.
    pub fn customers(&self) -> &[CustomerIndex] {
        &self.customers
    }

    /// Each customer's group.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = LoyaltyGroup> {
        self.decided.iter().map(|&rule| self.group_of(rule))
    }

    /// The name of the rule that decided for each customer; `otherwise` if none fits.
    pub fn deciding_rules(&self) -> impl ExactSizeIterator<Item = &str> {
        self.decided
            .iter()
            .map(|&rule| self.rules.rules.get(rule as usize).map_or(OTHERWISE, |rule| &rule.name))
    }

    /// Notes for the reader.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    fn group_of(&self, rule: u16) -> LoyaltyGroup {
        self.rules.rules.get(rule as usize).map_or(self.rules.otherwise, |rule| rule.group)
    }

    /// The three groups.
    pub fn summary(&self) -> Vec<GroupSummary> {
        let all = exact_sum(self.revenue.iter().flatten().copied());
        let of = |group: LoyaltyGroup| {
            let customers = self.groups().filter(|own| *own == group).count() as u64;
            let spend = |revenue: &Vec<f64>| -> f64 {
                let own = revenue.iter().zip(self.groups()).filter(|(_, own)| *own == group);
                exact_sum(own.map(|(spend, _)| *spend))
            };
            let share = customers as f64 / self.customers.len().max(1) as f64;
            let revenue_share = self.revenue.as_ref().map(|revenue| spend(revenue) / all);
            let revenue_share = revenue_share.filter(|_| all > 0.0);
            GroupSummary { group, customers, share, revenue_share }
        };
        LoyaltyGroup::ALL.map(of).into()
    }

    /// The rules in their order, `otherwise` last, and for how many customers each decided.
    pub fn rules(&self) -> Vec<RuleSummary> {
        let mut customers = vec![0u64; self.rules.rules.len() + 1];
        self.decided.iter().for_each(|&rule| customers[rule as usize] += 1);
        let last = customers.pop();
        let named = self.rules.rules.iter().zip(&self.lacks).zip(customers);
        let rules = named.map(|((rule, lacks), customers)| RuleSummary {
            rule: rule.name.clone(),
            group: rule.group,
            conditions: conditions(rule),
            customers: lacks.is_none().then_some(customers),
            lacks: lacks.clone(),
        });
        rules
            .chain([RuleSummary {
                rule: OTHERWISE.into(),
                group: self.rules.otherwise,
                conditions: "no rule above".into(),
                customers: last,
                lacks: None,
            }])
            .collect()
    }

    /// What sets the customers of a group apart from all others.
    ///
    /// # Errors
    /// As [`GroupProfile::build`]; [`Error::Argument`](crate::Error::Argument) of a log in parts.
    pub fn profile(&self, group: LoyaltyGroup, attributes: &[String]) -> Result<GroupProfile> {
        let members = self.customers.iter().zip(self.groups()).filter(|(_, own)| *own == group);
        let members: Vec<CustomerIndex> = members.map(|(&customer, _)| customer).collect();
        GroupProfile::of_group(self.snapshot.as_ref(), group.name(), &members, attributes)
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let rules = self.rules();
        let text = |of: fn(&RuleSummary) -> &str| {
            self.decided.iter().map(|&rule| &rules[rule as usize]).map(of)
        };
        let mut columns = vec![
            ("customer_id".into(), self.ids.clone()),
            texts("group", self.groups().map(LoyaltyGroup::name)),
            texts("rule", text(|rule| &rule.rule)),
            texts("conditions", text(|rule| &rule.conditions)),
        ];
        for (name, values) in &self.values {
            columns.push(numbers(name, values.iter().copied()));
        }
        batch(columns)
    }

    fn groups_table(&self) -> Result<RecordBatch> {
        let rows = self.summary();
        batch(vec![
            texts("group", rows.iter().map(|row| row.group.name())),
            counts("customers", rows.iter().map(|row| row.customers)),
            numbers("share", rows.iter().map(|row| row.share)),
            numbers("revenue_share", rows.iter().map(|row| row.revenue_share)),
        ])
    }

    fn rules_table(&self) -> Result<RecordBatch> {
        let rows = self.rules();
        batch(vec![
            texts("rule", rows.iter().map(|row| row.rule.as_str())),
            texts("group", rows.iter().map(|row| row.group.name())),
            texts("conditions", rows.iter().map(|row| row.conditions.as_str())),
            counts("customers", rows.iter().map(|row| row.customers)),
            texts("lacks", rows.iter().map(|row| row.lacks.as_deref().unwrap_or_default())),
        ])
    }
}

impl Analysis for LoyaltyGroups {
    /// - `customers`: `customer_id`, `group`, `rule` (the one that decided), `conditions` (of that
    ///   rule), then what the rules read, NaN if undefined.
    /// - `groups`: [`LoyaltyGroups::summary`]: `group`, `customers`, `share`, `revenue_share` (null
    ///   if undefined).
    /// - `rules`: [`LoyaltyGroups::rules`]: `rule`, `group`, `conditions`, `customers` (null for a
    ///   rule that was left out), `lacks` (what it is missing; empty for all others).
    const TABLES: &'static [Table<Self>] = &[
        ("customers", Self::rows_table),
        ("groups", Self::groups_table),
        ("rules", Self::rules_table),
    ];

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for LoyaltyGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = grouped(self.customers.len() as u64);
        write!(f, "Loyalty of {all} customers at {}", self.at())?;
        for GroupSummary { group, customers, share, revenue_share } in self.summary() {
            let (name, share) = (group.name(), percent(share));
            write!(f, "\n{name:<12}{:>10}{share:>10}", grouped(customers))?;
            if let Some(share) = revenue_share {
                write!(f, ", {} of revenue", percent(share))?;
            }
        }
        write!(f, "\n\nthe first rule that fits decides")?;
        for RuleSummary { rule, group, conditions, customers, lacks } in self.rules() {
            let count = customers.map_or_else(|| "left out".to_owned(), grouped);
            let lacks = lacks.as_ref().map_or(String::new(), |lacks| format!(" (lacks {lacks})"));
            let text = format!("{rule}: {conditions}{lacks}");
            // Spaces at the start are no words.
            let text = wrapped(
                &format!("{:<23} {text}", format!("{:<12}{count:>10}", group.name())),
                "    ",
            );
            write!(f, "\n{text}")?;
        }
        write_notes(f, &self.notes)
    }
}
