//! How a log is read: which rows form a purchase and what is left out.

use std::str::FromStr;
use std::time::SystemTime;

use crate::error::{Error, Result, named_choice};
use crate::time::{IntoTimestamp, Moment, TimeZone, Timestamp};

/// What to do with a row that has no customer id. Default: [`MissingIds::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingIds {
    /// Refuse the table, naming the first such row.
    #[default]
    Error,
    /// Leave the rows out and count them in the report.
    Drop,
}
named_choice!(MissingIds, "missing_ids": Error = "error", Drop = "drop");

/// What to do with a row that has an id and a cell that cannot be used: an impossible time, a text
/// where a number stands. Default: [`BadRows::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BadRows {
    /// Refuse the table, naming the first such cell.
    #[default]
    Error,
    /// Leave the rows out, count them in the report and tell the first ten of each table.
    Drop,
}
named_choice!(BadRows, "bad_rows": Error = "error", Drop = "drop");

/// Which rows of a customer are one purchase. Default: [`PurchaseBy::Order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurchaseBy {
    /// The rows of one `order_id`; rows without one as by [`PurchaseBy::Timestamp`].
    #[default]
    Order,
    /// The rows at one instant.
    Timestamp,
    /// The rows of one day of the log's time zone.
    Day,
}
named_choice!(PurchaseBy, "purchase_by": Order = "order", Timestamp = "timestamp", Day = "day");

/// What to do with a row of amount zero. Default: [`ZeroAmounts::Ignore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroAmounts {
    /// Not an act of the customer: the row is left out and counted in the report.
    #[default]
    Ignore,
    /// A purchase: the rows of one order count even if all of them are zero.
    Purchase,
}
named_choice!(ZeroAmounts, "zero_amounts": Ignore = "ignore", Purchase = "purchase");

/// How purchases are formed from rows, and by which clock. Part of a model's recipe, so a log that is
/// scored is read like the log that the model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct PurchaseRules {
    /// Which rows of a customer are one purchase.
    pub purchase_by: PurchaseBy,
    /// What to do with a row of amount zero.
    pub zero_amounts: ZeroAmounts,
    /// The time zone whose wall clock all times are by.
    #[serde(default)]
    pub time_zone: TimeZone,
}

impl PurchaseRules {
    /// Refuses the rules of a log that are others than these, which `since` says the reason for.
    pub(crate) fn check(self, log: PurchaseRules, since: &str) -> Result<()> {
        let refused = |name, own: &str, other: &str| {
            Err(Error::argument(name, other, format!("\"{own}\", {since}")))
        };
        if log.purchase_by != self.purchase_by {
            return refused("purchase_by", self.purchase_by.name(), log.purchase_by.name());
        }
        if log.zero_amounts != self.zero_amounts {
            return refused("zero_amounts", self.zero_amounts.name(), log.zero_amounts.name());
        }
        if log.time_zone != self.time_zone {
            return refused("time_zone", self.time_zone.name(), log.time_zone.name());
        }
        Ok(())
    }
}

/// Up to when the log is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObservedUntil {
    /// Complete before this instant.
    At(Moment),
    /// Complete up to and including the last transaction, stated explicitly: nothing is known of
    /// the time after it.
    LastEvent,
}

impl FromStr for ObservedUntil {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "last_event" => Ok(ObservedUntil::LastEvent),
            _ => text.parse().map(ObservedUntil::At).map_err(|_| {
                Error::text_argument(
                    "observed_until",
                    text,
                    "a date or time up to which the log is complete, or \"last_event\"",
                )
            }),
        }
    }
}

/// Anything that a [`Moment`] can be made from also says up to when a log is complete.
macro_rules! observed_until {
    (texts: $($text:ty),*; instants: $($instant:ty),*) => {
        $(
            impl TryFrom<$text> for ObservedUntil {
                type Error = Error;

                fn try_from(text: $text) -> Result<Self> {
                    text.parse()
                }
            }
        )*
        $(
            impl TryFrom<$instant> for ObservedUntil {
                type Error = Error;

                fn try_from(at: $instant) -> Result<Self> {
                    at.into_moment("observed_until").map(ObservedUntil::At)
                }
            }
        )*
    };
}

observed_until!(
    texts: &str, String, &String;
    instants: Moment, &Moment, Timestamp, &Timestamp, SystemTime, &SystemTime
);
