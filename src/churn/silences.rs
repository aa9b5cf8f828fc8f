//! How long silences between purchases last: the chance that one ends within some days, given how long it
//! has lasted and how many purchases there were before it.

use crate::log::History;

/// Curves by the number of purchase days so far: 1, 2, 3 or 4, 5 or more; behind them that of all.
pub(super) const CURVES: usize = 5;
/// So many silences of all customers count with those of the same number of purchases.
const PRIOR: f64 = 20.0;
/// Silences that are longer count as so long.
const LONGEST: usize = 4_000;

/// Kaplan-Meier curves of all silences known at a cutoff: one that a purchase ended is an event, that since
/// a customer's last purchase is censored.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Silences {
    pub(super) curves: [Curve; CURVES],
}

/// The days on which silences ended, ascending.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Curve {
    pub(super) days: Vec<u32>,
    /// Silences that lasted at least so long.
    at_risk: Vec<u32>,
    /// The share that lasts longer.
    survival: Vec<f64>,
}

/// Silences by their whole days: how many ended, and how many had not yet.
#[derive(Default)]
pub(super) struct Counts(pub(super) [Vec<[u32; 2]>; CURVES]);

impl Counts {
    fn add(&mut self, curve: usize, days: i64, censored: bool) {
        let days = usize::try_from(days).unwrap_or(0).min(LONGEST);
        for counts in [curve, CURVES - 1].map(|curve| curve.min(CURVES - 1)) {
            let counts = &mut self.0[counts];
            if counts.len() <= days {
                counts.resize(days + 1, [0; 2]);
            }
            counts[days][usize::from(censored)] += 1;
        }
    }

    pub(super) fn of(mut self, history: &History<'_>) -> Counts {
        let mut days = history.purchase_days();
        let (Some(mut before), Some(last)) = (days.next(), history.last_purchase()) else {
            return self;
        };
        let mut gaps = 0;
        for day in days {
            self.add(curve_after(gaps), day - before, false);
            (before, gaps) = (day, gaps + 1);
        }
        let silence = history.cutoff().days_since(last) as i64;
        self.add(curve_after(gaps), silence, true);
        self
    }

    pub(super) fn merge(mut self, other: Counts) -> Counts {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            if own.len() < other.len() {
                own.resize(other.len(), [0; 2]);
            }
            for (own, other) in own.iter_mut().zip(other) {
                own[0] += other[0];
                own[1] += other[1];
            }
        }
        self
    }
}

/// The place of the curve of silences after so many gaps between purchase days.
const fn curve_after(gaps: usize) -> usize {
    match gaps {
        0 => 0,
        1 => 1,
        2 | 3 => 2,
        _ => 3,
    }
}

impl Curve {
    pub(super) fn of(counts: &[[u32; 2]]) -> Curve {
        let mut at_risk: u32 = counts.iter().flatten().sum();
        let mut curve = Curve::default();
        let mut survival = 1.0;
        for (day, &[ended, censored]) in (0u32..).zip(counts) {
            if ended > 0 {
                survival *= 1.0 - f64::from(ended) / f64::from(at_risk);
                curve.days.push(day);
                curve.at_risk.push(at_risk);
                curve.survival.push(survival);
            }
            at_risk -= ended + censored;
        }
        curve
    }

    /// The share that lasts longer than so many days.
    fn survival(&self, day: u32) -> f64 {
        let steps = self.days.partition_point(|&step| step <= day);
        steps.checked_sub(1).map_or(1.0, |last| self.survival[last])
    }

    /// How many lasted about so many days at least.
    fn at_risk(&self, day: u32) -> f64 {
        let next = self.days.partition_point(|&step| step < day);
        self.at_risk.get(next).map_or(0.0, |&count| f64::from(count))
    }

    /// The chance that a silence of so many days ends within some more.
    fn chance(&self, day: u32, within: u32) -> f64 {
        let before = self.survival(day);
        if before > 0.0 { 1.0 - self.survival(day + within) / before } else { 0.0 }
    }

    fn is_sound(&self) -> bool {
        let lengths = [self.at_risk.len(), self.survival.len()];
        lengths == [self.days.len(); 2]
            && self.days.windows(2).all(|pair| pair[0] < pair[1])
            && self.survival.iter().all(|share| (0.0..=1.0).contains(share))
    }
}

impl Silences {
    /// The chance that the silence of a customer with so many gaps between purchase days ends within so
    /// many days; none without a purchase.
    pub(crate) fn chance(&self, history: &History<'_>, gaps: usize, days: f64) -> Option<f64> {
        let silence = history.cutoff().days_since(history.last_purchase()?) as u32;
        let own = &self.curves[curve_after(gaps)];
        let silence = silence.min(LONGEST as u32);
        let within = days.round() as u32;
        let weight = own.at_risk(silence);
        let all = self.curves[CURVES - 1].chance(silence, within);
        Some((weight * own.chance(silence, within) + PRIOR * all) / (weight + PRIOR))
    }

    /// Whether it can be asked.
    pub(crate) fn is_sound(&self) -> bool {
        self.curves.iter().all(Curve::is_sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ended after 2, 2 and 5 days; censored after 3 and 9.
    #[test]
    fn a_curve_is_kaplan_and_meiers() {
        let mut counts = Counts::default();
        for days in [2, 2, 5] {
            counts.add(0, days, false);
        }
        for days in [3, 9] {
            counts.add(1, days, true);
        }
        let all = Curve::of(&counts.0[CURVES - 1]);
        assert_eq!((all.days.clone(), all.at_risk.clone()), (vec![2, 5], vec![5, 2]));
        approx::assert_relative_eq!(all.survival(4), 0.6);
        approx::assert_relative_eq!(all.survival(5), 0.3);
        approx::assert_relative_eq!(all.chance(2, 3), 0.5);
        assert_eq!((all.survival(1), all.chance(5, 100)), (1.0, 0.0));
        assert!(all.is_sound() && counts.0[1].iter().all(|[ended, _]| *ended == 0));
    }
}
