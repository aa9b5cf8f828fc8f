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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_told_by_place() {
        let wanted = Wanted::places(&[3, 127]);
        for place in 0..128 {
            assert_eq!(wanted.has(place), place == 3 || place == 127, "{place}");
        }
        let any = |first: usize, count: usize| wanted.after(first).any(count);
        assert_eq!([any(0, 3), any(0, 4), any(3, 1), any(4, 100)], [false, true, true, false]);
        assert_eq!([any(4, 123), any(4, 124), any(127, 1)], [false, true, true]);
        assert!(!Wanted::places(&[]).any(128) && Wanted::ALL.any(1));
    }
}
