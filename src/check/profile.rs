//! What the cells of a column look like.

use std::collections::HashSet;

use super::names::{Role, suits};
use super::numbers::{NumberForm, NumbersTold, numbers_told};
use super::time_forms::{TimesTold, is_no_end, times_told};
use crate::log::{GivenType, InputOptions, SampledColumn};
use crate::time::{MICROS_PER_DAY, TimeFormat, Timestamp};

/// This share of the cells must be of a kind, for a column has a total row or a slip here and there.
const MOST: f64 = 0.95;

/// What cells are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// There are none.
    Empty,
    /// Numbers, written in this way, and whether all are whole.
    Numbers {
        told: NumbersTold,
        whole: bool,
    },
    /// Texts of numbers beside this sign of a currency; with none, numbers that are texts.
    Money {
        told: NumbersTold,
        sign: String,
    },
    /// Times, written in this way, and whether all are dates.
    Times {
        told: TimesTold,
        dates: bool,
    },
    /// Two values that stand for yes and no.
    Flags,
    Texts,
    /// Lists, values of several types, and other types that no log takes.
    Other,
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Empty => "empty",
            Kind::Numbers { whole: true, .. } => "whole numbers",
            Kind::Numbers { .. } => "numbers",
            Kind::Money { .. } => "numbers as texts",
            Kind::Times { dates: true, .. } => "dates",
            Kind::Times { .. } => "times",
            Kind::Flags => "yes or no",
            Kind::Texts => "texts",
            Kind::Other => "not readable",
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
    /// Of ends of contracts: a cell that stands for none.
    pub(super) no_end: Option<String>,
}

/// How cells are looked at.
pub(super) struct Look<'a> {
    pub(super) is_text_file: bool,
    pub(super) options: &'a InputOptions,
    /// Formats of times that are given, and how numbers are written if that is.
    pub(super) formats: &'a [TimeFormat],
    pub(super) numbers: Option<NumberForm>,
    /// Whether numbers are likely to have decimal commas.
    pub(super) commas_are_likely: bool,
}

impl Look<'_> {
    /// The text of a cell; none for what stands for a missing value.
    pub(super) fn text<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = self.options.value(text.trim())?;
        let is_meant = self.options.missing_values.is_none();
        (!is_meant || !matches!(text, "NaT" | "None" | "<NA>")).then_some(text)
    }
}

