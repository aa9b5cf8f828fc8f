//! Customers of a test in the order of a score of uplift.

use arrow_array::RecordBatch;

use super::areas::{Areas, Cell};
use crate::answer::columns::{batch, numbers};
use crate::error::{Error, Result};
use crate::metrics::inputs::check_share;

/// Amounts stay below this, so that no area of them overflows.
const MOST: f64 = 1e100;

/// Customers of a test in the order of a score of uplift, from the highest down.
///
/// ```
/// use winback::metrics::{UpliftAt, UpliftRanking};
/// let bought = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
/// let score = [0.9, 0.8, 0.7, 0.3, 0.2, 0.1];
/// let treated = [true, false, true, false, true, false];
/// let ranking = UpliftRanking::new(&bought, &score, &treated)?;
/// assert_eq!(ranking.uplift_at(0.5, UpliftAt::Overall)?, 1.0); // both treated bought, the other not
/// assert_eq!(ranking.auuc()?, 1.0); // no ranking could be better
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct UpliftRanking {
    /// Outcomes in the order of the ranking, of equal scores the treated last.
    pub(super) y: Vec<f64>,
    pub(super) treated: Vec<bool>,
    /// Where each group of equal scores ends.
    pub(super) ends: Vec<usize>,
    scores: Vec<f64>,
}

/// The customers of one score and of all higher ones.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct UpliftPoint {
    /// The lowest score among them; none for nobody.
    pub score: Option<f64>,
    /// Treated customers.
    pub treated: f64,
    /// Customers in control.
    pub control: f64,
    /// The uplift curve: the difference of the mean outcomes × these customers.
    pub uplift: f64,
    /// The Qini curve: the outcomes of the treated less those of the control, whose sum is scaled to
    /// the number of the treated.
    pub qini: f64,
}

/// Who the first `k` of the ranking are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpliftAt {
    /// The first of all customers.
    Overall,
    /// The first of the treated, and the first of the control.
    ByGroup,
}

impl UpliftRanking {
    /// Orders the customers.
    ///
    /// # Errors
    /// [`Error::Shape`] when lengths differ; [`Error::Argument`] for a score that is NaN or an
    /// outcome that is not finite; [`Error::TooLittleData`] when one of the arms is empty.
    pub fn new(y: &[f64], uplift: &[f64], treated: &[bool]) -> Result<Self> {
        check_test(y, treated)?;
        check_length("uplift", uplift.len(), y.len())?;
        if let Some(i) = uplift.iter().position(|score| score.is_nan()) {
            let expected = "numbers, infinite ones included";
            return Err(Error::argument("uplift", format!("NaN at index {i}"), expected));
        }
        let mut order: Vec<usize> = (0..y.len()).collect();
        // Equal scores by arm and outcome, so that no sum depends on the order of the rows.
        order.sort_unstable_by(|&a, &b| {
            uplift[b]
                .partial_cmp(&uplift[a])
                .unwrap_or(std::cmp::Ordering::Equal)
                .then_with(|| treated[a].cmp(&treated[b]))
                .then_with(|| y[a].total_cmp(&y[b]))
        });
        let (mut ends, mut scores) = (Vec::new(), Vec::new());
        for tied in order.chunk_by(|&a, &b| uplift[a] == uplift[b]) {
            ends.push(ends.last().copied().unwrap_or(0) + tied.len());
            scores.push(uplift[tied[0]]);
        }
        Ok(UpliftRanking {
            y: order.iter().map(|&row| y[row]).collect(),
            treated: order.iter().map(|&row| treated[row]).collect(),
            ends,
            scores,
        })
    }

    /// The curves, at nobody and then at the end of each group of equal scores.
    pub fn points(&self) -> Vec<UpliftPoint> {
        let point = |score, cell: Cell| UpliftPoint {
            score,
            treated: cell.treated,
            control: cell.control,
            uplift: cell.uplift(),
            qini: cell.qini(),
        };
        let mut so_far = Cell::default();
        let mut points = vec![point(None, so_far)];
        for (cell, &score) in self.cells().zip(&self.scores) {
            so_far.add(&cell, 1.0);
            points.push(point(Some(score), so_far));
        }
        points
    }

