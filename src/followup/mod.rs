//! What customers do after something happened to them, compared with customers to whom it did not
//! happen.

mod cases;
mod matching;
mod standing;
pub(crate) mod text;

use crate::answer::columns::{Column, counts, numbers, whole, with_ends};
use crate::error::Result;
use crate::log::{CustomerIndex, History};
use crate::stats::{Z95, effective_number, exact_sum, wilson_of_share};
use crate::time::{Span, Timestamp};

pub(crate) use cases::{AllSought, AllTold, Collected, Followups, Grouping, Mark, Told};
pub(crate) use cases::{collect, sought_for};
pub(crate) use matching::{MATCH_DAYS, Sought};

/// An estimate and, if available, its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Estimated {
    /// The estimate.
    pub value: f64,
    /// Lower and upper end of its interval.
    pub interval: Option<(f64, f64)>,
}

/// What customers did within a horizon after something happened (a case: an answer, a ticket).
///
/// Intervals allow for customers with several cases, which are alike: the variance is that between
/// customers, Σ (sum over the customer's cases of value − mean)² / n² · c / (c − 1) for c
/// customers. For the share, it gives the number of independent cases with the same precision, at
/// most n, for which Wilson's interval is computed (the effective sample size; Korn and Graubard
/// 1998, "Confidence intervals for proportions with small expected number of positive counts",
/// Survey Methodology 24); if nobody or everybody has a purchase, it is the number of customers.
/// For the mean, it gives the normal interval. With one case each, both are the usual ones.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Afterwards {
    /// Cases.
    pub cases: u64,
    /// Customers with a case.
    pub customers: u64,
    /// Cases with a purchase within the horizon.
    pub purchased: u64,
    /// Their share; none without cases.
    pub purchase_share: Option<Estimated>,
    /// Mean net spend within the horizon, returns included; none without cases or amounts.
    pub mean_spend: Option<Estimated>,
    /// Mean net spend over an equally long time before: how the customers already differed.
    pub mean_spend_before: Option<f64>,
    /// The matched customers compared with those cases that have one; none if there is none, and
    /// for the matched customers themselves.
    pub beside: Option<Beside>,
}

/// What the customers matched to cases did, from the same instant on.
///
/// Only cases with a matched customer enter the differences, so both sides cover the same instants.
/// Their intervals are normal, using the variance between the cases' customers and between the
/// matched ones, who may be matched several times: V = V(one) + V(other) − V(both at once)
/// (Cameron, Gelbach, Miller 2011, "Robust inference with multiway clustering", Journal of Business
/// & Economic Statistics 29).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Beside {
    /// Cases with a matched customer.
    pub matched: u64,
    /// The share of matched customers with a purchase.
    pub purchase_share: Option<Estimated>,
    /// Their mean net spend.
    pub mean_spend: Option<Estimated>,
    /// The share of these cases with a purchase − that of their matched customers.
    pub share_difference: Estimated,
    /// The same for mean net spend; none without amounts.
    pub spend_difference: Option<Estimated>,
}

/// The spans around a case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    /// How long after it its outcomes begin; none if at once.
    pub(crate) judged_after: Option<Span>,
    /// How long outcomes are looked at, and as long what was before.
    pub(crate) horizon: Span,
    /// How long before it a customer must not have had a case to be matched to it.
    pub(crate) quiet_for: Span,
}

/// Where to look for one case: outcomes in [`from`, `to`), what was before in [`before`, `at`).
#[derive(Debug, Clone, Copy)]
struct Case {
    /// When it happened.
    at: i64,
    before: i64,
    quiet_from: i64,
    from: i64,
    to: i64,
}

/// What was seen of one case.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    purchased: bool,
    spend: f64,
    spend_before: f64,
}

/// What was seen of a customer.
pub(crate) type Of = (CustomerIndex, Seen);

impl Around {
    /// A case at an instant; none where its horizon is not over by `until`.
    fn case(&self, at: i64, until: Timestamp) -> Result<Option<Case>> {
        let at = Timestamp::from_micros(at)?;
        let from = match self.judged_after {
            None => at,
            Some(span) => at.add_argument("judged_after", span)?,
        };
        if from >= until {
            return Ok(None);
        }
        let to = from.add_argument("horizon", self.horizon)?;
        if to > until {
            return Ok(None);
        }
        let before = at.sub_argument("horizon", self.horizon)?.micros();
        let quiet_from = at.sub_argument("quiet_for", self.quiet_for)?.micros();
        let (at, from, to) = (at.micros(), from.micros(), to.micros());
        Ok(Some(Case { at, before, quiet_from, from, to }))
    }
}

impl Case {
    /// Looks at what this customer did, or at what another did at the same time.
    fn look(&self, history: &History<'_>) -> Seen {
        let bought = history.purchases();
        let first = bought.partition_point(|purchase| purchase.time < self.from);
        let spend = |from: i64, to: i64| {
            let times = history.times();
            let first = times.partition_point(|&time| time < from);
            let after = times.partition_point(|&time| time < to).max(first);
            let amounts = history.amounts().map_or(&[][..], |amounts| &amounts[first..after]);
            exact_sum(amounts.iter().copied())
        };
        Seen {
            purchased: bought.get(first).is_some_and(|purchase| purchase.time < self.to),
            spend: spend(self.from, self.to),
            spend_before: spend(self.before, self.at),
        }
    }
}

