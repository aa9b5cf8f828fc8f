//! Numbers derived from texts and numbers, the same on every machine and in every run.

#[cfg(feature = "io")]
mod drawn;

#[cfg(feature = "io")]
pub use drawn::training_salt;
#[cfg(feature = "io")]
pub(crate) use drawn::{DEFAULT_SALT, drawn_share};

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): spreads small differences over all bits.
pub(crate) fn spread(value: u64) -> u64 {
    let z = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The number that SplitMix64 draws from the state `seed`.
pub(crate) fn draw(seed: u64) -> u64 {
    spread(seed.wrapping_add(0x9e37_79b9_7f4a_7c15))
}

/// The hash of some bytes: FNV-1a, spread.
pub(crate) fn of_bytes(bytes: impl IntoIterator<Item = u8>) -> u64 {
    spread(bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    }))
}

/// A number from 0 to below 1 by the upper bits of a hash.
pub(crate) fn share(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the reference implementation (Vigna's splitmix64.c) from the state 1234567.
    #[test]
    fn draws_are_those_of_the_reference() {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let drawn: Vec<u64> = (0..3).map(|i| draw(1_234_567 + STEP.wrapping_mul(i))).collect();
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }
}
