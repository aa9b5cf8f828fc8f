//! What is known about a feature: the record next to its formula.

use super::reason_group::ReasonGroup;
use crate::language::Text;
use crate::log::LogColumns;

/// A group of features that are computed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Recency, frequency, monetary value.
    Rfm,
    /// Counts and spend in windows before the cutoff.
    Windows,
    /// How regularly the customer buys.
    Rhythm,
    /// At what time of the year the customer buys.
    Season,
    /// What, where and at what discount the customer buys.
    Basket,
    /// Support tickets.
    Tickets,
    /// Survey answers.
    Surveys,
    /// What the customer does besides buying.
    Activity,
    /// The way to a purchase.
    Paths,
    /// Contacts by the business.
    Contacts,
    /// Contracts and paid periods.
    Contract,
    /// Events of one kind.
    Kinds,
}

impl Family {
    /// The name in lists: `rfm`, `windows`, `rhythm`, `season`, `basket`, `tickets`,
    /// `surveys`, `activity`, `paths`, `contacts`, `contract`, `kinds`.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Rfm => "rfm",
            Family::Windows => "windows",
            Family::Rhythm => "rhythm",
            Family::Season => "season",
            Family::Basket => "basket",
            Family::Tickets => "tickets",
            Family::Surveys => "surveys",
            Family::Activity => "activity",
            Family::Paths => "paths",
            Family::Contacts => "contacts",
            Family::Contract => "contract",
            Family::Kinds => "kinds",
        }
    }
}

/// What a feature's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Days; a part of a day is a fraction.
    Days,
    /// Hours.
    Hours,
    /// A number of things.
    Count,
    /// The log's currency.
    Currency,
    /// A share, 0 to 1.
    Share,
    /// A ratio or another number without a unit.
    Ratio,
    /// A difference of natural logarithms.
    LogRatio,
    /// The natural logarithm of a chance over its counter-chance.
    LogOdds,
    /// Natural-log units of information.
    Nats,
    /// A rating in the log's own scale.
    Score,
}

impl Unit {
    /// The name in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Days => "days",
            Unit::Hours => "hours",
            Unit::Count => "count",
            Unit::Currency => "currency",
            Unit::Share => "share",
            Unit::Ratio => "ratio",
            Unit::LogRatio => "log ratio",
            Unit::LogOdds => "log-odds",
            Unit::Nats => "nats",
            Unit::Score => "score",
        }
    }

    /// Whether values spread over orders of magnitude, so that a linear model does better with
    /// their logarithm.
    pub const fn skewed(self) -> bool {
        matches!(self, Unit::Days | Unit::Hours | Unit::Count | Unit::Currency | Unit::Ratio)
    }
}

/// What the log must have for a feature to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Amount,
    Category,
    Channel,
    Discount,
    ValidUntil,
    Tickets,
    Response,
    Resolution,
    Reopened,
    Satisfaction,
    Surveys,
    Events,
    Visits,
    Carts,
    Abandoned,
    Contacts,
    /// Contacts, and what is opened of them.
    Answers,
}

impl Needs {
    fn met_by(self, columns: &LogColumns) -> bool {
        let (tickets, events) = (columns.tickets, columns.events);
        match self {
            Needs::Nothing => true,
            Needs::Amount => columns.amount,
            Needs::Category => columns.category,
            Needs::Channel => columns.channel,
            Needs::Discount => columns.discount && columns.amount,
            Needs::ValidUntil => columns.valid_until,
            Needs::Tickets => tickets.is_some(),
            Needs::Response => tickets.is_some_and(|t| t.first_response_at),
            Needs::Resolution => tickets.is_some_and(|t| t.resolved_at),
            Needs::Reopened => tickets.is_some_and(|t| t.resolved_at && t.reopened_count),
            Needs::Satisfaction => tickets.is_some_and(|t| t.resolved_at && t.satisfaction),
            Needs::Surveys => columns.surveys,
            Needs::Events => events.is_some(),
            Needs::Visits => events.is_some_and(|e| e.visits),
            Needs::Carts => events.is_some_and(|e| e.carts),
            Needs::Abandoned => events.is_some_and(|e| e.abandoned),
            Needs::Contacts => events.is_some_and(|e| e.contacts),
            Needs::Answers => events.is_some_and(|e| e.contacts && e.opened),
        }
    }

