//! What the cells of a column look like.

use std::collections::HashSet;

use super::names::{Role, suits};
use super::numbers::{NumberForm, number_form};
use super::time_forms::{TimeForm, time_form};
use crate::log::{GivenType, SampledColumn};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// This share of the cells must be of a kind, for a column has a total row or a slip here and there.
const MOST: f64 = 0.95;

/// What cells are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// There are none.
    Empty,
    /// Numbers, written in this way, and whether all are whole.
    Numbers {
        form: NumberForm,
        whole: bool,
    },
    /// Times, written in this way, and whether all are dates.
    Times {
        form: TimeForm,
        dates: bool,
    },
    /// Two values that stand for yes and no.
    Flags,
    Texts,
    /// Lists and the like.
    Other,
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Empty => "empty",
            Kind::Numbers { whole: true, .. } => "whole numbers",
            Kind::Numbers { .. } => "numbers",
            Kind::Times { dates: true, .. } => "dates",
            Kind::Times { .. } => "times",
            Kind::Flags => "yes or no",
            Kind::Texts => "texts",
            Kind::Other => "nested",
        }
    }
}

/// A column as it looks.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Rows that were looked at, and those with a cell.
    pub(super) rows: usize,
    pub(super) filled: usize,
    pub(super) distinct: usize,
    pub(super) example: Option<String>,
    /// Of numbers: the smallest and the largest, and how many are zero.
    pub(super) range: Option<(f64, f64)>,
    pub(super) zeros: usize,
    /// Cells that are not of its kind, and the first of them with its row.
    pub(super) odd: usize,
    pub(super) first_odd: Option<(usize, String)>,
}

impl Profile {
    pub(super) fn of(column: &SampledColumn, is_text_file: bool) -> Profile {
        let cell = |cell: &Option<String>| cell.as_deref().map(str::trim).map(str::to_owned);
        let cells: Vec<Option<String>> =
            column.cells.iter().map(|c| cell(c).filter(|text| !is_missing(text))).collect();
        let filled: Vec<&str> = cells.iter().filter_map(Option::as_deref).collect();
        let distinct = filled.iter().collect::<HashSet<_>>().len();
        let mut profile = Profile {
            name: column.name.clone(),
            kind: Kind::Empty,
            rows: cells.len(),
            filled: filled.len(),
            distinct,
            example: filled.first().map(|text| (*text).to_owned()),
            range: None,
            zeros: 0,
            odd: 0,
            first_odd: None,
        };
        if column.given == GivenType::Other {
            profile.kind = Kind::Other;
        } else if filled.is_empty() {
            profile.kind = Kind::Empty;
        } else if column.given == GivenType::Flag || are_flags(&filled) {
            profile.kind = Kind::Flags;
        } else if column.given == GivenType::Text && !is_text_file {
            profile.kind = Kind::Texts;
            profile.look_at_times(&cells, &filled);
        } else {
            profile.kind = Kind::Texts;
            profile.look_at_times(&cells, &filled);
            if profile.kind == Kind::Texts {
                profile.look_at_numbers(&cells, &filled);
            }
        }
        profile
    }

    fn look_at_times(&mut self, cells: &[Option<String>], filled: &[&str]) {
        let roles = [Role::Time, Role::OpenedAt, Role::ResolvedAt, Role::KnownAt];
        let is_named_so = roles.iter().any(|role| suits(&self.name, *role) > 0.0);
        let Some(form) = time_form(filled, MOST, is_named_so) else { return };
        let times: Vec<Option<Timestamp>> = filled.iter().map(|text| form.read(text)).collect();
        let of_day = |time: &Timestamp| time.micros().rem_euclid(MICROS_PER_DAY);
        let dates = times.iter().flatten().all(|time| of_day(time) == 0);
        self.find_odd(cells, |text| form.read(text).is_some());
        self.kind = Kind::Times { form, dates };
    }

    fn look_at_numbers(&mut self, cells: &[Option<String>], filled: &[&str]) {
        // Leading zeros are those of ids, such as 00042.
        let is_id = |text: &&&str| {
            text.len() > 1
                && text.starts_with('0')
                && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if filled.iter().filter(is_id).count() * 20 > filled.len() {
            return;
        }
        let Some(form) = number_form(filled, MOST) else { return };
        let numbers: Vec<f64> = filled.iter().filter_map(|text| form.read(text)).collect();
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.range = Some((low, high));
        self.zeros = numbers.iter().filter(|number| **number == 0.0).count();
        self.find_odd(cells, |text| form.read(text).is_some());
        self.kind = Kind::Numbers { form, whole: numbers.iter().all(|n| n.fract() == 0.0) };
    }

    fn find_odd(&mut self, cells: &[Option<String>], fits: impl Fn(&str) -> bool) {
        let filled = cells.iter().enumerate().filter_map(|(row, text)| Some((row, text.as_ref()?)));
        let mut odd = filled.filter(|(_, text)| !fits(text));
        self.first_odd = odd.next().map(|(row, text)| (row + 1, text.clone()));
        self.odd = usize::from(self.first_odd.is_some()) + odd.count();
    }

    /// Whether no value occurs twice.
    pub(super) fn is_unique(&self) -> bool {
        self.filled > 1 && self.distinct == self.filled
    }

    /// Whether its cells can be ids: texts or whole numbers.
    pub(super) fn can_be_id(&self) -> bool {
        match &self.kind {
            Kind::Texts => true,
            Kind::Numbers { whole, .. } => *whole && self.range.is_none_or(|(low, _)| low >= -1.0),
            // Two customers with the ids 0 and 1 are few.
            Kind::Flags => false,
            _ => false,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Numbers { .. })
    }

    pub(super) fn is_time(&self) -> bool {
        matches!(self.kind, Kind::Times { .. })
    }
}

/// Texts that stand for a missing value in most programs.
fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NULL" | "null" | "\\N" | "NaN" | "nan" | "#N/A" | "<NA>" | "None" | "NaT")
}

fn are_flags(filled: &[&str]) -> bool {
    const FLAGS: [&str; 10] = ["true", "false", "yes", "no", "y", "n", "ja", "nein", "да", "нет"];
    filled.len() >= 2 && filled.iter().all(|text| FLAGS.contains(&text.to_lowercase().as_str()))
}
