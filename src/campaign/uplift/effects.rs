//! Effects put together from regressions: the learners.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::options::{Learner, Uplift};
use super::regression::Regression;
use super::sample::Sample;
use crate::churn::Estimator;
use crate::error::{Error, Result};
use crate::hash;

/// What the outcome is in each arm, the control first.
pub(super) type Nuisance = Vec<Regression>;

/// The effect of each arm but the control, in a learner's own form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effects {
    /// One regression with the arm among its columns.
    Single { model: Box<Regression>, arms: usize, interactions: bool },
    /// One of each arm, the control first.
    Apart { models: Vec<Regression> },
    /// Of each arm the effect among its own, the effect among the control, and the weight of the latter.
    Crossed { arms: Vec<(Regression, Regression, f64)> },
    /// The effects themselves.
    Direct { models: Vec<Regression> },
    /// Of each arm the chance that the outcome is as the arm wants it.
    Aligned { models: Vec<Regression> },
}

impl Uplift {
    fn takes_products(&self) -> bool {
        // Trees find products themselves.
        let has_lines = matches!(self.estimator, Estimator::Logistic(_) | Estimator::Average(_));
        self.options.interactions && has_lines
    }

    /// A regression of the outcome.
    pub(super) fn regression(&self, x: ArrayView2<'_, f64>, of: &Sample<'_>) -> Result<Regression> {
        match of.is_yes_or_no {
            true => {
                let y: Vec<bool> = of.y.iter().map(|&y| y == 1.0).collect();
                Regression::of_yes(&self.estimator, x, &y, None, of.stop)
            }
            false => Regression::of_amount(&self.estimator, x, &of.y, of.stop),
        }
    }

    /// A regression of each arm.
    pub(super) fn nuisance(&self, sample: &Sample<'_>) -> Result<Nuisance> {
        let of_arm = |arm: usize| {
            let own = sample.of_arm(arm as u32);
            self.regression(own.x.view(), &own)
        };
        (0..sample.arms).map(of_arm).collect()
    }

    /// The effects that these customers teach.
    pub(super) fn effects(&self, sample: &Sample<'_>, nuisance: &Nuisance) -> Result<Effects> {
        match self.options.learner {
            Learner::S => {
                let interactions = self.takes_products();
                let arms: Vec<usize> = sample.arm.iter().map(|&arm| arm as usize).collect();
                let x = with_arm(sample.x.view(), &arms, sample.arms, interactions);
                let model = Box::new(self.regression(x.view(), sample)?);
                Ok(Effects::Single { model, arms: sample.arms, interactions })
            }
            Learner::T => Ok(Effects::Apart { models: nuisance.clone() }),
            Learner::X => {
                let crossed = |arm| self.crossed(sample, nuisance, arm);
                Ok(Effects::Crossed { arms: (1..sample.arms).map(crossed).collect::<Result<_>>()? })
            }
            Learner::Dr => {
                let outcomes = self.unseen_outcomes(sample, nuisance)?;
                let direct = |arm: usize| {
                    let score = |row: usize| {
                        robust(sample, &outcomes, row, arm) - robust(sample, &outcomes, row, 0)
                    };
                    let scores: Vec<f64> = (0..sample.len()).map(score).collect();
                    Regression::of_amount(&self.estimator, sample.x.view(), &scores, sample.stop)
                };
                Ok(Effects::Direct { models: (1..sample.arms).map(direct).collect::<Result<_>>()? })
            }
            Learner::Class => {
                let aligned = |arm| self.aligned(&sample.pair(arm as u32), arm);
                Ok(Effects::Aligned {
                    models: (1..sample.arms).map(aligned).collect::<Result<_>>()?,
                })
            }
        }
    }

    fn crossed(
        &self,
        sample: &Sample<'_>,
        nuisance: &Nuisance,
        arm: usize,
    ) -> Result<(Regression, Regression, f64)> {
        let (own, control) = (sample.of_arm(arm as u32), sample.of_arm(0));
        let regress = |of: &Sample<'_>, other: &Regression, sign: f64| {
            let expected = other.predict(of.x.view())?;
            let imputed: Vec<f64> =
                of.y.iter().zip(expected).map(|(y, expected)| sign * (y - expected)).collect();
            Regression::of_amount(&self.estimator, of.x.view(), &imputed, of.stop)
        };
        let among_own = regress(&own, &nuisance[0], 1.0)?;
        let among_control = regress(&control, &nuisance[arm], -1.0)?;
        let chances = (0..sample.len()).map(|row| sample.chance_of_pair(row, arm));
        let weight = chances.sum::<f64>() / sample.len() as f64;
        Ok((among_own, among_control, weight))
    }

    fn aligned(&self, pair: &Sample<'_>, arm: usize) -> Result<Regression> {
        if !pair.is_yes_or_no {
            let expected = "outcomes of 0 or 1, or another learner";
            return Err(Error::text_argument("learner", Learner::Class.name(), expected));
        }
        let is_treated = |row: usize| pair.arm[row] as usize == arm;
        let wanted: Vec<bool> =
            (0..pair.len()).map(|row| is_treated(row) == (pair.y[row] == 1.0)).collect();
        let weight = |row: usize| {
            let chance = pair.chance_of_pair(row, arm);
            0.5 / if is_treated(row) { chance } else { 1.0 - chance }
        };
        let weights: Vec<f64> = (0..pair.len()).map(weight).collect();
        Regression::of_yes(&self.estimator, pair.x.view(), &wanted, Some(&weights), pair.stop)
    }

    /// The outcomes expected in each arm, customers × arms, by regressions that have not seen the
    /// customer where that is asked for.
    fn unseen_outcomes(&self, sample: &Sample<'_>, nuisance: &Nuisance) -> Result<Array2<f64>> {
        if !self.options.cross_fit || self.options.folds == 1 {
            return outcomes(nuisance, sample.x.view());
        }
        // Other parts than those that the whole is judged by.
        let parts = sample.parts(self.options.folds, hash::draw(self.options.seed));
        let mut all = Array2::zeros((sample.len(), sample.arms));
        for (own, others) in parts {
            let nuisance = self.nuisance(&sample.select(&others))?;
            let found = outcomes(&nuisance, sample.select(&own).x.view())?;
            for (row, found) in own.iter().zip(found.rows()) {
                all.row_mut(*row).assign(&found);
            }
        }
        Ok(all)
    }
}

