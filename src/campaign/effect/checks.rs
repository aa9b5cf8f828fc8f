//! What makes a result doubtful, and what makes it worthless.

use super::compare::Comparison;
use super::study::{Kind, Study};
use crate::answer::text_table::percent;
use crate::campaign::balance::{
    BalanceRow, MOST_DIFFERENCE, Omnibus, balance, omnibus, ratio_test,
};
use crate::campaign::shares::Shares;
use crate::error::{Error, Result};
use crate::log::grouped;
use crate::stats::LEAST_RATIO_P_VALUE;

/// Fewer customers than these in each arm are few.
const FEW_CUSTOMERS: u64 = 100;
/// So are fewer of them who did something.
const FEW_EVENTS: f64 = 10.0;
/// An omnibus test below this says that arms were not drawn at random.
const LEAST_OMNIBUS_P_VALUE: f64 = 0.001;

/// Refuses arms of one customer or none, and arms that are not as large as they were to be; gives
/// the p value of their sizes.
pub(super) fn check_sizes(study: &Study, shares: Option<&Shares>) -> Result<Option<f64>> {
    let (names, sizes) = (&study.arms.names, study.arms.sizes());
    if let Some(few) = sizes.iter().position(|size| *size < 2) {
        return Err(Error::TooLittleData(format!(
            "the arm {} has {} customer; two or more are needed, and some hundreds to see anything",
            names[few], sizes[few]
        )));
    }
    let Some(shares) = shares else { return Ok(None) };
    // What was drawn is what must be as many.
    let drawn = study.clusters.as_ref().map_or(&sizes, |clusters| &clusters.sizes);
    if let Some(unknown) = names.iter().find(|name| shares.of(name).is_none()) {
        let expected = format!("a share of each arm; there is none of {unknown}");
        return Err(Error::argument("shares", shares, expected));
    }
    let of_arm = |(name, share): (&str, f64)| {
        let arm = names.iter().position(|own| own == name);
        (arm.map_or(0, |arm| drawn[arm]), share)
    };
    let (counts, parts): (Vec<u64>, Vec<f64>) = shares.iter().map(of_arm).unzip();
    if let Some((name, _)) =
        shares.iter().zip(&counts).find(|(_, count)| **count == 0).map(|(arm, _)| arm)
    {
        let message = format!("the arm {name} is empty, though it has a share of the customers");
        return Err(Error::bad_table("arms", message));
    }
    let (chi_squared, p_value) = ratio_test(&counts, &parts);
    if p_value < LEAST_RATIO_P_VALUE {
        let found: Vec<String> = shares
            .iter()
            .zip(&counts)
            .map(|((name, _), count)| format!("{name} {}", grouped(*count)))
            .collect();
        return Err(Error::bad_table(
            "arms",
            format!(
                "sample-ratio mismatch: {} were not drawn by the shares {shares} (χ² {chi_squared:.1}, \
                 p {p_value:.1e}); customers are missing from some arm, or were moved, and no effect \
                 is shown before that is understood",
                found.join(", ")
            ),
        ));
    }
    Ok(Some(p_value))
}

/// How alike the arms were before the start.
#[derive(Debug, Clone, Default)]
pub(super) struct Alike {
    pub(super) rows: Vec<BalanceRow>,
    pub(super) tests: Vec<(usize, Omnibus)>,
}

impl Alike {
    pub(super) fn of(study: &Study) -> Self {
        let mut alike = Alike::default();
        for arm in 1..study.arms.names.len() {
            let of_customer = &study.arms.of_customer;
            alike.rows.extend(balance(&study.known_before, of_customer, arm, 0));
            // It would take those who were drawn together for strangers.
            let test = match study.clusters {
                None => omnibus(&study.known_before, of_customer, arm, 0),
                Some(_) => None,
            };
            alike.tests.extend(test.map(|test| (arm, test)));
        }
        alike
    }

    /// What a reader must know of arms that were not alike.
    pub(super) fn notes(&self, arms: &[String]) -> Vec<String> {
        let off = |row: &&BalanceRow| row.is_off();
        let mut notes: Vec<String> = self
            .rows
            .iter()
            .filter(off)
            .map(|row| {
                format!(
                    "imbalance: {} of {} and control differ by {:+.2} standard deviations before the \
                     start (more than {MOST_DIFFERENCE}): adjust for it by covariates, and doubt the draw",
                    row.covariate,
                    arms[row.arm],
                    row.difference.unwrap_or(0.0)
                )
            })
            .collect();
        notes.extend(self.unlike_tests().map(|(arm, test)| {
            format!(
                "imbalance: what was known before the start tells {} from control (p {:.1e}): these \
                 arms were not drawn at random, and what differs may have been so before",
                arms[*arm], test.p_value
            )
        }));
        notes
    }

    /// Arms that what was known before tells from control, so that they were not drawn at random.
    pub(super) fn unlike(&self, arms: &[String]) -> Vec<String> {
        self.unlike_tests().map(|(arm, _)| arms[*arm].clone()).collect()
    }

    fn unlike_tests(&self) -> impl Iterator<Item = &(usize, Omnibus)> {
        self.tests.iter().filter(|(_, test)| test.p_value < LEAST_OMNIBUS_P_VALUE)
    }
}

/// Customers of each arm who were contacted; none where the log does not tell.
pub(super) fn contacted(study: &Study) -> Option<Vec<u64>> {
    let contacted = study.contacted.as_ref()?;
    let mut counts = vec![0; study.arms.names.len()];
    for (&arm, _) in study.arms.of_customer.iter().zip(contacted).filter(|(_, is_so)| **is_so) {
        counts[arm] += 1;
    }
    Some(counts)
}

/// What a reader must know of who was contacted.
pub(super) fn contact_notes(study: &Study) -> Vec<String> {
    let Some(counts) = contacted(study) else { return Vec::new() };
    let sizes = study.arms.sizes();
    let mut notes = Vec::new();
    if counts[0] > 0 {
        notes.push(format!(
            "control was contacted: {} of its {} customers ({}) had a contact in the window, so that the \
             effect shown is that of the campaign over those contacts, and likely too small",
            grouped(counts[0]),
            grouped(sizes[0]),
            percent(counts[0] as f64 / sizes[0] as f64)
        ));
    }
    for arm in 1..sizes.len() {
        let share = counts[arm] as f64 / sizes[arm] as f64;
        if share < 0.95 {
            notes.push(format!(
                "{} of the arm {} had a contact in the window; all of its customers count, reached or \
                 not, as they were drawn",
                percent(share),
                study.arms.names[arm]
            ));
        }
    }
    notes
}

/// Which arms are too small to say much.
pub(super) fn size_notes(study: &Study, comparisons: &[Comparison]) -> Vec<String> {
    let (names, sizes) = (&study.arms.names, study.arms.sizes());
    let mut notes = Vec::new();
    for (name, size) in names.iter().zip(&sizes).filter(|(_, size)| **size < FEW_CUSTOMERS) {
        notes.push(format!(
            "too few: the arm {name} has {size} customers; finding nothing says little"
        ));
    }
    for found in comparisons.iter().filter(|found| found.kind == Kind::Share) {
        let events = [
            found.mean * found.customers as f64,
            found.control_mean * found.control_customers as f64,
        ];
        if events[0].min(events[1]) < FEW_EVENTS {
            notes.push(format!(
                "too few: {} of {} or of control is told by fewer than {FEW_EVENTS} customers; its \
                 interval is a rough one",
                found.metric, names[found.arm]
            ));
        }
    }
    notes
}
