//! Visits, carts and letters around the purchases of a simulated customer.

use rand::{RngExt, SeedableRng};

use super::customer::{Act, CHANNELS};
use super::draws::{Random, exponential, favourite};

/// Kinds of events.
pub(super) const KINDS: [&str; 5] =
    ["cart", "checkout_abandoned", "email_open", "email_sent", "visit"];
/// Their places.
pub(super) const CART: i32 = 0;
pub(super) const ABANDONED: i32 = 1;
pub(super) const OPENED: i32 = 2;
pub(super) const SENT: i32 = 3;
pub(super) const VISIT: i32 = 4;

/// Makes the random stream of events another one than that of all else.
const STREAM: u64 = 0x6576_656e_7473_0000;
/// Visits without a purchase for each purchase that the customer would make at the own rate.
pub(super) const IDLE_VISITS: f64 = 2.0;
/// Days between two letters.
pub(super) const LETTERS: f64 = 14.0;

/// What the customer is up to, which nobody sees. Times are days since the start.
pub(super) struct Hidden {
    pub(super) joined: f64,
    /// Purchases a day of a customer who neither pauses nor leaves.
    pub(super) rate: f64,
    pub(super) decided: Option<f64>,
    pub(super) left: Option<f64>,
    /// From when to when the customer pauses.
    pub(super) pauses: Vec<(f64, f64)>,
    /// When the customer bought.
    pub(super) bought: Vec<f64>,
    pub(super) channel: usize,
}

impl Hidden {
    /// How interested the customer is, 0 to 1: visits and opened letters fall with the square of the
    /// fade, before purchases do, and nearly end in a pause.
    fn interest(&self, t: f64) -> f64 {
        if self.left.is_some_and(|left| t >= left) {
            return 0.0;
        }
        let fade = match (self.decided, self.left) {
            (Some(decided), Some(left)) if t > decided => (left - t) / (left - decided),
            _ => 1.0,
        };
        let paused = self.pauses.iter().any(|&(from, to)| from <= t && t < to);
        fade * fade * if paused { 0.1 } else { 1.0 }
    }
}

/// The events of a customer in order of time; `seen` gives the time of an instant that is in the
/// log.
pub(super) fn acts(
    hidden: &Hidden,
    seed: u64,
    span: f64,
    seen: impl Fn(f64) -> Option<i64>,
) -> Vec<Act> {
    let mut random = Random::seed_from_u64(seed ^ STREAM);
    let r = &mut random;
    let mut acts = Vec::new();
    let mut add = |t: f64, kind: i32, pages: Option<i64>, channel: Option<i32>| {
        if let Some(time) = seen(t).filter(|_| t >= 0.0) {
            acts.push(Act { time, kind, pages, channel });
        }
    };
    for &bought in &hidden.bought {
        let start = bought - 0.02 - 0.02 * r.random::<f64>();
        let channel = favourite(r, 0.8, hidden.channel, CHANNELS.len());
        add(start, VISIT, Some(pages(r)), Some(channel));
        add(start + 0.01, CART, None, Some(channel));
    }
    let mut t = hidden.joined;
    loop {
        t += exponential(r) / (IDLE_VISITS * hidden.rate).max(1e-300);
        if t.is_nan() || t >= span {
            break;
        }
        // Everything is drawn, so that what happens later does not change what came before.
        let [comes, fills, gives_up] = [(); 3].map(|()| r.random::<f64>());
        let (pages, channel) = (pages(r), favourite(r, 0.8, hidden.channel, CHANNELS.len()));
        if comes >= hidden.interest(t) {
            continue;
        }
        add(t, VISIT, Some(pages), Some(channel));
        if fills < 0.15 {
            add(t + 0.005, CART, None, Some(channel));
            if gives_up < 0.5 {
                add(t + 0.01, ABANDONED, None, Some(channel));
            }
        }
    }
    let mut sent = hidden.joined + LETTERS * r.random::<f64>();
    while sent < span {
        let (opens, after) = (r.random::<f64>(), exponential(r));
        add(sent, SENT, None, None);
        if opens < opened_chance(hidden.interest(sent)) {
            add(sent + after, OPENED, None, None);
        }
        sent += LETTERS;
    }
    acts.sort_by_key(|act| (act.time, act.kind));
    acts
}

/// The chance that a letter is opened.
pub(super) fn opened_chance(interest: f64) -> f64 {
    0.02 + 0.4 * interest
}

/// Pages of a visit.
fn pages(random: &mut Random) -> i64 {
    1 + (4.0 * exponential(random)) as i64
}
