//! Columns of numbers and of categories as bins of one byte.

use std::ops::Range;
use std::sync::Mutex;

use fearless_simd::{Level, Simd, SimdBase, SimdMask, dispatch, f64x8};
use ndarray::ArrayView2;
use rayon::prelude::*;

use super::quantile;
use crate::error::{Error, Result};
use crate::progress::Stop;

/// The bin of missing values; bins of values are 0 to 254.
pub(crate) const MISSING: u8 = 255;
/// The most bins of values a column can have.
pub(crate) const MAX_BIN: usize = 255;
/// Columns of a tile: their cells, 8 x 256 x 8 bytes, fit into a core's first cache.
pub(crate) const TILE: usize = 8;
/// Columns that are read together: their values lie close to each other in a row.
const READ_WIDTH: usize = 4;
/// Rows that are read together.
const READ_ROWS: usize = 1024;

/// How a column's values become bins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bins {
    /// Bin `b` holds the values in [edge b-1, edge b).
    Number(Vec<f64>),
    /// Bin `b` holds level `b` of the kept levels, which rise.
    Category(Vec<u32>),
}

/// A column that can split, in bins.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its place in the matrix.
    pub(crate) feature: usize,
    pub(crate) bins: Bins,
    /// The bin of every row.
    pub(crate) codes: Vec<u8>,
}

/// A matrix in bins; columns that cannot split are left out.
#[derive(Debug)]
pub(crate) struct Binned {
    pub(crate) columns: Vec<Column>,
    /// Tiles of a row.
    pub(crate) tiles: usize,
    /// The bins once more, row by row in tiles, for histograms.
    pub(crate) rows: Vec<[u8; TILE]>,
    /// Kept levels of every categorical column of the matrix, used or not, by place.
    pub(crate) levels: Vec<(usize, Vec<u32>)>,
}

impl Binned {
    /// Puts `x` into bins that follow from the rows `used` alone.
    ///
    /// `categories` are pairs of a column and its number of levels.
    pub(crate) fn new(
        x: ArrayView2<'_, f64>,
        categories: &[(usize, usize)],
        used: &[u32],
        max_bin: usize,
        stop: Stop<'_>,
    ) -> Result<Self> {
        let level_count = level_counts(x.ncols(), categories)?;
        // The largest memory of a fit that is not kept: made once, here, so that what the caller makes
        // next takes its place.
        let keys = || (0..READ_WIDTH).map(|_| Vec::with_capacity(used.len())).collect();
        let at_once = rayon::current_num_threads().min(x.ncols().div_ceil(READ_WIDTH));
        let room: Mutex<Vec<Vec<Vec<u64>>>> = Mutex::new((0..at_once).map(|_| keys()).collect());
        let groups: Vec<usize> = (0..x.ncols()).step_by(READ_WIDTH).collect();
        let binned: Vec<Vec<Result<Column>>> = groups
            .into_par_iter()
            .map(|first| {
                if stop.asked() {
                    return vec![Err(Error::Interrupted)];
                }
                let end = (first + READ_WIDTH).min(x.ncols());
                let mut keys = room.lock().ok().and_then(|mut room| room.pop()).unwrap_or_default();
                let bins = bins_of_group(x, first..end, &level_count, used, max_bin, &mut keys);
                if let Ok(mut room) = room.lock() {
                    room.push(keys);
                }
                codes_of_group(x, first, bins)
            })
            .collect();

        drop(room);
        let mut columns = Vec::new();
        let mut levels = Vec::new();
        for column in binned.into_iter().flatten() {
            let column = column?;
            if let Bins::Category(kept) = &column.bins {
                levels.push((column.feature, kept.clone()));
            }
            if can_split(&column, used) {
                columns.push(column);
            }
        }
        let tiles = columns.len().div_ceil(TILE);
        let rows = by_row(&columns, tiles, x.nrows());
        Ok(Binned { columns, tiles, rows, levels })
    }
}

