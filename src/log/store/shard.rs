//! Neighbouring customers and all their events: what a log consists of, and what is built in one go
//! near a core.

use std::sync::Arc;

use super::events::{CustomerRows, Events};
use super::group::{Groups, group_rows, in_groups};
use super::history::{History, Outcome};
use super::ids::CustomerIds;
use super::options::{PurchaseRules, ZeroAmounts};
use super::pool::{NO_CODE, TextPool};
use super::purchases::{Purchase, PurchaseScratch};
use super::transactions::TransactionColumns;
use crate::labels::Label;
use crate::log::read::chunk_ids::{ChunkIds, TakenIds};
use crate::log::read::transaction_chunk::TransactionChunk;
use crate::time::{Timestamp, Window};

/// The events of some customers with neighbouring ids; row ranges are `offsets[c]..offsets[c + 1]`.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    pub(crate) events: Events,
    pub(crate) transactions: Arc<Vec<usize>>,
    pub(crate) purchase_offsets: Arc<Vec<usize>>,
    pub(crate) purchases: Arc<Vec<Purchase>>,
    pub(crate) tickets: Vec<usize>,
    pub(crate) surveys: Vec<usize>,
    pub(crate) event_offsets: Vec<usize>,
    /// Of each customer the transaction rows that were left out because their amount is zero; empty
    /// where none were.
    pub(crate) zero_amounts: Vec<u64>,
    /// Rows that repeat another one in all columns.
    pub(crate) exact_duplicates: u64,
}

/// The log's codes for a chunk's categories and channels.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(crate) categories: Vec<u32>,
    pub(crate) channels: Vec<u32>,
}

/// The rows of a chunk, brought together by shard.
#[derive(Debug)]
pub(crate) struct ScatteredChunk {
    ids: TakenIds,
    columns: TransactionColumns,
    /// Rows of shard `s` are `starts[s]..starts[s + 1]`.
    starts: Vec<usize>,
    codes: Codes,
}

impl ScatteredChunk {
    /// Brings the rows of a chunk together, row by row into one of so many shards; `codes` are the
    /// log's for its categories and channels.
    pub(crate) fn new(
        chunk: TransactionChunk,
        codes: Codes,
        shards: usize,
        shard: impl Fn(&ChunkIds, usize) -> usize,
    ) -> Self {
        let TransactionChunk { ids, columns, .. } = chunk;
        let shard_of_row: Vec<u32> = (0..ids.len()).map(|row| shard(&ids, row) as u32).collect();
        let Groups { offsets: starts, order } = in_groups(&shard_of_row, shards);
        ScatteredChunk {
            ids: ids.take(&order),
            columns: columns.rows().take(&order),
            starts,
            codes,
        }
    }
}

/// A shard and the ids of its customers.
#[derive(Debug)]
pub(crate) struct BuiltShard {
    pub(crate) shard: Shard,
    pub(crate) ids: CustomerIds,
    /// Rows left out because their amount is zero.
    pub(crate) zero_amounts: u64,
    /// The customers that were there before, as numbers of this shard.
    pub(crate) customers_before: Vec<u32>,
}

impl BuiltShard {
    /// Sorts the rows of one shard by customer and time and forms the purchases, together with the
    /// rows that it had `before`, of these customers. None where no chunk has any.
    pub(crate) fn new(
        number: usize,
        before: Option<(&Shard, CustomerIds)>,
        chunks: &[ScatteredChunk],
        rules: PurchaseRules,
    ) -> Option<Self> {
        let range = |chunk: &ScatteredChunk| chunk.starts[number]..chunk.starts[number + 1];
        let mut filled = chunks.iter().filter(|chunk| !range(chunk).is_empty()).peekable();
        let first = filled.peek()?;
        let mut column = first.ids.column();
        let mut columns = first.columns.blank();
        let mut customers = 0;
        if let Some((shard, ids)) = &before {
            customers = ids.len();
            ids.indices().for_each(|customer| column.push(ids.get(customer)));
            column.codes.clear();
            for (customer, rows) in shard.transactions.windows(2).enumerate() {
                let codes = std::iter::repeat_n(customer as u32, rows[1] - rows[0]);
                column.codes.extend(codes);
            }
            columns = (*shard.events.transactions).clone();
        }
        let rows = chunks.iter().map(|chunk| range(chunk).len()).sum();
        columns.reserve(rows);
        column.codes.reserve(rows);
        for chunk in filled {
            let rows = range(chunk);
            chunk.ids.append_to(rows.clone(), &mut column);
            columns.extend(
                chunk.columns.rows(rows),
                &chunk.codes.categories,
                &chunk.codes.channels,
            );
        }
        let (ids, position) = column.keys.sorted(column.keys.is_typed_as() == Some("integers"));
        let mut owners: Vec<u32> =
            column.codes.iter().map(|&code| position[code as usize]).collect();
        let mut zeros = vec![0; ids.len()];
        if let (Some(amounts), ZeroAmounts::Ignore) = (&columns.amount, rules.zero_amounts) {
            for (owner, _) in owners.iter_mut().zip(amounts).filter(|(_, amount)| **amount == 0.0) {
                zeros[*owner as usize] += 1;
                *owner = NO_CODE;
            }
        }
        let zero_amounts = zeros.iter().sum();
        let groups = group_rows(&owners, ids.len(), &columns.time, |a, b| columns.compare(a, b));
        let exact_duplicates = groups.count_repeats(|a, b| {
            columns.time[a] == columns.time[b] && columns.compare(a, b).is_eq()
        });
        let customers_before = position[..customers].to_vec();
        if let Some((shard, _)) = before {
            let left_out = shard.zero_amounts.iter().zip(&customers_before);
            left_out.for_each(|(count, &customer)| zeros[customer as usize] += count);
        }
        let columns = columns.take(&groups.order);
        let mut shard = Shard::of(columns, groups.offsets, exact_duplicates, rules);
        if zeros.iter().any(|&count| count > 0) {
            shard.zero_amounts = zeros;
        }
        Some(BuiltShard { shard, ids, zero_amounts, customers_before })
    }

