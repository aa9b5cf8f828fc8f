//! How long something lasts when some of it has not ended yet: the Kaplan-Meier estimator.
//!
//! A duration is either known (its event was observed) or censored: it lasted at least this long,
//! and what came after was not seen. Leaving censored durations out would make durations look
//! short, and so would treating them as ends.

use super::normal::Z95;
use crate::error::{Error, Result};

/// How a 95 % interval of a survival is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IntervalKind {
    /// On the scale of ln(−ln S): S^exp(±1.96 √V / ln S). It stays within 0 and 1 and is the default
    /// of lifelines and R's `conf.type = "log-log"` (Kalbfleisch and Prentice 2002).
    #[default]
    LogLog,
    /// S ± 1.96 S √V, cut off at 0 and 1; R's `conf.type = "plain"`.
    Plain,
}

/// The estimate from one distinct duration on.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Step {
    /// The duration.
    pub time: f64,
    /// How many lasted at least this long under observation.
    pub at_risk: u64,
    /// How many of them ended then.
    pub events: u64,
    /// How many were observed only this long; they count as at risk then.
    pub censored: u64,
    /// S, the share that lasts longer than `time`.
    pub survival: f64,
    /// V = Σ d / (n (n − d)) over the steps so far, with d events of n at risk; none once S is 0.
    #[serde(skip)]
    greenwood: Option<f64>,
}

impl Step {
    /// Greenwood's standard error of the survival, S √V (Greenwood 1926); none once S is 0.
    pub fn standard_error(&self) -> Option<f64> {
        self.greenwood.map(|v| self.survival * v.sqrt())
    }

    /// The 95 % interval of the survival; none before the first event and once S is 0, where its
    /// error is not known.
    pub fn interval(&self, kind: IntervalKind) -> Option<(f64, f64)> {
        let (s, error) = (self.survival, self.greenwood?.sqrt());
        if s == 1.0 {
            return None;
        }
        Some(match kind {
            IntervalKind::LogLog => {
                let reach = Z95 * error / s.ln();
                (s.powf((-reach).exp()), s.powf(reach.exp()))
            }
            IntervalKind::Plain => {
                let reach = Z95 * s * error;
                ((s - reach).max(0.0), (s + reach).min(1.0))
            }
        })
    }
}

/// The Kaplan-Meier estimate of how long something lasts (Kaplan and Meier 1958, "Nonparametric
/// estimation from incomplete observations", JASA 53): S(t) = Π (1 − d / n) over the durations up to
/// t, with d events of the n still at risk.
///
/// Censoring must carry no information about what comes after it.
///
/// ```
/// use winback::stats::{IntervalKind, KaplanMeier};
/// // Months until customers left; the third and the last are customers still.
/// let months = [2.0, 3.0, 3.0, 5.0, 8.0];
/// let left = [true, true, false, true, false];
/// let estimate = KaplanMeier::fit(&months, &left)?;
/// assert!((estimate.survival_at(3.0).unwrap() - 0.6).abs() < 1e-12);      // 4/5 · 3/4
/// assert_eq!(estimate.median(), Some(5.0));
/// assert_eq!(estimate.survival_at(9.0), None);                            // nobody was seen so long
/// let (low, high) = estimate.interval_at(3.0, IntervalKind::LogLog).unwrap();
/// assert!(low < 0.6 && 0.6 < high);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KaplanMeier {
    steps: Vec<Step>,
}

impl KaplanMeier {
    /// From durations and whether the event that ends each was observed, in any order.
    ///
    /// # Errors
    /// [`Error::Shape`] when the two differ in length or a duration is negative, NaN or infinite;
    /// [`Error::TooLittleData`] without any.
    pub fn fit(durations: &[f64], observed: &[bool]) -> Result<Self> {
        if durations.len() != observed.len() {
            return Err(Error::Shape(format!(
                "{} durations, but {} marks of observed events",
                durations.len(),
                observed.len()
            )));
        }
        check_times(durations.iter().copied())?;
        let mut pairs: Vec<(f64, bool)> =
            durations.iter().copied().zip(observed.iter().copied()).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let counts = pairs.chunk_by(|a, b| a.0 == b.0).map(|tied| {
            let events = tied.iter().filter(|pair| pair.1).count();
            (tied[0].0, events as u64, (tied.len() - events) as u64)
        });
        Self::of_sorted(counts.collect())
    }

