//! Parts that have become larger than the memory allows, cut again.

use super::partition_options::{MAX_PARTS, PartitionOptions};
use super::scatter::ScatteredTable;
use super::weights::Weights;
use crate::error::{Error, Result, shown};
use crate::progress::Progress;

/// Cuts parts until each is small enough, and returns how many there are then. How many are needed was
/// told by the first rows of each table; later rows may be wider, and some customers have more of them.
///
/// # Errors
/// [`Error::Argument`] for a customer whose rows alone take more than the memory allows.
pub(crate) fn cut_again(
    tables: &mut [&mut ScatteredTable],
    mut parts: usize,
    options: &PartitionOptions,
    progress: &Progress,
) -> Result<usize> {
    let most = options.part_bytes();
    let mut part = 0;
    while part < parts {
        let bytes: u64 = tables.iter().map(|table| table.bytes(part)).sum();
        if bytes <= most {
            part += 1;
            continue;
        }
        progress.tell("parts cut again", part as u64, parts as u64)?;
        let mut weights = Weights::default();
        for table in tables.iter() {
            table.each_row(part, |id, bytes| weights.add(id, bytes))?;
        }
        if let Some((id, bytes)) = weights.alone(most) {
            let expected = format!(
                "at least {} bytes, for the {bytes} bytes of rows of customer {} stay together (an id \
                 that stands for many, such as guests, is better left out)",
                options.memory_for(bytes),
                shown(&id)
            );
            return Err(Error::argument("memory", options.memory, expected));
        }
        let splits = weights.splits(most);
        let pieces = splits.parts();
        if pieces == 1 || parts + pieces - 1 > MAX_PARTS {
            let of_part = |part| tables.iter().map(|table| table.bytes(part)).sum::<u64>();
            return Err(options.too_little((0..parts).map(of_part).sum()));
        }
        parts += pieces - 1;
        for table in tables.iter_mut() {
            table.cut(part, &splits, &options.temp_folder)?;
        }
    }
    Ok(parts)
}
