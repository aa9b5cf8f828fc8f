//! What to offer each customer: the categories that come next.

mod items;
mod judge;
mod pairs;
mod rank;
mod report;

use arrow_array::ArrayRef;

use self::items::bought;
use self::judge::judged;
use self::rank::{Method, next};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::groups::PurchaseText;
use crate::log::{CustomerIndex, grouped};
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp};

pub use judge::OfferQuality;
pub use pairs::CategoryPair;

/// Categories that are looked at: those with most buyers.
const MOST: usize = 5_000;
/// Pairs that are told.
const MOST_PAIRS: usize = 1_000;
/// A difference of the rankings that is not chance.
const CLEAR: f64 = 0.05;

options! {
    /// How many categories are offered, and how the ranking is chosen.
    pub struct CategoryOfferOptions {
        /// Number of categories for each customer, 1 to 100
        #[value(value_name = "N")]
        count: usize = 5,
        /// Ranking: cosine, popularity, or auto for the cosine if it was clearly better
        #[value(value_name = "NAME")]
        #[takes(into)]
        by: String = "auto".to_owned(),
        /// The last so long are what the rankings are judged by
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::months(3),
        /// Fewest purchases of each category of a pair
        #[value(value_name = "N")]
        min_purchases: u64 = 50,
    }
}

/// For each customer the categories to offer next, that the customer has not bought yet, and by which
/// ranking.
///
/// The cosine of two categories is n(i, j) / √(n(i) n(j)) over customers who have bought i, j and both;
/// a customer's score of a category is the sum of its cosines with all that the customer has bought
/// (Sarwar et al. 2001, "Item-based collaborative filtering"). Popularity is the number of buyers. Both
/// are judged by what was known `horizon` before the cutoff and what was bought since: the share of
/// customers who bought something new of whom a category offered was bought. The cosine is taken where
/// it was right for clearly more of them (McNemar's test, p below 0.05); else popularity, which is as
/// good and simpler. What customers buy again is another question: their own history says it best.
///
/// ```
/// use winback::campaign::{CategoryOfferOptions, CategoryOffers};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(400).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let offers = CategoryOffers::build(&log.at("2025-01-01")?, &CategoryOfferOptions::default().count(2))?;
/// println!("{offers}");
/// assert!(offers.qualities.iter().all(|quality| quality.hit_rate <= 1.0));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct CategoryOffers {
    /// The cutoff.
    pub at: Timestamp,
    /// When the rankings were judged by what came since.
    pub judged_at: Option<Timestamp>,
    /// The ranking that was taken.
    pub method: &'static str,
    /// McNemar's z: above 0 where the cosine was right for more customers; none if not judged.
    pub z: Option<f64>,
    /// Its p value.
    pub p_value: Option<f64>,
    /// Customers with a purchase before the cutoff.
    pub customers: u64,
    /// Categories that they bought.
    pub categories: u64,
    /// How good the rankings were.
    #[serde(skip)]
    pub qualities: Vec<OfferQuality>,
    /// Categories that are bought together.
    #[serde(skip)]
    pub pairs: Vec<CategoryPair>,
    #[serde(skip)]
    names: Vec<String>,
    /// Each customer's offers, as places in `names`.
    #[serde(skip)]
    offers: Vec<Vec<u32>>,
    #[serde(skip)]
    channels: Option<Vec<Option<String>>>,
    #[serde(skip)]
    discounts: Option<Vec<f64>>,
    #[serde(skip)]
    count: usize,
    #[serde(skip)]
    ids: ArrayRef,
    #[serde(skip)]
    notes: Vec<String>,
}

