//! What is looked at, and how.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::campaign::shares::{Each, Shares};
use crate::error::{Error, Result};
use crate::time::{Moment, Span};

options! {
    /// What of a campaign is looked at, and how.
    pub struct EffectOptions {
        /// Column of the table with each customer's arm
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        arm: String = "arm".to_owned(),
        /// Name of the arm that was not contacted; a plan has its own
        #[value(value_name = "ARM")]
        #[takes(into)]
        control: String = "control".to_owned(),
        /// Shares by which the arms were drawn, as control=0.1,offer=0.9: arms that are not as large
        /// are refused; a plan has its own
        #[option(value_name = "ARM=SHARE,...", value_parser = value::<Shares>)]
        #[takes(into)]
        shares: Option<Shares> = None,
        /// When the campaign began; outcomes count from there, and what was before are covariates. A
        /// plan may have its own
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        start: Option<Moment> = None,
        /// The time after the start in which outcomes count [default: the plan's, or 30d]
        #[option(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        window: Option<Span> = None,
        /// Outcomes: of a log purchased, purchases, spend and tickets, all that it has by default;
        /// without one columns of the table, of which those that hold 0 and 1 only are shares
        #[option(value_name = "NAME", value_delimiter = ',')]
        #[takes(texts)]
        metrics: Vec<String> = Vec::new(),
        /// What was known before the start, by which effects are adjusted (Lin's regression): of a log
        /// purchases_before and spend_before (in as long a time before the start),
        /// days_since_last_purchase, with a model purchase_probability; columns of numbers of the table
        #[option(value_name = "NAME", value_delimiter = ',')]
        #[takes(texts)]
        covariates: Vec<String> = Vec::new(),
        /// Columns of the table, or attributes of the log, in whose values the effect is looked for
        #[option(value_name = "COLUMN", value_delimiter = ',')]
        #[takes(texts)]
        segments: Vec<String> = Vec::new(),
        /// Column of the table with what was drawn as a whole, such as households or shops, by which
        /// errors are clustered; customer_id where a table with outcomes has several rows of a customer:
        /// then each row counts, and errors are clustered by customer
        #[option(value_name = "COLUMN")]
        cluster: Option<String> = None,
        /// The outcome that is money, for revenue and profit
        #[value(value_name = "NAME")]
        #[takes(into)]
        revenue: String = "spend".to_owned(),
        /// Part of the revenue that is left after what the goods cost; without it no profit is told
        #[option(value_name = "SHARE")]
        #[takes(into)]
        margin: Option<f64> = None,
        /// Cost of contacting one customer, for all offers or for each, as offer_a=0.5,offer_b=2
        #[value(value_name = "COST", value_parser = value::<Each>)]
        contact_cost: Each = Each::All(0.0),
        /// Cost of the incentive for each customer of an offer who bought, whether or not because of it
        #[value(value_name = "COST", value_parser = value::<Each>)]
        incentive_cost: Each = Each::All(0.0),
        /// Intervals that may be looked at as often as one likes [default: while the window is not over]
        #[option(value_name = "BOOL")]
        #[takes(into)]
        always_valid: Option<bool> = None,
        /// The effect for which such intervals are narrowest, for all outcomes or for each, as
        /// purchased=0.01,spend=2; to be fixed before outcomes are seen [default: by the variance in as
        /// long a time before the start]
        #[option(value_name = "EFFECT", value_parser = value::<Each>)]
        #[takes(into)]
        tau: Option<Each> = None,
        /// Days within the window, as far apart from each other as possible, of which is told what an
        /// interval that may be looked at at any time would have said then; of a log, at most 366
        /// [default: 0, and 12 for a page]
        #[option(value_name = "N")]
        looks: Option<u32> = None,
        /// Chance that an interval misses
        #[value(value_name = "SHARE")]
        level: f64 = 0.05,
    }
}

impl EffectOptions {
    pub(super) fn check(&self) -> Result<()> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::argument("level", self.level, "above 0 and below 1"));
        }
        if let Some(margin) = self.margin.filter(|margin| !(*margin > 0.0 && *margin <= 1.0)) {
            return Err(Error::argument("margin", margin, "above 0 and at most 1"));
        }
        if let Some(window) = self.window.filter(|window| window.is_zero()) {
            return Err(Error::argument("window", window, "more than 0d"));
        }
        if let Some(looks) = self.looks.filter(|looks| *looks > 366) {
            return Err(Error::argument("looks", looks, "at most 366"));
        }
        for (name, given) in [
            ("metrics", &self.metrics),
            ("covariates", &self.covariates),
            ("segments", &self.segments),
        ] {
            for (place, own) in given.iter().enumerate() {
                if given[..place].contains(own) {
                    return Err(Error::text_argument(name, own, "each of them once"));
                }
            }
        }
        Ok(())
    }
}
