//! The features of one customer.

use super::activity;
use super::catalogue::{self, catalogue};
use super::feature::Feature;
use super::kinds::{self, KindColumns, KindSlots};
use super::paths;
use super::spend::Spend;
use super::wanted::Wanted;
use super::{basket, contacts, rfm, rhythm, season, surveys, tickets, windows};
use crate::log::{Act, History, TextPool};

/// Values of the whole catalogue, in its order.
pub(crate) type FeatureRow = [f64; catalogue::LEN];

/// A row before anything is computed.
pub(crate) const EMPTY_ROW: FeatureRow = [f64::NAN; catalogue::LEN];

/// Buffers kept from customer to customer.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    days: Vec<i64>,
    /// Of categories and channels.
    tallies: [basket::Tally; 2],
    /// Of kinds of events.
    pub(super) kinds: kinds::Room,
    slots: KindSlots,
    /// Events that concern contacts.
    contacts: Vec<Act>,
}

impl Scratch {
    /// Computes the columns of kinds of one customer, whose kinds are these texts.
    pub(crate) fn of_kinds(
        &mut self,
        columns: &KindColumns<'_>,
        history: &History<'_>,
        texts: &TextPool,
        out: &mut [f64],
    ) {
        columns.set(&mut self.slots, texts);
        columns.compute(history, &self.slots, &mut self.kinds, out);
    }
}

const _: () = assert!(catalogue::LEN < 128);

/// Computes the wanted features of one customer; what else stands in `row` has no meaning. Features
/// that the log cannot give are there too, without meaning; who reads a row takes the available ones.
pub(crate) fn compute(
    history: &History<'_>,
    wanted: Wanted,
    scratch: &mut Scratch,
    row: &mut FeatureRow,
) {
    let (mut wanted, mut rest) = (wanted, &mut row[..]);
    let mut next = |count: usize| {
        let (family, after) = std::mem::take(&mut rest).split_at_mut(count);
        rest = after;
        let of_family = wanted;
        wanted = wanted.after(count);
        (of_family, of_family.any(count), family)
    };
    let (_, any_rfm, rfm) = next(rfm::FEATURES.len());
    let (wanted_windows, any_windows, windows) = next(windows::FEATURES.len());
    if any_rfm || any_windows {
        let spend = Spend::of(history);
        rfm.copy_from_slice(&rfm::compute(history, &spend));
        windows.copy_from_slice(&windows::compute(history, wanted_windows, &spend));
    }
    let (wanted_here, any, family) = next(rhythm::FEATURES.len());
    if any {
        family.copy_from_slice(&rhythm::compute(history, wanted_here, &mut scratch.days));
    }
    let (_, any, family) = next(season::FEATURES.len());
    if any {
        family.copy_from_slice(&season::compute(history));
    }
    let (wanted_here, any, family) = next(basket::FEATURES.len());
    if any {
        family.copy_from_slice(&basket::compute(history, wanted_here, &mut scratch.tallies));
    }
    let (_, any, family) = next(tickets::FEATURES.len());
    if any {
        family.copy_from_slice(&tickets::compute(history));
    }
    let (_, any, family) = next(surveys::FEATURES.len());
    if any {
        family.copy_from_slice(&surveys::compute(history));
    }
    let (_, any_activity, activity) = next(activity::FEATURES.len());
    let (_, any_paths, paths) = next(paths::FEATURES.len());
    let (_, any_contacts, contacts) = next(contacts::FEATURES.len());
    if any_activity || any_paths || any_contacts {
        of_events(history, &mut scratch.contacts, [activity, paths, contacts]);
    }
}

/// Computes the families that are made of events, in one pass over them.
fn of_events(
    history: &History<'_>,
    contacts: &mut Vec<Act>,
    [activity, paths, of_contacts]: [&mut [f64]; 3],
) {
    let Some(acts) = history.acts() else { return };
    contacts.clear();
    let (mut of_activity, mut of_paths) =
        (activity::Tally::new(history), paths::Tally::new(history));
    for act in acts {
        of_activity.add(&act);
        of_paths.add(&act);
        if super::contacts::concerns(&act) {
            contacts.push(act);
        }
    }
    activity.copy_from_slice(&of_activity.values());
    paths.copy_from_slice(&of_paths.values());
    of_contacts.copy_from_slice(&super::contacts::compute(history, contacts));
}

/// All features of one customer that a log with these columns gives, in the order of the catalogue.
/// For a service; [`FeatureTable`](super::FeatureTable) does it for all customers of a log.
pub fn of_history(history: &History<'_>) -> Vec<(&'static Feature, f64)> {
    let mut row = EMPTY_ROW;
    compute(history, Wanted::ALL, &mut Scratch::default(), &mut row);
    let columns = history.columns();
    catalogue().zip(row).filter(|(feature, _)| feature.available(&columns)).collect()
}
