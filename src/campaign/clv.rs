//! The value lost when a customer leaves.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The value lost when a customer leaves: the customer lifetime value.
///
/// Either one number for all customers, or a multiple of a feature at the cutoff:
/// `0.3*total_spend_365d` is a margin of 30 % on a year's spend. The number is your own estimate of
/// margin and future time; the feature only differentiates between customers.
///
/// ```
/// use winback::campaign::Clv;
/// assert_eq!("200".parse::<Clv>()?, Clv::All(200.0));
/// let year = Clv::Feature { factor: 0.3, name: "total_spend_365d".into() };
/// assert_eq!("0.3*total_spend_365d".parse::<Clv>()?, year);
/// assert!("total_spend_365d".parse::<Clv>().is_err()); // no margin is assumed
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Clv {
    /// The same for all; above 0.
    All(f64),
    /// `factor` times a feature that the model reads. A customer whose feature is missing or not
    /// above 0, for example after more returns than purchases, is worth 0: contacting such a
    /// customer only costs money.
    Feature {
        /// Above 0.
        factor: f64,
        /// A name of the feature catalogue.
        name: String,
    },
}

impl FromStr for Clv {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let parsed = match text.split_once('*') {
            Some((factor, name)) if !name.trim().is_empty() => {
                let name = name.trim().to_owned();
                number(factor).map(|factor| Clv::Feature { factor, name })
            }
            Some(_) => None,
            None => number(text).map(Clv::All),
        };
        parsed.ok_or_else(|| {
            let expected = "a number, or a number times a feature, as 0.3*total_spend_365d";
            Error::text_argument("clv", text, expected)
        })
    }
}

impl fmt::Display for Clv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clv::All(value) => write!(f, "{value}"),
            Clv::Feature { factor, name } => write!(f, "{factor}*{name}"),
        }
    }
}

impl serde::Serialize for Clv {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Clv::All(value) => serializer.serialize_f64(*value),
            Clv::Feature { .. } => serializer.collect_str(self),
        }
    }
}
