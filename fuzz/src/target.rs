//! What is attacked.

/// A reader, and what its input is made from.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// What the first cases are made from, beside the files of the corpus.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Makes right again what a change made wrong and what would only hide the rest: marks, lengths
    /// and checksums.
    pub(crate) mend: fn(Vec<u8>) -> Vec<u8>,
    /// Reads the bytes and uses what was read. A law that does not hold panics.
    pub(crate) run: fn(&[u8]) -> winback::Result<()>,
    /// So many bytes a case is, unpacked.
    pub(crate) unpacked: fn(&[u8]) -> usize,
}
