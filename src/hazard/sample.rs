//! Which periods of which customers a hazard is learned from.

use std::ops::Range;

use crate::churn::MIN_OUTCOMES;
use crate::hash;
use crate::labels::State;
use crate::log::EventLog;
use crate::panel::Panel;
use crate::time::Timestamp;

use super::periods::{Periods, Spell};

/// Rows of a stretch of periods at most, about half of which are periods with a purchase if there are so
/// many.
pub(super) const MOST_ROWS: usize = 100_000;

/// A customer in a period after a training cutoff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    /// Of the panel.
    pub(super) row: usize,
    pub(super) period: usize,
    pub(super) bought: bool,
    /// How many such rows it stands for.
    pub(super) stands_for: f64,
}

/// All periods that customers entered after the training cutoffs.
#[derive(Debug)]
pub(super) struct Spells {
    spells: Vec<Spell>,
    /// Whether the customer was silent, lapsed or lost, at the cutoff.
    silent: Vec<bool>,
}

/// How many customers bought in a period, and how many did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) bought: usize,
    pub(super) quiet: usize,
}

impl Spells {
    pub(super) fn of(panel: &Panel, periods: &Periods) -> Spells {
        let days = panel.days_to_purchase().zip(panel.days_observed());
        let spell = |(days, observed): (Option<f64>, Option<f64>)| {
            periods.spell(days, observed.unwrap_or(0.0))
        };
        let silent = panel.states().iter().map(|&state| state != State::Active);
        Spells { spells: days.map(spell).collect(), silent: silent.collect() }
    }

    /// Of each period, of active and of silent customers.
    pub(super) fn counts(&self, periods: &Periods) -> Vec<[Counts; 2]> {
        let mut counts = vec![[Counts::default(); 2]; periods.count()];
        for (row, period, bought) in self.periods() {
            let counts = &mut counts[period][usize::from(self.silent[row])];
            if bought {
                counts.bought += 1;
            } else {
                counts.quiet += 1;
            }
        }
        counts
    }

    /// How many of the periods, from the first on, have enough outcomes of either kind to learn from.
    pub(super) fn known(&self, periods: &Periods) -> usize {
        let enough = |[active, silent]: &[Counts; 2]| {
            (active.bought + silent.bought).min(active.quiet + silent.quiet) >= MIN_OUTCOMES
        };
        self.counts(periods).iter().take_while(|counts| enough(counts)).count()
    }

    /// Row of the panel, period, and whether the customer bought in it.
    fn periods(&self) -> impl Iterator<Item = (usize, usize, bool)> {
        self.spells.iter().enumerate().flat_map(|(row, &Spell { entered, bought })| {
            (0..entered).map(move |period| (row, period, bought && period + 1 == entered))
        })
    }

    /// The rows to learn some periods from: all, or of many those that the customer's id, the cutoff and
    /// the period draw, each of which then stands for several.
    pub(super) fn rows(
        &self,
        panel: &Panel,
        log: &EventLog,
        counts: &[[Counts; 2]],
        periods: Range<usize>,
    ) -> Vec<Row> {
        let counts = &counts[periods.clone()];
        let of =
            |count: fn(&Counts) -> usize| counts.iter().flatten().map(count).sum::<usize>() as f64;
        let (bought, quiet) = (of(|counts| counts.bought), of(|counts| counts.quiet));
        let most = MOST_ROWS as f64;
        let of_bought = (most / 2.0 / bought.max(1.0)).min(1.0);
        let of_quiet = ((most - of_bought * bought) / quiet.max(1.0)).min(1.0);
        let seeds: Vec<u64> = {
            let ids = log.customers();
            let hash = |customer| hash::of_bytes(ids.get(customer).to_string().bytes());
            ids.indices().map(hash).collect()
        };
        let cutoffs: Vec<Timestamp> = panel.features().row_cutoffs().collect();
        let customers = panel.features().customers();
        let drawn = |row: usize, period: usize| {
            let seed = seeds[customers[row].index()] ^ cutoffs[row].micros() as u64;
            hash::share(hash::draw(hash::draw(seed).wrapping_add(period as u64)))
        };
        let known = self.periods().filter(|(_, period, _)| periods.contains(period));
        let row = |(row, period, bought): (usize, usize, bool)| {
            let share = if bought { of_bought } else { of_quiet };
            let chosen = share >= 1.0 || drawn(row, period) < share;
            chosen.then_some(Row { row, period, bought, stands_for: 1.0 / share })
        };
        known.filter_map(row).collect()
    }
}
