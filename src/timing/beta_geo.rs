//! The beta-geometric models: BG/NBD, MBG/NBD and their kin of regular purchases.

use std::fmt;
use std::str::FromStr;

use serde::de::Deserializer;

use super::beta_geo_kernel::BetaGeoKernel;
use super::buyers::Buyers;
use super::purchase_model::{FittedPurchaseModel, MOST_REGULAR, Process};
use crate::answer::options::options;
use crate::answer::text_or_number::text_or_whole_number;
use crate::error::{Error, Result};

const ACCEPTED: &str = "a whole number from 1 to 20, or best";
/// The largest regularity that is tried.
const TRIED: u32 = 6;

/// How regular purchases are: k, the number of steps at random that make one. With 1 the next
/// purchase is as likely today as tomorrow; the larger, the more the times between purchases are
/// alike.
///
/// ```
/// use winback::timing::Regularity;
/// assert_eq!("2".parse::<Regularity>()?, Regularity::Given(2));
/// assert_eq!("best".parse::<Regularity>()?, Regularity::Best);
/// assert!("0".parse::<Regularity>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(into = "Written")]
pub enum Regularity {
    /// This k, from 1 to 20.
    Given(u32),
    /// The k from 1 to 6 with the highest likelihood; the smallest of equals.
    Best,
}

/// A number, or `best`.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Text(String),
}

impl<'de> serde::Deserialize<'de> for Regularity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_whole_number(deserializer, ACCEPTED)
    }
}

impl From<Regularity> for Written {
    fn from(regularity: Regularity) -> Self {
        match regularity {
            Regularity::Given(k) => Written::Number(k.into()),
            Regularity::Best => Written::Text("best".into()),
        }
    }
}

impl FromStr for Regularity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let given =
            || text.parse().ok().filter(|k| (1..=MOST_REGULAR).contains(k)).map(Regularity::Given);
        if text == "best" { Some(Regularity::Best) } else { given() }
            .ok_or_else(|| Error::text_argument("regularity", text, ACCEPTED))
    }
}

impl fmt::Display for Regularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Regularity::Given(k) => write!(f, "{k}"),
            Regularity::Best => f.write_str("best"),
        }
    }
}

options! {
    /// The BG/NBD model of Fader, Hardie and Lee (2005, "Counting your customers the easy way",
    /// Marketing Science 24, 275-284).
    ///
    /// While they are customers, they buy at random with a rate of their own, which over the
    /// customers has a gamma distribution with the shape r and the rate alpha. After each repeat
    /// purchase they leave with a chance of their own, which has a beta distribution with a and b.
    /// Who has bought but once cannot have left; [`ModifiedBetaGeo`] knows better.
    ///
    /// ```
    /// use winback::timing::{BetaGeo, Buyers};
    /// let frequency = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0];
    /// let recency = [0.0, 0.0, 0.0, 0.0, 3.0, 20.0, 12.0, 31.0, 17.0, 30.0];
    /// let buyers = Buyers::new(&frequency, &recency, &[35.0; 10])?;
    /// let model = BetaGeo::default().penalty(0.01).fit(&buyers)?;
    /// assert!(model.estimates().converged());
    /// assert_eq!(model.p_alive(buyers.rows()[0]), 1.0);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub struct BetaGeo {
        /// How regular purchases are: k, the number of steps at random that make one, from 1
        /// (purchases at random) to 20, or best, the one from 1 to 6 with the highest likelihood;
        /// above 1 the times between purchases are needed
        #[skip(cli)]
        regularity: Regularity = Regularity::Given(1),
        /// Draws the parameters towards 0: the mean log-likelihood of a customer is lessened by so
        /// many times the sum of their squares, alpha in units of the longest T. 0 or more
        #[skip(cli)]
        penalty: f64 = 0.0,
    }
}

