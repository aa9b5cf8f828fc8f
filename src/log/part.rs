//! Results of some customers, merged with those of the others and finished once.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::facts::LogFacts;
use super::fold::sealed::Logs;
use crate::error::{Error, Result};
use crate::model_file;

const FORMAT: &str = "winback part of ";
const VERSION: u32 = 1;

/// What can be found of all customers by sums over parts of them: see [`Part`].
pub trait Mergeable: Sized {
    /// Its name, in the bytes of its parts.
    const NAME: &'static str;

    /// What a part is of: an [`EventLog`](crate::EventLog) or a [`Snapshot`](crate::Snapshot).
    type Log;

    /// What is asked: the options, the same for all parts.
    type Asked: fmt::Debug + Clone + PartialEq + Serialize + DeserializeOwned;

    /// Sums over some customers, exact, so that they depend on no order.
    type Sums: fmt::Debug + Clone + Serialize + DeserializeOwned;

    /// The sums over the customers of one log.
    ///
    /// # Errors
    /// What is wrong with what is asked, or with the log.
    fn sums(log: &Self::Log, facts: &LogFacts, asked: &Self::Asked) -> Result<Self::Sums>;

    /// Adds the sums over other customers.
    fn merge(sums: &mut Self::Sums, other: Self::Sums);

    /// Whether sums that were read are such as these options give.
    ///
    /// # Errors
    /// What is wrong with what is asked.
    fn fits(sums: &Self::Sums, facts: &LogFacts, asked: &Self::Asked) -> Result<bool>;

    /// What the sums over all customers say.
    ///
    /// # Errors
    /// Too little to say anything.
    fn finish(sums: Self::Sums, facts: &LogFacts, asked: &Self::Asked) -> Result<Self>;
}

/// What an analysis found out about some of the customers of a log: parts are merged in any order, and
/// those of all customers together finished to what one log of them gives, to the bit.
///
/// ```
/// use winback::log::Part;
/// use winback::retention::{Retention, RetentionOptions};
/// use winback::{EventLog, simulate::Simulation};
/// # let shop = Simulation::default().customers(200).run()?;
/// # let log = EventLog::builder().transactions([shop.transactions])
/// #     .observed_until("2025-01-01")?.build()?;
/// let options = RetentionOptions::default();
/// let part = Part::<Retention>::of(&log, &options)?; // where these customers are
/// let bytes = part.to_bytes()?;
///
/// let mut all = Part::<Retention>::from_bytes(&bytes)?; // where all parts come together
/// // all.merge(Part::from_bytes(&others)?)?;
/// assert_eq!(all.finish()?, Retention::by_period(&log, &options)?);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Part<A: Mergeable> {
    facts: LogFacts,
    asked: A::Asked,
    sums: A::Sums,
}

impl<A: Mergeable> Part<A> {
    /// Of the customers of a log or a snapshot, which itself may be in parts.
    ///
    /// # Errors
    /// Those of the analysis for these options.
    pub fn of(logs: &impl Logs<Log = A::Log>, asked: &A::Asked) -> Result<Self> {
        let facts = logs.facts();
        let mut all: Option<A::Sums> = None;
        logs.each_log(|log| {
            let sums = A::sums(log, &facts, asked)?;
            match &mut all {
                Some(all) => A::merge(all, sums),
                None => all = Some(sums),
            }
            Ok(())
        })?;
        let sums = all.ok_or_else(|| Error::Shape("the log has no parts".into()))?;
        Ok(Part { facts, asked: asked.clone(), sums })
    }

    /// Adds that of other customers of the same log.
    ///
    /// # Errors
    /// [`Error::Argument`] for a part of another log, or of other options.
    pub fn merge(&mut self, other: Part<A>) -> Result<()> {
        let differ = |what: &str, own: &dyn fmt::Debug, other: &dyn fmt::Debug| {
            let expected = format!("parts of one log and one question; {what} differ: {own:?}");
            Err(Error::argument("parts", format!("{other:?}"), expected))
        };
        if other.facts != self.facts {
            return differ("their logs", &self.facts, &other.facts);
        }
        if other.asked != self.asked {
            return differ("their options", &self.asked, &other.asked);
        }
        A::merge(&mut self.sums, other.sums);
        Ok(())
    }

    /// What the customers of all merged parts together give.
    ///
    /// # Errors
    /// Those of the analysis.
    pub fn finish(self) -> Result<A> {
        A::finish(self.sums, &self.facts, &self.asked)
    }

    /// What is known of the log beside its customers.
    pub fn facts(&self) -> &LogFacts {
        &self.facts
    }

    /// For another process.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        model_file::encode(&format_of::<A>(), VERSION, self)
    }

    /// From [`Part::to_bytes`].
    ///
    /// # Errors
    /// [`Error::ModelFile`] for bytes that are damaged, of another analysis or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let part: Part<A> = model_file::decode(&format_of::<A>(), VERSION, bytes)?;
        match A::fits(&part.sums, &part.facts, &part.asked) {
            Ok(true) => Ok(part),
            Ok(false) => Err(Error::damaged_model("sums of other options")),
            Err(error) => Err(Error::damaged_model(error)),
        }
    }
}

const FIRST_PASS: &str = "winback first pass of ";

/// What a first pass over all customers found, for those who make the second.
///
/// # Errors
/// None in practice.
pub fn first_pass_to_bytes<A: Mergeable + Serialize>(found: &A) -> Result<Vec<u8>> {
    model_file::encode(&format!("{FIRST_PASS}{}", A::NAME), VERSION, found)
}

/// From [`first_pass_to_bytes`].
///
/// # Errors
/// As [`Part::from_bytes`].
pub fn first_pass_from_bytes<A: Mergeable + DeserializeOwned>(bytes: &[u8]) -> Result<A> {
    model_file::decode(&format!("{FIRST_PASS}{}", A::NAME), VERSION, bytes)
}

fn format_of<A: Mergeable>() -> String {
    format!("{FORMAT}{}", A::NAME)
}

/// The name of the analysis that bytes are a part of.
///
/// # Errors
/// [`Error::ModelFile`] for bytes that are no part.
pub fn analysis_of(bytes: &[u8]) -> Result<String> {
    let format = model_file::format_of(bytes);
    let name = format.as_deref().and_then(|format| format.strip_prefix(FORMAT));
    name.map(str::to_owned).ok_or_else(|| Error::model_file("not a winback part of an analysis"))
}

impl<A: Mergeable> fmt::Debug for Part<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { facts, asked, sums } = self;
        f.debug_struct("Part")
            .field("facts", facts)
            .field("asked", asked)
            .field("sums", sums)
            .finish()
    }
}

impl<A: Mergeable> Clone for Part<A> {
    fn clone(&self) -> Self {
        Part { facts: self.facts, asked: self.asked.clone(), sums: self.sums.clone() }
    }
}