/// What is expected of each row in each arm.
pub(super) fn outcomes(nuisance: &Nuisance, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let mut all = Array2::zeros((x.nrows(), nuisance.len()));
    for (arm, model) in nuisance.iter().enumerate() {
        let expected = model.predict(x)?;
        all.column_mut(arm).iter_mut().zip(expected).for_each(|(to, from)| *to = from);
    }
    Ok(all)
}

/// The doubly robust score of a row in an arm: what is expected of it and, if it was in this arm, what
/// the expectation missed, divided by the chance of that.
pub(super) fn robust(sample: &Sample<'_>, outcomes: &Array2<f64>, row: usize, arm: usize) -> f64 {
    let expected = outcomes[[row, arm]];
    match sample.arm[row] as usize == arm {
        true => expected + (sample.y[row] - expected) / sample.chance(row, arm),
        false => expected,
    }
}

/// The columns, one for each arm but the control, and where asked for their products.
fn with_arm(x: ArrayView2<'_, f64>, arm: &[usize], arms: usize, interactions: bool) -> Array2<f64> {
    let (n, width) = x.dim();
    let first_product = width + arms - 1;
    let products = if interactions { width * (arms - 1) } else { 0 };
    Array2::from_shape_fn((n, first_product + products), |(row, column)| match column {
        column if column < width => x[[row, column]],
        column if column < first_product => f64::from(u8::from(arm[row] == column - width + 1)),
        column => {
            let (of_arm, of) = ((column - first_product) / width, (column - first_product) % width);
            if arm[row] == of_arm + 1 { x[[row, of]] } else { 0.0 }
        }
    })
}

impl Effects {
    /// The effect of each arm but the control on each row.
    pub(super) fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let n = x.nrows();
        let columns: Vec<Vec<f64>> = match self {
            Effects::Single { model, arms, interactions } => {
                let expected = |arm: usize| {
                    model.predict(with_arm(x, &vec![arm; n], *arms, *interactions).view())
                };
                let control = expected(0)?;
                let effect = |arm| Ok(less(expected(arm)?, &control));
                (1..*arms).map(effect).collect::<Result<_>>()?
            }
            Effects::Apart { models } => {
                let control = models[0].predict(x)?;
                let effect = |model: &Regression| Ok(less(model.predict(x)?, &control));
                models[1..].iter().map(effect).collect::<Result<_>>()?
            }
            Effects::Crossed { arms } => {
                let effect = |(own, control, weight): &(Regression, Regression, f64)| {
                    let (own, control) = (own.predict(x)?, control.predict(x)?);
                    let mixed = |(own, control)| (1.0 - weight) * own + weight * control;
                    Ok(own.into_iter().zip(control).map(mixed).collect())
                };
                arms.iter().map(effect).collect::<Result<_>>()?
            }
            Effects::Direct { models } => {
                models.iter().map(|model| model.predict(x)).collect::<Result<_>>()?
            }
            Effects::Aligned { models } => {
                let effect = |model: &Regression| {
                    Ok(model.predict(x)?.into_iter().map(|p| 2.0 * p - 1.0).collect())
                };
                models.iter().map(effect).collect::<Result<_>>()?
            }
        };
        Ok(Array2::from_shape_fn((n, columns.len()), |(row, arm)| columns[arm][row]))
    }

    /// Whether it is one that a fit can give, for so many columns and arms.
    pub(super) fn is_sound(&self, columns: usize, arms: usize) -> bool {
        let all = |models: &[Regression], n: usize| {
            models.len() == n && models.iter().all(|model| model.is_sound(columns))
        };
        match self {
            Effects::Single { model, arms: own, interactions } => {
                let products = if *interactions { columns * (arms - 1) } else { 0 };
                *own == arms && model.is_sound(columns + arms - 1 + products)
            }
            Effects::Apart { models } => all(models, arms),
            Effects::Crossed { arms: pairs } => {
                pairs.len() == arms - 1
                    && pairs.iter().all(|(own, control, weight)| {
                        own.is_sound(columns)
                            && control.is_sound(columns)
                            && (0.0..=1.0).contains(weight)
                    })
            }
            Effects::Direct { models } | Effects::Aligned { models } => all(models, arms - 1),
        }
    }
}

fn less(mut values: Vec<f64>, others: &[f64]) -> Vec<f64> {
    values.iter_mut().zip(others).for_each(|(value, other)| *value -= other);
    values
}
