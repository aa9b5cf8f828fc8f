//! Gauss-Legendre quadrature of smooth functions.

/// Nodes from 0 to 1 and weights of the rule with 8 nodes on [−1, 1]; the other half mirrors them.
const EIGHT: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// The same for 16 nodes.
const SIXTEEN: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_74),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
];

/// Calls `node` with the nodes and weights of 16 nodes from `low` to `high`, 8 where `few`.
#[inline]
pub(super) fn gauss_legendre(low: f64, high: f64, few: bool, mut node: impl FnMut(f64, f64)) {
    let (middle, half) = (f64::midpoint(low, high), 0.5 * (high - low));
    let rule: &[(f64, f64)] = if few { &EIGHT } else { &SIXTEEN };
    for &(x, weight) in rule {
        node(middle - half * x, half * weight);
        node(middle + half * x, half * weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_exact() {
        for (few, degree) in [(true, 15), (false, 31)] {
            let mut sum = 0.0;
            gauss_legendre(0.5, 1.5, few, |x, weight| sum += weight * x.powi(degree));
            let exact = (1.5f64.powi(degree + 1) - 0.5f64.powi(degree + 1)) / f64::from(degree + 1);
            assert!((sum / exact - 1.0).abs() < 1e-14, "{sum} {exact}");
        }
    }
}
