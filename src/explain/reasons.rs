//! The reasons of one customer: groups of columns, put into sentences.

use serde::Serialize;

use super::described::DescribedColumns;
use super::groups::Group;
use super::texts::{LOWERS, NOT_SEEN, RAISES, TYPICAL};
use super::words::{push_filled, push_statement, value};
use crate::answer::options::options;
use crate::error::{Error, Result};
use crate::features::Feature;
use crate::language::{Language, Speech, Text, check_currency};

options! {
    /// Which reasons are given.
    #[command(next_help_heading = "Reasons")]
    pub struct ReasonOptions {
        /// Maximum number of reasons per customer
        #[value(long = "reasons", value_name = "N")]
        count: usize = 3,
        /// Smallest change in log-odds that counts as a reason; 0.05 moves a chance of one half by
        /// 1.2 percentage points, and chances further from one half by less
        #[value(value_name = "X")]
        min_contribution: f64 = 0.05,
        /// Language of the reasons: en or ru
        #[value(value_name = "NAME", value_parser = crate::answer::value::<Language>)]
        language: Language = Language::English,
        /// Currency of the amounts, such as EUR or $; without it amounts are plain numbers
        #[value(value_name = "NAME", hide_default_value = true)]
        #[takes(into)]
        currency: String = String::new(),
    }
}

impl ReasonOptions {
    /// Rejects invalid options.
    ///
    /// # Errors
    /// [`Error::Argument`] for a `count` above 100, or a `min_contribution` that is negative or not
    /// finite.
    pub fn check(&self) -> Result<()> {
        if self.count > 100 {
            return Err(Error::argument("reasons", self.count, "at most 100"));
        }
        if !(self.min_contribution.is_finite() && self.min_contribution >= 0.0) {
            let expected = "0 or more, in log-odds";
            return Err(Error::argument("min_contribution", self.min_contribution, expected));
        }
        check_currency(&self.currency)
    }
}

/// One group's part in one customer's chance of a purchase.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reason {
    /// What it is about.
    pub group: Group,
    /// The column of the group that the sentence is about: the one that moves the log-odds most in
    /// the group's direction; for [`Recency`](crate::features::ReasonGroup::Recency), the days
    /// since the last purchase come first. Columns with the typical value, and those that move the
    /// chance against the [`Feature::expected_sign`](crate::features::Feature::expected_sign), are
    /// skipped; a group with no other column gives no reason.
    pub feature: String,
    /// Its value in words.
    pub value: String,
    /// The typical value in words: the median of the training rows of the customer's state, or for
    /// texts the most frequent one. Where half of the rows have no value, it says that there is
    /// none.
    pub typical: String,
    /// What all columns of the group add to the log-odds of a purchase, compared with the training rows
    /// of the customer's state.
    pub contribution: f64,
    /// The sentence.
    pub text: String,
}

impl Reason {
    /// The sentence without its end, which says whether the chance is raised or lowered.
    pub(crate) fn fact(&self) -> &str {
        let end = |of_activity: bool| {
            let languages = [Language::English, Language::Russian].into_iter();
            let ends = languages.flat_map(move |language| {
                [RAISES, LOWERS].map(|end| Speech { language, of_activity }.text(end))
            });
            ends.filter_map(|end| self.text.strip_suffix(end)).next()
        };
        end(false).or_else(|| end(true)).unwrap_or(&self.text)
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Most sentences are not longer.
const ROOM_OF_SENTENCE: usize = 128;

/// A number that differs from the typical one by less than this share of the larger is near it.
const NEAR: f64 = 0.1;

/// One customer as a model saw it.
pub(crate) struct Explained<'a, L> {
    pub(crate) columns: &'a DescribedColumns,
    /// The customer's values, and the typical ones.
    pub(crate) row: &'a [f64],
    pub(crate) typical: &'a [Option<f64>],
    /// What each column adds to the log-odds.
    pub(crate) contributions: &'a [f64],
    /// The text that a value of a column stands for, where it holds texts; none in the inner option:
    /// one that was not seen in training.
    pub(crate) level: L,
    /// Whether it is activity that stands in place of purchases.
    pub(crate) of_activity: bool,
}

impl<L: Fn(usize, f64) -> Option<Option<String>>> Explained<'_, L> {
    fn speech(&self, options: &ReasonOptions) -> Speech {
        Speech { language: options.language, of_activity: self.of_activity }
    }

    fn in_words(&self, column: usize, number: f64, options: &ReasonOptions) -> String {
        let speech = self.speech(options);
        let text = if number.is_nan() { None } else { (self.level)(column, number) };
        match text {
            Some(Some(text)) => text,
            Some(None) => speech.text(NOT_SEEN).to_owned(),
            None => value(self.columns.all[column].feature, number, &options.currency, speech),
        }
    }