options! {
    /// The modified BG/NBD model (MBG/NBD) of Batislam, Denizel and Filiztekin (2007, "Empirical
    /// validation and comparison of models for customer base analysis", International Journal of
    /// Research in Marketing 24, 201-209): as [`BetaGeo`], but customers may leave after the first
    /// purchase too, so that those who have bought once get a sensible chance. The one to start with.
    ///
    /// With a regularity above 1 it is the MBG/CNBD-k model of Reutterer, Platzer and Schröder (2021,
    /// "Leveraging purchase regularity for predicting customer behavior the easy way", International
    /// Journal of Research in Marketing 38, 194-215).
    ///
    /// ```
    /// use winback::timing::{Buyers, ModifiedBetaGeo};
    /// let frequency = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0];
    /// let recency = [0.0, 0.0, 0.0, 0.0, 3.0, 20.0, 12.0, 31.0, 17.0, 30.0];
    /// let buyers = Buyers::new(&frequency, &recency, &[35.0; 10])?;
    /// let model = ModifiedBetaGeo::default().penalty(0.01).fit(&buyers)?;
    /// assert!(model.estimates().converged());
    /// assert!(model.p_alive(buyers.rows()[0]) < 0.9);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub struct ModifiedBetaGeo {
        /// How regular purchases are: k, the number of steps at random that make one, from 1
        /// (purchases at random) to 20, or best, the one from 1 to 6 with the highest likelihood;
        /// above 1 the times between purchases are needed
        #[skip(cli)]
        regularity: Regularity = Regularity::Given(1),
        /// Draws the parameters towards 0: the mean log-likelihood of a customer is lessened by so
        /// many times the sum of their squares, alpha in units of the longest T. 0 or more
        #[skip(cli)]
        penalty: f64 = 0.0,
    }
}

/// Both models differ in one thing only.
macro_rules! beta_geo {
    ($model:ident, $modified:literal) => {
        impl $model {
            /// Fits r, alpha, a and b by maximum likelihood: Newton's method in their logarithms.
            ///
            /// # Errors
            /// [`Error::TooLittleData`] where nobody bought again. [`Error::Argument`] for a
            /// penalty or a regularity out of range, and for one above 1 without the times between
            /// purchases.
            pub fn fit(&self, buyers: &Buyers) -> Result<FittedPurchaseModel> {
                fit($modified, self.regularity, self.penalty, buyers)
            }

            /// The model with known parameters r, alpha, a and b; of a given regularity.
            ///
            /// # Errors
            /// [`Error::Argument`] for a parameter that is not from 1e-100 to 1e100, and for a
            /// regularity that is not given.
            pub fn with_params(&self, params: [f64; 4]) -> Result<FittedPurchaseModel> {
                let Regularity::Given(k) = self.regularity else {
                    return Err(Error::argument("regularity", "best", "a number"));
                };
                let kernel = BetaGeoKernel { modified: $modified, k, at: params };
                FittedPurchaseModel::known(Process::BetaGeo(kernel))
            }
        }
    };
}

beta_geo!(BetaGeo, false);
beta_geo!(ModifiedBetaGeo, true);

fn fit(
    modified: bool,
    regularity: Regularity,
    penalty: f64,
    buyers: &Buyers,
) -> Result<FittedPurchaseModel> {
    let of = |k: u32| {
        let kernel = BetaGeoKernel { modified, k, at: [1.0; 4] };
        FittedPurchaseModel::fit(Process::BetaGeo(kernel), penalty, buyers)
    };
    if regularity != Regularity::Given(1) && buyers.log_gaps().is_none() {
        let expected = "1 where the times between purchases are not known (log_gaps)";
        return Err(Error::argument("regularity", regularity, expected));
    }
    let Regularity::Given(k) = regularity else {
        let mut best = of(1)?;
        for k in 2..=TRIED {
            let next = of(k)?;
            if next.estimates().log_likelihood() > best.estimates().log_likelihood() {
                best = next;
            }
        }
        return Ok(best);
    };
    of(k)
}
