//! Columns of numbers and of categories as bins of one byte.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::quantile;
use crate::error::{Error, Result};

/// The bin of missing values; bins of values are 0 to 254.
pub(crate) const MISSING: u8 = 255;
/// The most bins of values a column can have.
pub(crate) const MAX_BIN: usize = 255;
/// Most columns of a tile: their cells, 16 x 256 x 8 bytes, fit into a core's first cache.
pub(crate) const TILE_WIDTH: usize = 16;
/// Columns that are read together: their values lie on one cache line of a row.
const READ_WIDTH: usize = 8;

/// How a column's values become bins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bins {
    /// Bin `b` holds the values in [edge b-1, edge b).
    Number(Vec<f64>),
    /// Bin `b` holds level `b` of the kept levels, which rise.
    Category(Vec<u32>),
}

impl Bins {
    /// Number of bins of values.
    pub(crate) fn count(&self) -> usize {
        match self {
            Bins::Number(edges) => edges.len() + 1,
            Bins::Category(levels) => levels.len(),
        }
    }
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

/// Up to [`TILE_WIDTH`] columns once more, row by row, for histograms.
#[derive(Debug)]
pub(crate) struct Tile {
    /// The columns `first..first + used`.
    pub(crate) first: usize,
    pub(crate) used: usize,
    /// Bytes of a row, `used` rounded up to a multiple of 4.
    pub(crate) width: usize,
    pub(crate) codes: Vec<u8>,
}

/// A matrix in bins; columns that cannot split are left out.
#[derive(Debug)]
pub(crate) struct Binned {
    pub(crate) columns: Vec<Column>,
    pub(crate) tiles: Vec<Tile>,
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
    ) -> Result<Self> {
        let level_count = level_counts(x.ncols(), categories)?;
        let groups: Vec<usize> = (0..x.ncols()).step_by(READ_WIDTH).collect();
        let binned: Vec<Vec<Result<Column>>> = groups
            .into_par_iter()
            .map(|first| {
                let values = read(x, first, READ_WIDTH.min(x.ncols() - first));
                let bin = |(i, values): (usize, Vec<f64>)| {
                    bin_column(first + i, &values, level_count[first + i], used, max_bin)
                };
                values.into_par_iter().enumerate().map(bin).collect()
            })
            .collect();

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
        let tiles = tiles(&columns, x.nrows());
        Ok(Binned { columns, tiles, levels })
    }

    /// Cells of one node's histogram, in units of 256.
    pub(crate) fn cell_rows(&self) -> usize {
        self.tiles.iter().map(|tile| tile.width).sum()
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
                let allowed = format!(
                    "columns below {columns}, each once, with 1 to {} levels each",
                    u32::MAX
                );
                return Err(Error::parameter("categories", given, allowed));
            }
        }
    }
    Ok(counts)
}

/// Copies `count` columns out of the matrix.
fn read(x: ArrayView2<'_, f64>, first: usize, count: usize) -> Vec<Vec<f64>> {
    let Some(flat) = x.as_slice() else {
        return (first..first + count).map(|c| x.column(c).iter().copied().collect()).collect();
    };
    // Row by row, since the matrix lies that way in memory.
    let mut columns = vec![vec![0.0; x.nrows()]; count];
    for (r, row) in flat.chunks_exact(x.ncols()).enumerate() {
        for (column, &value) in columns.iter_mut().zip(&row[first..]) {
            column[r] = value;
        }
    }
    columns
}

fn bin_column(
    feature: usize,
    values: &[f64],
    level_count: Option<u32>,
    used: &[u32],
    max_bin: usize,
) -> Result<Column> {
    if let Some(row) = values.iter().position(|value| value.is_infinite()) {
        return Err(infinite(row, feature));
    }
    let used_values = used.iter().map(|&row| values[row as usize]);
    Ok(match level_count {
        None => {
            let edges = quantile::edges(used_values.filter(|v| !v.is_nan()), max_bin);
            let codes = number_codes(&edges, values);
            Column { feature, bins: Bins::Number(edges), codes }
        }
        Some(count) => {
            let level = |value: f64| level_of(value).filter(|&level| level < count);
            let kept = most_frequent(used_values.filter_map(level).collect(), max_bin);
            let code = |&value: &f64| {
                level(value).and_then(|level| bin_of_level(&kept, level)).unwrap_or(MISSING)
            };
            let codes = values.iter().map(code).collect();
            Column { feature, bins: Bins::Category(kept), codes }
        }
    })
}

/// The error of an infinite value, which no column may hold.
pub(crate) fn infinite(row: usize, column: usize) -> Error {
    Error::Shape(format!(
        "row {row}, column {column} (both from 0): the value is infinite; numbers must be finite, or NaN for missing"
    ))
}

/// Bins of `values`: the number of edges that are not above each.
fn number_codes(edges: &[f64], values: &[f64]) -> Vec<u8> {
    match edges.len() {
        0..16 => search([8, 4, 2, 1], edges, values),
        _ => search([128, 64, 32, 16, 8, 4, 2, 1], edges, values),
    }
}

/// Halving in known steps: none of them a guess, and those of several values overlap.
fn search<const N: usize>(steps: [usize; N], edges: &[f64], values: &[f64]) -> Vec<u8> {
    const LANES: usize = 4;
    let mut padded = [f64::INFINITY; 256];
    for (slot, edge) in padded.iter_mut().zip(edges) {
        *slot = *edge;
    }
    let search = |values: [f64; LANES]| {
        let mut bins = [0; LANES];
        for step in steps {
            for (bin, value) in bins.iter_mut().zip(values) {
                // Below 256 by construction; the mask tells the compiler.
                *bin += step * usize::from(padded[(*bin + step - 1) & 255] <= value);
            }
        }
        std::array::from_fn(|i| if values[i].is_nan() { MISSING } else { bins[i] as u8 })
    };
    let mut codes = vec![0; values.len()];
    let (blocks, rest) = values.as_chunks::<LANES>();
    let (block_codes, rest_codes) = codes.as_chunks_mut::<LANES>();
    for (codes, values) in block_codes.iter_mut().zip(blocks) {
        *codes = search(*values);
    }
    for (code, value) in rest_codes.iter_mut().zip(rest) {
        *code = search([*value; LANES])[0];
    }
    codes
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

/// Groups of columns of about equal width.
fn tiles(columns: &[Column], rows: usize) -> Vec<Tile> {
    let count = columns.len().div_ceil(TILE_WIDTH);
    (0..count)
        .into_par_iter()
        .map(|t| {
            let first = t * columns.len() / count;
            let used = (t + 1) * columns.len() / count - first;
            let width = used.next_multiple_of(4);
            let mut codes = vec![0; rows * width];
            for (i, column) in columns[first..first + used].iter().enumerate() {
                for (row, &code) in codes.chunks_exact_mut(width).zip(&column.codes) {
                    row[i] = code;
                }
            }
            Tile { first, used, width, codes }
        })
        .collect()
}
