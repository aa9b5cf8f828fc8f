//! What the answers about each topic add to a score.

use super::clusters::Part;
use super::nps::{AnswerKind, NO_REACH, NpsCounts};
use crate::log::CustomerIndex;
use crate::stats::Z95;

/// What the answers about one topic add to the difference between a score and the score of all
/// answers.
///
/// With n answers looked at, of which n_t are about topic t and have the score S_t, and S the score
/// of all answers, it is n_t / n · (S_t − S): how much is said about the topic times how much
/// better or worse it scores than elsewhere. Since the shares sum to 1, the contributions of all
/// topics sum exactly to the score looked at − S; to 0 if all answers are looked at.
///
/// The interval is ± 1.96 standard errors by the delta method, treating S and the topics' shares as
/// uncertain too, and using the variance between customers. With m = S / 100 an answer of value y
/// in {1, 0, −1} adds −(n_t / n) (y − m) / N, of N answers in all, and if it is looked at (y − m −
/// c) / n, or −c / n if it is about another topic, with the contribution c; the variance is the sum
/// over customers of the squares of their sums.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Contribution {
    /// In points; below 0 it pulls the score down.
    pub points: f64,
    /// Lower end of its 95 % interval; none where nothing varies.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// All answers: their mean, and what each customer's sum to around it.
#[derive(Debug)]
pub(super) struct Whole {
    counts: NpsCounts,
    mean: f64,
    /// By customer.
    sums: Vec<Part>,
    squares: f64,
}

impl Whole {
    /// None without answers. Answers come by customer.
    pub(super) fn new(
        answers: impl Iterator<Item = (CustomerIndex, AnswerKind)> + Clone,
    ) -> Option<Self> {
        let mut counts = NpsCounts::default();
        answers.clone().for_each(|(_, kind)| counts.add(kind));
        let (mean, _) = counts.moments()?;
        let mut sums: Vec<Part> = Vec::new();
        for (customer, kind) in answers {
            let value = kind.value() - mean;
            match sums.last_mut() {
                Some(last) if last.0 == customer => last.1 += value,
                _ => sums.push((customer, value)),
            }
        }
        let squares = sums.iter().map(|(_, sum)| sum * sum).sum();
        Some(Whole { counts, mean, sums, squares })
    }

