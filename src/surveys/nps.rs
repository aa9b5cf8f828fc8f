//! The Net Promoter Score from counts: its precision, and whether two scores differ.

use crate::error::{Error, Result};
use crate::stats::{Z95, normal_quantile, two_sided};

/// Points up to which a width or an error is rounding: nothing varies.
pub(super) const NO_REACH: f64 = 1e-9;

/// What a score from 0 to 10 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// 9 or 10.
    Promoter,
    /// More than 6 and less than 9.
    Passive,
    /// 0 to 6.
    Detractor,
}

impl AnswerKind {
    /// All kinds, from best to worst.
    pub const ALL: [AnswerKind; 3] =
        [AnswerKind::Promoter, AnswerKind::Passive, AnswerKind::Detractor];

    /// The kind of a score.
    pub fn of(score: f64) -> Self {
        if score >= 9.0 {
            AnswerKind::Promoter
        } else if score > 6.0 {
            AnswerKind::Passive
        } else {
            AnswerKind::Detractor
        }
    }

    /// `promoter`, `passive` or `detractor`.
    pub const fn name(self) -> &'static str {
        match self {
            AnswerKind::Promoter => "promoter",
            AnswerKind::Passive => "passive",
            AnswerKind::Detractor => "detractor",
        }
    }

    /// What it adds to the score's sum: 1, 0 or −1.
    pub const fn value(self) -> f64 {
        match self {
            AnswerKind::Promoter => 1.0,
            AnswerKind::Passive => 0.0,
            AnswerKind::Detractor => -1.0,
        }
    }
}

/// Answers to "how likely is it that you would recommend us", counted.
///
/// ```
/// use winback::surveys::NpsCounts;
/// let counts = NpsCounts { promoters: 50, passives: 33, detractors: 17 };
/// let nps = counts.nps().unwrap();
/// assert_eq!(nps.score, 33.0);
/// assert!((nps.low - 17.556).abs() < 5e-4 && (nps.high - 46.522).abs() < 5e-4);
/// assert_eq!(NpsCounts::from_scores(&[10.0, 9.0, 7.0, 3.0])?.nps().unwrap().score, 25.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct NpsCounts {
    /// Answers of 9 or 10.
    pub promoters: u64,
    /// Answers in between.
    pub passives: u64,
    /// Answers of 0 to 6.
    pub detractors: u64,
}

impl NpsCounts {
    /// Counts scores.
    ///
    /// # Errors
    /// [`Error::Shape`] for a score outside 0 to 10.
    pub fn from_scores(scores: &[f64]) -> Result<Self> {
        let mut counts = NpsCounts::default();
        for (i, &score) in scores.iter().enumerate() {
            if !(0.0..=10.0).contains(&score) {
                let place = i + 1;
                return Err(Error::Shape(format!(
                    "score {place} is {score}; scores lie within 0 to 10"
                )));
            }
            counts.add(AnswerKind::of(score));
        }
        Ok(counts)
    }

    pub(crate) fn add(&mut self, kind: AnswerKind) {
        match kind {
            AnswerKind::Promoter => self.promoters += 1,
            AnswerKind::Passive => self.passives += 1,
            AnswerKind::Detractor => self.detractors += 1,
        }
    }

    /// All answers.
    pub fn answers(&self) -> u64 {
        self.promoters.saturating_add(self.passives).saturating_add(self.detractors)
    }

    /// The mean of 1 (promoters), 0 and −1 (detractors) and its variance per answer; none of none.
    pub(crate) fn moments(&self) -> Option<(f64, f64)> {
        moments(self.promoters as f64, self.passives as f64, self.detractors as f64)
    }

    /// The score and its precision, treating each answer as independent of the others; none without
    /// answers.
    pub fn nps(&self) -> Option<Nps> {
        Nps::of(*self, self.answers() as f64)
    }
}

