//! The fit of the shifted beta-geometric model, by a damped Newton's method in ln α and ln β.

use crate::error::{Error, Result};

/// The slope of the log-likelihood, per customer and in ln α, ln β, at which the search ends.
const FLAT: f64 = 1e-13;
/// Above it the customers are as good as alike, and α and β have no optimum.
const LARGEST: f64 = 1e7;
const MOST_STEPS: usize = 1_000;

/// How many were due to be renewed at ages 1, 2, …, and were: as shares of the most.
pub(super) struct Renewed {
    due: Vec<f64>,
    kept: Vec<f64>,
    customers: f64,
}

/// Where the search ended.
pub(super) struct Found {
    pub(super) at: [f64; 2],
    pub(super) standard_errors: [Option<f64>; 2],
    pub(super) log_likelihood: f64,
}

impl Renewed {
    /// Of one cohort at ages 0, 1, ….
    ///
    /// # Errors
    /// As [`ShiftedBetaGeometric::fit`](super::ShiftedBetaGeometric::fit).
    pub(super) fn of_survivors(survivors: &[f64]) -> Result<Self> {
        if survivors.len() < 3 {
            return Err(Error::TooLittleData(format!(
                "survivors at {} ages; at least three, from age 0 on, are needed for two parameters",
                survivors.len()
            )));
        }
        check_numbers("survivors", survivors)?;
        if survivors[0] <= 0.0 {
            return Err(Error::argument("survivors", survivors[0], "more than 0 at age 0"));
        }
        if let Some(age) = (1..survivors.len()).find(|&age| survivors[age] > survivors[age - 1]) {
            let expected = format!(
                "no more than at the age before, {} at age {}",
                survivors[age - 1],
                age - 1
            );
            let given = format!("{} at age {age}", survivors[age]);
            return Err(Error::argument("survivors", given, expected));
        }
        Self::checked(&survivors[..survivors.len() - 1], &survivors[1..])
    }

    /// # Errors
    /// As [`ShiftedBetaGeometric::fit_renewals`](super::ShiftedBetaGeometric::fit_renewals).
    pub(super) fn new(due: &[f64], renewed: &[f64]) -> Result<Self> {
        if due.len() != renewed.len() {
            let (due, renewed) = (due.len(), renewed.len());
            return Err(Error::Shape(format!("renewed has {renewed} values, due {due}")));
        }
        check_numbers("due", due)?;
        check_numbers("renewed", renewed)?;
        if let Some(age) = (0..due.len()).find(|&age| renewed[age] > due[age]) {
            let expected = format!("at most as many as were due, {} at age {}", due[age], age + 1);
            return Err(Error::argument("renewed", renewed[age], expected));
        }
        let reached = due.iter().rposition(|&n| n > 0.0).map_or(0, |last| last + 1);
        if reached < 2 {
            return Err(Error::TooLittleData(format!(
                "contracts due at {reached} ages; at least two are needed for two parameters"
            )));
        }
        if due[0] <= 0.0 {
            return Err(Error::argument("due", due[0], "more than 0 at age 1"));
        }
        Self::checked(&due[..reached], &renewed[..reached])
    }

    /// Refuses what has no optimum.
    fn checked(due: &[f64], kept: &[f64]) -> Result<Self> {
        if kept[0] == 0.0 || due == kept {
            let who = if kept[0] == 0.0 { "everybody left at once" } else { "nobody left" };
            return Err(Error::NotConverged(format!("{who}: alpha and beta have no optimum")));
        }
        // Shares have the same optimum, and the search one scale.
        let customers = due.iter().copied().fold(0.0, f64::max);
        let shares = |values: &[f64]| values.iter().map(|n| n / customers).collect();
        let renewed = Renewed { due: shares(due), kept: shares(kept), customers };
        if renewed.differences() <= 0.0 { Err(all_alike()) } else { Ok(renewed) }
    }

    /// How the log-likelihood rises with 1 / (α + β) where that is 0, the customers all alike and
    /// the mean chance to leave the best one for them: Σₜ (t − 1) (N(t) / (1 − mean) − N(t − 1)),
    /// per customer. What is rounding is 0.
    fn differences(&self) -> f64 {
        let steps = || self.due.iter().zip(&self.kept).enumerate();
        let exposed: f64 = steps().map(|(_, (due, _))| due).sum();
        let kept: f64 = steps().map(|(_, (_, kept))| kept).sum();
        let scale = exposed / kept;
        let slope: f64 = steps().map(|(age, (due, kept))| age as f64 * (kept * scale - due)).sum();
        let size: f64 = steps().map(|(age, (due, _))| age as f64 * due).sum();
        if slope.abs() <= 1e-9 * size { 0.0 } else { slope }
    }

