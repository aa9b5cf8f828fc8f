//! Activity in place of purchases: where a log has none, events of some kinds become the rows that
//! purchases are formed of, so that all that is told of purchases is told of them.

use rayon::prelude::*;

use super::read::chunk_ids::ChunkIds;
use super::read::chunks::CHUNK_ROWS;
use super::read::schema::EVENTS;
use super::read::transaction_chunk::{ChunkColumns, TransactionChunk};
use super::store::event_columns::EventColumns;
use super::store::event_roles::{EventRole, EventRoles, KindRoles};
use super::store::ids::IdColumn;
use super::store::placed::RawTable;
use super::store::pool::NO_CODE;
use super::store::transactions::take;
use crate::error::{Error, names};

/// The events that stand in place of purchases, as rows of transactions.
pub(super) fn activity(
    events: &RawTable<EventColumns>,
    roles: &EventRoles,
) -> Vec<TransactionChunk> {
    let Some(ids) = &events.ids else { return Vec::new() };
    let kinds = KindRoles::of(roles.clone(), &events.topics);
    let has_id = |row: &u32| ids.codes[*row as usize] != NO_CODE;
    let rows: Vec<u32> = events.columns.activity(&kinds).filter(has_id).collect();
    // Whether texts are integers is for all rows to say, for they belong to the same customers.
    let may_be_integers = ids.keys.is_typed_as().is_none() && ids.keys.all_integers();
    let chunk = |rows: &[u32]| chunk(events, ids, rows, may_be_integers);
    rows.par_chunks(CHUNK_ROWS).map(chunk).collect()
}

/// That no event of a part stands in place of a purchase.
pub(super) fn without_rows(events: &RawTable<EventColumns>) -> Option<TransactionChunk> {
    events.ids.as_ref().map(|ids| chunk(events, ids, &[], false))
}

fn chunk(
    events: &RawTable<EventColumns>,
    ids: &IdColumn,
    rows: &[u32],
    may_be_integers: bool,
) -> TransactionChunk {
    TransactionChunk {
        ids: ChunkIds::of_rows(ids, rows, may_be_integers),
        columns: ChunkColumns::of_times(
            take(&events.columns.time, rows),
            events.columns.known_at.as_ref().map(|known| take(known, rows)),
        ),
        rows_read: rows.len() as u64,
        ..TransactionChunk::default()
    }
}

/// That no event is of a kind that stands in place of a purchase.
pub(super) fn no_activity(roles: &EventRoles) -> Error {
    let kinds = roles.iter().filter(|(role, _)| *role == EventRole::Activity);
    let kinds = names(kinds.map(|(_, kind)| kind));
    Error::bad_table(EVENTS.name, format!("has no usable row of the kinds of activity: {kinds}"))
}