    /// The value of a column and the typical one in words, if the column may be told of: it is not what
    /// is typical, or nearly so, and it does not contradict its expected sign, as one of several columns
    /// that tell nearly the same may.
    fn told_of(&self, column: usize, total: f64, options: &ReasonOptions) -> Option<[String; 2]> {
        let (value, typical) = (self.row[column], self.typical_of(column));
        let described = &self.columns.all[column];
        if described.compared().is_some() && typical.is_nan() {
            return None;
        }
        let text = (self.level)(column, value).is_some();
        // How long a silence is, the customer's own rhythm says, not what is typical.
        let silence = self.rhythm_of(column).is_some();
        let near = (value - typical).abs() < NEAR * value.abs().max(typical.abs());
        if near && !text && !silence {
            return None;
        }
        let sign = described.feature.map_or(0, |feature| feature.expected_sign);
        if (value - typical) * f64::from(sign) * total < 0.0 {
            return None;
        }
        let words = [value, typical].map(|number| self.in_words(column, number, options));
        (words[0] != words[1]).then_some(words)
    }

    /// How many days the customer usually leaves between what a column tells the last of, the feature
    /// that says so, and its words.
    fn rhythm_of(&self, column: usize) -> Option<(Option<&'static Feature>, f64, Text)> {
        let silence = self.columns.all[column].silence?;
        let usual = silence.usual?;
        let gap = self.row[usual];
        (!gap.is_nan()).then_some((self.columns.all[usual].feature, gap, silence.words))
    }

    /// NaN where most have none.
    fn typical_of(&self, column: usize) -> f64 {
        self.typical.get(column).copied().flatten().unwrap_or(f64::NAN)
    }

    /// The group's column to tell of, if there is one, with its value and the typical one in words.
    fn told(
        &self,
        columns: &[usize],
        total: f64,
        options: &ReasonOptions,
    ) -> Option<(usize, [String; 2])> {
        let size = |column: usize| self.contributions[column].abs();
        let silence = |column: usize| self.columns.all[column].silence.is_some();
        // Those that move the log-odds the way the group does.
        let with_it = columns.iter().copied().filter(|&c| self.contributions[c] * total > 0.0);
        let mut order: Vec<usize> = with_it.collect();
        // Silence itself says most; equal ones stay in the order of the columns.
        order.sort_by(|&a, &b| {
            silence(b).cmp(&silence(a)).then_with(|| size(b).total_cmp(&size(a)))
        });
        order.into_iter().find_map(|c| Some((c, self.told_of(c, total, options)?)))
    }

    fn sentence(
        &self,
        column: usize,
        [words, typical]: [&str; 2],
        total: f64,
        speech: Speech,
    ) -> String {
        let described = &self.columns.all[column];
        let mut text = String::with_capacity(ROOM_OF_SENTENCE);
        match described.compared() {
            Some([above, below]) if !self.row[column].is_nan() => {
                let above_typical = self.row[column] > self.typical_of(column);
                text += speech.text(if above_typical { above } else { below });
            }
            Some(_) => push_statement(&mut text, described, words, speech),
            None => {
                push_statement(&mut text, described, words, speech);
                push_filled(&mut text, speech.text(TYPICAL), typical);
            }
        }
        if let Some((usual, gap, words)) = self.rhythm_of(column) {
            push_filled(&mut text, speech.text(words), &value(usual, gap, "", speech));
        }
        text + speech.text(if total > 0.0 { RAISES } else { LOWERS })
    }
}

/// Which groups are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Either,
    /// Those that raise the chance.
    Up,
    /// Those that lower it.
    Down,
}

