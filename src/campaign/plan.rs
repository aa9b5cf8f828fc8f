//! How many customers a campaign needs to show its effect, and which effect a list can show.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::plan_options::CampaignPlanOptions;
use super::shares::Shares;
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::{decimals, of_batch, percent};
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::{Error, Result};
use crate::log::grouped;
use crate::stats::Arms;

/// What an arm needs, and what it shows.
#[derive(Debug, Clone, PartialEq)]
struct PlannedArm {
    arm: String,
    share: f64,
    /// Customers needed.
    needed: Option<u64>,
    /// Customers of the list.
    customers: Option<u64>,
    smallest: Option<f64>,
    power: Option<f64>,
}

/// How many customers a campaign needs.
///
/// ```
/// use winback::campaign::{CampaignPlan, CampaignPlanOptions};
/// let options = CampaignPlanOptions::default().baseline(0.05).effect(0.01);
/// let plan = CampaignPlan::build(&options)?;
/// assert_eq!(plan.needed, Some(2 * 8_155));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct CampaignPlan {
    /// Customers needed in all arms together; none without an effect.
    pub needed: Option<u64>,
    /// Customers on the list, if told.
    pub customers: Option<u64>,
    /// The effect looked for.
    pub effect: Option<f64>,
    /// It as a part of the baseline.
    pub relative_lift: Option<f64>,
    /// The smallest effect that the list shows with the power, in its least sensitive arm.
    pub smallest_effect: Option<f64>,
    /// The same downward.
    pub smallest_loss: Option<f64>,
    /// The chance that the list shows the effect, in its least sensitive arm.
    pub power: Option<f64>,
    /// Days until the last outcome is known, where customers come over time.
    pub days: Option<u64>,
    /// Share of control with which the fewest customers would be needed.
    pub best_control_share: Option<f64>,
    /// What variances are multiplied by, for groups that are drawn together.
    pub design_effect: f64,
    /// Chance of a false alarm of each offer.
    pub level_per_offer: f64,
    /// `unpooled`, `pooled`, `arcsine` or `normal` (of means).
    pub formula: &'static str,
    #[serde(skip)]
    arms: Vec<PlannedArm>,
    #[serde(skip)]
    is_share: bool,
    #[serde(skip)]
    asked_power: f64,
    #[serde(skip)]
    notes: Vec<String>,
}