impl Profile {
    pub(super) fn of(column: &SampledColumn, look: &Look<'_>) -> Profile {
        let cell = |cell: &Option<String>| Some(look.text(cell.as_deref()?)?.to_owned());
        let cells: Vec<Option<String>> = column.cells.iter().map(cell).collect();
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
            no_end: None,
        };
        if column.given == GivenType::Other {
            profile.kind = Kind::Other;
        } else if filled.is_empty() {
            profile.kind = Kind::Empty;
        } else if column.given == GivenType::Flag || are_flags(&filled) {
            profile.kind = Kind::Flags;
        } else {
            profile.kind = Kind::Texts;
            profile.look_at_times(&cells, &filled, look);
            let are_texts = column.given == GivenType::Text && !look.is_text_file;
            if profile.kind == Kind::Texts && !are_texts {
                profile.look_at_numbers(&cells, &filled, look);
            }
            if profile.kind == Kind::Texts {
                profile.look_at_money(&cells, &filled, look);
            }
        }
        profile
    }

    fn look_at_times(&mut self, cells: &[Option<String>], filled: &[&str], look: &Look<'_>) {
        let roles = [Role::Time, Role::OpenedAt, Role::ResolvedAt, Role::ValidUntil, Role::KnownAt];
        let is_named_so = roles.iter().any(|role| suits(&self.name, *role) > 0.0);
        // A day such as 9999-12-31 among ends means that there is none.
        let is_end = suits(&self.name, Role::ValidUntil) > 0.0;
        let is_open = |text: &str| is_end && is_no_end(text, look.formats);
        let (open, filled): (Vec<&str>, Vec<&str>) = filled.iter().partition(|text| is_open(text));
        let Some(told) = times_told(&filled, MOST, is_named_so, look.formats) else { return };
        self.no_end = open.first().map(|text| (*text).to_owned());
        let form = &told.form;
        let times: Vec<Option<Timestamp>> = filled.iter().map(|text| form.read(text)).collect();
        let of_day = |time: &Timestamp| time.micros().rem_euclid(MICROS_PER_DAY);
        let dates = times.iter().flatten().all(|time| of_day(time) == 0);
        self.find_odd(cells, |text| form.read(text).is_some() || is_open(text));
        self.kind = Kind::Times { told, dates };
    }

    fn look_at_numbers(&mut self, cells: &[Option<String>], filled: &[&str], look: &Look<'_>) {
        // Leading zeros are those of ids, such as 00042.
        let is_id = |text: &&&str| {
            text.len() > 1
                && text.starts_with('0')
                && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if filled.iter().filter(is_id).count() * 20 > filled.len() {
            return;
        }
        let Some(told) = told_numbers(filled, look) else { return };
        let form = told.form;
        let numbers: Vec<f64> = filled.iter().filter_map(|text| form.read(text)).collect();
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.range = Some((low, high));
        self.zeros = numbers.iter().filter(|number| **number == 0.0).count();
        self.find_odd(cells, |text| form.read(text).is_some());
        self.kind = Kind::Numbers { told, whole: numbers.iter().all(|n| n.fract() == 0.0) };
    }

    /// Amounts beside the sign of a currency, or that are texts in a table that has numbers.
    fn look_at_money(&mut self, cells: &[Option<String>], filled: &[&str], look: &Look<'_>) {
        let roles = [Role::Amount, Role::Discount, Role::Price, Role::Quantity];
        if roles.iter().all(|role| suits(&self.name, *role) == 0.0) {
            return;
        }
        // A text without a digit, such as "free", has no sign, and is no amount.
        let numbers = filled.iter().filter(|text| text.contains(|c: char| c.is_ascii_digit()));
        let sign = numbers.map(|text| sign_of(text)).find(|sign| !sign.is_empty());
        let sign = sign.unwrap_or_default().to_owned();
        let is_text = |text: &str| text.chars().any(char::is_alphabetic);
        if sign.chars().count() > 4 || is_text(&sign) && self.distinct < 2 {
            return;
        }
        let bare: Vec<String> = filled.iter().map(|text| without(text, &sign)).collect();
        let bare: Vec<&str> = bare.iter().map(String::as_str).collect();
        let Some(told) = told_numbers(&bare, look) else { return };
        let form = told.form;
        self.find_odd(cells, |text| form.read(&without(text, &sign)).is_some());
        self.kind = Kind::Money { told, sign };
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
            Kind::Money { sign, .. } => sign.is_empty(),
            // Two customers with the ids 0 and 1 are few.
            Kind::Flags => false,
            _ => false,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Numbers { .. })
    }

    /// Whether it is a number once a sign is taken off.
    pub(super) fn is_money(&self) -> bool {
        matches!(self.kind, Kind::Money { .. })
    }

    /// The sign beside its numbers.
    pub(super) fn sign(&self) -> &str {
        match &self.kind {
            Kind::Money { sign, .. } => sign,
            _ => "",
        }
    }

    pub(super) fn is_time(&self) -> bool {
        matches!(self.kind, Kind::Times { .. })
    }
}

/// How numbers are written if most cells are some, or by the form that is given.
fn told_numbers(cells: &[&str], look: &Look<'_>) -> Option<NumbersTold> {
    let Some(form) = look.numbers else {
        return numbers_told(cells, MOST, look.commas_are_likely);
    };
    let read = cells.iter().filter(|text| form.read(text).is_some()).count();
    let is_most = read > 0 && read as f64 >= MOST * cells.len() as f64;
    is_most.then_some(NumbersTold { form, other: None, read: read as u64 })
}

/// What stands before or behind a number, such as `$` or `EUR`.
fn sign_of(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '-' | '.' | ',' | '\'' | '’')
    })
}

/// A text without the sign of a currency and the blank beside it.
pub(super) fn without(text: &str, sign: &str) -> String {
    match sign {
        "" => text.to_owned(),
        sign => text.replacen(sign, "", 1).trim().trim_end_matches('.').to_owned(),
    }
}

fn are_flags(filled: &[&str]) -> bool {
    const FLAGS: [&str; 10] = ["true", "false", "yes", "no", "y", "n", "ja", "nein", "да", "нет"];
    filled.len() >= 2 && filled.iter().all(|text| FLAGS.contains(&text.to_lowercase().as_str()))
}
