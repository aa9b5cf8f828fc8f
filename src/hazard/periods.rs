//! The time to the next purchase in periods: what a spell of silence tells of each, and the share of
//! customers that have not bought after them.

use crate::error::{Error, Result};

/// Whole weeks after which the periods end: short at first, when most purchases come, and of about a
/// quarter of the time before them later on.
const WEEKS: [u16; 22] =
    [1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 26, 34, 43, 53, 66, 79, 92, 105, 131, 157, 183, 209];
const WEEK: f64 = 7.0;

/// Consecutive periods, the first of which begins at day 0.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Periods {
    ends: Vec<f64>,
}

/// What the time up to a purchase, or up to the end of observation, tells of the periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Spell {
    /// Periods that the customer entered without a purchase before, as far as they were observed.
    pub entered: usize,
    /// Whether the customer bought in the last of them.
    pub bought: bool,
}

impl Periods {
    /// Periods that end after so many days.
    ///
    /// ```
    /// use winback::hazard::Periods;
    /// let weeks = Periods::new((1..=52).map(|week| 7.0 * f64::from(week)).collect())?;
    /// let bought = weeks.spell(Some(9.5), 365.0);
    /// assert_eq!((bought.entered, bought.bought), (2, true));
    /// // Three days of the third week were observed: nothing is known of the whole of it.
    /// let censored = weeks.spell(None, 17.0);
    /// assert_eq!((censored.entered, censored.bought), (2, false));
    /// assert!(Periods::new(vec![7.0, 7.0]).is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] unless there are some and they ascend from above 0.
    pub fn new(ends: Vec<f64>) -> Result<Periods> {
        let periods = Periods { ends };
        match periods.is_sound() {
            true => Ok(periods),
            false => {
                let got = format!("{:?}", periods.ends);
                Err(Error::argument("ends", got, "numbers of days that ascend from above 0"))
            }
        }
    }

    /// Those of the usual ones that begin before so many days.
    pub(super) fn usual(most_days: f64) -> Periods {
        let ends = WEEKS.map(|weeks| WEEK * f64::from(weeks));
        let needed = 1 + ends.iter().take_while(|&&end| end < most_days).count();
        Periods { ends: ends.into_iter().take(needed).collect() }
    }

    pub(super) fn is_sound(&self) -> bool {
        let starts = std::iter::once(&0.0).chain(&self.ends);
        let ascend = starts.zip(&self.ends).all(|(start, end)| start < end);
        ascend && self.ends.last().is_some_and(|last| last.is_finite())
    }

    /// The first of them.
    pub(super) fn first(&self, count: usize) -> Periods {
        Periods { ends: self.ends[..count].to_vec() }
    }

