//! Headers of the pages of Parquet files, looked at when they are read: a damaged one may say that its
//! page unpacks to more bytes than there is memory for, which the library would ask for.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};

/// How many bytes a page of a column can unpack to.
#[derive(Clone, Copy)]
pub(super) struct MostUnpacked {
    /// What the file says of the whole column.
    pub(super) column: u64,
    /// What one byte can become.
    pub(super) of_byte: u64,
}

impl MostUnpacked {
    /// What a page may always have: some writers tell too little of a column.
    const ALWAYS: u64 = 1 << 24;

    fn of(chunk: &ColumnChunkMetaData) -> MostUnpacked {
        let of_byte = match chunk.compression() {
            Compression::UNCOMPRESSED => 1,
            // 64 bytes are copied by 3; 255 are added by one; 258 are copied by two bits.
            Compression::SNAPPY => 22,
            Compression::LZ4 | Compression::LZ4_RAW => 256,
            Compression::GZIP(_) => 1_033,
            // What can repeat one byte without end is unpacked bit by bit.
            _ => u64::MAX,
        };
        let column = chunk.uncompressed_size().max(0) as u64;
        MostUnpacked { column: column.max(MostUnpacked::ALWAYS), of_byte }
    }

    pub(super) fn allows(self, page: PageSize) -> bool {
        let unpacked = page.packed.saturating_mul(self.of_byte).saturating_add(1 << 10);
        page.unpacked <= self.column.min(unpacked)
    }
}

/// What the header of a page says of its bytes.
pub(super) struct PageSize {
    pub(super) unpacked: u64,
    pub(super) packed: u64,
}

impl PageSize {
    /// From the first three fields of a header, each a number: the kind, and these two. None where it
    /// begins with something else; sizes below 0 are left to the library, which refuses them.
    pub(super) fn read(mut header: &[u8]) -> Option<PageSize> {
        let mut field = || {
            // The next field, of 32 bits.
            header = header.strip_prefix(&[0x15])?;
            let value = number(&mut header)?;
            Some(if value & 1 == 0 { value >> 1 } else { 0 })
        };
        field()?;
        Some(PageSize { unpacked: field()?, packed: field()? })
    }
}

/// A file whose page headers are looked at when they are read.
pub(super) struct Headers {
    file: Arc<File>,
    most: MostUnpacked,
}

impl Headers {
    /// Of a column of one part of the file.
    pub(super) fn of(file: Arc<File>, chunk: &ColumnChunkMetaData) -> Self {
        Headers { file, most: MostUnpacked::of(chunk) }
    }
}

impl Length for Headers {
    fn len(&self) -> u64 {
        Length::len(&*self.file)
    }
}

impl ChunkReader for Headers {
    type T = HeaderRead;

    /// Headers alone are read in this way.
    fn get_read(&self, start: u64) -> Result<HeaderRead> {
        Ok(HeaderRead { bytes: self.file.get_read(start)?, most: Some(self.most) })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.file.get_bytes(start, length)
    }
}

pub(super) struct HeaderRead {
    bytes: BufReader<File>,
    /// None once the header has been looked at.
    most: Option<MostUnpacked>,
}

impl Read for HeaderRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(most) = self.most.take() {
            let size = PageSize::read(self.bytes.fill_buf()?);
            if !size.is_some_and(|size| most.allows(size)) {
                return Err(io::Error::other("a page tells of more bytes than it can have"));
            }
        }
        self.bytes.read(buffer)
    }
}

/// A number of as many bytes as it needs, seven bits in each.
pub(super) fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            *bytes = &bytes[place + 1..];
            return Some(value);
        }
    }
    None
}