/// The groups that move the log-odds most in a direction, the largest first; equal ones in the order of
/// their first columns.
pub(crate) fn reasons<L: Fn(usize, f64) -> Option<Option<String>>>(
    explained: &Explained<'_, L>,
    direction: Direction,
    options: &ReasonOptions,
) -> Vec<Reason> {
    let groups = &explained.columns.groups;
    let total = |columns: &[usize]| columns.iter().map(|&c| explained.contributions[c]).sum();
    let totals: Vec<f64> = groups.iter().map(|(_, columns)| total(columns)).collect();
    let size = |group: usize| f64::abs(totals[group]);
    let counts = |&group: &usize| {
        let asked = match direction {
            Direction::Either => true,
            Direction::Up => totals[group] > 0.0,
            Direction::Down => totals[group] < 0.0,
        };
        asked && size(group) > 0.0 && size(group) >= options.min_contribution
    };
    let mut order: Vec<usize> = (0..groups.len()).filter(counts).collect();
    order.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    let speech = explained.speech(options);
    let reason = |group: usize| {
        let (about, columns) = &groups[group];
        let (column, [value, typical]) = explained.told(columns, totals[group], options)?;
        Some(Reason {
            group: about.clone(),
            feature: explained.columns.all[column].name.clone(),
            text: explained.sentence(column, [&value, &typical], totals[group], speech),
            value,
            typical,
            contribution: totals[group],
        })
    };
    order.into_iter().filter_map(reason).take(options.count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = [
        "days_since_last_purchase",
        "purchase_count",
        "purchase_count_90d",
        "mean_gap_days",
        "open_ticket_count",
        "plan",
    ];

    fn texts(row: [f64; 6], contributions: [f64; 6], options: &ReasonOptions) -> Vec<String> {
        let columns = DescribedColumns::new(NAMES.map(String::from).into());
        let typical = [Some(121.0), Some(4.0), Some(0.0), None, Some(0.0), Some(0.0)];
        let level = |column: usize, code: f64| {
            (column == 5).then(|| ["basic", "plus"].get(code as usize).map(|s| (*s).to_owned()))
        };
        let explained = Explained {
            columns: &columns,
            row: &row,
            typical: &typical,
            contributions: &contributions,
            level,
            of_activity: false,
        };
        reasons(&explained, Direction::Either, options)
            .into_iter()
            .map(|reason| reason.text)
            .collect()
    }

    const ROW: [f64; 6] = [118.2, 9.0, 0.0, 34.0, 2.0, 1.0];
    const CONTRIBUTIONS: [f64; 6] = [-0.9, 0.6, -0.35, 0.01, -0.2, 0.3];

    #[test]
    fn columns_of_one_group_count_together_and_the_largest_comes_first() {
        assert_eq!(
            texts(ROW, CONTRIBUTIONS, &ReasonOptions { count: 9, ..ReasonOptions::default() }),
            [
                "last purchase 118 days ago (typical: 121 days), usually buys every 34 days: lowers \
                 the chance of a purchase",
                "plan: plus (typical: basic): raises the chance of a purchase",
                "purchases in all: 9 (typical: 4): raises the chance of a purchase",
                "open support tickets: 2 (typical: 0): lowers the chance of a purchase",
            ]
        );
    }

    #[test]
    fn reasons_are_told_in_russian() {
        let options = ReasonOptions { language: Language::Russian, ..ReasonOptions::default() };
        assert_eq!(
            texts(ROW, CONTRIBUTIONS, &options),
            [
                "последняя покупка 118 дней назад (типично: 121 день), обычно покупает раз в 34 дня: \
                 снижает шанс покупки",
                "plan: plus (типично: basic): повышает шанс покупки",
                "покупок всего: 9 (типично: 4): повышает шанс покупки",
            ]
        );
    }

    #[test]
    fn what_is_small_is_no_reason_and_what_is_missing_is_said() {
        let options = ReasonOptions { min_contribution: 0.25, ..ReasonOptions::default() };
        let row = [150.0, 9.0, 0.0, f64::NAN, 2.0, f64::NAN];
        let found = texts(row, CONTRIBUTIONS, &options);
        assert_eq!(found.len(), 3);
        assert!(found[0].starts_with("last purchase 150 days ago (typical"), "{}", found[0]);
        assert!(found[1].starts_with("plan: not known (typical: basic)"), "{}", found[1]);
        let row = [150.0, 9.0, 0.0, f64::NAN, 2.0, 7.0];
        assert!(
            texts(row, CONTRIBUTIONS, &options)[1]
                .starts_with("plan: rare or not seen in training")
        );
        assert!(
            texts(ROW, [0.0; 6], &ReasonOptions { min_contribution: 0.0, ..options }).is_empty()
        );
    }

    #[test]
    fn what_is_typical_or_against_common_sense_is_not_told() {
        let options = ReasonOptions { count: 9, ..ReasonOptions::default() };
        // As many purchases as typical; fewer open tickets than typical cannot lower the chance.
        let row = [118.2, 4.0, 0.0, 34.0, -1.0, 0.0];
        let found = texts(row, CONTRIBUTIONS, &options);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("last purchase 118 days ago"));
        // Nearly typical, and without a rhythm of the customer's own.
        let row = [118.2, 4.3, 0.0, f64::NAN, 0.0, 0.0];
        assert!(texts(row, CONTRIBUTIONS, &options).is_empty());
        // More purchases than typical raise the chance; that they lower it is not told.
        let row = [150.0, 9.0, 0.0, f64::NAN, 0.0, 0.0];
        let found = texts(row, [-0.9, -0.6, 0.0, 0.2, 0.0, 0.0], &options);
        assert_eq!(found.len(), 1, "{found:?}");
        // Typically there is no second purchase.
        let row = [118.2, 4.0, 0.0, 34.0, 0.0, 0.0];
        let found = texts(row, [0.0, 0.0, 0.0, 0.5, 0.0, 0.0], &options);
        assert_eq!(
            found,
            [
                "usual gap between purchases: 34 days (typical: only one day with purchases so far): \
              raises the chance of a purchase"
            ]
        );
    }

    #[test]
    fn options_that_mean_nothing_are_refused() {
        for min_contribution in [-0.1, f64::NAN, f64::INFINITY] {
            let options = ReasonOptions { min_contribution, ..ReasonOptions::default() };
            assert!(matches!(
                options.check(),
                Err(Error::Argument { name: "min_contribution", .. })
            ));
        }
        let options = ReasonOptions { count: 101, ..ReasonOptions::default() };
        assert!(matches!(options.check(), Err(Error::Argument { name: "reasons", .. })));
    }
}