impl CampaignPlan {
    /// Computes it.
    ///
    /// # Errors
    /// [`Error::Argument`] for options out of range, and where neither an effect nor customers are
    /// given.
    pub fn build(options: &CampaignPlanOptions) -> Result<Self> {
        let base = options.check()?;
        let effect = options.effect_of(base)?;
        let CampaignPlanOptions { arms, control, control_share, .. } = options;
        let shares = Shares::given(arms.as_ref(), control, *control_share, 0.5)?;
        let control_share = shares.of(&options.control).ok_or_else(|| {
            let expected = format!("arms of which one is control, named {}", options.control);
            Error::argument("arms", &shares, expected)
        })?;
        let offers = shares.iter().count() - 1;
        let level_per_offer = options.level / offers as f64;
        let design_effect = options.design_effect();
        let arms_of = |share: f64| Arms {
            method: options.method(),
            base,
            variance: options.deviation.unwrap_or(0.0).powi(2),
            ratio: share / control_share,
            level: level_per_offer,
            power: options.power,
            factor: design_effect * (1.0 - options.explained),
        };
        let offer_shares = || {
            let offers = shares.iter().filter(|(arm, _)| *arm != options.control);
            offers.map(|(_, share)| share)
        };
        let all = effect.map(|effect| {
            let sizes = offer_shares().map(|share| arms_of(share).control_size(effect));
            sizes.fold(0.0, f64::max) / control_share
        });
        if let Some(all) = all.filter(|all| *all > 1e15) {
            return Err(Error::argument("effect", all, "one that fewer than 1e15 customers show"));
        }
        let control = options.customers.map(|customers| customers as f64 * control_share);
        let arms: Vec<PlannedArm> = shares
            .iter()
            .map(|(arm, share)| {
                let own = arms_of(share);
                let control = control.filter(|_| arm != options.control);
                PlannedArm {
                    arm: arm.to_owned(),
                    share,
                    needed: all.map(|all| (all * share - 1e-9).ceil() as u64),
                    customers: options.customers.map(|n| (n as f64 * share).round() as u64),
                    smallest: control.and_then(|n| own.smallest_effect(n, true)),
                    power: control.zip(effect).map(|(n, effect)| own.power_at(effect, n)),
                }
            })
            .collect();
        let least =
            |values: &mut dyn Iterator<Item = f64>, pick: fn(f64, f64) -> f64| values.reduce(pick);
        let smallest_loss = control.and_then(|n| {
            let losses: Option<Vec<f64>> =
                offer_shares().map(|share| arms_of(share).smallest_effect(n, false)).collect();
            losses.and_then(|losses| losses.into_iter().reduce(f64::min))
        });
        let needed = all.map(|_| arms.iter().filter_map(|arm| arm.needed).sum());
        let smallest: Option<Vec<f64>> =
            arms.iter().filter(|arm| arm.arm != options.control).map(|arm| arm.smallest).collect();
        let mut plan = CampaignPlan {
            needed,
            customers: options.customers,
            effect,
            relative_lift: effect.filter(|_| base != 0.0).map(|effect| effect / base),
            smallest_effect: smallest.and_then(|all| all.into_iter().reduce(f64::max)),
            smallest_loss,
            power: least(&mut arms.iter().filter_map(|arm| arm.power), f64::min),
            days: options.days(needed.or(options.customers)),
            best_control_share: effect
                .map(|effect| arms_of(control_share).best_control_share(effect, offers)),
            design_effect,
            level_per_offer,
            formula: options.formula_name(),
            arms,
            is_share: options.deviation.is_none(),
            asked_power: options.power,
            notes: Vec::new(),
        };
        plan.note(options);
        Ok(plan)
    }

    fn note(&mut self, options: &CampaignPlanOptions) {
        if let (Some(needed), Some(customers)) = (self.needed, self.customers)
            && customers < needed
        {
            self.notes.push(format!(
                "the list is too small: {} customers are needed to see this effect, so that finding \
                 nothing would not mean that there is nothing",
                grouped(needed)
            ));
        }
        if self.customers.is_some() && self.smallest_effect.is_none() {
            self.notes.push("no effect at all would show with so few customers".to_owned());
        }
        if options.explained > 0.3 {
            self.notes.push(
                "covariates seldom explain so much: size by what they explained in past outcomes"
                    .to_owned(),
            );
        }
    }

    fn arms_table(&self) -> Result<RecordBatch> {
        let arms = || self.arms.iter();
        batch([
            texts("arm", arms().map(|arm| arm.arm.as_str())),
            numbers("share", arms().map(|arm| arm.share)),
            counts("needed", arms().map(|arm| arm.needed)),
            counts("customers", arms().map(|arm| arm.customers)),
            numbers("smallest_effect", arms().map(|arm| arm.smallest)),
            numbers("power", arms().map(|arm| arm.power)),
        ])
    }

    fn shown(&self, effect: f64) -> String {
        match self.is_share {
            true => format!("{} percentage points", decimals(effect * 100.0, 2)),
            false => decimals(effect, 2),
        }
    }
}

