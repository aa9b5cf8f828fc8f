//! What one customer leaves behind, and who the customer is.

/// Categories of goods; everybody has a favourite.
pub(super) const CATEGORIES: [&str; 8] =
    ["books", "clothing", "electronics", "food", "garden", "home", "sports", "toys"];
/// Where orders are placed; everybody has a favourite.
pub(super) const CHANNELS: [&str; 3] = ["app", "store", "web"];
/// What tickets and survey answers are about.
pub(super) const TOPICS: [&str; 5] = ["billing", "delivery", "price", "quality", "service"];
/// Kinds of customers, with their factor on the purchase rate.
pub(super) const SEGMENTS: [(&str, f64); 3] =
    [("business", 1.6), ("consumer", 0.8), ("family", 1.2)];
/// Where customers live; without any effect.
pub(super) const REGIONS: [&str; 4] = ["east", "north", "south", "west"];

/// One order line, or its return. Times are microseconds, texts are indices into the lists above.
pub(super) struct Line {
    pub(super) time: i64,
    /// Which of the customer's orders it is of, from 1.
    pub(super) order: i64,
    pub(super) amount: f64,
    pub(super) category: i32,
    pub(super) channel: i32,
    pub(super) discount: f64,
}

/// One ticket as it is known at the end of the simulation.
pub(super) struct Ticket {
    pub(super) opened_at: i64,
    pub(super) first_response_at: Option<i64>,
    pub(super) resolved_at: Option<i64>,
    pub(super) topic: i32,
    pub(super) reopened_count: i64,
    pub(super) satisfaction: Option<f64>,
    /// The order that led to it.
    pub(super) order: i64,
}

/// One answered survey.
pub(super) struct Survey {
    pub(super) time: i64,
    pub(super) score: i64,
    pub(super) topic: i32,
    /// The order that led to it.
    pub(super) order: i64,
}

/// One event.
pub(super) struct Act {
    pub(super) time: i64,
    pub(super) kind: i32,
    pub(super) pages: Option<i64>,
    pub(super) channel: Option<i32>,
}

/// What a campaign's offer does to one customer.
pub(super) struct Met {
    pub(super) arm: i32,
    /// How the customer takes it.
    pub(super) kind: i32,
    pub(super) purchased_without: bool,
    pub(super) spend_without: f64,
    pub(super) purchased_effect: f64,
    pub(super) spend_effect: f64,
}

/// All of one customer, events in order of time.
pub(super) struct Life {
    pub(super) customer_id: i64,
    pub(super) segment: i32,
    pub(super) region: i32,
    pub(super) age: i64,
    pub(super) left_at: Option<i64>,
    pub(super) lines: Vec<Line>,
    pub(super) tickets: Vec<Ticket>,
    pub(super) surveys: Vec<Survey>,
    pub(super) acts: Vec<Act>,
    /// None of those who are on no list.
    pub(super) met: Option<Met>,
}