impl Afterwards {
    pub(crate) fn of(mut seen: Vec<Of>, has_amounts: bool) -> Self {
        seen.sort_by_key(|seen| seen.0);
        let cases = seen.len() as u64;
        if cases == 0 {
            return Afterwards::default();
        }
        let n = cases as f64;
        let customers = seen.chunk_by(|a, b| a.0 == b.0);
        let customers_count = customers.clone().count() as u64;
        let mean = |of: fn(&Seen) -> f64| exact_sum(seen.iter().map(|seen| of(&seen.1))) / n;
        // The variance of a mean by what differs between customers.
        let variance = |mean: f64, of: fn(&Seen) -> f64| {
            let sum = |own: &[Of]| own.iter().map(|seen| of(&seen.1) - mean).sum::<f64>();
            customers.clone().map(|own| sum(own).powi(2)).sum::<f64>() / (n * n)
        };
        let purchased = seen.iter().filter(|seen| seen.1.purchased).count() as u64;
        let share = purchased as f64 / n;
        let between = variance(share, |seen| f64::from(u8::from(seen.purchased)));
        let independent = share * (1.0 - share);
        let effective = effective_number(n, customers_count as f64, independent, between);
        let mean_spend = has_amounts.then(|| {
            let value = mean(|seen| seen.spend);
            let c = customers_count as f64;
            let variance = variance(value, |seen| seen.spend) * c / (c - 1.0);
            let reach = Z95 * variance.sqrt();
            let interval = (customers_count > 1 && reach > rounding(value))
                .then_some((value - reach, value + reach));
            Estimated { value, interval }
        });
        Afterwards {
            cases,
            customers: customers_count,
            purchased,
            purchase_share: Some(Estimated {
                value: share,
                interval: Some(wilson_of_share(share, effective)),
            }),
            mean_spend,
            mean_spend_before: has_amounts.then(|| mean(|seen| seen.spend_before)),
            beside: None,
        }
    }

    /// Of cases, each with what the customer matched to it did, if there is one.
    pub(crate) fn beside(cases: &[(Of, Option<Of>)], has_amounts: bool) -> Self {
        let pairs: Vec<(Of, Of)> =
            cases.iter().filter_map(|(own, other)| Some((*own, (*other)?))).collect();
        let own = Afterwards::of(cases.iter().map(|case| case.0).collect(), has_amounts);
        let other = Afterwards::of(pairs.iter().map(|pair| pair.1).collect(), has_amounts);
        let beside = (!pairs.is_empty()).then(|| Beside {
            matched: pairs.len() as u64,
            purchase_share: other.purchase_share,
            mean_spend: other.mean_spend,
            share_difference: difference(&pairs, |seen| f64::from(u8::from(seen.purchased))),
            spend_difference: has_amounts.then(|| difference(&pairs, |seen| seen.spend)),
        });
        Afterwards { beside, ..own }
    }

    /// The columns of these rows; `cases` is what a case is called.
    pub(crate) fn columns<'a>(
        cases: &str,
        rows: impl Iterator<Item = &'a Afterwards> + Clone,
    ) -> Vec<Column> {
        let estimated = |of: fn(&Afterwards) -> Option<Estimated>| {
            rows.clone().map(move |row| of(row).map(|e| (e.value, e.interval)))
        };
        let mut columns = vec![
            counts(cases, rows.clone().map(|row| row.cases)),
            counts("customers", rows.clone().map(|row| row.customers)),
            counts("purchased", rows.clone().map(|row| row.purchased)),
        ];
        columns.extend(with_ends("purchase_share", estimated(|row| row.purchase_share)));
        columns.extend(with_ends("mean_spend", estimated(|row| row.mean_spend)));
        columns.push(numbers("mean_spend_before", rows.clone().map(|row| row.mean_spend_before)));
        let matched = rows.clone().map(|row| row.beside.as_ref().map(|b| b.matched as i64));
        columns.push(whole("matched", matched));
        type Of = fn(&Beside) -> Option<Estimated>;
        for (name, of) in [
            ("base_purchase_share", (|beside| beside.purchase_share) as Of),
            ("base_mean_spend", |beside| beside.mean_spend),
            ("share_difference", |beside| Some(beside.share_difference)),
            ("spend_difference", |beside| beside.spend_difference),
        ] {
            let found = rows.clone().map(move |row| row.beside.as_ref().and_then(of));
            columns.extend(with_ends(name, found.map(|e| e.map(|e| (e.value, e.interval)))));
        }
        columns
    }
}

/// What of a mean's error is rounding: all values are the same, and say nothing of others.
fn rounding(mean: f64) -> f64 {
    1e-12 * mean.abs()
}

/// The mean difference of pairs.
fn difference(pairs: &[(Of, Of)], of: fn(&Seen) -> f64) -> Estimated {
    let n = pairs.len() as f64;
    let mut found: Vec<([CustomerIndex; 2], f64)> =
        pairs.iter().map(|(own, other)| ([own.0, other.0], of(&own.1) - of(&other.1))).collect();
    let value = found.iter().map(|pair| pair.1).sum::<f64>() / n;
    let mut between = |key: fn(&[CustomerIndex; 2]) -> [CustomerIndex; 2]| {
        found.sort_by_key(|pair| key(&pair.0));
        let same = found.chunk_by(|a, b| key(&a.0) == key(&b.0));
        let count = same.clone().count() as f64;
        let sum =
            |own: &[([CustomerIndex; 2], f64)]| own.iter().map(|pair| pair.1 - value).sum::<f64>();
        let squares = same.map(|own| sum(own).powi(2)).sum::<f64>();
        (squares / (n * n) * count / (count - 1.0), count)
    };
    let (both, _) = between(|pair| *pair);
    let (own, customers) = between(|pair| [pair[0]; 2]);
    let (other, others) = between(|pair| [pair[1]; 2]);
    let reach = Z95 * (own + other - both).max(both).sqrt();
    let is_known = customers > 1.0 && others > 1.0 && reach > rounding(value);
    let interval = is_known.then_some((value - reach, value + reach));
    Estimated { value, interval }
}
