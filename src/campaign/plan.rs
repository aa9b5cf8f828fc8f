//! How many customers a campaign needs to show its effect, and which effect a list can show.

use std::fmt;
use std::str::FromStr;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::shares::Shares;
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::options::options;
use crate::answer::text_table::{decimals, of_batch, percent};
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::{Error, Result};
use crate::log::grouped;
use crate::stats::{Arms, SizeMethod};
use crate::time::Span;

/// By which formula shares are sized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SizeFormula {
    /// Each share with its own variance.
    Unpooled,
    /// With the variance of the common share where there is no effect.
    Pooled,
    /// By the arcsine of the shares' roots.
    Arcsine,
}

impl SizeFormula {
    /// `unpooled`, `pooled` or `arcsine`.
    pub const fn name(self) -> &'static str {
        match self {
            SizeFormula::Unpooled => "unpooled",
            SizeFormula::Pooled => "pooled",
            SizeFormula::Arcsine => "arcsine",
        }
    }
}

impl FromStr for SizeFormula {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [SizeFormula::Unpooled, SizeFormula::Pooled, SizeFormula::Arcsine];
        all.into_iter()
            .find(|formula| formula.name() == text)
            .ok_or_else(|| Error::text_argument("formula", text, "unpooled, pooled or arcsine"))
    }
}

impl fmt::Display for SizeFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

options! {
    /// What a campaign is to show, and with how many customers.
    pub struct CampaignPlanOptions {
        /// The share of customers who buy without the campaign or, with a deviation, their mean
        /// outcome, such as spend
        #[option(value_name = "NUMBER", allow_hyphen_values = true)]
        baseline: Option<f64> = None,
        /// The smallest effect that the campaign must not miss, in the unit of the baseline: 0.01 is
        /// one more buyer in a hundred
        #[option(value_name = "NUMBER", allow_hyphen_values = true)]
        effect: Option<f64> = None,
        /// The same as a part of the baseline: 0.2 is a fifth more buyers
        #[option(value_name = "NUMBER", allow_hyphen_values = true, conflicts_with = "effect")]
        lift: Option<f64> = None,
        /// The standard deviation of the outcome between customers; with it, the outcome is an amount
        /// and not a share
        #[option(value_name = "NUMBER")]
        deviation: Option<f64> = None,
        /// Customers on the list, whose smallest effect is told
        #[option(value_name = "N")]
        customers: Option<u64> = None,
        /// Customers who join the campaign each day, where they come over time; tells the days
        #[option(value_name = "N")]
        customers_per_day: Option<f64> = None,
        /// The time after the contact in which outcomes count
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        window: Span = Span::days(30),
        /// Arms and their shares, as control=0.1,offer_a=0.45,offer_b=0.45; instead of a control share
        #[option(value_name = "ARM=SHARE,...", value_parser = value::<Shares>,
                 conflicts_with = "control_share")]
        arms: Option<Shares> = None,
        /// Share of the customers who are not contacted, where there is one offer
        #[value(value_name = "SHARE")]
        control_share: f64 = 0.5,
        /// Name of the arm that is not contacted
        #[value(value_name = "ARM")]
        control: String = "control".to_owned(),
        /// How shares are sized: unpooled (each share with its own variance), pooled (the common share's
        /// where there is no effect) or arcsine; they differ most where arms are unequal
        #[value(value_name = "NAME", value_parser = value::<SizeFormula>)]
        formula: SizeFormula = SizeFormula::Unpooled,
        /// Chance of a false alarm in the whole campaign, two-sided; with several offers each has its
        /// part of it (Bonferroni, Holm's first step)
        #[value(value_name = "SHARE")]
        level: f64 = 0.05,
        /// Chance to see an offer's effect if there is one
        #[value(value_name = "SHARE")]
        power: f64 = 0.8,
        /// Part of the outcome's variance that covariates explain, by which fewer customers are needed;
        /// what customers did before seldom explains much
        #[value(value_name = "SHARE")]
        explained: f64 = 0.0,
        /// Customers who are drawn together, such as those of one household or shop, in the mean
        #[value(value_name = "N")]
        cluster_size: f64 = 1.0,
        /// Coefficient of variation of the sizes of such groups
        #[value(value_name = "NUMBER")]
        cluster_variation: f64 = 0.0,
        /// Correlation of outcomes within such groups
        #[value(value_name = "NUMBER")]
        correlation: f64 = 0.0,
    }
}

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
/// let options = CampaignPlanOptions::default().baseline(Some(0.05)).effect(Some(0.01));
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
    pub lift: Option<f64>,
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
        let shares = match &options.arms {
            Some(arms) => arms.clone(),
            None => Shares::of_control(&options.control, options.control_share)?,
        };
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
            lift: effect.filter(|_| base != 0.0).map(|effect| effect / base),
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

