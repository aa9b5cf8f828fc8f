//! Loyalty groups of customers who come in parts.

use super::loyalty::LoyaltyRule;
use super::loyalty_groups::{AskedLoyalty, LoyaltyGroups, decide};
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::log::{CustomerIndices, CustomerRows, LogFacts, Mergeable};
use crate::snapshot::Snapshot;

/// The name of the column of spend, which no rule can read under it.
const REVENUE: &str = "revenue";

/// What rules read of some customers.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoyaltySums {
    rows: CustomerRows,
    /// Of each rule what the log lacks for it; not known of a part without customers.
    lacks: Option<Vec<Option<String>>>,
    notes: Vec<String>,
}

impl Mergeable for LoyaltyGroups {
    const NAME: &'static str = "loyalty";
    type Log = (Snapshot, Option<ChurnModel>);
    type Asked = AskedLoyalty;
    type Sums = LoyaltySums;

    fn sums((now, model): &Self::Log, _: &LogFacts, asked: &AskedLoyalty) -> Result<LoyaltySums> {
        asked.rules.check()?;
        // A part without customers need not have all tables.
        if now.log().customers().is_empty() {
            return Ok(LoyaltySums::default());
        }
        let found = asked.rules.group(now, model.as_ref())?;
        let values = found.values.iter().map(|(name, values)| (name.as_str(), values.as_slice()));
        let revenue = found.revenue.iter().map(|revenue| (REVENUE, revenue.as_slice()));
        let rows = CustomerRows::new(now.log(), &found.customers, values.chain(revenue));
        Ok(LoyaltySums { rows, lacks: Some(found.lacks), notes: found.notes })
    }

    fn merge(sums: &mut LoyaltySums, other: LoyaltySums) {
        sums.rows.merge(other.rows);
        if sums.lacks.is_none() {
            (sums.lacks, sums.notes) = (other.lacks, other.notes);
        }
    }

    fn fits(sums: &LoyaltySums, _: &LogFacts, asked: &AskedLoyalty) -> Result<bool> {
        asked.rules.check()?;
        let rules = asked.rules.rules.len();
        Ok(sums.rows.is_whole() && sums.lacks.as_ref().is_none_or(|lacks| lacks.len() == rules))
    }

    fn finish(sums: LoyaltySums, facts: &LogFacts, asked: &AskedLoyalty) -> Result<Self> {
        let nobody = || Error::TooLittleData("no part has a customer".into());
        let (rows, lacks) = (sums.rows.sorted()?, sums.lacks.ok_or_else(nobody)?);
        let mut values = rows.columns;
        let revenue = values.pop_if(|(name, _)| name == REVENUE).map(|(_, spends)| spends);
        let rules = &asked.rules.rules;
        let is_read = |rule: &LoyaltyRule| {
            let column = |name: &str| values.iter().any(|(column, _)| column == name);
            rule.when.iter().all(|condition| column(condition.feature()))
        };
        if rules.iter().zip(&lacks).any(|(rule, lacks)| lacks.is_none() && !is_read(rule)) {
            return Err(Error::damaged_model("columns of other rules"));
        }
        let customers = rows.ids.len();
        Ok(LoyaltyGroups {
            at: facts.cutoff(),
            snapshot: None,
            customers: CustomerIndices::of(0..customers).collect(),
            decided: decide(rules, &lacks, &values, customers),
            ids: rows.ids,
            rules: asked.rules.clone(),
            lacks,
            values,
            revenue,
            notes: sums.notes,
        })
    }
}