impl CategoryOffers {
    /// What to offer the customers with a purchase before the cutoff.
    ///
    /// # Errors
    /// [`Error::Argument`] for a log without categories and options out of range;
    /// [`Error::TooLittleData`] where fewer than two categories were bought.
    pub fn build(snapshot: &Snapshot, options: &CategoryOfferOptions) -> Result<Self> {
        let log = snapshot.log();
        if !log.columns().category {
            return Err(Error::bad_column(
                "transactions",
                "category",
                "is not there, and offers need it: name the column of products or groups of products",
            ));
        }
        if !(1..=100).contains(&options.count) {
            return Err(Error::argument("count", options.count, "1 to 100"));
        }
        if options.min_purchases == 0 {
            return Err(Error::argument("min_purchases", 0, "1 or more"));
        }
        if options.horizon.is_zero() {
            return Err(Error::argument("horizon", options.horizon, "more than 0d"));
        }
        let given = Method::ALL.into_iter().find(|method| method.name() == options.by);
        if given.is_none() && options.by != "auto" {
            let expected = "\"auto\", \"cosine\" or \"popularity\"";
            return Err(Error::text_argument("by", &options.by, expected));
        }
        let (items, sets) = bought(snapshot, MOST);
        if items.len() < 2 {
            let message = "fewer than two categories were bought: there is nothing to offer next";
            return Err(Error::TooLittleData(message.to_owned()));
        }
        let mut notes = Vec::new();
        if items.len() == MOST {
            notes.push(format!(
                "of all categories the {} with most buyers are looked at",
                grouped(MOST as u64)
            ));
        }
        let then = snapshot.at().sub(options.horizon).and_then(|at| log.at(at)).ok();
        let found =
            then.and_then(|then| Some((judged(&then, snapshot, MOST, options.count)?, then.at())));
        let is_better = found.as_ref().is_some_and(|(it, _)| it.z > 0.0 && it.p_value < CLEAR);
        let by_test = if is_better { Method::Cosine } else { Method::Popularity };
        let method = given.unwrap_or(by_test);
        match &found {
            None => notes.push(format!(
                "nobody bought a new category in the last {}: how good the offers are is not known",
                options.horizon
            )),
            Some(_) if given.is_none() && !is_better => notes.push(
                "what similar customers bought was no clearly better guess than what most buy, so \
                 offers are by popularity"
                    .to_owned(),
            ),
            Some(_) => {}
        }
        let offers = next(method, &items, &sets, options.count);
        let discounts = match log.columns().discount {
            true => Some(snapshot.some_features(&["discount_share"], &[])?),
            false => None,
        };
        let discounts = discounts.map(|table| table.numbers("discount_share").map(<[f64]>::to_vec));
        let judged_at = found.as_ref().map(|(_, at)| *at);
        let judged = found.map(|(judged, _)| judged);
        Ok(CategoryOffers {
            at: snapshot.at(),
            judged_at,
            method: method.name(),
            z: judged.as_ref().map(|judged| judged.z),
            p_value: judged.as_ref().map(|judged| judged.p_value),
            customers: snapshot.customers().len() as u64,
            categories: items.len() as u64,
            qualities: judged.map_or_else(Vec::new, |judged| judged.qualities),
            pairs: pairs::pairs(snapshot, &items, options.min_purchases, MOST_PAIRS),
            names: items.names,
            offers,
            channels: log.columns().channel.then(|| usual_channels(snapshot)),
            discounts: discounts.transpose()?,
            count: options.count,
            ids: log.customers().take(snapshot.customers().iter().copied()),
            notes,
        })
    }
}

/// The channel of most rows bought by each customer, of equal ones that of the last.
fn usual_channels(snapshot: &Snapshot) -> Vec<Option<String>> {
    let log = snapshot.log();
    let one = |&customer: &CustomerIndex| {
        let history = snapshot.history(customer);
        let mut codes: Vec<u32> =
            PurchaseText::Channel.of_rows(&history).map(|(_, code)| code).collect();
        let last = codes.last().copied()?;
        codes.sort_unstable();
        let runs = codes.chunk_by(|a, b| a == b);
        let most = runs.max_by_key(|run| (run.len(), run[0] == last, std::cmp::Reverse(run[0])))?;
        Some(PurchaseText::Channel.name_of(log, most[0]).to_owned())
    };
    snapshot.customers().iter().map(one).collect()
}