impl CampaignPlanOptions {
    /// Refuses what is out of range; gives the baseline.
    fn check(&self) -> Result<f64> {
        let Some(base) = self.baseline else {
            let expected =
                "the share of customers who buy without the campaign, or their mean outcome";
            return Err(Error::missing_argument("baseline", expected));
        };
        let open = 0.0..1.0;
        for (name, value) in [("level", self.level), ("power", self.power)] {
            if !(value > 0.0 && open.contains(&value)) {
                return Err(Error::argument(name, value, "above 0 and below 1"));
            }
        }
        if self.power <= self.level {
            return Err(Error::argument("power", self.power, "more than the level"));
        }
        if !open.contains(&self.explained) {
            return Err(Error::argument("explained", self.explained, "from 0 to below 1"));
        }
        if !(0.0..=1.0).contains(&self.correlation) {
            return Err(Error::argument("correlation", self.correlation, "from 0 to 1"));
        }
        for (name, value, least) in [
            ("cluster_size", self.cluster_size, 1.0),
            ("cluster_variation", self.cluster_variation, 0.0),
        ] {
            if !(value.is_finite() && value >= least) {
                return Err(Error::argument(name, value, format!("{least} or more")));
            }
        }
        match self.deviation {
            None if !(base > 0.0 && open.contains(&base)) => {
                let expected = "a share above 0 and below 1; of amounts, give their deviation too";
                return Err(Error::argument("baseline", base, expected));
            }
            Some(deviation) if !(deviation.is_finite() && deviation > 0.0) => {
                return Err(Error::argument("deviation", deviation, "a finite number above 0"));
            }
            Some(_) if !base.is_finite() => {
                return Err(Error::argument("baseline", base, "a finite number"));
            }
            _ => {}
        }
        if self.deviation.is_some() && self.formula != SizeFormula::Unpooled {
            let expected = "unpooled where the outcome is an amount; the others are of shares";
            return Err(Error::argument("formula", self.formula, expected));
        }
        if self.customers == Some(0) {
            return Err(Error::argument("customers", 0, "1 or more"));
        }
        if let Some(rate) = self.customers_per_day.filter(|rate| !(*rate > 0.0 && rate.is_finite()))
        {
            return Err(Error::argument("customers_per_day", rate, "a finite number above 0"));
        }
        Ok(base)
    }

    fn effect_of(&self, base: f64) -> Result<Option<f64>> {
        if self.effect.is_some() && self.lift.is_some() {
            let expected = "nothing beside an effect: one of both";
            return Err(Error::argument("lift", self.lift.unwrap_or(0.0), expected));
        }
        let effect = self.effect.or(self.lift.map(|lift| lift * base));
        let name = if self.effect.is_some() { "effect" } else { "lift" };
        match effect {
            None if self.customers.is_none() => Err(Error::missing_argument(
                "effect",
                "the smallest effect that must not be missed, or the customers whose smallest effect \
                 is asked for",
            )),
            Some(effect) if effect == 0.0 || !effect.is_finite() => {
                Err(Error::argument(name, effect, "a finite number other than 0"))
            }
            Some(effect) if self.deviation.is_none() && !(0.0..=1.0).contains(&(base + effect)) => {
                let expected = "one that leaves the share between 0 and 1";
                Err(Error::argument(name, effect, expected))
            }
            effect => Ok(effect),
        }
    }

    fn method(&self) -> SizeMethod {
        match (self.deviation, self.formula) {
            (Some(_), _) => SizeMethod::Mean,
            (None, SizeFormula::Unpooled) => SizeMethod::Unpooled,
            (None, SizeFormula::Pooled) => SizeMethod::Pooled,
            (None, SizeFormula::Arcsine) => SizeMethod::Arcsine,
        }
    }

    fn formula_name(&self) -> &'static str {
        if self.deviation.is_some() { "normal" } else { self.formula.name() }
    }

    /// By Kish, for groups of unequal sizes (Eldridge and others 2006).
    fn design_effect(&self) -> f64 {
        let size = (1.0 + self.cluster_variation.powi(2)) * self.cluster_size;
        1.0 + (size - 1.0) * self.correlation
    }

    fn days(&self, customers: Option<u64>) -> Option<u64> {
        let rate = self.customers_per_day?;
        Some((customers? as f64 / rate).ceil() as u64 + self.window.approx_days().ceil() as u64)
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
            (shares().lift(Some(0.1)), "lift: expected nothing"),
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
