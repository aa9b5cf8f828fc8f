//! Who is drawn: the same customers in every database.

use md5::{Digest, Md5};

/// The salt of every draw of customers where none is given.
pub(crate) const DEFAULT_SALT: &str = "winback";

/// The salt by which customers to learn from are drawn: others than those of a control group of the same
/// salt.
pub fn training_salt(salt: &str) -> String {
    format!("{salt}/training")
}

/// Where a customer falls between 0 and 1 in the draw with this salt: the first 52 bits of
/// md5(salt, 0xff, id) by 2^52. Any database can compute it, and a float holds it exactly. No UTF-8
/// text holds the byte 0xff, which keeps salt and id apart.
pub(crate) fn drawn_share(salt: &str, id: impl std::fmt::Display) -> f64 {
    let hash = Md5::new().chain_update(salt).chain_update([0xff]).chain_update(id.to_string());
    let first = hash.finalize().iter().take(7).fold(0, |bits, &byte| bits << 8 | u64::from(byte));
    (first >> 4) as f64 / (1_u64 << 52) as f64
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
}
