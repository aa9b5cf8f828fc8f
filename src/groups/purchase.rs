//! Groups by purchases: how many there are, and what one of them was.

use hashbrown::HashMap;

use crate::log::{EventLog, History, NO_CODE};

/// Name of the grouping by number of purchases.
pub(crate) const PURCHASES: &str = "purchases";

/// Its groups.
pub(crate) const PURCHASE_BANDS: [&str; 4] = ["1", "2-3", "4-9", "10+"];

/// The group of so many purchases.
pub(crate) fn purchase_band(purchases: usize) -> usize {
    match purchases {
        0 | 1 => 0,
        2 | 3 => 1,
        4..=9 => 2,
        _ => 3,
    }
}

/// A text of transaction rows by which purchases are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PurchaseText {
    Category,
    Channel,
}

impl PurchaseText {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            PurchaseText::Category => "category",
            PurchaseText::Channel => "channel",
        }
    }

    pub(crate) fn is_in(self, log: &EventLog) -> bool {
        match self {
            PurchaseText::Category => log.columns().category,
            PurchaseText::Channel => log.columns().channel,
        }
    }

    /// The text behind a number.
    pub(crate) fn name_of(self, log: &EventLog, code: u32) -> &str {
        let name = match self {
            PurchaseText::Category => log.category(code),
            PurchaseText::Channel => log.channel(code),
        };
        name.unwrap_or_default()
    }

    /// Those of the rows bought, as numbers of texts, with the number of the row.
    pub(crate) fn of_rows(self, history: &History<'_>) -> impl Iterator<Item = (usize, u32)> {
        let codes = match self {
            PurchaseText::Category => history.categories(),
            PurchaseText::Channel => history.channels(),
        };
        let amounts = history.amounts();
        let rows = codes.unwrap_or_default().iter().copied().enumerate();
        let bought = move |row: usize| amounts.is_none_or(|amounts| amounts[row] > 0.0);
        rows.filter(move |(row, code)| *code != NO_CODE && bought(*row))
    }

    /// Those of the rows bought from an instant on, ascending, each once.
    pub(crate) fn distinct(self, history: &History<'_>, from: i64) -> Vec<u32> {
        let first = history.times().partition_point(|&time| time < from);
        let rows = self.of_rows(history).filter(|(row, _)| *row >= first);
        let mut codes: Vec<u32> = rows.map(|(_, code)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Texts with the number of customers who have bought each, by what each customer bought: the most
    /// frequent first, of equal ones the first by name.
    pub(crate) fn by_buyers(
        self,
        log: &EventLog,
        bought: impl IntoIterator<Item = impl AsRef<[u32]>>,
    ) -> Vec<(u64, &str, u32)> {
        let mut buyers: HashMap<u32, u64> = HashMap::new();
        for codes in bought {
            codes.as_ref().iter().for_each(|&code| *buyers.entry(code).or_default() += 1);
        }
        let mut texts: Vec<(u64, &str, u32)> = buyers
            .into_iter()
            .map(|(code, count)| (count, self.name_of(log, code), code))
            .collect();
        texts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        texts
    }

    /// That of the customer's first purchase.
    pub(crate) fn of_first(self, log: &EventLog, history: &History<'_>) -> Option<u32> {
        self.of_purchase(log, history, history.purchases().first()?.time, i64::MAX)
    }

    /// That of the customer's last purchase before an instant, by what was bought until then.
    pub(crate) fn of_last(self, log: &EventLog, history: &History<'_>, before: i64) -> Option<u32> {
        let purchases = history.purchases();
        let earlier = purchases.partition_point(|purchase| purchase.time < before);
        self.of_purchase(log, history, purchases[..earlier].last()?.time, before)
    }

    /// Of the purchase's rows before an instant that of the largest amount, then the first by name.
    fn of_purchase(
        self,
        log: &EventLog,
        history: &History<'_>,
        purchase: i64,
        before: i64,
    ) -> Option<u32> {
        let codes = match self {
            PurchaseText::Category => history.categories()?,
            PurchaseText::Channel => history.channels()?,
        };
        let amounts = history.amounts();
        let amount = |row: usize| amounts.map_or(0.0, |amounts| amounts[row]);
        let name = |row: usize| self.name_of(log, codes[row]);
        history
            .rows_of_purchase(log.purchase_rules(), purchase, before)
            .filter(|&row| codes[row] != NO_CODE)
            .max_by(|&a, &b| amount(a).total_cmp(&amount(b)).then_with(|| name(b).cmp(name(a))))
            .map(|row| codes[row])
    }
}