    /// What of it a log with these columns lacks; all of it where its tables are not there.
    fn lacking_in(self, columns: &LogColumns) -> &'static str {
        match (self, columns.tickets) {
            (Needs::Discount, _) if columns.amount => "transactions.discount",
            (Needs::Discount, _) if columns.discount => "transactions.amount",
            (Needs::Reopened, Some(tickets)) if tickets.resolved_at => "tickets.reopened_count",
            (Needs::Reopened, Some(tickets)) if tickets.reopened_count => "tickets.resolved_at",
            (Needs::Satisfaction, Some(tickets)) if tickets.resolved_at => "tickets.satisfaction",
            (Needs::Satisfaction, Some(tickets)) if tickets.satisfaction => "tickets.resolved_at",
            (needs, _) => needs.describe(),
        }
    }

    const fn describe(self) -> &'static str {
        match self {
            Needs::Nothing => "nothing more",
            Needs::Amount => "transactions.amount",
            Needs::Category => "transactions.category",
            Needs::Channel => "transactions.channel",
            Needs::Discount => "transactions.discount and transactions.amount",
            Needs::ValidUntil => "transactions.valid_until",
            Needs::Tickets => "a ticket log",
            Needs::Response => "tickets.first_response_at",
            Needs::Resolution => "tickets.resolved_at",
            Needs::Reopened => "tickets.resolved_at and tickets.reopened_count",
            Needs::Satisfaction => "tickets.resolved_at and tickets.satisfaction",
            Needs::Surveys => "survey answers",
            Needs::Events => "events",
            Needs::Visits => "events of the role visit",
            Needs::Carts => "events of the role cart",
            Needs::Abandoned => "events of the role abandoned",
            Needs::Contacts => "events that are contacts",
            Needs::Answers => "events that are contacts and events of the role opened",
        }
    }
}

/// What a feature that has no value says, unless its record has better words.
pub(super) const NONE: Text = ["none", "нет"];

/// What is said of a feature to those who read reasons.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// The statement; `{}` is the value.
    pub(crate) statement: Text,
    /// In place of a missing value.
    pub(crate) missing: Text,
    /// The value says how many times something it is: 3.4 times.
    pub(crate) multiple: bool,
    /// The value says when something is, from the cutoff: in 3 days, 3 days ago.
    pub(crate) moment: bool,
    /// What is said of a value above the typical one, and of one below, in place of a figure that
    /// means nothing to a reader.
    pub(crate) compared: Option<[Text; 2]>,
}

/// Words with this statement, in English and in Russian.
pub(super) const fn says(english: &'static str, russian: &'static str) -> Words {
    let statement = [english, russian];
    Words { statement, missing: NONE, multiple: false, moment: false, compared: None }
}

impl Words {
    /// With a reason why the value is missing.
    pub(super) const fn missing(self, english: &'static str, russian: &'static str) -> Words {
        Words { missing: [english, russian], ..self }
    }

    /// With a value that is told as a multiple.
    pub(super) const fn as_multiple(self) -> Words {
        Words { multiple: true, ..self }
    }

    /// With a value that is told as a time from the cutoff on or, below 0, before it.
    pub(super) const fn as_moment(self) -> Words {
        Words { moment: true, ..self }
    }

    /// With what is said of a value above the typical one and of one below.
    pub(super) const fn compared(self, above: Text, below: Text) -> Words {
        Words { compared: Some([above, below]), ..self }
    }
}

/// One feature of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Feature {
    /// Name of the column.
    pub name: &'static str,
    /// Family it is computed with.
    pub family: Family,
    /// What its number counts.
    pub unit: Unit,
    /// Its value for a customer without any event; NaN: undefined.
    pub empty: f64,
    /// Whether the chance of a purchase can be expected never to fall (1) or never to rise (-1)
    /// with this feature when nothing else changes; 0 if the direction is not obvious.
    ///
    /// More purchases or more spend in any window are not a bad sign, nor are better ratings; more
    /// returned goods, open or reopened tickets and longer waits for a resolution are not a good
    /// one. Silence has no sign: among yearly buyers, those who have been silent for long are due.
    pub expected_sign: i8,
    /// What a reason that includes it is about.
    pub group: ReasonGroup,
    /// What it means, with the formula.
    pub meaning: &'static str,
    pub(crate) needs: Needs,
    pub(crate) words: Words,
}

impl Feature {
    /// What the log must have for this feature to be available.
    pub const fn needs(&self) -> &'static str {
        self.needs.describe()
    }

    /// What a log with these columns lacks for this feature to be there.
    pub fn lacking_in(&self, columns: &LogColumns) -> &'static str {
        self.needs.lacking_in(columns)
    }

    /// Whether it is made of nothing but the times of purchases.
    pub(crate) fn is_of_purchase_times(&self) -> bool {
        matches!(self.needs, Needs::Nothing)
    }

    /// Whether a log with these columns gives this feature.
    pub fn available(&self, columns: &LogColumns) -> bool {
        self.needs.met_by(columns)
    }
}

/// The place of a feature in its family; a name that it has not does not compile.
pub(super) const fn place(family: &[Feature], name: &str) -> usize {
    let mut place = 0;
    while !same(family[place].name.as_bytes(), name.as_bytes()) {
        place += 1;
    }
    place
}

/// Whether two texts are equal, as the compiler can tell.
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}