fn level_counts(columns: usize, categories: &[(usize, usize)]) -> Result<Vec<Option<u32>>> {
    let mut counts = vec![None; columns];
    for &(column, levels) in categories {
        let count = u32::try_from(levels).ok().filter(|&count| count > 0);
        match counts.get_mut(column) {
            Some(entry @ None) if count.is_some() => *entry = count,
            _ => {
                let given = format!("column {column} with {levels} levels");
                let expected = format!(
                    "columns below {columns}, each once, with 1 to {} levels each",
                    u32::MAX
                );
                return Err(Error::argument("categories", given, expected));
            }
        }
    }
    Ok(counts)
}

/// Bins of a few columns, from the rows `used`.
fn bins_of_group(
    x: ArrayView2<'_, f64>,
    columns: Range<usize>,
    level_count: &[Option<u32>],
    used: &[u32],
    max_bin: usize,
    keys: &mut Vec<Vec<u64>>,
) -> Vec<Bins> {
    // Row by row, since a matrix mostly lies that way in memory.
    keys.resize(columns.len(), Vec::new());
    keys.iter_mut().for_each(Vec::clear);
    for &row in used {
        let row = x.row(row as usize);
        for (keys, column) in keys.iter_mut().zip(columns.clone()) {
            let value = row[column];
            if !value.is_nan() {
                keys.push(quantile::key_of(value));
            }
        }
    }
    keys.iter_mut()
        .zip(columns)
        .map(|(keys, column)| match level_count[column] {
            None => Bins::Number(quantile::edges_of_keys(keys, max_bin)),
            Some(count) => {
                let level = |key: &u64| level_of(quantile::value_of(*key)).filter(|&l| l < count);
                Bins::Category(most_frequent(keys.iter().filter_map(level).collect(), max_bin))
            }
        })
        .collect()
}

/// Puts every row of neighbouring columns into its bin.
fn codes_of_group(x: ArrayView2<'_, f64>, first: usize, bins: Vec<Bins>) -> Vec<Result<Column>> {
    let mut codes = vec![vec![0; x.nrows()]; bins.len()];
    let mut infinite_at = vec![None; bins.len()];
    let searches: Vec<Option<Search>> = bins.iter().map(Search::of).collect();
    let mut values = [0.0; READ_ROWS];
    for start in (0..x.nrows()).step_by(READ_ROWS) {
        let end = (start + READ_ROWS).min(x.nrows());
        let values = &mut values[..end - start];
        for (i, bins) in bins.iter().enumerate() {
            let column = x.column(first + i);
            values.iter_mut().zip(start..end).for_each(|(value, row)| *value = column[row]);
            let found = values.iter().position(|value| value.is_infinite());
            infinite_at[i] = infinite_at[i].or(found.map(|place| start + place));
            let codes = &mut codes[i][start..end];
            match (bins, &searches[i]) {
                (Bins::Category(kept), _) => {
                    for (code, &value) in codes.iter_mut().zip(&*values) {
                        *code = bin_of_value(kept, value);
                    }
                }
                (Bins::Number(_), Some(search)) => search.codes(values, codes),
                (Bins::Number(_), None) => {}
            }
        }
    }
    let columns = bins.into_iter().zip(codes).zip(infinite_at).enumerate();
    columns
        .map(|(i, ((bins, codes), infinite_at))| match infinite_at {
            Some(row) => Err(infinite(row, first + i)),
            None => Ok(Column { feature: first + i, bins, codes }),
        })
        .collect()
}

/// The bin of a category's value; unknown levels are missing values.
pub(crate) fn bin_of_value(kept: &[u32], value: f64) -> u8 {
    level_of(value).and_then(|level| bin_of_level(kept, level)).unwrap_or(MISSING)
}

/// The error of an infinite value, which no column may hold.
pub(crate) fn infinite(row: usize, column: usize) -> Error {
    Error::Shape(format!(
        "row {row}, column {column} (both from 0): the value is infinite; numbers must be finite, or NaN for missing"
    ))
}

