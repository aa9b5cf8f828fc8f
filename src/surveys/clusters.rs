//! The precision of scores when customers answer several times: answers of one customer are alike,
//! so variances are computed between customers, Σ (sum over the customer's answers)².

use super::nps::{AnswerKind, Nps, NpsCounts, NpsDifference};
use crate::followup::Told;
use crate::log::CustomerIndex;
use crate::stats::effective_number;

/// An answer's part of an estimate, of a customer; by customer.
pub(super) type Part = (CustomerIndex, f64);

/// The sum over customers of the squares of their sums. Each of the two comes by customer.
pub(super) fn squares(one: &[Part], other: &[Part]) -> f64 {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut squares = 0.0;
    while let Some(customer) =
        [one.peek(), other.peek()].into_iter().flatten().map(|part| part.0).min()
    {
        let mut sum = 0.0;
        while let Some(part) = one.next_if(|part| part.0 == customer) {
            sum += part.1;
        }
        while let Some(part) = other.next_if(|part| part.0 == customer) {
            sum += part.1;
        }
        squares += sum * sum;
    }
    squares
}

/// Some answers, by customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    pub(super) counts: NpsCounts,
    pub(super) answers: Vec<(CustomerIndex, AnswerKind)>,
}

impl Sample {
    pub(super) fn add(&mut self, given: &Told<AnswerKind>) {
        self.counts.add(given.kind);
        self.answers.push((given.customer, given.kind));
    }

    pub(super) fn customers(&self) -> u64 {
        self.answers.chunk_by(|a, b| a.0 == b.0).count() as u64
    }

    /// What each answer adds to the mean's error.
    fn parts(&self, mean: f64, sign: f64) -> Vec<Part> {
        let factor = sign / self.answers.len() as f64;
        let part = |&(customer, kind): &(CustomerIndex, AnswerKind)| {
            (customer, (kind.value() - mean) * factor)
        };
        self.answers.iter().map(part).collect()
    }

    /// The score, with the number of independent answers that would be as exact: at most all, and
    /// that of customers where all say the same.
    pub(super) fn nps(&self) -> Option<Nps> {
        let (mean, variance) = self.counts.moments()?;
        let n = self.answers.len() as f64;
        let between = squares(&self.parts(mean, 1.0), &[]);
        let effective = effective_number(n, self.customers() as f64, variance, between);
        Nps::of(self.counts, effective)
    }

    /// This score − the other, of answers that are not the same ones but may be of the same
    /// customers.
    pub(super) fn against(&self, other: &Sample) -> Option<NpsDifference> {
        let ((mean, _), (other_mean, _)) = (self.counts.moments()?, other.counts.moments()?);
        let variance = squares(&self.parts(mean, 1.0), &other.parts(other_mean, -1.0));
        let least = self.customers().min(other.customers());
        Some(NpsDifference::of(mean - other_mean, variance, least))
    }
}
