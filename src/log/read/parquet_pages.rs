//! Pages of Parquet files, looked at before they are decoded: a damaged one may say that it has more
//! texts than there is memory for, and the library, which believes it, then ends the process.

use std::fs::File;
use std::sync::Arc;

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, RowGroups};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::parquet_headers::{Headers, number};

/// The rows of a file, so many at once, with the columns at these places.
pub(super) fn checked_reader(
    file: File,
    metadata: &ArrowReaderMetadata,
    roots: Vec<usize>,
    rows: usize,
) -> Result<ParquetRecordBatchReader> {
    let schema = metadata.parquet_schema();
    let mask = ProjectionMask::roots(schema, roots);
    let levels = parquet_to_arrow_field_levels(schema, mask, Some(metadata.schema().fields()))?;
    let groups = Groups { file: Arc::new(file), metadata: metadata.metadata().clone() };
    let rows = rows.min(groups.num_rows());
    ParquetRecordBatchReader::try_new_with_row_groups(&levels, &groups, rows, None)
}

/// All parts of a file.
struct Groups {
    file: Arc<File>,
    metadata: Arc<ParquetMetaData>,
}

impl RowGroups for Groups {
    fn num_rows(&self) -> usize {
        let rows = self.metadata.row_groups().iter().map(|group| group.num_rows().max(0) as usize);
        rows.fold(0, usize::saturating_add)
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        let (file, metadata) = (self.file.clone(), self.metadata.clone());
        Ok(Box::new(Chunks { file, metadata, column, group: 0 }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// One column, from one part to the next.
struct Chunks {
    file: Arc<File>,
    metadata: Arc<ParquetMetaData>,
    column: usize,
    group: usize,
}

impl Iterator for Chunks {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.metadata.row_groups().get(self.group)?;
        self.group += 1;
        let chunk = group.column(self.column);
        let rows = group.num_rows() as usize;
        let file = Arc::new(Headers::of(self.file.clone(), chunk));
        let pages = SerializedPageReader::new(file, chunk, rows, None);
        let column = chunk.column_descr_ptr();
        Some(pages.map(|pages| Box::new(Pages { pages, column }) as Box<dyn PageReader>))
    }
}

impl PageIterator for Chunks {}

struct Pages {
    pages: SerializedPageReader<Headers>,
    column: ColumnDescPtr,
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        match page.as_ref().is_none_or(|page| has_its_lengths(page, &self.column).is_some()) {
            true => Ok(page),
            false => Err(ParquetError::General("a page tells of more texts than it has".into())),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        self.pages.take_deferred_dictionary()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

/// Whether the lists of lengths that texts of some encodings begin with are no longer than the page;
/// none where they are, or are cut off.
fn has_its_lengths(page: &Page, column: &ColumnDescriptor) -> Option<()> {
    let begins_with_two = match page.encoding() {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => false,
        // Of what is shared with the text before, and of the rest.
        Encoding::DELTA_BYTE_ARRAY => true,
        _ => return Some(()),
    };
    let mut bytes: &[u8] = page.buffer();
    let most = u64::from(page.num_values());
    match page {
        Page::DataPage { rep_level_encoding, def_level_encoding, .. } => {
            let repeated = (column.max_rep_level(), rep_level_encoding);
            for (_, encoding) in [repeated, (column.max_def_level(), def_level_encoding)]
                .into_iter()
                .filter(|(most, _)| *most > 0)
            {
                let length: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
                let length = u32::from_le_bytes(length) as usize;
                bytes = bytes.get(4..)?.get(length..)?;
                (*encoding == Encoding::RLE).then_some(())?;
            }
        }
        Page::DataPageV2 { rep_levels_byte_len, def_levels_byte_len, .. } => {
            bytes = bytes.get(*rep_levels_byte_len as usize..)?;
            bytes = bytes.get(*def_levels_byte_len as usize..)?;
        }
        Page::DictionaryPage { .. } => return Some(()),
    }
    if begins_with_two {
        skip_lengths(&mut bytes, most)?;
    }
    Header::of(&mut bytes, most).map(|_| ())
}

/// How a list of lengths begins, which are kept as differences, packed bit by bit.
struct Header {
    /// Lists of bits in a block, and differences in each.
    lists: usize,
    differences: usize,
    lengths: u64,
}

impl Header {
    /// None where it has more than `most` lengths.
    fn of(bytes: &mut &[u8], most: u64) -> Option<Header> {
        let (in_block, lists, lengths) = (number(bytes)?, number(bytes)?, number(bytes)?);
        // The first length.
        number(bytes)?;
        let differences = in_block.checked_div(lists).filter(|count| *count > 0)?;
        (lengths <= most).then_some(())?;
        let (lists, differences) = (lists.try_into().ok()?, differences.try_into().ok()?);
        Some(Header { lists, differences, lengths })
    }
}

fn skip_lengths(bytes: &mut &[u8], most: u64) -> Option<()> {
    let Header { lists, differences, lengths } = Header::of(bytes, most)?;
    let mut left = lengths.saturating_sub(1);
    while left > 0 {
        // The least difference, which is taken off all others.
        number(bytes)?;
        let (widths, rest) = bytes.split_at_checked(lists)?;
        *bytes = rest;
        for &width in widths {
            if left == 0 {
                break;
            }
            *bytes = bytes.get(usize::from(width).checked_mul(differences)? / 8..)?;
            left = left.saturating_sub(differences as u64);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::io;

    use arrow_array::cast::AsArray;
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ArrowReaderOptions;
    use parquet::basic::Compression;
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use parquet::file::reader::{ChunkReader, Length};

    use super::super::parquet_headers::{MostUnpacked, PageSize};
    use super::*;

    fn texts(count: usize) -> Vec<Option<String>> {
        let text = |i: usize| format!("{}{}", "shared ".repeat(i % 40), i * i % 997);
        (0..count).map(|i| (i % 7 != 3).then(|| text(i))).collect()
    }

    fn file(texts: &[Option<String>], encoding: Encoding, version: WriterVersion) -> File {
        packed_file(texts, encoding, version, Compression::SNAPPY)
    }

    fn packed_file(
        texts: &[Option<String>],
        encoding: Encoding,
        version: WriterVersion,
        packed: Compression,
    ) -> File {
        let array: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let batch = RecordBatch::try_from_iter_with_nullable([("text", array, true)]).unwrap();
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_compression(packed)
            .set_encoding(encoding)
            .set_writer_version(version)
            .set_data_page_row_count_limit(700)
            .set_write_batch_size(100)
            .build();
        let file = tempfile::tempfile().unwrap();
        let copy = file.try_clone().unwrap();
        let mut writer = ArrowWriter::try_new(copy, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        file
    }

    #[test]
    fn texts_of_every_encoding_and_version_are_read_as_they_were_written() {
        use Encoding::{DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY, PLAIN};
        for encoding in [PLAIN, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY] {
            for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
                for count in [0, 1, 2, 33, 129, 5_000] {
                    let texts = texts(count);
                    let file = file(&texts, encoding, version);
                    let metadata =
                        ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).unwrap();
                    let reader = checked_reader(file, &metadata, vec![0], 1_000).unwrap();
                    let mut found = Vec::new();
                    for batch in reader {
                        let batch = batch.unwrap();
                        let column = batch.column(0).as_string::<i32>();
                        found.extend(column.iter().map(|text| text.map(str::to_owned)));
                    }
                    assert_eq!(found, texts, "{count} by {encoding} of {version:?}");
                }
            }
        }
    }

    /// A page of one text by this encoding, of a column that has one in each row.
    fn check(encoding: Encoding, bytes: &[u8], num_values: u32) -> Option<()> {
        let column =
            parquet::schema::parser::parse_message_type("message m { required binary c; }");
        let schema = parquet::schema::types::SchemaDescriptor::new(Arc::new(column.unwrap()));
        let page = Page::DataPage {
            buf: bytes.to_vec().into(),
            num_values,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        has_its_lengths(&page, &schema.column(0))
    }

    #[test]
    fn lists_of_more_lengths_than_the_page_has_texts_are_refused() {
        use Encoding::{DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY, PLAIN};
        // Blocks of 128 in 4 lists, one length, the first of which is 0 or 3 (zigzag: 6).
        let (shared, rest) = ([0x80, 1, 4, 1, 0], [0x80, 1, 4, 1, 6]);
        let one = [&shared[..], &rest, b"tea"].concat();
        assert!(check(DELTA_BYTE_ARRAY, &one, 1).is_some());
        assert!(check(DELTA_LENGTH_BYTE_ARRAY, &one[5..], 1).is_some());
        let huge = [&[0x80, 1, 4][..], &[0xff; 8], &[0x1f, 6], b"tea"].concat();
        assert!(check(DELTA_LENGTH_BYTE_ARRAY, &huge, 1).is_none());
        assert!(check(DELTA_BYTE_ARRAY, &huge, 1).is_none());
        assert!(check(DELTA_BYTE_ARRAY, &[&shared[..], &huge].concat(), 1).is_none());
        assert!(check(DELTA_BYTE_ARRAY, &one, 0).is_none());
        // No lists in a block, or none of its own bits, and all that is cut off.
        assert!(check(DELTA_BYTE_ARRAY, &[0x80, 1, 0, 1, 0], 1).is_none());
        assert!(check(DELTA_BYTE_ARRAY, &[0x80, 1, 4, 99, 0, 0, 8, 8, 8, 8], 99).is_none());
        assert!((0..10).all(|length| check(DELTA_BYTE_ARRAY, &one[..length], 1).is_none()));
        assert!(check(PLAIN, &huge, 1).is_some());
    }
    /// As it stands in a header: seven bits a byte, and one that says whether it is below 0.
    fn field(value: u64) -> Vec<u8> {
        let mut bytes = vec![0x15];
        let mut left = value << 1;
        while left >= 0x80 {
            bytes.push(left as u8 | 0x80);
            left >>= 7;
        }
        bytes.push(left as u8);
        bytes
    }

    #[test]
    fn a_page_that_says_it_unpacks_to_more_than_it_can_is_refused() {
        let of = |packed, column| {
            let most = MostUnpacked { column, of_byte: packed };
            move |unpacked, packed| {
                let header = [field(0), field(unpacked), field(packed)].concat();
                most.allows(PageSize::read(&header).unwrap())
            }
        };
        let snappy = of(22, 1 << 40);
        assert!(snappy(0, 0) && snappy(22_000, 1_000) && snappy(23_000, 1_000));
        assert!(!snappy(24_000, 1_000));
        let zstd = of(u64::MAX, 1 << 25);
        assert!(zstd(1 << 25, 10) && !zstd((1 << 25) + 1, 10));
        // Cut off, of another type, and another field first.
        assert!(PageSize::read(&field(3)).is_none());
        assert!(PageSize::read(&[&[0x16, 0][..], &field(1), &field(1)].concat()).is_none());
        assert!(PageSize::read(&[&[0x25, 0][..], &field(1), &field(1)].concat()).is_none());
    }

    #[test]
    fn a_header_that_tells_of_too_many_bytes_stops_the_reading() {
        let text = [Some("one text ".repeat(100))];
        let codecs = [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW];
        let gzip = Compression::GZIP(Default::default());
        for codec in codecs.into_iter().chain([gzip]) {
            let file = packed_file(&text, Encoding::PLAIN, WriterVersion::PARQUET_1_0, codec);
            let known = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).unwrap();
            let (start, length) = known.metadata().row_group(0).column(0).byte_range();
            let (start, end) = (start as usize, (start + length) as usize);
            let bytes = file.get_bytes(0, Length::len(&file) as usize).unwrap();
            let size = PageSize::read(&bytes[start..]).unwrap();

            // The header grows by what the page loses at its end.
            let (old, new) = (field(size.unpacked), field(435_000_000));
            let more = new.len() - old.len();
            let header = [field(0), new, field(size.packed - more as u64)].concat();
            let rest = &bytes[start + header.len() - more..end - more];
            let damaged = [&bytes[..start], &header, rest, &bytes[end..]].concat();
            let mut copy = tempfile::tempfile().unwrap();
            io::Write::write_all(&mut copy, &damaged).unwrap();
            let metadata = ArrowReaderMetadata::load(&copy, ArrowReaderOptions::default()).unwrap();
            let error = checked_reader(copy, &metadata, vec![0], 10).unwrap().next().unwrap();
            let told = error.unwrap_err().to_string();
            assert!(told.contains("a page tells of more bytes"), "{codec:?}: {told}");
        }
    }
}