    /// The contribution of the answers about a topic among those looked at, which are some of all and
    /// come by customer: who, what, and whether it is about the topic. None where none are looked at.
    pub(super) fn contribution(
        &self,
        part: &[(CustomerIndex, AnswerKind, bool)],
    ) -> Option<Contribution> {
        let n = part.len() as f64;
        let about = part.iter().filter(|answer| answer.2);
        let (mut topic, mut count) = (0.0, 0.0);
        about.for_each(|(_, kind, _)| (topic, count) = (topic + kind.value(), count + 1.0));
        if part.is_empty() {
            return None;
        }
        let value = (topic - count * self.mean) / n;
        let factor = count / n / self.counts.answers() as f64;
        // Those of customers who are not looked at are left as they are.
        let mut variance = factor * factor * self.squares;
        let mut sums = self.sums.iter();
        for own in part.chunk_by(|a, b| a.0 == b.0) {
            let Some(customer) = own.first().map(|answer| answer.0) else { continue };
            let sum = sums.find(|sum| sum.0 == customer).map_or(0.0, |sum| sum.1);
            let of = |(_, kind, about): &(CustomerIndex, AnswerKind, bool)| match about {
                true => kind.value() - self.mean - value,
                false => -value,
            };
            let inside = own.iter().map(of).sum::<f64>() / n - factor * sum;
            variance += inside * inside - (factor * sum).powi(2);
        }
        let (points, reach) = (100.0 * value, 100.0 * Z95 * variance.max(0.0).sqrt());
        let reach = (reach > NO_REACH).then_some(reach);
        let (low, high) = (reach.map(|reach| points - reach), reach.map(|reach| points + reach));
        Some(Contribution { points, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};

    /// Customer, what, topic; looked at are the topics below 3.
    type Answer = (CustomerIndex, AnswerKind, u8);

    fn answers() -> impl Strategy<Value = Vec<Answer>> {
        let answer = (0u32..30, 0usize..3, 0u8..5);
        proptest::collection::vec(answer, 1..80).prop_map(|mut answers| {
            answers.sort_unstable();
            answers
                .into_iter()
                .map(|(who, kind, topic)| (who.into(), AnswerKind::ALL[kind], topic))
                .collect()
        })
    }

    fn whole(answers: &[Answer]) -> Whole {
        Whole::new(answers.iter().map(|answer| (answer.0, answer.1))).unwrap()
    }

    fn looked_at(answers: &[Answer], topic: u8) -> Vec<(CustomerIndex, AnswerKind, bool)> {
        let part = answers.iter().filter(|answer| answer.2 < 3);
        part.map(|answer| (answer.0, answer.1, answer.2 == topic)).collect()
    }

    fn mean<'a>(answers: impl Iterator<Item = &'a Answer> + Clone) -> f64 {
        answers.clone().map(|answer| answer.1.value()).sum::<f64>() / answers.count() as f64
    }

    proptest! {
        #[test]
        fn prop_contributions_sum_to_the_difference_from_the_mean(answers in answers()) {
            let part = answers.iter().filter(|answer| answer.2 < 3);
            prop_assume!(part.clone().count() > 0);
            let whole = whole(&answers);
            let of = |topic| whole.contribution(&looked_at(&answers, topic)).unwrap().points;
            let difference = 100.0 * (mean(part) - mean(answers.iter()));
            prop_assert!(((0..3).map(of).sum::<f64>() - difference).abs() < 1e-9);
        }

        /// The slow twin of the interval: each customer's sum anew.
        #[test]
        fn prop_the_interval_is_that_written_out(answers in answers()) {
            let part = looked_at(&answers, 0);
            prop_assume!(!part.is_empty());
            let found = whole(&answers).contribution(&part).unwrap();
            let (n, all, m) = (part.len() as f64, answers.len() as f64, mean(answers.iter()));
            let w = part.iter().filter(|answer| answer.2).count() as f64 / n;
            let c = found.points / 100.0;
            let variance: f64 = (0..30)
                .map(|customer| {
                    let own = answers.iter().filter(|answer| answer.0 == customer.into());
                    let sum: f64 = own
                        .map(|(_, kind, topic)| {
                            let y = kind.value();
                            let everywhere = -w * (y - m) / all;
                            match topic {
                                0 => everywhere + (y - m - c) / n,
                                1 | 2 => everywhere - c / n,
                                _ => everywhere,
                            }
                        })
                        .sum();
                    sum * sum
                })
                .sum();
            // Squares, for the root of nearly nothing is not as near.
            let square = (196.0 / 1.96 * 1.959_963_984_540_054_f64).powi(2) * variance;
            let near = |reach: f64| (reach * reach - square).abs() < 1e-8 * (1.0 + square);
            let reach = |end: Option<f64>| end.map_or(0.0, |end| (end - found.points).abs());
            prop_assert!(near(reach(found.high)) && near(reach(found.low)));
            prop_assert!(found.low.is_none_or(|low| low < found.points));
        }
    }

    /// The interval holds the true value about as often as it says, also where customers answer
    /// several times, all much the same.
    #[test]
    fn intervals_hold_the_truth() {
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(3);
        // Shares of topics and how much better than elsewhere; the last two are not looked at.
        let topics = [(0.2, -0.2), (0.2, 0.3), (0.2, 0.1), (0.3, 0.0), (0.1, -0.1)];
        // A third of the customers is a promoter, a third a detractor, but for the topic's effect.
        let chance = |mood: f64, effect: f64| (1.0 + mood + effect) / 3.0;
        let of = |topic: usize| topics[topic].0 * topics[topic].1;
        let mean: f64 = (0..5).map(of).sum::<f64>() * 2.0 / 3.0;
        let looked_at_share = 0.6;
        let truth = 100.0 * (of(0) * 2.0 / 3.0 - topics[0].0 * mean) / looked_at_share;
        for answers_each in [1, 4] {
            let mut held = 0;
            for _ in 0..2_000 {
                let mut answers: Vec<Answer> = Vec::new();
                for customer in 0..200 {
                    let mood = if random.random::<bool>() { 0.6 } else { -0.6 };
                    for _ in 0..answers_each {
                        let mut place = random.random::<f64>();
                        let topic = topics.iter().position(|topic| {
                            place -= topic.0;
                            place < 0.0
                        });
                        let topic = topic.unwrap_or(4);
                        let good = chance(mood, topics[topic].1);
                        let bad = chance(-mood, -topics[topic].1);
                        let draw = random.random::<f64>();
                        let kind = match draw {
                            draw if draw < good => AnswerKind::Promoter,
                            draw if draw < good + bad => AnswerKind::Detractor,
                            _ => AnswerKind::Passive,
                        };
                        answers.push((customer.into(), kind, topic as u8));
                    }
                }
                let found = whole(&answers).contribution(&looked_at(&answers, 0)).unwrap();
                held += u32::from(found.low <= Some(truth) && Some(truth) <= found.high);
            }
            // 1,900 ± 4.5 standard deviations of 9.7, and a little less of few customers.
            assert!((1_850..=1_944).contains(&held), "{held} with {answers_each}");
        }
    }
}