/// Edges that are compared with a value at once.
const RUN: usize = 16;

/// Finds bins: the number of edges that are not above a value.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// The last edge of every run.
    ends: [f64; RUN],
    runs: [[f64; RUN]; RUN],
}

impl Search {
    pub(crate) fn new(edges: &[f64]) -> Self {
        let mut runs = [[f64::INFINITY; RUN]; RUN];
        for (slot, edge) in runs.as_flattened_mut().iter_mut().zip(edges) {
            *slot = *edge;
        }
        Search { ends: runs.map(|run| run[RUN - 1]), runs }
    }

    fn of(bins: &Bins) -> Option<Self> {
        match bins {
            Bins::Number(edges) => Some(Search::new(edges)),
            Bins::Category(_) => None,
        }
    }

    /// Sets `codes` to the bins of `values`.
    pub(crate) fn codes(&self, values: &[f64], codes: &mut [u8]) {
        dispatch!(Level::new(), simd => self.codes_with(simd, values, codes));
    }

    #[inline(always)]
    fn codes_with<S: Simd>(&self, simd: S, values: &[f64], codes: &mut [u8]) {
        for (code, &value) in codes.iter_mut().zip(values) {
            // All edges of a run are compared, which takes no guess, and several in one step.
            let run = count_below(simd, &self.ends, value) & (RUN - 1);
            let bin = run * RUN + count_below(simd, &self.runs[run], value);
            *code = if value.is_nan() { MISSING } else { bin as u8 };
        }
    }
}

/// How many edges are not above `value`.
#[inline(always)]
fn count_below<S: Simd>(simd: S, edges: &[f64; RUN], value: f64) -> usize {
    let value = f64x8::splat(simd, value);
    let is_below = |edges: &[f64; 8]| f64x8::from_slice(simd, edges).simd_le(value).to_bitmask();
    edges.as_chunks().0.iter().map(|edges| is_below(edges).count_ones() as usize).sum()
}

/// The level a value stands for, if it is a whole number from 0.
pub(crate) fn level_of(value: f64) -> Option<u32> {
    let level = value as u32; // saturates; NaN becomes 0
    (f64::from(level) == value).then_some(level)
}

/// The bin of `level`, if it was kept.
pub(crate) fn bin_of_level(kept: &[u32], level: u32) -> Option<u8> {
    kept.binary_search(&level).ok().and_then(|bin| u8::try_from(bin).ok())
}

/// The `max_bin` most frequent of `levels`, rising; of equally frequent ones the lower.
fn most_frequent(mut levels: Vec<u32>, max_bin: usize) -> Vec<u32> {
    levels.sort_unstable();
    let mut runs: Vec<(usize, u32)> =
        levels.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).collect();
    runs.sort_by_key(|&(count, level)| (std::cmp::Reverse(count), level));
    runs.truncate(max_bin);
    let mut kept: Vec<u32> = runs.into_iter().map(|(_, level)| level).collect();
    kept.sort_unstable();
    kept
}

/// Whether the used rows lie in more than one bin.
fn can_split(column: &Column, used: &[u32]) -> bool {
    let Some((&first, rest)) = used.split_first() else { return false };
    let bin = column.codes[first as usize];
    rest.iter().any(|&row| column.codes[row as usize] != bin)
}

/// The bins of all columns row by row.
fn by_row(columns: &[Column], tiles: usize, rows: usize) -> Vec<[u8; TILE]> {
    let mut by_row = vec![[0; TILE]; rows * tiles];
    by_row.par_chunks_mut((READ_ROWS * tiles).max(1)).enumerate().for_each(|(block, by_row)| {
        let first = block * READ_ROWS;
        for (place, column) in columns.iter().enumerate() {
            let codes = &column.codes[first..];
            for (row, &code) in by_row.chunks_exact_mut(tiles).zip(codes) {
                row[place / TILE][place % TILE] = code;
            }
        }
    });
    by_row
}
