//! The features of one customer.

use super::activity;
use super::catalogue::{self, catalogue};
use super::feature::Feature;
use super::kinds::{self, KindColumns, KindSlots};
use super::of_rows::{OfRows, RowsScratch};
use super::paths;
use super::wanted::Wanted;
use super::{basket, contacts, contract, rfm, rhythm, season, surveys, tickets, windows};
use crate::log::{Act, EventRole, History, TextPool};

/// Values of the whole catalogue, in its order.
pub(crate) type FeatureRow = [f64; catalogue::LEN];

/// A row before anything is computed.
pub(crate) const EMPTY_ROW: FeatureRow = [f64::NAN; catalogue::LEN];

/// Buffers kept from customer to customer.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(super) rows: RowsScratch,
    /// Of kinds of events.
    pub(super) kinds: kinds::Room,
    slots: KindSlots,
    events: Parting,
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
/// Returns the days with a purchase, rising.
pub(crate) fn compute<'s>(
    history: &History<'_>,
    wanted: Wanted,
    scratch: &'s mut Scratch,
    row: &mut FeatureRow,
) -> &'s [i64] {
    let of_rows = OfRows::of(history, wanted, &mut scratch.rows);
    compute_with(&of_rows, history, wanted, scratch, row);
    scratch.rows.purchase_days(history)
}

/// The same from what was found of the rows already.
pub(super) fn compute_with(
    of_rows: &OfRows,
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
    let (_, any, family) = next(rfm::FEATURES.len());
    if any {
        let OfRows { total_spend, max_check, .. } = *of_rows;
        family.copy_from_slice(&rfm::compute(history, total_spend, max_check));
    }
    let (wanted_here, any, family) = next(windows::FEATURES.len());
    if any {
        family.copy_from_slice(&windows::compute(history, wanted_here, of_rows.total_spend));
    }
    let (_, any, family) = next(rhythm::FEATURES.len());
    if any {
        family.copy_from_slice(&rhythm::compute(history, &of_rows.gaps, || {
            scratch.rows.purchase_days(history)
        }));
    }
    let (_, any, family) = next(season::FEATURES.len());
    if any {
        family.copy_from_slice(&season::compute(history));
    }
    let (_, any, family) = next(basket::FEATURES.len());
    if any {
        family.copy_from_slice(&of_rows.basket);
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
        of_events(history, &mut scratch.events, [activity, paths, contacts]);
    }
    let (_, any, family) = next(contract::FEATURES.len());
    if any {
        family.copy_from_slice(&contract::compute(history));
    }
}

/// Room for one customer's events, parted by what is made of them; it only grows.
#[derive(Debug, Default)]
struct Parting {
    own: Vec<i64>,
    visits: Vec<i64>,
    contacts: Vec<(i64, u8)>,
    attempts: Vec<(i64, u8)>,
}

/// One customer's events in the order of time.
struct Parted<'a> {
    /// Times of those that are neither contacts nor stand in place of purchases.
    own: &'a [i64],
    visits: &'a [i64],
    /// Times and roles of those that concern contacts, and of carts and checkouts broken off.
    contacts: &'a [(i64, u8)],
    attempts: &'a [(i64, u8)],
}

impl Parting {
    fn part(&mut self, acts: impl Iterator<Item = Act>, most: usize) -> Parted<'_> {
        const OTHERS: u8 = EventRole::Contact.bit() | EventRole::Activity.bit();
        const CONTACTS: u8 = EventRole::Contact.bit() | EventRole::Opened.bit();
        const ATTEMPTS: u8 = EventRole::Cart.bit() | EventRole::Abandoned.bit();
        let room = most.max(self.own.len());
        self.own.resize(room, 0);
        self.visits.resize(room, 0);
        self.contacts.resize(room, (0, 0));
        self.attempts.resize(room, (0, 0));
        let (own, visits) = (&mut self.own[..most], &mut self.visits[..most]);
        let (contacts, attempts) = (&mut self.contacts[..most], &mut self.attempts[..most]);
        // Each is written everywhere and kept where it belongs: roles come in no order that a
        // processor could guess.
        let mut counts = [0; 4];
        for act in acts {
            let is = |bits: u8| usize::from(act.roles & bits != 0);
            own[counts[0]] = act.time;
            visits[counts[1]] = act.time;
            contacts[counts[2]] = (act.time, act.roles);
            attempts[counts[3]] = (act.time, act.roles);
            counts[0] += 1 - is(OTHERS);
            counts[1] += is(EventRole::Visit.bit());
            counts[2] += is(CONTACTS);
            counts[3] += is(ATTEMPTS);
        }
        Parted {
            own: &own[..counts[0]],
            visits: &visits[..counts[1]],
            contacts: &contacts[..counts[2]],
            attempts: &attempts[..counts[3]],
        }
    }
}

/// Computes the families that are made of events.
fn of_events(
    history: &History<'_>,
    room: &mut Parting,
    [activity, paths, contacts]: [&mut [f64]; 3],
) {
    let (Some(acts), Some(most)) = (history.acts(), history.most_acts()) else { return };
    let parted = room.part(acts, most);
    activity.copy_from_slice(&super::activity::compute(history, parted.own));
    paths.copy_from_slice(&super::paths::compute(history, parted.visits, parted.attempts));
    contacts.copy_from_slice(&super::contacts::compute(history, parted.contacts));
}

/// All features of one customer that a log with these columns gives, in the order of the catalogue.
/// For a service; [`FeatureTable`](super::FeatureTable) does it for all customers of a log.
pub fn of_history(history: &History<'_>) -> Vec<(&'static Feature, f64)> {
    let mut row = EMPTY_ROW;
    compute(history, Wanted::ALL, &mut Scratch::default(), &mut row);
    let columns = history.columns();
    catalogue().zip(row).filter(|(feature, _)| feature.available(&columns)).collect()
}
