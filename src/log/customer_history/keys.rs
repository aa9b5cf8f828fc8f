//! The caller's keys of rows: the same order line twice is one, a ticket can be changed by its id.

use std::sync::Arc;

use hashbrown::HashSet;

/// The tables of a history. The rows of all but the events may have keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyedTable {
    Transactions,
    Tickets,
    Answers,
    Events,
}

impl KeyedTable {
    pub(super) const ALL: [KeyedTable; TABLES] =
        [KeyedTable::Transactions, KeyedTable::Tickets, KeyedTable::Answers, KeyedTable::Events];
}

/// How many such tables there are.
const TABLES: usize = 4;

/// The keys of the rows of every table, one a row, kept in full.
///
/// A table's list may end before its rows do: those behind have no keys.
#[derive(Debug, Clone, Default)]
pub(super) struct RowKeys([Vec<Option<Arc<str>>>; TABLES]);

/// The keys that there are, for a quick look.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownKeys([HashSet<Arc<str>>; TABLES]);

impl RowKeys {
    pub(super) fn of(&self, table: KeyedTable, row: usize) -> Option<&Arc<str>> {
        self.0[table as usize].get(row)?.as_ref()
    }

    /// The row of a key.
    pub(super) fn row(&self, table: KeyedTable, key: &str) -> Option<usize> {
        self.0[table as usize].iter().position(|own| own.as_deref() == Some(key))
    }

    /// Notes the key of a new row, the table's last.
    pub(super) fn push(&mut self, table: KeyedTable, row: usize, key: Arc<str>) {
        let keys = &mut self.0[table as usize];
        keys.resize(row, None);
        keys.push(Some(key));
    }

    /// The same keys with a table's rows in another order, or some of them.
    pub(super) fn take(&mut self, table: KeyedTable, order: &[u32]) {
        let keys = &mut self.0[table as usize];
        if !keys.is_empty() {
            *keys = order.iter().map(|&row| keys.get(row as usize).cloned().flatten()).collect();
        }
    }
}

impl KnownKeys {
    pub(super) fn has(&self, table: KeyedTable, key: &str) -> bool {
        self.0[table as usize].contains(key)
    }

    pub(super) fn insert(&mut self, table: KeyedTable, key: &str) -> Arc<str> {
        let key: Arc<str> = key.into();
        self.0[table as usize].insert(Arc::clone(&key));
        key
    }

    pub(super) fn remove(&mut self, table: KeyedTable, key: &str) {
        self.0[table as usize].remove(key);
    }
}
