//! What a campaign is to show, and with how many customers.

use super::shares::Shares;
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result, named_choice};
use crate::stats::SizeMethod;
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

named_choice!(
    SizeFormula, "formula":
    Unpooled = "unpooled",
    Pooled = "pooled",
    Arcsine = "arcsine",
);

options! {
    /// What a campaign is to show, and with how many customers.
    pub struct CampaignPlanOptions {
        /// The share of customers who buy without the campaign or, with a deviation, their mean
        /// outcome, such as spend
        #[option(value_name = "NUMBER")]
        #[takes(into)]
        baseline: Option<f64> = None,
        /// The smallest effect that the campaign must not miss, in the unit of the baseline: 0.01 is
        /// one more buyer in a hundred
        #[option(value_name = "NUMBER")]
        #[takes(into)]
        effect: Option<f64> = None,
        /// The same as a part of the baseline: 0.2 is a fifth more buyers
        #[option(value_name = "NUMBER", conflicts_with = "effect")]
        #[takes(into)]
        relative_lift: Option<f64> = None,
        /// The standard deviation of the outcome between customers; with it, the outcome is an amount
        /// and not a share
        #[option(value_name = "NUMBER")]
        #[takes(into)]
        deviation: Option<f64> = None,
        /// Customers on the list, whose smallest effect is told
        #[option(value_name = "N")]
        #[takes(into)]
        customers: Option<u64> = None,
        /// Customers who join the campaign each day, where they come over time; tells the days
        #[option(value_name = "N")]
        #[takes(into)]
        customers_per_day: Option<f64> = None,
        /// The time after the contact in which outcomes count
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        window: Span = Span::days(30),
        /// Arms and their shares, as control=0.1,offer_a=0.45,offer_b=0.45; instead of a control share
        #[option(value_name = "ARM=SHARE,...", value_parser = value::<Shares>,
                 conflicts_with = "control_share")]
        #[takes(into)]
        arms: Option<Shares> = None,
        /// Share of the customers who are not contacted, where there is one offer. Without arms and
        /// this, 0.5
        #[option(value_name = "SHARE")]
        #[takes(into)]
        control_share: Option<f64> = None,
        /// Name of the arm that is not contacted
        #[value(value_name = "ARM")]
        #[takes(into)]
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

impl CampaignPlanOptions {
    /// Refuses what is out of range; gives the baseline.
    pub(super) fn check(&self) -> Result<f64> {
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

    pub(super) fn effect_of(&self, base: f64) -> Result<Option<f64>> {
        if self.effect.is_some() && self.relative_lift.is_some() {
            let expected = "nothing beside an effect: one of both";
            return Err(Error::argument(
                "relative_lift",
                self.relative_lift.unwrap_or(0.0),
                expected,
            ));
        }
        let effect = self.effect.or(self.relative_lift.map(|lift| lift * base));
        let name = if self.effect.is_some() { "effect" } else { "relative_lift" };
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

    pub(super) fn method(&self) -> SizeMethod {
        match (self.deviation, self.formula) {
            (Some(_), _) => SizeMethod::Mean,
            (None, SizeFormula::Unpooled) => SizeMethod::Unpooled,
            (None, SizeFormula::Pooled) => SizeMethod::Pooled,
            (None, SizeFormula::Arcsine) => SizeMethod::Arcsine,
        }
    }

    pub(super) fn formula_name(&self) -> &'static str {
        if self.deviation.is_some() { "normal" } else { self.formula.name() }
    }

    /// By Kish, for groups of unequal sizes (Eldridge and others 2006).
    pub(super) fn design_effect(&self) -> f64 {
        let size = (1.0 + self.cluster_variation.powi(2)) * self.cluster_size;
        1.0 + (size - 1.0) * self.correlation
    }

    pub(super) fn days(&self, customers: Option<u64>) -> Option<u64> {
        let rate = self.customers_per_day?;
        Some((customers? as f64 / rate).ceil() as u64 + self.window.approx_days().ceil() as u64)
    }
}
