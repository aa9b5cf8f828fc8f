//! Numbers derived from texts and numbers, the same on every machine and in every run.

use md5::{Digest, Md5};

/// The salt of every draw of customers where none is given.
pub(crate) const DEFAULT_SALT: &str = "winback";

/// Where a customer falls between 0 and 1 in the draw with this salt: the first 52 bits of
/// md5(salt, 0xff, id) by 2^52. Any database can compute it, and a float holds it exactly. No UTF-8
/// text holds the byte 0xff, which keeps salt and id apart.
pub(crate) fn drawn_share(salt: &str, id: impl std::fmt::Display) -> f64 {
    let hash = Md5::new().chain_update(salt).chain_update([0xff]).chain_update(id.to_string());
    let first = hash.finalize().iter().take(7).fold(0, |bits, &byte| bits << 8 | u64::from(byte));
    (first >> 4) as f64 / (1_u64 << 52) as f64
}

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

    /// By Python: `int(md5(salt.encode() + b"\xff" + id.encode()).hexdigest()[:13], 16) / 2**52`.
    #[test]
    fn shares_are_those_that_python_draws() {
        for (salt, id, share) in [
            ("winback", "0", 0.9448903506049136),
            ("winback", "1", 0.3733878128433614),
            ("winback", "-17", 0.5228184845815798),
            ("winback", "9223372036854775807", 0.8324296593245584),
            ("winback", "a", 0.45202191212710896),
            ("winback", "Zoë", 0.38215393266871134),
            ("spring", "1", 0.07476125699320058),
            ("", "Zoë", 0.6500842027108602),
        ] {
            assert_eq!(drawn_share(salt, id), share, "{salt} {id}");
        }
        assert_eq!(drawn_share("winback", -17_i64), drawn_share("winback", "-17"));
    }

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