    /// # Errors
    /// [`Error::NotConverged`] if there is no optimum.
    pub(super) fn maximise(&self) -> Result<Found> {
        let mut at = [0.0, 0.0];
        let mut here = Slope::new(self, at);
        let mut damping = 1e-3;
        for _ in 0..MOST_STEPS {
            if here.gradient.iter().all(|slope| slope.abs() < FLAT) {
                return Ok(self.found(at, &here));
            }
            let step = here.step(damping);
            let next_at = [at[0] + step[0].clamp(-2.0, 2.0), at[1] + step[1].clamp(-2.0, 2.0)];
            let next = Slope::new(self, next_at);
            // At the optimum values differ by rounding only, that of terms up to the cohort's size,
            // which is 1; a flatter place is then the better.
            let rounding = 1e-15 * here.value.abs().max(1.0);
            if next.value > here.value + rounding
                || (next.value >= here.value - rounding && next.steepness() < here.steepness())
            {
                (at, here) = (next_at, next);
                damping = (damping / 10.0).max(1e-12);
            } else if here.steepness() < 1e-11 {
                // As flat as rounding lets it be.
                return Ok(self.found(at, &here));
            } else {
                damping *= 10.0;
            }
            let [alpha, beta] = at.map(f64::exp);
            if alpha + beta > LARGEST || damping > 1e12 {
                break;
            }
        }
        Err(all_alike())
    }

    fn found(&self, at: [f64; 2], here: &Slope) -> Found {
        let at = at.map(f64::exp);
        let spread = here.spread();
        let error = |i: usize| {
            let relative = spread?[i] / self.customers.sqrt();
            (relative <= 1.0).then_some(relative * at[i])
        };
        let standard_errors = [error(0), error(1)];
        Found { at, standard_errors, log_likelihood: here.value * self.customers }
    }
}

fn check_numbers(name: &'static str, numbers: &[f64]) -> Result<()> {
    match numbers.iter().find(|n| !(n.is_finite() && **n >= 0.0)) {
        Some(bad) => Err(Error::argument(name, bad, "finite numbers, not negative")),
        None => Ok(()),
    }
}

fn all_alike() -> Error {
    Error::NotConverged(
        "the retention rate does not rise with age, so that the customers' chances to leave show \
         no difference: alpha and beta have no optimum"
            .into(),
    )
}

/// The log-likelihood of shares and its derivatives in ln α and ln β.
struct Slope {
    value: f64,
    gradient: [f64; 2],
    /// Second derivatives: αα, αβ, ββ.
    curvature: [f64; 3],
}

impl Slope {
    fn new(renewed: &Renewed, at: [f64; 2]) -> Self {
        let [alpha, beta] = at.map(f64::exp);
        let (mut value, mut gradient, mut curvature) = (0.0, [0.0; 2], [0.0; 3]);
        for (age, (&before, &stay)) in renewed.due.iter().zip(&renewed.kept).enumerate() {
            let (kept, all) = (beta + age as f64, alpha + beta + age as f64);
            let (of_stay, of_all) = (beta / kept, before / all);
            value += (before - stay) * (alpha / all).ln() + stay * (kept / all).ln();
            gradient[0] += (before - stay) - of_all * alpha;
            gradient[1] += stay * of_stay - of_all * beta;
            curvature[0] += -of_all * alpha * (1.0 - alpha / all);
            curvature[1] += of_all * alpha * beta / all;
            curvature[2] += stay * of_stay * (1.0 - of_stay) - of_all * beta * (1.0 - beta / all);
        }
        Slope { value, gradient, curvature }
    }

    fn steepness(&self) -> f64 {
        self.gradient[0].abs().max(self.gradient[1].abs())
    }

    /// Newton's step upwards; the damping makes the surface bend downwards where it does not.
    fn step(&self, damping: f64) -> [f64; 2] {
        let [aa, ab, bb] = self.curvature;
        let (mean, apart) = ((aa + bb) / 2.0, ((aa - bb) / 2.0).hypot(ab));
        let shift = (mean + apart).max(0.0) + damping * (mean.abs() + apart);
        let (aa, bb) = (aa - shift, bb - shift);
        let determinant = aa * bb - ab * ab;
        let [a, b] = self.gradient;
        [-(bb * a - ab * b) / determinant, -(aa * b - ab * a) / determinant]
    }

    /// Standard errors of ln α and ln β for one customer; none where the surface does not bend
    /// downwards.
    fn spread(&self) -> Option<[f64; 2]> {
        let [aa, ab, bb] = self.curvature;
        let determinant = aa * bb - ab * ab;
        (aa < 0.0 && determinant > 0.0)
            .then(|| [(-bb / determinant).sqrt(), (-aa / determinant).sqrt()])
    }
}