    /// From counts: duration, how many ended then, how many were censored then; by ascending
    /// duration.
    ///
    /// # Errors
    /// [`Error::Shape`] when durations are negative, NaN, infinite or not ascending, or the counts add
    /// up to 2⁶⁴ or more;
    /// [`Error::TooLittleData`] when all counts are zero.
    pub fn from_counts(counts: impl IntoIterator<Item = (f64, u64, u64)>) -> Result<Self> {
        let counts: Vec<(f64, u64, u64)> =
            counts.into_iter().filter(|count| count.1 > 0 || count.2 > 0).collect();
        check_times(counts.iter().map(|count| count.0))?;
        if let Some(pair) = counts.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(Error::Shape(format!(
                "durations must rise, but {} is followed by {}",
                pair[0].0, pair[1].0
            )));
        }
        Self::of_sorted(counts)
    }

    fn of_sorted(counts: Vec<(f64, u64, u64)>) -> Result<Self> {
        let sum =
            |sum: u64, count: &(f64, u64, u64)| sum.checked_add(count.1)?.checked_add(count.2);
        let Some(mut at_risk) = counts.iter().try_fold(0, sum) else {
            return Err(Error::Shape("the counts add up to 2^64 or more".into()));
        };
        if at_risk == 0 {
            return Err(Error::TooLittleData("no durations to estimate a survival from".into()));
        }
        let mut steps = Vec::with_capacity(counts.len());
        let (mut survival, mut greenwood) = (1.0, Some(0.0));
        for (time, events, censored) in counts {
            let staying = at_risk - events;
            survival *= staying as f64 / at_risk as f64;
            greenwood = greenwood
                .filter(|_| staying > 0)
                .map(|sum: f64| sum + events as f64 / (at_risk as f64 * staying as f64));
            steps.push(Step { time, at_risk, events, censored, survival, greenwood });
            at_risk -= events + censored;
        }
        Ok(KaplanMeier { steps })
    }

    /// The estimate at every distinct duration, by ascending duration.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The share that lasts longer than `time`. None for NaN, and after the longest duration,
    /// unless all had ended by then.
    pub fn survival_at(&self, time: f64) -> Option<f64> {
        match self.step_at(time)? {
            Some(step) => Some(step.survival),
            None => Some(1.0),
        }
    }

    /// The 95 % interval of [`KaplanMeier::survival_at`]; none if that or the step's
    /// [`Step::interval`] is none.
    pub fn interval_at(&self, time: f64, kind: IntervalKind) -> Option<(f64, f64)> {
        match self.step_at(time)? {
            Some(step) => step.interval(kind),
            None => None,
        }
    }

    /// The last step up to `time`, none inside before the first.
    fn step_at(&self, time: f64) -> Option<Option<&Step>> {
        let last = self.steps.last()?;
        if time.is_nan() || (time > last.time && last.survival > 0.0) {
            return None;
        }
        let after = self.steps.partition_point(|step| step.time <= time);
        Some(after.checked_sub(1).and_then(|step| self.steps.get(step)))
    }

    /// The shortest duration by which a share `q` has ended: S ≤ 1 − q, up to rounding. None if
    /// that many were never seen to end.
    ///
    /// # Errors
    /// [`Error::Argument`] when `q` is not between 0 and 1.
    pub fn quantile(&self, q: f64) -> Result<Option<f64>> {
        if !(0.0 < q && q < 1.0) {
            return Err(Error::argument("q", q, "more than 0 and less than 1"));
        }
        Ok(self.time_below(1.0 - q))
    }

    /// The shortest duration by which half have ended; none if fewer were seen to end.
    pub fn median(&self) -> Option<f64> {
        self.time_below(0.5)
    }

    fn time_below(&self, survival: f64) -> Option<f64> {
        /// A product of so many shares may miss the survival it stands for by so much.
        const ROUNDING: f64 = 1e-12;
        let above = self.steps.partition_point(|step| step.survival > survival + ROUNDING);
        self.steps.get(above).map(|step| step.time)
    }

    /// The estimate for those that lasted at least `time`: S is then the share of them that lasts
    /// longer still. None if nobody was observed that long.
    ///
    /// ```
    /// use winback::stats::KaplanMeier;
    /// let estimate = KaplanMeier::fit(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
    /// let later = estimate.at_least(3.0).unwrap();
    /// assert_eq!(later.survival_at(3.0), Some(0.5));
    /// assert_eq!(estimate.at_least(5.0), None);
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn at_least(&self, time: f64) -> Option<KaplanMeier> {
        let first = self.steps.partition_point(|step| step.time < time);
        let counts = self.steps[first..].iter().map(|s| (s.time, s.events, s.censored));
        Self::of_sorted(counts.collect()).ok()
    }
}

