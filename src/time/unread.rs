//! Why a text is not read as a time.

use super::TimeZone;

/// Why a text is not read as a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    Form,
    Range,
    /// After all times there are.
    Late,
    ShortYear,
    HalfDay,
    Number,
    Order,
    /// The zone is unknown.
    Zone,
    /// The zone has another offset then.
    Offset(TimeZone),
    /// The clocks of the zone show it twice or never.
    NotOnce(TimeZone),
    /// No zone has such an offset.
    LargeOffset,
}

impl Unread {
    /// Of a time outside the years there are.
    pub(super) fn beyond(is_late: bool) -> Self {
        if is_late { Unread::Late } else { Unread::Range }
    }

    /// The rest of a sentence about the text; `remedy` is what one may do about a format.
    pub(crate) fn why(self, remedy: &str) -> String {
        match self {
            Unread::Form => format!(
                "is not a date or time of the years 1677 to 2262; expected ISO 8601 such as \
                 2011-09-01 or 2011-09-01T12:30:00{remedy}"
            ),
            Unread::Range | Unread::Late => {
                "is not a date or time of the years 1677 to 2262".to_owned()
            }
            Unread::ShortYear => format!("has a year of two digits{remedy}"),
            Unread::HalfDay => format!("is by a clock of 12 hours{remedy}"),
            Unread::Number => format!("is a number, not a date or time; convert it first{remedy}"),
            Unread::Order => {
                format!("may have its day or its month first, which nothing else tells{remedy}")
            }
            Unread::Zone => "has a time zone that is not known".to_owned(),
            Unread::Offset(zone) => format!("has an offset that {zone} does not have then"),
            Unread::LargeOffset => "has an offset from UTC that no clock has".to_owned(),
            Unread::NotOnce(zone) => {
                format!("is shown twice or never by the clocks of {zone}; write its offset too")
            }
        }
    }
}
