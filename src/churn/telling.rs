//! Which kinds of events get columns of their own: those whose number says something of purchases to
//! come beyond what recency and frequency say. On a few thousand rows each further kind costs a
//! linear model more than noise can give.

use crate::error::Result;
use crate::groups::{PURCHASE_BANDS, purchase_band};
use crate::labels::{Label, LimitsAt, State, outcome_window};
use crate::log::{CustomerIndex, CustomerIndices, EventLog, over_customers};
use crate::panel::PanelOptions;
use crate::time::{MICROS_PER_DAY, Timestamp, Window};

/// Events of the last 30 days are counted, and those of a year.
const DAYS: [i64; 2] = [30, 365];
const COUNTS: usize = DAYS.len();
/// So many standard errors are clear: of twelve kinds of noise, one in sixteen models takes one.
const CLEAR: f64 = 3.0;
const STRATA: usize = State::ALL.len() * PURCHASE_BANDS.len();

/// One training cutoff.
struct Cutoff {
    at: Timestamp,
    states: LimitsAt,
    window: Window,
    label: Label,
}

/// A customer at a cutoff, and 1 with a purchase in the outcome window.
struct Row {
    stratum: usize,
    purchased: f64,
}

/// Sums over the rows of a stratum: how many there are, and how many have a purchase.
type Rows = (f64, f64);

/// Of these kinds those that tell something, in their order.
///
/// Rows are customers at the training cutoffs; those of one cutoff, state and band of the number of
/// purchases are a stratum. With y a purchase and x the logarithm of 1 + the number of events, the
/// sum over all rows of (y − mean of y) (x − mean of x), means being those of the stratum, is 0 but
/// for chance where the number says nothing; its variance is the sum over customers of the squares
/// of their parts (a stratified score test, with customers as clusters).
pub(super) fn telling(
    log: &EventLog,
    cutoffs: &[Timestamp],
    until: Timestamp,
    options: &PanelOptions,
    kinds: Vec<String>,
) -> Result<Vec<String>> {
    if kinds.is_empty() {
        return Ok(kinds);
    }
    let PanelOptions { lead, horizon, limits, label, .. } = options;
    let cutoff = |&at: &Timestamp| {
        let window = outcome_window(at, *lead, *horizon)?;
        Ok(Cutoff { at, states: limits.at(at)?, window, label: *label })
    };
    let cutoffs: Vec<Cutoff> = cutoffs.iter().map(cutoff).collect::<Result<_>>()?;
    let places = log.event_texts().iter();
    let places: Vec<Option<usize>> =
        places.map(|text| kinds.iter().position(|kind| kind == text)).collect();
    let strata = STRATA * cutoffs.len();
    let width = kinds.len() * COUNTS;

    let each_row = |customers: CustomerIndices,
                    each: &mut dyn FnMut(CustomerIndex, &Row, &[f64])| {
        let (mut counts, mut logs) = (vec![0usize; width], vec![0.0; width]);
        for customer in customers {
            for (number, cutoff) in cutoffs.iter().enumerate() {
                counts.fill(0);
                if let Some(row) = cutoff.row(log, until, (number, customer), &places, &mut counts)
                {
                    logs.iter_mut().zip(&counts).for_each(|(log, &n)| *log = (n as f64).ln_1p());
                    each(customer, &row, &logs);
                }
            }
        }
    };
    let sums = |customers: CustomerIndices| {
        let mut rows: Vec<Rows> = vec![(0.0, 0.0); strata];
        let mut events = vec![0.0; strata * width];
        each_row(customers, &mut |_, row, logs| {
            let sum = &mut rows[row.stratum];
            *sum = (sum.0 + 1.0, sum.1 + row.purchased);
            let own = &mut events[row.stratum * width..][..width];
            own.iter_mut().zip(logs).for_each(|(sum, log)| *sum += log);
        });
        (rows, events)
    };
    let (rows, events) =
        over_customers(log, strata * (width + 2), sums, |(rows, events), (more, other)| {
            for (own, more) in rows.iter_mut().zip(more) {
                *own = (own.0 + more.0, own.1 + more.1);
            }
            events.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        });

    let parts = |customers: CustomerIndices| {
        let mut sums = vec![(0.0, 0.0); width];
        let (mut own, mut current) = (vec![0.0; width], None);
        let mut close = |own: &mut Vec<f64>| {
            for ((sum, squares), own) in sums.iter_mut().zip(own) {
                (*sum, *squares) = (*sum + *own, *squares + *own * *own);
                *own = 0.0;
            }
        };
        each_row(customers, &mut |customer, row, logs| {
            if current != Some(customer) {
                close(&mut own);
                current = Some(customer);
            }
            let (n, purchased) = rows[row.stratum];
            let y = row.purchased - purchased / n;
            let means = &events[row.stratum * width..][..width];
            for ((own, log), sum) in own.iter_mut().zip(logs).zip(means) {
                *own += y * (log - sum / n);
            }
        });
        close(&mut own);
        sums
    };
    let sums = over_customers(log, 2 * width, parts, |all, other| {
        for (own, other) in all.iter_mut().zip(other) {
            *own = (own.0 + other.0, own.1 + other.1);
        }
    });
    let is_clear = |(sum, squares): &(f64, f64)| sum.abs() > CLEAR * squares.sqrt();
    let clear = sums.chunks(COUNTS).map(|counts| counts.iter().any(is_clear));
    Ok(kinds.into_iter().zip(clear).filter_map(|(kind, clear)| clear.then_some(kind)).collect())
}

impl Cutoff {
    /// The row of a customer with a purchase before the cutoff; its events are counted into `counts`.
    fn row(
        &self,
        log: &EventLog,
        until: Timestamp,
        (number, customer): (usize, CustomerIndex),
        places: &[Option<usize>],
        counts: &mut [usize],
    ) -> Option<Row> {
        let history = log.history(customer, self.at);
        let state = self.states.state(history.last_purchase()?);
        let band = purchase_band(history.purchases().len());
        let from = DAYS.map(|days| self.at.micros() - days * MICROS_PER_DAY);
        let acts = history.acts().into_iter().flatten().rev();
        for act in acts.take_while(|act| act.time >= from[COUNTS - 1]) {
            let Some(place) = places[usize::from(act.kind)] else { continue };
            let own = &mut counts[place * COUNTS..][..COUNTS];
            own.iter_mut()
                .zip(from)
                .for_each(|(count, from)| *count += usize::from(act.time >= from));
        }
        let purchased = log.seen(self.label, customer, self.window, until).purchased();
        let stratum = (number * State::ALL.len() + state as usize) * PURCHASE_BANDS.len() + band;
        Some(Row { stratum, purchased: f64::from(u8::from(purchased)) })
    }
}