impl Analysis for CampaignPlan {
    /// - `arms`: `arm`, `share`, `needed` (customers for the effect), `customers` (of the list),
    ///   `smallest_effect` (that the list shows with the power), `power` (with which it shows the
    ///   effect).
    const TABLES: &'static [Table<Self>] = &[("arms", Self::arms_table)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for CampaignPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(needed), Some(effect)) = (self.needed, self.effect) {
            writeln!(
                f,
                "{} customers show an effect of {} with a chance of {}",
                grouped(needed),
                self.shown(effect),
                percent(self.asked_power)
            )?;
        }
        if let Some(customers) = self.customers {
            match self.smallest_effect {
                Some(smallest) => writeln!(
                    f,
                    "{} customers show effects from {} up",
                    grouped(customers),
                    self.shown(smallest)
                )?,
                None => writeln!(f, "{} customers show no effect", grouped(customers))?,
            }
        }
        if let Some(days) = self.days {
            writeln!(f, "the last outcome is known after {} days", grouped(days))?;
        }
        writeln!(
            f,
            "formula {}, level {:.4} for each offer\n",
            self.formula, self.level_per_offer
        )?;
        f.write_str(&of_batch(&self.arms_table().map_err(|_| fmt::Error)?))?;
        write_notes(f, &self.notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::plan_options::SizeFormula;

    fn plan(options: CampaignPlanOptions) -> CampaignPlan {
        CampaignPlan::build(&options).unwrap()
    }

    fn shares() -> CampaignPlanOptions {
        CampaignPlanOptions::default().baseline(Some(0.05)).effect(Some(0.01))
    }

    /// 42,201 customers with a tenth of them as control, by the reference formulas.
    #[test]
    fn unequal_arms_need_more() {
        let found = plan(shares().control_share(0.1));
        assert_eq!(
            found.arms.iter().map(|arm| arm.needed).collect::<Vec<_>>(),
            [Some(4_221), Some(37_981)]
        );
        assert!((found.best_control_share.unwrap() - 0.4785457503854083).abs() < 1e-9);
        let pooled = plan(shares().control_share(0.1).formula(SizeFormula::Pooled));
        assert_eq!(pooled.arms[0].needed, Some(4_651));
        let design = shares().cluster_size(10.0).correlation(0.02).cluster_variation(0.6);
        assert!((plan(design).design_effect - 1.252).abs() < 1e-12);
    }

    #[test]
    fn a_list_has_a_smallest_effect() {
        let asked = CampaignPlanOptions::default().baseline(Some(0.1)).customers(Some(20_000));
        let found = plan(asked.clone().customers_per_day(Some(1_000.0)));
        assert!((found.smallest_effect.unwrap() - 0.0121993073).abs() < 1e-9);
        assert_eq!((found.days, found.needed), (Some(50), None));
        let less = plan(asked.clone().explained(0.5));
        assert!(less.smallest_effect < found.smallest_effect);
        let three: Shares = "control=1,a=1,b=1".parse().unwrap();
        let several = plan(asked.clone().arms(Some(three)));
        assert!((several.level_per_offer - 0.025).abs() < 1e-15);
        let small = plan(asked.effect(Some(0.001)));
        assert!(small.power.unwrap() < 0.1 && small.notes[0].contains("too small"));
    }

    #[test]
    fn what_cannot_be_planned_is_refused() {
        for (options, message) in [
            (CampaignPlanOptions::default(), "baseline: expected the share"),
            (shares().effect(None), "effect: expected the smallest"),
            (shares().baseline(Some(1.5)), "baseline: expected a share"),
            (shares().effect(Some(0.96)), "effect: expected one that leaves"),
            (shares().effect(Some(0.0)), "effect: expected a finite number other"),
            (shares().relative_lift(Some(0.1)), "relative_lift: expected nothing"),
            (shares().control_share(0.0), "control_share: expected"),
            (shares().power(0.05), "power: expected more"),
            (shares().deviation(Some(0.0)), "deviation: expected"),
            (shares().explained(1.0), "explained: expected"),
            (shares().arms(Some("a=1,b=1".parse().unwrap())), "arms: expected arms of which"),
        ] {
            let error = CampaignPlan::build(&options).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