impl Nps {
    /// The score of answers that are worth so many independent ones.
    pub(super) fn of(counts: NpsCounts, effective: f64) -> Option<Self> {
        /// A quarter of three answers each to promoters and detractors, half of them to passives.
        const ADDED: f64 = 0.75;
        let (mean, variance) = counts.moments()?;
        let answers = counts.answers();
        let worth = effective / answers as f64;
        let (adjusted, spread) = moments(
            counts.promoters as f64 * worth + ADDED,
            counts.passives as f64 * worth + 2.0 * ADDED,
            counts.detractors as f64 * worth + ADDED,
        )?;
        let reach = Z95 * (spread / (effective + 4.0 * ADDED)).sqrt();
        Some(Nps {
            counts,
            answers,
            effective,
            score: 100.0 * mean,
            variance,
            standard_error: 100.0 * (variance / effective).sqrt(),
            adjusted: 100.0 * adjusted,
            low: (100.0 * (adjusted - reach)).max(-100.0),
            high: (100.0 * (adjusted + reach)).min(100.0),
        })
    }
}

fn moments(promoters: f64, passives: f64, detractors: f64) -> Option<(f64, f64)> {
    let n = promoters + passives + detractors;
    let mean = (promoters - detractors) / n;
    let of = |count: f64, value: f64| count / n * (value - mean).powi(2);
    let variance = of(promoters, 1.0) + of(passives, 0.0) + of(detractors, -1.0);
    (n > 0.0).then_some((mean, variance))
}

/// A Net Promoter Score and its 95 % interval.
///
/// The score is 100 (promoters − detractors) / n. The interval is the adjusted Wald one, the best in
/// Rocks 2016 ("Interval estimation for the Net Promoter Score", The American Statistician 70): three
/// answers are added, 3/4 of a promoter, 3/2 of a passive and 3/4 of a detractor, and it is the mean
/// then ± 1.96 √(variance then / (n + 3)). It is symmetric not about the score but about `adjusted`,
/// and does not contain the score of a single answer.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Nps {
    /// The answers behind it.
    #[serde(flatten)]
    pub counts: NpsCounts,
    /// The number of answers.
    pub answers: u64,
    /// The number of independent answers that they count as: all of them from [`NpsCounts::nps`]; fewer in a
    /// report where customers answered several times.
    #[serde(skip)]
    pub effective: f64,
    /// The score, −100 to 100.
    pub score: f64,
    /// Variance of one answer, counted as 1, 0 or −1: (promoters + detractors) / n − mean².
    pub variance: f64,
    /// 100 √(variance / effective), in points.
    pub standard_error: f64,
    /// The middle of the interval.
    pub adjusted: f64,
    /// Lower end of the interval, at least −100.
    pub low: f64,
    /// Upper end of the interval, at most 100.
    pub high: f64,
}

/// The difference between two Net Promoter Scores.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct NpsDifference {
    /// One score − the other, in points.
    pub difference: f64,
    /// 100 √(variance₁ / n₁ + variance₂ / n₂), in points; in a report, from the variance between
    /// customers.
    pub standard_error: f64,
    /// Lower end of its 95 % interval, difference ± 1.96 standard errors; none, as all that
    /// follows, if one of the two has a single answer, or all answers of each are of the same kind:
    /// how much such scores vary is then not known.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// difference / standard error.
    pub z: Option<f64>,
    /// Probability of a |z| of this size or more if both have the same score.
    pub p_value: Option<f64>,
    /// The smallest true difference that two such samples would detect with a power of 80 % at the
    /// 5 % level: (1.96 + 0.84) standard errors.
    pub smallest_difference: Option<f64>,
}

/// Tests whether two scores differ (z test with the variance of each, not pooled); none if one has
/// no answers. The two must not share answers, and answers count as independent.
///
/// ```
/// use winback::surveys::{NpsCounts, nps_difference};
/// let spring = NpsCounts { promoters: 250, passives: 150, detractors: 100 };
/// let autumn = NpsCounts { promoters: 200, passives: 160, detractors: 140 };
/// let change = nps_difference(&autumn, &spring).unwrap();
/// assert_eq!(change.difference, -18.0);
/// assert!(change.p_value.unwrap() < 0.001);
/// ```
pub fn nps_difference(one: &NpsCounts, other: &NpsCounts) -> Option<NpsDifference> {
    let ((mean, variance), (other_mean, other_variance)) = (one.moments()?, other.moments()?);
    let variance = variance / one.answers() as f64 + other_variance / other.answers() as f64;
    let least = one.answers().min(other.answers());
    Some(NpsDifference::of(mean - other_mean, variance, least))
}

