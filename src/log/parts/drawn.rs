//! The rows of some customers of all parts, who are drawn by their ids.

use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use super::scatter::ScatteredTable;
use crate::error::Result;
use crate::hash::{drawn_share, training_salt};
use crate::log::read::cells::{self, Place};
use crate::log::read::chunks::CHUNK_ROWS;
use crate::log::read::identified::Identified;
use crate::log::read::source::{Batches, TableReader};
use crate::log::store::ids::IdColumn;
use crate::progress::Progress;

/// Whom to take.
#[derive(Debug, Clone)]
pub(super) struct Draw {
    share: f64,
    salt: String,
}

impl Draw {
    /// A share of the customers; the salt is that of a campaign, whose control group are others.
    pub(super) fn new(share: f64, salt: &str) -> Self {
        Draw { share, salt: training_salt(salt) }
    }
}

/// The batches of the rows, of many rows each: those of the parts are small, and few of them are drawn.
struct Drawn {
    table: Arc<ScatteredTable>,
    draw: Draw,
    progress: Progress,
    /// Parts that were begun, and the rows of those before the last of them.
    begun: usize,
    rows_before: u64,
    part: Option<Batches>,
    /// Ids of the part, and which of them are drawn.
    ids: Option<IdColumn>,
    is_drawn: Vec<bool>,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    is_blank: bool,
}

impl ScatteredTable {
    /// The rows of the drawn customers, to be read as any table.
    pub(super) fn drawn(self: &Arc<Self>, draw: &Draw, progress: &Progress) -> TableReader {
        let drawn = Drawn {
            table: Arc::clone(self),
            draw: draw.clone(),
            progress: progress.clone(),
            begun: 0,
            rows_before: 0,
            part: None,
            ids: None,
            is_drawn: Vec::new(),
            waiting: Vec::new(),
            waiting_rows: 0,
            is_blank: true,
        };
        self.shape().reader(0, Box::new(drawn))
    }
}

impl Drawn {
    /// Gathers the next rows; whether there may be more.
    fn gather(&mut self) -> Result<bool> {
        while self.waiting_rows < CHUNK_ROWS {
            let Some(part) = &mut self.part else {
                if !self.begin_part()? {
                    return Ok(false);
                }
                continue;
            };
            match part.next().transpose()? {
                Some(batch) => {
                    let batch = self.drawn_of(batch)?;
                    self.waiting_rows += batch.num_rows();
                    if batch.num_rows() > 0 {
                        self.waiting.push(batch);
                    }
                }
                None => self.part = None,
            }
        }
        Ok(true)
    }

    /// Begins the next part that has rows, if there is one.
    fn begin_part(&mut self) -> Result<bool> {
        let table = &self.table;
        let all: u64 = (0..table.parts()).map(|part| table.rows(part)).sum();
        self.progress.tell("rows in parts", self.rows_before, all)?;
        if self.begun == table.parts() {
            return Ok(false);
        }
        self.part = Some(table.reader(self.begun)?.batches);
        self.rows_before += table.rows(self.begun);
        self.begun += 1;
        // A customer's rows are in one part.
        self.ids = None;
        self.is_drawn.clear();
        Ok(true)
    }

    /// The rows of drawn customers.
    fn drawn_of(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let Draw { share, salt } = &self.draw;
        if *share >= 1.0 {
            return Ok(batch);
        }
        let shape = self.table.shape();
        let (column, options) = (shape.id_column(), shape.options());
        let (rows_before, rows, untyped) = (0, None, false);
        let place = Place { table: shape.table(), column, rows_before, rows, untyped, options };
        let known = Identified::of(&batch, &shape.columns[..1], place)?;
        if let Some(ids) = &mut self.ids {
            ids.codes.clear();
        }
        cells::read_ids(known.batch.column(0), known.place(place), &mut self.ids)?;
        let Some(ids) = &self.ids else { return Ok(batch.slice(0, 0)) };
        let new = self.is_drawn.len() as u32..ids.keys.len() as u32;
        self.is_drawn.extend(new.map(|code| drawn_share(salt, ids.keys.id(code)) < *share));
        let is_drawn = |code: &u32| self.is_drawn.get(*code as usize).copied().unwrap_or(false);
        let places = ids.codes.iter().enumerate().filter(|(_, code)| is_drawn(code));
        let rows = UInt32Array::from_iter_values(places.map(|(row, _)| row as u32));
        Ok(take_record_batch(&batch, &rows)?)
    }

    /// All rows that were gathered, as one batch; one without rows where the table has none.
    fn take(&mut self) -> Option<Result<RecordBatch>> {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_rows = 0;
        let batch = match waiting.first() {
            Some(first) => concat_batches(&first.schema(), &waiting).map_err(Into::into),
            None if self.is_blank => Ok(RecordBatch::new_empty(self.table.schema()?.clone())),
            None => return None,
        };
        self.is_blank = false;
        Some(batch)
    }
}

impl Iterator for Drawn {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Result<RecordBatch>> {
        match self.gather() {
            Ok(_) => self.take(),
            Err(error) => Some(Err(error)),
        }
    }
}