    /// One without customers, with the columns of a chunk.
    pub(crate) fn blank(chunk: &ScatteredChunk, rules: PurchaseRules) -> Self {
        let (ids, customers_before) = chunk.ids.column().keys.sorted(false);
        let shard = Shard::of(chunk.columns.blank(), vec![0], 0, rules);
        BuiltShard { shard, ids, zero_amounts: 0, customers_before }
    }
}

impl Shard {
    /// Of these rows by customer, with nothing but transactions.
    fn of(
        columns: TransactionColumns,
        offsets: Vec<usize>,
        exact_duplicates: u64,
        rules: PurchaseRules,
    ) -> Self {
        let events = Events {
            transactions: Arc::new(columns),
            tickets: None,
            surveys: None,
            events: None,
            kinds: Arc::default(),
            rules,
        };
        let none = vec![0; offsets.len()];
        let mut shard = Shard {
            events,
            transactions: Arc::new(offsets),
            purchase_offsets: Arc::default(),
            purchases: Arc::default(),
            exact_duplicates,
            tickets: none.clone(),
            surveys: none.clone(),
            event_offsets: none,
            zero_amounts: Vec::new(),
        };
        shard.form_purchases();
        shard
    }

    fn form_purchases(&mut self) {
        let mut scratch = PurchaseScratch::default();
        let mut purchases = Vec::with_capacity(self.events.transactions.time.len());
        let mut offsets = Vec::with_capacity(self.transactions.len());
        offsets.push(0);
        for customer in self.transactions.windows(2) {
            self.events.purchases(customer[0]..customer[1], &mut scratch, &mut purchases);
            offsets.push(purchases.len());
        }
        purchases.shrink_to_fit();
        self.purchase_offsets = Arc::new(offsets);
        self.purchases = Arc::new(purchases);
    }

    pub(crate) fn customers_with_purchase(&self) -> usize {
        self.purchase_offsets.windows(2).filter(|ends| ends[0] < ends[1]).count()
    }

    /// The first and the last time of a transaction.
    pub(crate) fn times(&self) -> Option<(i64, i64)> {
        let times = &self.events.transactions.time;
        times.iter().fold(None, |range, &time| {
            let (first, last) = range.unwrap_or((time, time));
            Some((time.min(first), time.max(last)))
        })
    }

    pub(crate) fn history(&self, customer: usize, cutoff: Timestamp) -> History<'_> {
        self.events.history(self.rows_of(customer), cutoff)
    }

    pub(crate) fn outcome(
        &self,
        customer: usize,
        window: Window,
        known_before: Timestamp,
        label: Label,
    ) -> Outcome<'_> {
        self.events.outcome(&self.rows_of(customer), window, known_before, label)
    }

    pub(crate) fn rows_of(&self, customer: usize) -> CustomerRows<'_> {
        let range = |offsets: &[usize]| offsets[customer]..offsets[customer + 1];
        CustomerRows {
            columns: &self.events.transactions,
            transactions: range(&self.transactions),
            purchases: &self.purchases[range(&self.purchase_offsets)],
            tickets: range(&self.tickets),
            surveys: range(&self.surveys),
            events: range(&self.event_offsets),
        }
    }
}

/// Puts the texts of a chunk's pool into the log's, and returns the log's codes for them.
pub(crate) fn merge(pool: &TextPool, into: &mut TextPool) -> Vec<u32> {
    pool.iter().map(|text| into.code(text)).collect()
}