    /// The days after which they end.
    pub fn ends(&self) -> &[f64] {
        &self.ends
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The days after which a period begins and ends.
    pub(super) fn days(&self, period: usize) -> [f64; 2] {
        [period.checked_sub(1).map_or(0.0, |before| self.ends[before]), self.ends[period]]
    }

    /// The end of the last.
    pub fn longest(&self) -> f64 {
        self.ends.last().copied().unwrap_or(0.0)
    }

    /// Of a purchase after so many days, which is one of the period that it falls into (a period's end is
    /// the next one's), or of none in the days that were observed. A period that was observed in part
    /// tells nothing: only those who bought in it would count.
    pub fn spell(&self, days_to_purchase: Option<f64>, days_observed: f64) -> Spell {
        let whole = self.ends.partition_point(|&end| end <= days_observed);
        let bought_in = days_to_purchase.map(|days| self.ends.partition_point(|&end| end <= days));
        match bought_in.filter(|&period| period < whole) {
            Some(period) => Spell { entered: period + 1, bought: true },
            None => Spell { entered: whole, bought: false },
        }
    }

    /// The chances that nothing is bought up to the end of each period, from those of a purchase in each
    /// given that there was none before.
    pub fn survival(&self, hazards: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut left = 1.0;
        let after = |hazard: f64| {
            left *= 1.0 - hazard;
            left
        };
        hazards.into_iter().map(after).collect()
    }

    /// The periods that begin within so many days, each with its share of them.
    pub(super) fn shares(&self, days: f64) -> impl Iterator<Item = (usize, f64)> {
        let share = move |(period, [start, end]): (usize, [f64; 2])| {
            (period, (end.min(days) - start) / days)
        };
        let all = (0..self.count()).map(|period| (period, self.days(period)));
        all.take_while(move |(_, [start, _])| *start < days).map(share)
    }

    /// The chance of a purchase within so many days, by the chances that there is none up to the end of
    /// each period; none beyond the last. Inside a period the hazard is constant.
    pub fn purchase_probability(&self, survival: &[f64], days: f64) -> Option<f64> {
        if !(0.0..=self.longest()).contains(&days) {
            return None;
        }
        let period = self.ends.partition_point(|&end| end < days);
        let [start, end] = self.days(period);
        let [before, after] = steps(survival, period);
        let share = (days - start) / (end - start);
        let left = match before > 0.0 && share < 1.0 {
            true => (before * (after / before).powf(share)).clamp(after, before),
            false => after,
        };
        Some(1.0 - left)
    }

    /// The days after which the chance of a purchase has reached `chance`; none where the last period
    /// ends before.
    pub fn wait(&self, survival: &[f64], chance: f64) -> Option<f64> {
        let left = 1.0 - chance;
        let period = survival.iter().position(|&survival| survival <= left)?;
        let [start, end] = self.days(period);
        let [before, after] = steps(survival, period);
        let share = match after > 0.0 && after < before {
            true => (left / before).ln() / (after / before).ln(),
            // All buy at some time of it: as if it were the middle.
            false => 0.5,
        };
        Some(start + (end - start) * share.clamp(0.0, 1.0))
    }
}

/// The survival before and after a period.
fn steps(survival: &[f64], period: usize) -> [f64; 2] {
    [period.checked_sub(1).map_or(1.0, |before| survival[before]), survival[period]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weeks(count: u32) -> Periods {
        Periods::new((1..=count).map(|week| 7.0 * f64::from(week)).collect()).unwrap()
    }

    #[test]
    fn usual_periods_reach_as_far_as_is_asked() {
        assert_eq!(Periods::usual(1.0).ends(), [7.0]);
        assert_eq!(Periods::usual(7.0).ends(), [7.0]);
        assert_eq!(Periods::usual(7.1).ends(), [7.0, 14.0]);
        assert_eq!(Periods::usual(365.0).longest(), 371.0);
        let all = Periods::usual(1e9);
        assert!(all.count() == WEEKS.len() && all.is_sound() && all.longest() > 4.0 * 365.0);
    }

    #[test]
    fn a_spell_counts_whole_periods() {
        let weeks = weeks(3);
        let spell = |days, observed| {
            let Spell { entered, bought } = weeks.spell(days, observed);
            (entered, bought)
        };
        assert_eq!(spell(Some(0.0), 30.0), (1, true));
        assert_eq!(spell(Some(7.0), 30.0), (2, true));
        assert_eq!(spell(Some(20.9), 21.0), (3, true));
        assert_eq!(spell(Some(21.0), 30.0), (3, false));
        // In a week that was not seen to its end.
        assert_eq!(spell(Some(15.0), 20.0), (2, false));
        assert_eq!(spell(None, 6.9), (0, false));
        assert_eq!(spell(None, 7.0), (1, false));
    }

    #[test]
    fn chances_without_and_with_certain_purchases() {
        let weeks = weeks(3);
        let nobody = weeks.survival([0.0; 3]);
        assert_eq!(weeks.purchase_probability(&nobody, 21.0), Some(0.0));
        assert_eq!(weeks.wait(&nobody, 0.5), None);
        let all = weeks.survival([0.25, 1.0, 1.0]);
        assert_eq!(weeks.purchase_probability(&all, 7.0), Some(0.25));
        assert_eq!(weeks.purchase_probability(&all, 14.0), Some(1.0));
        assert_eq!(weeks.purchase_probability(&all, 20.0), Some(1.0));
        assert_eq!(weeks.purchase_probability(&all, 21.1), None);
        assert_eq!(weeks.purchase_probability(&all, -1.0), None);
        assert_eq!(weeks.purchase_probability(&all, f64::NAN), None);
        assert_eq!(weeks.wait(&all, 0.9), Some(10.5));
    }

    #[test]
    fn the_last_period_counts_as_far_as_it_is_asked_for() {
        let shares = |days| weeks(3).shares(days).collect::<Vec<_>>();
        assert_eq!(shares(7.0), [(0, 1.0)]);
        assert_eq!(shares(10.0), [(0, 0.7), (1, 0.3)]);
        assert_eq!(shares(3.0), [(0, 1.0)]);
        assert_eq!(shares(28.0).len(), 3);
    }

    proptest! {
        #[test]
        fn survival_never_rises_and_waits_are_its_inverse(
            hazards in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64], 1..20),
            days in prop::collection::vec(0.0..200.0f64, 2..10),
            chance in 0.01..0.99f64,
        ) {
            let periods = weeks(hazards.len() as u32);
            let survival = periods.survival(hazards.iter().copied());
            let mut days: Vec<f64> = days.into_iter().map(|day| day.min(periods.longest())).collect();
            days.sort_by(f64::total_cmp);
            let chances: Vec<f64> = days
                .iter()
                .map(|&day| periods.purchase_probability(&survival, day).unwrap())
                .collect();
            prop_assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
            prop_assert!(chances.windows(2).all(|pair| pair[0] <= pair[1]), "{chances:?}");
            match periods.wait(&survival, chance) {
                Some(wait) => {
                    let there = periods.purchase_probability(&survival, wait).unwrap();
                    let step = hazards.contains(&1.0);
                    prop_assert!((there - chance).abs() < 1e-9 || step, "{there} {chance}");
                }
                None => prop_assert!(1.0 - survival[survival.len() - 1] < chance),
            }
        }
    }
}