    /// The curves as a table: `customers`, `share`, `score`, `treated`, `control`, `uplift`, `qini`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let points = self.points();
        let (points, all) = (|| points.iter(), self.y.len() as f64);
        batch([
            numbers("customers", points().map(|point| point.treated + point.control)),
            numbers("share", points().map(|point| (point.treated + point.control) / all)),
            numbers("score", points().map(|point| point.score)),
            numbers("treated", points().map(|point| point.treated)),
            numbers("control", points().map(|point| point.control)),
            numbers("uplift", points().map(|point| point.uplift)),
            numbers("qini", points().map(|point| point.qini)),
        ])
    }

    /// The Qini coefficient: the area between the Qini curve and its chord, as a part of that of the
    /// best ranking; 0 for a ranking without information, 1 for the best one.
    ///
    /// As `qini_auc_score` of scikit-uplift 0.5.1 with `negative_effect=True`. causalml's
    /// `qini_score` is another figure: it scales the curve by its end.
    ///
    /// # Errors
    /// [`Error::Argument`] for outcomes other than 0 and 1, for which no ranking is known to be the
    /// best ([`UpliftRanking::radcliffe_q`] takes them); [`Error::TooLittleData`] where all rankings
    /// are equally good.
    pub fn qini(&self) -> Result<f64> {
        self.normalised(|areas| areas.qini)
    }

    /// The area between the uplift curve and its chord, as a part of that of the best ranking.
    ///
    /// As `uplift_auc_score` of scikit-uplift 0.5.1. causalml's `auuc_score` is another figure: it
    /// does not subtract the chord.
    ///
    /// # Errors
    /// As [`UpliftRanking::qini`].
    pub fn auuc(&self) -> Result<f64> {
        self.normalised(|areas| areas.uplift)
    }

    /// Radcliffe's Q: the area between the Qini curve and its chord, for each treated customer, over
    /// the share of customers from 0 to 1; in units of the outcome.
    ///
    /// Σ over trapezoids / (customers × treated), as Radcliffe (2007, "Using control groups to target
    /// on predicted lift") before he divides by the best. It needs no best ranking, so amounts have
    /// it too.
    pub fn radcliffe_q(&self) -> f64 {
        let all = self.all();
        Areas::of(self.cells()).qini / (all.customers() * all.treated)
    }

    /// The difference of the mean outcomes among the first `share` of the ranking, as scikit-uplift's
    /// `uplift_at_k` where scores differ. Where equal scores straddle the end, all of them count in
    /// part; there, scikit-uplift's value depends on the order of the rows.
    ///
    /// # Errors
    /// [`Error::Argument`] for a share that is not above 0 and at most 1; [`Error::TooLittleData`]
    /// when there is nobody of one of the arms.
    pub fn uplift_at(&self, share: f64, at: UpliftAt) -> Result<f64> {
        check_share(share)?;
        let (cells, all) = (self.cells(), self.all());
        uplift_at(cells, &all, share, at).ok_or_else(|| {
            let n = self.y.len();
            Error::TooLittleData(format!(
                "the first {share} of {n} customers are not of both arms; take a larger share"
            ))
        })
    }

    /// The groups of equal scores, from the highest down.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| {
            let mut cell = Cell::default();
            for (&y, &treated) in self.y[start..end].iter().zip(&self.treated[start..end]) {
                let (count, sum) = match treated {
                    true => (&mut cell.treated, &mut cell.treated_sum),
                    false => (&mut cell.control, &mut cell.control_sum),
                };
                *count += 1.0;
                *sum += y;
            }
            cell
        })
    }

    fn all(&self) -> Cell {
        self.cells().fold(Cell::default(), |mut all, cell| {
            all.add(&cell, 1.0);
            all
        })
    }

    /// Whether each outcome is yes or no.
    pub(super) fn is_yes_or_no(&self) -> bool {
        self.y.iter().all(|&y| y == 0.0 || y == 1.0)
    }

    fn normalised(&self, of: fn(&Areas) -> f64) -> Result<f64> {
        if let Some(other) = self.y.iter().find(|&&y| y != 0.0 && y != 1.0) {
            let expected = "outcomes of 0 or 1; for amounts there is Radcliffe's Q";
            return Err(Error::argument("y", other, expected));
        }
        let best = of(&Areas::best(&self.all()));
        if best == 0.0 {
            return Err(Error::TooLittleData(
                "with these outcomes all rankings are equally good; nothing to judge".to_owned(),
            ));
        }
        Ok(of(&Areas::of(self.cells())) / best)
    }
}

/// None where one of the arms has nobody in the share.
pub(super) fn uplift_at(
    cells: impl Iterator<Item = Cell>,
    all: &Cell,
    share: f64,
    at: UpliftAt,
) -> Option<f64> {
    let first = |n: f64| (n * share).floor();
    let (all_first, treated_first, control_first) =
        (first(all.customers()), first(all.treated), first(all.control));
    let mut top = Cell::default();
    // The part of a group that still fits.
    let part = |wanted: f64, there: f64, of: f64| match of > 0.0 {
        true => ((wanted - there) / of).clamp(0.0, 1.0),
        false => 0.0,
    };
    for cell in cells {
        let (treated, control) = match at {
            UpliftAt::Overall => {
                let part = part(all_first, top.customers(), cell.customers());
                (part, part)
            }
            UpliftAt::ByGroup => (
                part(treated_first, top.treated, cell.treated),
                part(control_first, top.control, cell.control),
            ),
        };
        top.add(&Cell { control: 0.0, control_sum: 0.0, ..cell }, treated);
        top.add(&Cell { treated: 0.0, treated_sum: 0.0, ..cell }, control);
        let is_full = match at {
            UpliftAt::Overall => top.customers() >= all_first,
            UpliftAt::ByGroup => top.treated >= treated_first && top.control >= control_first,
        };
        if is_full {
            break;
        }
    }
    (top.treated > 0.0 && top.control > 0.0)
        .then(|| top.treated_sum / top.treated - top.control_sum / top.control)
}

/// Outcomes and arms of a test: as many of each, all finite, someone in each arm.
pub(super) fn check_test(y: &[f64], treated: &[bool]) -> Result<()> {
    check_length("treated", treated.len(), y.len())?;
    if let Some(i) = y.iter().position(|y| !(-MOST..=MOST).contains(y)) {
        let got = format!("{} at index {i}", y[i]);
        return Err(Error::argument("y", got, "finite outcomes, of at most 1e100"));
    }
    let contacted = treated.iter().filter(|&&treated| treated).count();
    if contacted == 0 || contacted == y.len() {
        return Err(Error::TooLittleData(format!(
            "of {} customers {contacted} were treated; an effect needs both arms",
            y.len()
        )));
    }
    Ok(())
}

pub(super) fn check_length(name: &str, given: usize, n: usize) -> Result<()> {
    match given == n {
        true => Ok(()),
        false => Err(Error::Shape(format!(
            "y has {n} values, {name} has {given}; they must be the same number"
        ))),
    }
}
