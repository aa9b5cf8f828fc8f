//! Which columns there are.

/// Which columns a log has; this decides which features are available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct LogColumns {
    /// Transactions have an amount.
    pub amount: bool,
    /// Transactions have an order id.
    pub order_id: bool,
    /// Transactions have a category.
    pub category: bool,
    /// Transactions have a channel.
    pub channel: bool,
    /// Transactions have a discount.
    pub discount: bool,
    /// Transactions say until when what was bought is valid.
    #[serde(default)]
    pub valid_until: bool,
    /// There is a ticket log, with these optional columns.
    pub tickets: Option<TicketLogColumns>,
    /// There are survey answers.
    pub surveys: bool,
    /// There are events, with these optional columns.
    #[serde(default)]
    pub events: Option<EventLogColumns>,
}

/// Optional columns of the events table, and what its kinds stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct EventLogColumns {
    /// Events have a value.
    pub value: bool,
    /// Some kinds are contacts by the business.
    pub contacts: bool,
    /// Some kinds are visits.
    pub visits: bool,
    /// Some kinds are carts.
    pub carts: bool,
    /// Some kinds are checkouts that were broken off.
    pub abandoned: bool,
    /// Some kinds are contacts that are opened.
    pub opened: bool,
    /// Some kinds stand in place of purchases.
    #[serde(default)]
    pub activity: bool,
}

impl LogColumns {
    /// Whether what are called purchases are acts of the customers that stand in place of them.
    pub fn tells_activity(&self) -> bool {
        self.events.is_some_and(|events| events.activity)
    }
}

/// Optional columns of a ticket log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct TicketLogColumns {
    /// When a ticket was first answered.
    pub first_response_at: bool,
    /// When a ticket was resolved.
    pub resolved_at: bool,
    /// How often a ticket was reopened.
    pub reopened_count: bool,
    /// How the customer rated it.
    pub satisfaction: bool,
}