impl NpsDifference {
    /// A difference of means and its variance, the smaller of which is that of so many independent
    /// answers.
    pub(super) fn of(difference: f64, variance: f64, least: u64) -> Self {
        let difference = 100.0 * difference;
        let standard_error = 100.0 * variance.sqrt();
        let is_known = standard_error > NO_REACH && least > 1;
        let z = is_known.then_some(difference / standard_error);
        NpsDifference {
            difference,
            standard_error,
            low: z.map(|_| difference - Z95 * standard_error),
            high: z.map(|_| difference + Z95 * standard_error),
            z,
            p_value: z.map(two_sided),
            smallest_difference: z.map(|_| detectable(standard_error, 0.05, 0.8)),
        }
    }
}

/// The smallest true difference between two scores, in points, that samples of `n` and `other_n`
/// answers detect with probability `power` in a two-sided z test at `level`: (z(1 − level / 2) +
/// z(power)) · 100 √(variance / n + variance / other_n).
///
/// `variance` is that of one answer ([`Nps::variance`]); 0.6 is typical, 1 the maximum. A `level`
/// of 0.05 and a `power` of 0.8 are usual.
///
/// ```
/// use winback::surveys::smallest_nps_difference;
/// let points = smallest_nps_difference(500, 500, 0.6, 0.05, 0.8)?;
/// assert!((points - 13.7).abs() < 0.05);
/// assert!(smallest_nps_difference(500, 500, 1.2, 0.05, 0.8).is_err());
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] for no answers, a variance that is not above 0 and at most 1, a level that
/// is not between 0 and 1, a power below 0.5 or not below 1.
pub fn smallest_nps_difference(
    n: u64,
    other_n: u64,
    variance: f64,
    level: f64,
    power: f64,
) -> Result<f64> {
    for (name, answers) in [("n", n), ("other_n", other_n)] {
        if answers == 0 {
            return Err(Error::argument(name, answers, "1 or more"));
        }
    }
    if !(0.0 < variance && variance <= 1.0) {
        return Err(Error::argument("variance", variance, "more than 0 and at most 1"));
    }
    if !(0.0 < level && level < 1.0) {
        return Err(Error::argument("level", level, "more than 0 and less than 1"));
    }
    if !(0.5..1.0).contains(&power) {
        return Err(Error::argument("power", power, "0.5 to less than 1"));
    }
    let per_answer = variance / n as f64 + variance / other_n as f64;
    Ok(detectable(100.0 * per_answer.sqrt(), level, power))
}

