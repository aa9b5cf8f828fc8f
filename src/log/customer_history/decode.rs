//! The texts behind the codes of a customer's history.

use super::customer::CustomerHistory;

impl CustomerHistory {
    /// The category behind a number in [`Line::category`](crate::log::Line::category); none for a
    /// number that is none.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let columns = LogColumns { category: true, ..LogColumns::default() };
    /// let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    /// let row = NewTransaction::at("2024-02-01".parse()?);
    /// customer.push_transaction(NewTransaction { category: Some("books"), ..row })?;
    /// let history = customer.history("2024-03-01".parse()?);
    /// let codes: Vec<u32> = history.lines().filter_map(|line| line.category).collect();
    /// assert_eq!(customer.category(codes[0]), Some("books"));
    /// assert_eq!(customer.category(17), None);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn category(&self, code: u32) -> Option<&str> {
        self.topics.categories.find(code)
    }

    /// The channel behind a number in [`Line::channel`](crate::log::Line::channel).
    pub fn channel(&self, code: u32) -> Option<&str> {
        self.topics.channels.find(code)
    }

    /// The topic behind a number in [`Ticket::topic`](crate::log::Ticket::topic).
    pub fn ticket_topic(&self, code: u32) -> Option<&str> {
        self.topics.tickets.find(code)
    }

    /// The topic behind a number in [`Answer::topic`](crate::log::Answer::topic).
    pub fn survey_topic(&self, code: u32) -> Option<&str> {
        self.topics.surveys.find(code)
    }
}