fn check_times(times: impl Iterator<Item = f64>) -> Result<()> {
    for (i, time) in times.enumerate() {
        if !(time >= 0.0 && time.is_finite()) {
            let place = i + 1;
            return Err(Error::Shape(format!(
                "duration {place} is {time}; durations are finite and 0 or more"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIMES: [f64; 15] =
        [0.0, 2.0, 2.0, 3.0, 3.0, 3.0, 5.0, 6.0, 6.0, 8.0, 8.0, 9.0, 11.0, 11.0, 12.0];
    const ENDED: [u8; 15] = [0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0];

    fn example() -> KaplanMeier {
        KaplanMeier::fit(&TIMES, &ENDED.map(|ended| ended == 1)).unwrap()
    }

    /// Survival and intervals by lifelines 0.30.3, `KaplanMeierFitter`; standard errors by
    /// statsmodels 0.15.0, `SurvfuncRight`.
    #[test]
    fn a_small_example_with_ties_agrees_with_lifelines_and_statsmodels() {
        let expected = [
            (
                2.0,
                14,
                0.8571428571428573,
                0.5394481776231688,
                0.9622318564063292,
                0.09352195295828244,
            ),
            (
                3.0,
                12,
                0.785714285714286,
                0.47246367991426047,
                0.9253652262552372,
                0.10966421051124836,
            ),
            (
                5.0,
                9,
                0.6984126984126984,
                0.37785825092009934,
                0.8760039283890384,
                0.12758111120104013,
            ),
            (
                6.0,
                8,
                0.5238095238095238,
                0.22687624575848886,
                0.7543642902398852,
                0.1434856419007381,
            ),
            (
                8.0,
                6,
                0.4365079365079365,
                0.16441794776481441,
                0.6834352409460747,
                0.14369627016664266,
            ),
            (
                11.0,
                3,
                0.29100529100529104,
                0.058512013316611676,
                0.58460403571241,
                0.15261447118250113,
            ),
        ];
        let estimate = example();
        let with_events: Vec<&Step> =
            estimate.steps().iter().filter(|step| step.events > 0).collect();
        assert_eq!(with_events.len(), expected.len());
        for (step, (time, at_risk, survival, low, high, error)) in with_events.iter().zip(expected)
        {
            assert_eq!((step.time, step.at_risk), (time, at_risk));
            approx::assert_relative_eq!(step.survival, survival, max_relative = 1e-12);
            let found = step.interval(IntervalKind::LogLog).unwrap();
            approx::assert_relative_eq!(found.0, low, max_relative = 1e-9);
            approx::assert_relative_eq!(found.1, high, max_relative = 1e-9);
            approx::assert_relative_eq!(step.standard_error().unwrap(), error, max_relative = 1e-9);
            let plain = step.interval(IntervalKind::Plain).unwrap();
            let low = (survival - Z95 * error).max(0.0);
            let high = (survival + Z95 * error).min(1.0);
            assert!((plain.0 - low).abs() < 1e-9 && (plain.1 - high).abs() < 1e-9);
        }
        assert_eq!(estimate.steps().len(), 9);
        // lifelines' qth_survival_time(1 - q).
        for (q, time) in [(0.1, Some(2.0)), (0.25, Some(5.0)), (0.5, Some(8.0)), (0.75, None)] {
            assert_eq!(estimate.quantile(q).unwrap(), time);
        }
    }

    #[test]
    fn values_before_between_and_after_the_durations() {
        let estimate = example();
        assert_eq!(estimate.survival_at(-1.0), Some(1.0));
        assert_eq!(estimate.interval_at(1.0, IntervalKind::LogLog), None);
        assert_eq!(estimate.survival_at(4.0), estimate.survival_at(3.0));
        assert_eq!(estimate.survival_at(12.5), None);
        assert_eq!(estimate.interval_at(12.5, IntervalKind::Plain), None);
        assert_eq!(estimate.survival_at(f64::NAN), None);
        let ended = KaplanMeier::fit(&[1.0, 2.0], &[true, true]).unwrap();
        assert_eq!(ended.survival_at(7.0), Some(0.0));
        assert_eq!(ended.interval_at(7.0, IntervalKind::LogLog), None);
        assert_eq!(ended.steps()[1].standard_error(), None);
        assert_eq!(ended.median(), Some(1.0));
    }

    #[test]
    fn durations_that_are_none_are_refused() {
        let error =
            |times: &[f64], ended: &[bool]| KaplanMeier::fit(times, ended).unwrap_err().to_string();
        assert_eq!(error(&[], &[]), "too little data: no durations to estimate a survival from");
        assert!(error(&[1.0], &[]).contains("1 durations, but 0 marks"));
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(error(&[1.0, bad], &[true, true]).starts_with("duration 2 is "));
        }
        for counts in [vec![(2.0, 1, 0), (1.0, 1, 0)], vec![(1.0, 1, 0), (1.0, 0, 1)]] {
            let text = KaplanMeier::from_counts(counts).unwrap_err().to_string();
            assert!(text.contains("must rise"), "{text}");
        }
        assert!(KaplanMeier::from_counts([(1.0, 0, 0)]).is_err());
        assert!(KaplanMeier::from_counts([(1.0, u64::MAX, 0), (2.0, 1, 0)]).is_err());
        assert!(KaplanMeier::from_counts([(1.0, u64::MAX, u64::MAX)]).is_err());
        assert!(KaplanMeier::from_counts([(-1.0, 1, 0)]).is_err());
        for q in [0.0, 1.0, f64::NAN] {
            assert!(example().quantile(q).is_err(), "{q}");
        }
    }

    fn durations() -> impl Strategy<Value = Vec<(u8, bool)>> {
        proptest::collection::vec((0u8..20, any::<bool>()), 1..60)
    }

    fn fit(pairs: &[(u8, bool)]) -> KaplanMeier {
        let (times, ended): (Vec<f64>, Vec<bool>) =
            pairs.iter().map(|&(time, ended)| (f64::from(time), ended)).unzip();
        KaplanMeier::fit(&times, &ended).unwrap()
    }

    proptest! {
        /// The slow twin: at each time anew, over all pairs.
        #[test]
        fn prop_equals_the_product_written_out(pairs in durations()) {
            let estimate = fit(&pairs);
            for time in 0u8..20 {
                let longest = pairs.iter().map(|pair| pair.0).max().unwrap();
                let mut product = 1.0;
                let mut sum = 0.0;
                for at in 0..=time {
                    let n = pairs.iter().filter(|pair| pair.0 >= at).count() as f64;
                    let d = pairs.iter().filter(|pair| **pair == (at, true)).count() as f64;
                    if d > 0.0 {
                        product *= 1.0 - d / n;
                        sum += d / (n * (n - d));
                    }
                }
                let found = estimate.survival_at(f64::from(time));
                if time > longest && product > 0.0 {
                    prop_assert_eq!(found, None);
                    continue;
                }
                prop_assert!((found.unwrap() - product).abs() < 1e-12);
                let step = estimate.step_at(f64::from(time)).unwrap();
                match step.map(Step::standard_error) {
                    Some(Some(error)) => prop_assert!((error - product * sum.sqrt()).abs() < 1e-12),
                    Some(None) => prop_assert_eq!(product, 0.0),
                    None => prop_assert_eq!(product, 1.0),
                }
            }
        }

        #[test]
        fn prop_never_rises_and_holds_its_intervals(pairs in durations()) {
            let estimate = fit(&pairs);
            let mut before = 1.0;
            for step in estimate.steps() {
                prop_assert!(step.survival <= before && step.survival >= 0.0);
                before = step.survival;
                for kind in [IntervalKind::LogLog, IntervalKind::Plain] {
                    match step.interval(kind) {
                        Some((low, high)) => {
                            prop_assert!(0.0 <= low && low <= step.survival);
                            prop_assert!(step.survival <= high && high <= 1.0);
                            prop_assert!(low < high);
                        }
                        None => prop_assert!(step.survival == 0.0 || step.survival == 1.0),
                    }
                }
            }
        }

        #[test]
        fn prop_without_censoring_it_is_the_share_that_lasts_longer(
            times in proptest::collection::vec(0u8..20, 1..60)
        ) {
            let pairs: Vec<(u8, bool)> = times.iter().map(|&time| (time, true)).collect();
            let estimate = fit(&pairs);
            for time in 0u8..25 {
                let longer = times.iter().filter(|&&t| t > time).count() as f64;
                let found = estimate.survival_at(f64::from(time)).unwrap();
                prop_assert!((found - longer / times.len() as f64).abs() < 1e-12);
            }
        }

        #[test]
        fn prop_the_order_changes_nothing(pairs in durations()) {
            let mut turned = pairs.clone();
            turned.reverse();
            prop_assert_eq!(fit(&pairs), fit(&turned));
        }

        #[test]
        fn prop_counts_give_the_same(pairs in durations()) {
            let counts = (0u8..20).map(|time| {
                let of = |ended| pairs.iter().filter(|pair| **pair == (time, ended)).count() as u64;
                (f64::from(time), of(true), of(false))
            });
            prop_assert_eq!(fit(&pairs), KaplanMeier::from_counts(counts).unwrap());
        }

        /// S(t) = S(just before L) · S(t given at least L).
        #[test]
        fn prop_what_lasts_splits_into_a_product(pairs in durations(), from in 1u8..20) {
            let estimate = fit(&pairs);
            if let Some(later) = estimate.at_least(f64::from(from)) {
                let before = estimate.survival_at(f64::from(from) - 0.5).unwrap();
                for step in later.steps() {
                    let whole = estimate.survival_at(step.time).unwrap();
                    prop_assert!((whole - before * step.survival).abs() < 1e-12);
                }
            }
        }
    }
}
