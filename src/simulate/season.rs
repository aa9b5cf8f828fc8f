//! The season of everybody's purchase rate, and what it sums to over time.

use super::simulation::Simulation;
use crate::time::MICROS_PER_DAY;

pub(super) const DAYS_PER_YEAR: f64 = 365.2425;
/// 2000-12-15, in days since 1970; any 15 December would do.
const MID_DECEMBER: f64 = 11_306.0;

/// Factor on everybody's purchase rate. Times are days since the start of the simulation.
pub(super) struct Season {
    start: f64,
    /// How much higher than the usual rate the one of mid December is.
    peak: f64,
}

impl Season {
    pub(super) fn of(simulation: &Simulation) -> Self {
        let start = simulation.start.micros() as f64 / MICROS_PER_DAY as f64;
        Season { start, peak: simulation.december_peak - 1.0 }
    }

    pub(super) fn at(&self, t: f64) -> f64 {
        let days = self.start + t - MID_DECEMBER;
        let off = (days / DAYS_PER_YEAR + 0.5).rem_euclid(1.0) - 0.5;
        1.0 + self.peak * (-(off * DAYS_PER_YEAR / 20.0).powi(2)).exp()
    }

    /// Sums from day 0 to a last one, each day at the rate of its noon.
    pub(super) fn sums(&self, days: usize) -> SeasonSums {
        let mut sums = SeasonSums { days: Vec::with_capacity(days + 1) };
        let (mut rate, mut first) = (0.0, 0.0);
        for day in 0..=days {
            let (from, noon) = (day as f64, self.at(day as f64 + 0.5));
            sums.days.push([noon, rate, first]);
            rate += noon;
            first += noon * (from + 0.5);
        }
        sums
    }
}

/// The season summed over time.
pub(super) struct SeasonSums {
    /// Of each day its season, and the integrals of season and of season · time up to it.
    days: Vec<[f64; 3]>,
}

impl SeasonSums {
    /// The integrals of season and of season · time over [`from`, `to`).
    pub(super) fn between(&self, from: f64, to: f64) -> [f64; 2] {
        let [a, b] = [self.up_to(from), self.up_to(to)];
        [b[0] - a[0], b[1] - a[1]]
    }

    fn up_to(&self, t: f64) -> [f64; 2] {
        let day = (t as usize).min(self.days.len() - 1);
        let [season, rate, first] = self.days[day];
        let into = t - day as f64;
        [rate + season * into, first + season * into * (day as f64 + into / 2.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_small_steps() {
        let season = Season::of(&Simulation::default().december_peak(4.0));
        let sums = season.sums(800);
        for (from, to) in [(300.4, 380.9), (340.0, 351.5), (10.0, 790.0)] {
            let n = 20_000;
            let step = (to - from) / f64::from(n);
            let mut slow = [0.0; 2];
            for i in 0..n {
                let t = from + (f64::from(i) + 0.5) * step;
                slow[0] += season.at(t) * step;
                slow[1] += season.at(t) * t * step;
            }
            let fast = sums.between(from, to);
            for (fast, slow) in fast.into_iter().zip(slow) {
                assert!((fast / slow - 1.0).abs() < 3e-3, "{from} {to}: {fast} {slow}");
            }
        }
    }
}
