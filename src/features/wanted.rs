//! Which features are computed.

/// Features to compute, a bit for each place in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted(u128);

impl Wanted {
    pub(crate) const ALL: Wanted = Wanted(u128::MAX);

    /// The features at these places.
    pub(crate) fn places(places: &[usize]) -> Self {
        Wanted(places.iter().fold(0, |bits, place| bits | 1 << place))
    }

    /// Whether one of the first `count` features is wanted.
    pub(super) fn any(self, count: usize) -> bool {
        self.0 & (u128::MAX >> (128 - count)) != 0
    }

    /// Those after the first `count`, counted from there.
    pub(super) fn after(self, count: usize) -> Self {
        Wanted(self.0 >> count)
    }

    /// Whether the feature at this place is wanted.
    pub(super) fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}
