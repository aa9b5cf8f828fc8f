//! How the numbers and times of a table are written, by all of its columns that a log has.

use serde_json::{Map, Value};

use super::argument::Argument;
use super::names::Role;
use super::numbers::{NumberForm, NumbersTold};
use super::profile::{Kind, Look, Profile};
use super::roles::Assigned;
use super::seen::Seen;
use super::time_forms::{TimeForm, TimesTold};
use super::whole::Whole;
use crate::error::quoted;

/// How numbers and times are written.
#[derive(Debug, Default)]
pub(super) struct Forms {
    numbers: Option<NumbersTold>,
    /// Whether that is given.
    numbers_are_given: bool,
    times: Vec<(Role, TimesTold)>,
    /// Whether one format for all times is given.
    times_are_given: bool,
}

/// The places of columns of numbers that a log has, or whose product it has.
pub(super) fn number_columns<'a>(
    profiles: &'a [Profile],
    assigned: &'a Assigned,
) -> impl Iterator<Item = usize> + 'a {
    let own = assigned.roles.iter().filter(|(role, _)| {
        use Role::{Amount, Discount, ReopenedCount, Satisfaction, Score};
        matches!(role, Amount | Discount | ReopenedCount | Satisfaction | Score)
    });
    let product = assigned.product.into_iter().flat_map(|(price, quantity)| [price, quantity]);
    let is_one = |place: &usize| profiles[*place].is_number() || profiles[*place].is_money();
    own.map(|(_, place)| *place).chain(product).filter(is_one)
}

impl Forms {
    pub(super) fn of(profiles: &[Profile], assigned: &Assigned, look: &Look<'_>) -> Forms {
        let mut forms = Forms {
            numbers_are_given: look.numbers.is_some(),
            times_are_given: !look.formats.is_empty(),
            ..Forms::default()
        };
        for place in number_columns(profiles, assigned) {
            let told = match &profiles[place].kind {
                Kind::Numbers { told, .. } if look.is_text_file => told,
                Kind::Money { told, .. } => told,
                _ => continue,
            };
            let own = forms.numbers.take().filter(|own| !own.form.is_plain());
            forms.numbers = own.or_else(|| Some(told.clone()));
        }
        for (role, place) in &assigned.roles {
            if let Kind::Times { told, .. } = &profiles[*place].kind {
                forms.times.push((*role, told.clone()));
            }
        }
        forms
    }

    pub(super) fn number_form(&self) -> Option<NumberForm> {
        self.numbers.as_ref().map(|told| told.form)
    }

    /// Whether what was seen may be read in two ways.
    pub(super) fn is_open(&self) -> bool {
        self.numbers.as_ref().is_some_and(|told| told.other.is_some())
            || self.times.iter().any(|(_, told)| told.is_open)
    }

    /// Takes the forms by which the whole table is read; says why there is none.
    pub(super) fn settle(&mut self, whole: &Whole, look: &Look<'_>) -> Option<String> {
        if !self.numbers_are_given && self.numbers.is_some() {
            self.numbers = whole.numbers.told(look.commas_are_likely).or(self.numbers.take());
        }
        for (role, told) in &mut self.times {
            let cells = whole.times.iter().find(|(own, _)| own == role);
            let is_given = matches!(told.form, TimeForm::Given(_));
            if let Some(found) = cells.filter(|_| !is_given).and_then(|(_, cells)| cells.told()) {
                *told = found;
            }
        }
        self.misread(whole)
    }

    /// A cell that is read by another form only.
    pub(super) fn misread(&self, whole: &Whole) -> Option<String> {
        let numbers = self.numbers.as_ref().and_then(|told| whole.numbers.misread_by(told.form));
        let times = self.times.iter().find_map(|(role, told)| {
            let cells = whole.times.iter().find(|(own, _)| own == role);
            cells.and_then(|(_, cells)| cells.misread_by(&told.form))
        });
        let text = |seen: Seen, kind: &str| {
            format!(
                "{} in {}, row {}, is a {kind}, but is written in another way than most: write all \
                 in one way; without the row it would be lost",
                quoted(&seen.text),
                quoted(&seen.column),
                seen.row
            )
        };
        numbers.map(|seen| text(seen, "number")).or(times.map(|seen| text(seen, "time")))
    }

    /// How times and numbers are written, where not as usual.
    pub(super) fn add_arguments(&self, arguments: &mut Vec<Argument>, table: &str) {
        let formats: Vec<(&str, Option<String>)> =
            self.times.iter().map(|(role, told)| (role.name(), told.form.strftime())).collect();
        let is_open = self.times.iter().any(|(_, told)| told.is_open);
        if !self.times_are_given && formats.iter().any(|(_, format)| format.is_some()) {
            let is_one = formats.windows(2).all(|pair| pair[0].1 == pair[1].1);
            let value: Value = match (&formats[0].1, is_one) {
                (Some(format), true) => format.as_str().into(),
                _ => {
                    let own = formats.iter().filter_map(|(own, format)| {
                        Some((format!("{table}.{own}"), format.as_deref()?.into()))
                    });
                    Value::Object(own.collect::<Map<_, _>>())
                }
            };
            let argument = Argument::new("time_format", value);
            arguments.push(match is_open {
                true => argument
                    .because("a guess, for no date tells whether the day or the month comes first"),
                false => argument,
            });
        }
        let Some(told) = self.numbers.as_ref().filter(|told| !told.form.is_plain()) else { return };
        if self.numbers_are_given {
            return;
        }
        let because = |argument: Argument| match self.guess() {
            Some(guess) => argument.because(format!("a guess: {guess}; is that right?")),
            None => argument,
        };
        if told.form.decimal != '.' {
            let argument = Argument::new("decimal", told.form.decimal.to_string());
            arguments.push(match told.form.thousands {
                None => because(argument),
                Some(_) => argument,
            });
        }
        if let Some(sign) = told.form.thousands {
            arguments.push(because(Argument::new("thousands", sign.to_string())));
        }
    }

    /// What a number is read as that may be another one.
    fn guess(&self) -> Option<String> {
        let told = self.numbers.as_ref()?;
        let (other, text) = told.other.as_ref()?;
        let (own, other) = (told.form.read(text)?, other.read(text)?);
        Some(format!("{} is read as {own}, and may be {other}", quoted(text)))
    }

    /// What is a guess.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let (Some(guess), Some(told)) = (self.guess(), &self.numbers) {
            let (other, _) =
                told.other.as_ref().map_or((told.form, ""), |(own, text)| (*own, text));
            let thousands = other.thousands.map(|sign| format!(" and thousands=\"{sign}\""));
            notes.push(format!(
                "{guess}, for all such numbers have three digits behind the sign: if so, give \
                 decimal=\"{}\"{}",
                other.decimal,
                thousands.unwrap_or_default()
            ));
        }
        if self.times.iter().any(|(_, told)| told.is_open) {
            notes.push(
                "dates may have the day first or the month: none of them tells, and the day is taken \
                 to come first"
                    .to_owned(),
            );
        }
        notes
    }
}