fn detectable(standard_error: f64, level: f64, power: f64) -> f64 {
    (normal_quantile(1.0 - level / 2.0) + normal_quantile(power)) * standard_error
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the formulas of Rocks 2016, computed apart with Python's floats.
    #[test]
    fn scores_and_intervals_of_known_counts() {
        for (counts, score, variance, error, adjusted, low, high) in [
            (
                (50, 33, 17),
                33.0,
                0.5611,
                7.490660852021003,
                32.038834951456316,
                17.55605018796637,
                46.521619714946254,
            ),
            (
                (500, 300, 200),
                30.0,
                0.61,
                2.4698178070456938,
                29.910269192422735,
                25.077000274843396,
                34.74353811000207,
            ),
        ] {
            let (promoters, passives, detractors) = counts;
            let found = NpsCounts { promoters, passives, detractors }.nps().unwrap();
            assert_eq!((found.score, found.answers), (score, promoters + passives + detractors));
            for (found, expected) in [
                (found.variance, variance),
                (found.standard_error, error),
                (found.adjusted, adjusted),
                (found.low, low),
                (found.high, high),
            ] {
                approx::assert_relative_eq!(found, expected, max_relative = 1e-12);
            }
        }
        assert_eq!(NpsCounts::default().nps(), None);
        let one = NpsCounts { promoters: 1, ..NpsCounts::default() }.nps().unwrap();
        assert!((one.score, one.adjusted) == (100.0, 25.0) && one.high < 99.0, "{one:?}");
    }

    #[test]
    fn two_waves_of_500_show_13_7_points() {
        let points = smallest_nps_difference(500, 500, 0.6, 0.05, 0.8).unwrap();
        approx::assert_relative_eq!(points, 13.724908510601377, max_relative = 1e-9);
    }

    /// z = d / √(v₁ / n₁ + v₂ / n₂) by Python's floats, its p by scipy.stats.norm.sf of scipy 1.17.1.
    #[test]
    fn a_difference_is_tested_with_both_variances() {
        let one = NpsCounts { promoters: 50, passives: 33, detractors: 17 };
        let other = NpsCounts { promoters: 500, passives: 300, detractors: 200 };
        let found = nps_difference(&one, &other).unwrap();
        approx::assert_relative_eq!(found.difference, 3.0, max_relative = 1e-12);
        approx::assert_relative_eq!(found.z.unwrap(), 0.3803567729312521, max_relative = 1e-12);
        approx::assert_relative_eq!(
            found.p_value.unwrap(),
            0.7036805977938652,
            max_relative = 1e-11
        );
        let (low, high) = (-12.458885898905573, 18.45888589890557);
        let near = |found: Option<f64>, end: f64| (found.unwrap() - end).abs() < 1e-6;
        assert!(near(found.low, low) && near(found.high, high));
        let same = NpsCounts { promoters: 3, ..NpsCounts::default() };
        let found = nps_difference(&same, &same).unwrap();
        assert_eq!((found.z, found.p_value, found.smallest_difference), (None, None, None));
        assert_eq!(nps_difference(&same, &NpsCounts::default()), None);
    }

    #[test]
    fn figures_that_are_none_are_refused() {
        for (n, other, variance, level, power, name, got) in [
            (0, 5, 0.6, 0.05, 0.8, "n", "0"),
            (5, 0, 0.6, 0.05, 0.8, "other_n", "0"),
            (5, 5, 0.0, 0.05, 0.8, "variance", "0"),
            (5, 5, f64::NAN, 0.05, 0.8, "variance", "NaN"),
            (5, 5, 0.6, 1.0, 0.8, "level", "1"),
            (5, 5, 0.6, 0.05, 0.4, "power", "0.4"),
            (5, 5, 0.6, 0.05, 1.0, "power", "1"),
        ] {
            let error = smallest_nps_difference(n, other, variance, level, power).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with(&format!("{name}: expected ")), "{error}");
            assert!(error.ends_with(&format!(", got {got}")), "{error}");
        }
        for bad in [-1.0, 10.5, f64::NAN] {
            let error = NpsCounts::from_scores(&[5.0, bad]).unwrap_err().to_string();
            assert!(error.starts_with("score 2 is "), "{error}");
        }
        let scores = [0.0, 6.0, 6.5, 8.9, 9.0, 10.0];
        let counts = NpsCounts { promoters: 2, passives: 2, detractors: 2 };
        assert_eq!(NpsCounts::from_scores(&scores).unwrap(), counts);
    }

    proptest! {
        #[test]
        fn prop_turning_answers_round_turns_the_score(p in 0u64..500, q in 0u64..500, d in 0u64..500) {
            prop_assume!(p + q + d > 0);
            let one = NpsCounts { promoters: p, passives: q, detractors: d }.nps().unwrap();
            let turned = NpsCounts { promoters: d, passives: q, detractors: p }.nps().unwrap();
            prop_assert!((one.score + turned.score).abs() < 1e-9);
            prop_assert!((one.low + turned.high).abs() < 1e-9);
            prop_assert!(-100.0 <= one.low && one.low < one.high && one.high <= 100.0);
            prop_assert!(p + q + d == 1 || one.low <= one.score && one.score <= one.high);
        }

        /// As many times the answers: the same score, n times as exact.
        #[test]
        fn prop_more_answers_are_more_exact(p in 1u64..50, q in 0u64..50, d in 0u64..50) {
            let one = NpsCounts { promoters: p, passives: q, detractors: d };
            let ten = NpsCounts { promoters: 10 * p, passives: 10 * q, detractors: 10 * d };
            let (one, ten) = (one.nps().unwrap(), ten.nps().unwrap());
            prop_assert!((one.score - ten.score).abs() < 1e-9);
            prop_assert!((one.standard_error - ten.standard_error * 10f64.sqrt()).abs() < 1e-9);
            prop_assert!(ten.high - ten.low < one.high - one.low);
        }
    }
}
