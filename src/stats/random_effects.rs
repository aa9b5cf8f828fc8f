//! Effects in several groups, each drawn towards what all have in common.

use super::exact_sum::exact_sum;
use super::special::chi_squared_tail;

/// An effect and its variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effect {
    pub(crate) effect: f64,
    pub(crate) variance: f64,
}

/// What differs between groups, by DerSimonian and Laird (1986).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RandomEffects {
    /// Cochran's Q.
    pub(crate) q: f64,
    /// Of the test that the effect is the same in all groups.
    pub(crate) p_value: f64,
    /// The part of the variance between estimates that is no chance (Higgins and Thompson 2002).
    pub(crate) i_squared: f64,
    /// The variance of the effect between groups.
    pub(crate) between: f64,
    /// The mean effect of groups.
    pub(crate) mean: f64,
    /// The effect of each group, and its variance, drawn towards the mean as far as it is uncertain
    /// (empirical Bayes).
    pub(crate) shrunk: Vec<Effect>,
}

impl RandomEffects {
    /// None of fewer than two groups, or where one has no variance.
    pub(crate) fn of(groups: &[Effect]) -> Option<Self> {
        let degrees = groups.len().checked_sub(1).filter(|&degrees| degrees > 0)?;
        if groups.iter().any(|group| !(group.variance > 0.0 && group.effect.is_finite())) {
            return None;
        }
        let weight = |group: &Effect| 1.0 / group.variance;
        let sum = |of: &dyn Fn(&Effect) -> f64| exact_sum(groups.iter().map(of));
        let all = sum(&weight);
        let fixed = sum(&|group| weight(group) * group.effect) / all;
        let q = sum(&|group| weight(group) * (group.effect - fixed).powi(2));
        let scale = all - sum(&|group| weight(group).powi(2)) / all;
        let between = ((q - degrees as f64) / scale).max(0.0);
        let random = |group: &Effect| 1.0 / (group.variance + between);
        let all = sum(&random);
        let mean = sum(&|group| random(group) * group.effect) / all;
        let shrunk = |group: &Effect| {
            let own = between / (between + group.variance);
            Effect {
                effect: own * group.effect + (1.0 - own) * mean,
                // That of the group's own part, and of the common mean.
                variance: own * group.variance + (1.0 - own).powi(2) / all,
            }
        };
        Some(RandomEffects {
            q,
            p_value: chi_squared_tail(q, degrees),
            i_squared: if q > 0.0 { (1.0 - degrees as f64 / q).max(0.0) } else { 0.0 },
            between,
            mean,
            shrunk: groups.iter().map(shrunk).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISITS: [(f64, f64); 7] = [
        (0.0685519171, 0.0051978880),
        (0.0691095121, 0.0067650856),
        (0.0843979066, 0.0082442530),
        (0.0892012803, 0.0121210626),
        (0.0989518028, 0.0127435290),
        (0.0614976733, 0.0217405810),
        (0.0970656499, 0.0273907034),
    ];

    fn groups() -> Vec<Effect> {
        let effect = |&(effect, error): &(f64, f64)| Effect { effect, variance: error * error };
        VISITS.iter().map(effect).collect()
    }

    /// Visits by what customers had spent, in Hillstrom's e-mail test; computed with numpy 2.2.6 and
    /// scipy 1.17.1 by the formulas.
    #[test]
    fn segments_of_hillstrom() {
        let found = RandomEffects::of(&groups()).unwrap();
        let near = |found: f64, expected: f64| {
            assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
        };
        near(found.q, 9.53369304);
        near(found.p_value, 0.14571293);
        near(found.i_squared, 0.37065312);
        near(found.between, 5.3501785861e-05);
        near(found.mean, 0.0777944792);
        let shrunk = [
            0.0716532143,
            0.0731136106,
            0.0807029886,
            0.0808394762,
            0.0830374536,
            0.0761373462,
            0.0790772648,
        ];
        found.shrunk.iter().zip(shrunk).for_each(|(found, expected)| near(found.effect, expected));
        for (own, shrunk) in groups().iter().zip(&found.shrunk) {
            assert!(shrunk.variance < own.variance);
        }
    }

    #[test]
    fn groups_that_differ_by_chance_have_one_effect() {
        let alike = [1.0, 1.1, 0.9].map(|effect| Effect { effect, variance: 1.0 });
        let found = RandomEffects::of(&alike).unwrap();
        assert_eq!((found.between, found.i_squared), (0.0, 0.0));
        assert!(found.shrunk.iter().all(|group| (group.effect - 1.0).abs() < 1e-12));
        assert_eq!(RandomEffects::of(&alike[..1]), None);
        assert_eq!(RandomEffects::of(&[alike[0], Effect { effect: 1.0, variance: 0.0 }]), None);
    }
}
