//! How the arms of a campaign are drawn.

use super::shares::Shares;
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::hash;
use crate::time::{Moment, Span};

options! {
    /// How arms are drawn.
    pub struct AssignOptions {
        /// Arms and their shares, in the order in which they are drawn, as
        /// control=0.1,offer_a=0.45,offer_b=0.45; instead of a control share
        #[option(value_name = "ARM=SHARE,...", value_parser = value::<Shares>,
                 conflicts_with = "control_share")]
        #[takes(into)]
        arms: Option<Shares> = None,
        /// Share of the customers who are not contacted, where there is one offer; the others are in
        /// the arm contact. Without arms and this, 0.1
        #[option(value_name = "SHARE")]
        #[takes(into)]
        control_share: Option<f64> = None,
        /// Name of the arm that is not contacted
        #[value(value_name = "ARM")]
        #[takes(into)]
        control: String = "control".to_owned(),
        /// Text that decides who is in which arm; the same text draws the same customers, here and in a
        /// database
        #[value(value_name = "TEXT")]
        #[takes(into)]
        salt: String = hash::DEFAULT_SALT.to_owned(),
        /// Columns of the list, or attributes of the log, within whose values each arm has its share
        #[option(value_name = "COLUMN", value_delimiter = ',')]
        #[takes(texts)]
        strata: Vec<String> = Vec::new(),
        /// Columns of numbers on the list, such as a score and a value: neighbours by the mean of their
        /// ranks form blocks in which each arm has its share
        #[option(value_name = "COLUMN", value_delimiter = ',')]
        #[takes(texts)]
        rank_by: Vec<String> = Vec::new(),
        /// Leaves out customers who were contacted within so long before the cutoff, by the log's events
        /// that are contacts
        #[option(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        quiet_for: Option<Span> = None,
        /// Leaves out customers with an open ticket at the cutoff
        #[option()]
        skip_open_tickets: bool = false,
        /// The outcome that decides, for the plan: purchased, purchases, spend or tickets
        #[value(value_name = "NAME")]
        #[takes(into)]
        metric: String = "purchased".to_owned(),
        /// The time after the start in which outcomes count, for the plan
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        window: Span = Span::days(30),
        /// When the campaign begins, for the plan
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        start: Option<Moment> = None,
    }
}

impl AssignOptions {
    pub(super) fn shares(&self) -> Result<Shares> {
        let shares = Shares::given(self.arms.as_ref(), &self.control, self.control_share, 0.1)?;
        if shares.of(&self.control).is_none() {
            let expected = format!(
                "arms of which one is control, named {}: without it nobody can say what the campaign \
                 changed",
                self.control
            );
            return Err(Error::argument("arms", shares, expected));
        }
        if self.window.is_zero() {
            return Err(Error::argument("window", self.window, "more than 0d"));
        }
        Ok(shares)
    }
}
