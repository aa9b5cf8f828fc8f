//! Looks at a table: what it is, how to read it, and what in the log that this gives may mislead.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use arrow_array::RecordBatch;

use super::argument::Argument;
use super::forms::{Forms, number_columns};
use super::log_check::LogCheck;
use super::made::{Factor, Made};
use super::names::{Role, suits, words};
use super::numbers::NumberForm;
use super::profile::{Kind, Look, Profile};
use super::proposal::Proposal;
use super::read::{read, report_of};
use super::reading::Reading;
use super::rest::{Rest, RestWanted, STATES, state_column};
use super::roles::{Assigned, TableKind, assign, span_of};
use super::table_check::{ColumnGuess, TableCheck, TableCheckOptions};
use super::whole::{Wanted, Whole};
use super::zones::zone_of;
use crate::answer::Analysis;
use crate::error::{Error, Result, quoted, shown};
use crate::log::{EventLog, GivenType, TableInput, TableSample, counted, grouped};
use crate::time::{MICROS_PER_DAY, Timestamp};

impl TableCheck {
    /// Looks at a file, or at a folder of files.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) or [`Error::File`](crate::Error::File) for a file that cannot
    /// be read.
    pub fn of_path(path: impl AsRef<Path>, options: &TableCheckOptions) -> Result<Self> {
        Self::of_path_by(path, &Reading::default(), options)
    }

    /// Looks at a file or a folder, of which it is known in part how it is read.
    ///
    /// # Errors
    /// As [`TableCheck::of_path`], and [`Error::Argument`](crate::Error::Argument) for what says
    /// nothing of such a file, [`Error::Column`](crate::Error::Column) for columns that are not
    /// there.
    pub fn of_path_by(
        path: impl AsRef<Path>,
        reading: &Reading,
        options: &TableCheckOptions,
    ) -> Result<Self> {
        let input = TableInput::Path(path.as_ref());
        reading.check_kind(input.kind())?;
        let first = look(input, reading, None, options);
        let is_told = first.as_ref().is_ok_and(|check| check.why.is_none());
        if is_told || reading.get("skip_rows").is_some() {
            return first;
        }
        // Lines above the header, such as a title, make the names of columns.
        let below = |lines| look(input, reading, Some(lines), options).ok();
        let mut below = (1..=MOST_LINES).filter_map(below);
        let found = below.find(|check| check.why.is_none() && check.is_text_file);
        found.map_or(first, Ok)
    }

    /// Looks at a table in memory.
    ///
    /// # Errors
    /// [`Error::Column`](crate::Error::Column) for a column that differs from batch to batch.
    pub fn of_batches(batches: &[RecordBatch], options: &TableCheckOptions) -> Result<Self> {
        Self::of_batches_by(batches, &Reading::default(), options)
    }

    /// Looks at a table in memory, of which it is known in part how it is read.
    ///
    /// # Errors
    /// As [`TableCheck::of_batches`] and [`TableCheck::of_path_by`].
    pub fn of_batches_by(
        batches: &[RecordBatch],
        reading: &Reading,
        options: &TableCheckOptions,
    ) -> Result<Self> {
        reading.check_kind(None)?;
        look(TableInput::Batches(batches), reading, None, options)
    }
}

/// So many lines above the header are tried.
const MOST_LINES: usize = 6;

/// The order of arguments in a proposal.
const ORDER: [&str; 15] = [
    "sheets",
    "csv_separator",
    "encoding",
    "skip_rows",
    "missing_values",
    "time_format",
    "decimal",
    "thousands",
    "limits",
    "missing_ids",
    "bad_rows",
    "purchase_by",
    "zero_amounts",
    "time_zone",
    "observed_until",
];

/// A table, what is known of it, and what was seen.
struct Table<'a> {
    input: TableInput<'a>,
    /// With the encoding and the lines above the header that were found.
    reading: Reading,
    sample: &'a TableSample,
    profiles: &'a [Profile],
    assigned: &'a Assigned,
}

fn look(
    input: TableInput<'_>,
    reading: &Reading,
    skipped: Option<usize>,
    options: &TableCheckOptions,
) -> Result<TableCheck> {
    let mut reading = reading.clone();
    reading.arguments.extend(
        skipped.map(|lines| Argument::new("skip_rows", lines).because("lines above the header")),
    );
    let sample = TableSample::of(input, &reading.builder()?.input_options(), options.quick)?;
    if let Some(name) = sample.encoding {
        let remark = match first_beyond_ascii(&sample) {
            Some(text) => {
                format!("assumed, for the file does not say: {} is read so", quoted(text))
            }
            None => "assumed, for the file does not say".to_owned(),
        };
        reading.arguments.push(Argument::new("encoding", name).because(remark));
    }
    let input_options = reading.builder()?.input_options();
    let mut look = Look {
        is_text_file: sample.is_text_file,
        options: &input_options,
        formats: &reading.formats.clone(),
        numbers: given_numbers(&reading),
        commas_are_likely: sample.separator == Some(';'),
    };
    let profiles_by = |look: &Look<'_>| -> Vec<Profile> {
        sample.columns.iter().map(|column| Profile::of(column, look)).collect()
    };
    let mut profiles = profiles_by(&look);
    let commas = commas_are_likely(&profiles, &sample);
    if commas != look.commas_are_likely {
        look.commas_are_likely = commas;
        profiles = profiles_by(&look);
    }
    let are_ends = |start: usize, end: usize| come_after(&sample, &profiles, start, end);
    let assigned = assign(&profiles, &reading, sample.is_text_file, are_ends)?;
    let table = Table { input, reading, sample: &sample, profiles: &profiles, assigned: &assigned };
    table.check(&look, options)
}

/// Whether the times of one column, of which few are missing, come after those of another.
fn come_after(sample: &TableSample, profiles: &[Profile], start: usize, end: usize) -> bool {
    let times = |place: usize| match (&profiles[place].kind, sample.columns.get(place)) {
        (Kind::Times { told, .. }, Some(column)) => {
            let read = |cell: &Option<String>| told.form.read(cell.as_ref()?.trim());
            column.cells.iter().map(read).collect()
        }
        _ => Vec::new(),
    };
    let (starts, ends): (Vec<Option<Timestamp>>, Vec<Option<Timestamp>>) =
        (times(start), times(end));
    let known: Vec<bool> =
        starts.iter().zip(&ends).filter_map(|(start, end)| Some((*start)? < (*end)?)).collect();
    let after = known.iter().filter(|&&after| after).count();
    // An end that only those have who left is written when they leave.
    after > 0 && known.len() * 10 >= starts.len() * 9 && after * 100 >= known.len() * 99
}

impl Table<'_> {
    fn check(&self, look: &Look<'_>, options: &TableCheckOptions) -> Result<TableCheck> {
        let (sample, profiles, assigned) = (self.sample, self.profiles, self.assigned);
        let is_log = !matches!(assigned.kind, TableKind::NoLog(_));
        let mut forms = Forms::of(profiles, assigned, look);
        let mut missing_ids = self.lacks_ids();
        let (mut log, mut problem, mut is_settled) = (None, None, options.quick || !is_log);
        let wanted = self.wanted();
        if !is_settled && forms.is_open() {
            let whole = Whole::of(self.input, look, &wanted)?;
            problem = forms.settle(&whole, look);
            is_settled = true;
        }
        let mut proposal = self.proposal(&forms, missing_ids);
        if !options.quick && is_log && problem.is_none() {
            let mut found = read(self.input, &proposal, look.options, &self.id());
            if matches!(found, Err(Error::Data { .. })) {
                let whole = Whole::of(self.input, look, &wanted)?;
                missing_ids |= whole.missing_ids > 0;
                problem = if is_settled { None } else { forms.settle(&whole, look) };
                problem = problem.or_else(|| forms.misread(&whole));
                proposal = self.proposal(&forms, missing_ids);
                found = read(self.input, &proposal, look.options, &self.id());
            }
            let may_drop = problem.is_none() && self.reading.get("bad_rows").is_none();
            if matches!(found, Err(Error::Data { .. })) && may_drop {
                let remark = "rows with a cell that cannot be used are left out";
                proposal.arguments.push(Argument::new("bad_rows", "drop").because(remark));
                found = read(self.input, &proposal, look.options, &self.id());
            }
            match found {
                Ok(found) if problem.is_none() => log = Some(found),
                Ok(_) => {}
                Err(error) => problem = problem.or(Some(error.to_string())),
            }
        }
        let mut notes = self.notes();
        notes.extend(forms.notes());
        if assigned.kind == TableKind::Transactions && self.reading.get("observed_until").is_none()
        {
            let read = log.as_ref().map(EventLog::last_event);
            let last = read.or_else(|| self.last_time());
            let next_day = last
                .and_then(|last| Timestamp::from_micros((last.day() + 1) * MICROS_PER_DAY).ok());
            let remark = match log.is_some() {
                true => "the day after the last row: is that right?",
                false => "the day after the last row that was looked at; give the right one",
            };
            proposal.arguments.extend(
                next_day.map(|until| {
                    Argument::new("observed_until", until.to_string()).because(remark)
                }),
            );
        }
        sort(&mut proposal.arguments);
        let report = log.as_ref().map(|log| report_of(log, assigned.kind.name()));
        let is_own = assigned.kind == TableKind::Transactions;
        let event_log = log.filter(|_| is_own);
        let mut check = event_log.as_ref().map(EventLog::check);
        if let Some(check) = &mut check {
            self.look_at_rest(check, &forms, look)?;
        }
        notes.splice(0..0, check.iter().flat_map(Analysis::notes));
        let path = self.input.path();
        Ok(TableCheck {
            table: assigned.kind.name(),
            rows: sample.rows,
            rows_seen: sample.rows_seen,
            python: is_log.then(|| proposal.python(path)),
            command_line: path
                .filter(|_| is_log && proposal.made.is_empty())
                .map(|path| proposal.command_line(path)),
            is_made: is_log && !proposal.made.is_empty(),
            arguments: proposal
                .of_log()
                .map(|argument| (argument.name.to_owned(), argument.value.clone()))
                .collect(),
            problem,
            columns: guesses(profiles, assigned),
            report,
            log: check,
            event_log,
            name: path.map_or_else(|| "table".to_owned(), |path| shown(&path.to_string_lossy())),
            encoding: sample.encoding.map(str::to_owned),
            is_text_file: sample.is_text_file,
            why: match &assigned.kind {
                TableKind::NoLog(why) => Some(why.clone()),
                _ => None,
            },
            notes,
        })
    }

    fn name(&self, role: Role) -> Option<&str> {
        self.assigned.place(role).map(|place| self.profiles[place].name.as_str())
    }

    fn lacks_ids(&self) -> bool {
        let customer = self.assigned.place(Role::CustomerId);
        customer.is_some_and(|place| self.profiles[place].filled < self.profiles[place].rows)
    }

    /// An id of a customer, as a number if all are.
    fn id(&self) -> (String, bool) {
        let customer = self.assigned.place(Role::CustomerId).map(|place| &self.profiles[place]);
        let example = customer.and_then(|column| column.example.clone()).unwrap_or_default();
        (example, customer.is_some_and(Profile::is_number))
    }

    /// The columns by whose cells the forms are settled.
    fn wanted(&self) -> Wanted {
        let times = self.assigned.roles.iter().filter(|(_, place)| {
            self.profiles[*place].is_time() && self.sample.columns[*place].given == GivenType::Text
        });
        Wanted {
            customer: self.name(Role::CustomerId).map(str::to_owned),
            numbers: number_columns(self.profiles, self.assigned)
                .map(|place| &self.profiles[place])
                .filter(|column| self.sample.is_text_file || column.is_money())
                .map(|column| (column.name.clone(), column.sign().to_owned()))
                .collect(),
            times: times.map(|(role, place)| (*role, self.profiles[*place].name.clone())).collect(),
        }
    }

    fn proposal(&self, forms: &Forms, missing_ids: bool) -> Proposal {
        let mut arguments = self.reading.arguments.clone();
        if let Some(sheet) = &self.reading.sheet {
            let sheets: serde_json::Map<_, _> =
                [(self.assigned.kind.name().to_owned(), sheet.clone().into())]
                    .into_iter()
                    .collect();
            arguments.push(Argument::new("sheets", sheets));
        }
        forms.add_arguments(&mut arguments, self.assigned.kind.name());
        if missing_ids && self.reading.get("missing_ids").is_none() {
            let remark = "rows without a customer id are left out";
            arguments.push(Argument::new("missing_ids", "drop").because(remark));
        }
        if self.reading.get("time_zone").is_none() {
            arguments.extend(self.zone());
        }
        sort(&mut arguments);
        let made = self.made(forms);
        let is_made = |name: &str| made.iter().any(|made| made.name == name);
        let names = self.assigned.roles.iter().map(|(role, place)| (role.name(), *place));
        let names = names.map(|(own, place)| (own, self.profiles[place].name.clone()));
        let columns = names.filter(|(own, name)| own != name && !is_made(own));
        let columns = columns.map(|(own, name)| (own.to_owned(), name));
        let columns = columns.chain(self.reading.others.iter().cloned()).collect();
        let mut texts: Vec<String> = made
            .iter()
            .flat_map(|made| &made.factors)
            .filter(|factor| !factor.is_number)
            .map(|factor| factor.column.clone())
            .collect();
        for role in [Role::CustomerId, Role::OrderId] {
            let column = self.assigned.place(role).map(|place| &self.profiles[place]);
            let is_digits = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
            texts.extend(
                column
                    .filter(|c| c.kind == Kind::Texts && c.example.as_ref().is_some_and(is_digits))
                    .map(|column| column.name.clone()),
            );
        }
        Proposal {
            table: self.assigned.kind.name(),
            columns,
            arguments,
            made,
            texts,
            separator: self.sample.separator,
            sheet: self.reading.sheet.clone(),
        }
    }

    /// The columns to add: an amount of price and quantity, and numbers beside a sign.
    fn made(&self, forms: &Forms) -> Vec<Made> {
        let factor = |place: usize| {
            let column = &self.profiles[place];
            let is_text =
                self.sample.is_text_file || self.sample.columns[place].given == GivenType::Text;
            let text = match &column.kind {
                Kind::Money { told, sign } => {
                    Some((forms.number_form().unwrap_or(told.form), sign.clone()))
                }
                Kind::Numbers { told, .. } if is_text => {
                    Some((forms.number_form().unwrap_or(told.form), String::new()))
                }
                _ => None,
            };
            let is_plain = |(form, sign): &(NumberForm, String)| form.is_plain() && sign.is_empty();
            let is_number =
                text.as_ref().is_none_or(|text| self.sample.is_text_file && is_plain(text));
            Factor { column: column.name.clone(), text, is_number }
        };
        let mut made = Vec::new();
        if let Some((price, quantity)) = self.assigned.product {
            made.push(Made { name: "amount", factors: vec![factor(quantity), factor(price)] });
        }
        for role in [Role::Amount, Role::Discount] {
            let place = self.assigned.place(role);
            made.extend(
                place
                    .filter(|place| self.profiles[*place].is_money())
                    .map(|place| Made { name: role.name(), factors: vec![factor(place)] }),
            );
        }
        // What polars reads as texts.
        let discount = self.assigned.place(Role::Discount).map(factor);
        let has_discount = made.iter().any(|made| made.name == "discount");
        if let Some(factor) =
            discount.filter(|factor| !made.is_empty() && !has_discount && !factor.is_number)
        {
            made.push(Made { name: "discount", factors: vec![factor] });
        }
        made
    }

    /// The time zone that the offsets of times suggest.
    fn zone(&self) -> Option<Argument> {
        let roles = [Role::Time, Role::OpenedAt];
        let place = roles.into_iter().find_map(|role| self.assigned.place(role))?;
        let column = self.sample.columns.get(place).filter(|c| c.given == GivenType::Text)?;
        let (zone, offsets) = zone_of(column.cells.iter().flatten().map(|text| text.trim()))?;
        let remark = format!("as most times, {offsets}: is it yours? By default days are UTC's");
        Some(Argument::new("time_zone", zone).because(remark))
    }

    /// The last time in the rows that were looked at.
    fn last_time(&self) -> Option<Timestamp> {
        let place = self.assigned.place(Role::Time)?;
        let Kind::Times { told, .. } = &self.profiles[place].kind else { return None };
        let cells = self.sample.columns.get(place)?.cells.iter().flatten();
        cells.filter_map(|text| told.form.read(text.trim())).max()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        notes.extend(self.repeated_tickets());
        for (role, place) in &self.assigned.roles {
            let column = &self.profiles[*place];
            let is_code = matches!(
                role,
                Role::CustomerId | Role::OrderId | Role::Category | Role::Channel | Role::Topic
            );
            if let (Some((row, text)), false) = (&column.first_odd, is_code) {
                notes.push(format!(
                    "in {}, {} cannot be read as {}, first {} in row {row}",
                    quoted(&column.name),
                    counted(column.odd as u64, "cell", "cells"),
                    column.kind.name(),
                    quoted(text)
                ));
            }
        }
        notes.extend(self.kinds_of_events());
        let is_meant = |column: &&Profile| {
            let roles = [Role::Amount, Role::Time, Role::OrderId];
            column.kind == Kind::Other && roles.iter().any(|role| suits(&column.name, *role) > 0.0)
        };
        notes.extend(self.profiles.iter().filter(is_meant).map(|column| {
            format!(
                "{} is not used, for it is of a type that cannot be read, such as values of several \
                 types: give all of its cells one type",
                quoted(&column.name)
            )
        }));
        let dates = self.profiles.iter().filter(|column| column.is_time());
        let dates: Vec<String> = dates.map(|column| quoted(&column.name)).collect();
        if self.assigned.kind == TableKind::Customers && !dates.is_empty() {
            notes.push(format!(
                "{} become no attributes, for dates and times are none: make numbers of them first, \
                 such as years or days up to a day",
                dates.join(", ")
            ));
        }
        let start = self.assigned.place(Role::Time);
        let end = start.and_then(|start| span_of(self.profiles, start));
        if let (Some(start), Some(end)) = (start, end)
            && self.assigned.place(Role::ValidUntil) != Some(end)
        {
            notes.push(format!(
                "each row seems to be a contract from {} to {}: only its start is read, as a \
                 purchase; payments and renewals need rows of their own",
                quoted(&self.profiles[start].name),
                quoted(&self.profiles[end].name)
            ));
        }
        let end = self.assigned.place(Role::ValidUntil).map(|place| &self.profiles[place]);
        if let Some(no_end) = end.and_then(|end| end.no_end.as_ref()) {
            notes.push(format!("{} means that a contract has no end: it is open", quoted(no_end)));
        }
        if let Some(end) = self.name(Role::ValidUntil) {
            notes.push(format!(
                "{} is read as the end that was agreed on at the purchase; one that is written or \
                 moved when a customer leaves tells the outcome: leave it out then",
                quoted(end)
            ));
        }
        if let Some((price, quantity)) = self.assigned.product {
            notes.push(format!(
                "{} seems to be the price of a piece: the amount is {} times it, a column that is \
                 added first",
                quoted(&self.profiles[price].name),
                quoted(&self.profiles[quantity].name)
            ));
        }
        for role in [Role::Amount, Role::Discount] {
            let column = self.assigned.place(role).map(|place| &self.profiles[place]);
            let Some(Kind::Money { sign, .. }) = column.map(|column| &column.kind) else {
                continue;
            };
            let what = match sign.as_str() {
                "" => "are texts".to_owned(),
                sign => format!("have the sign {}", quoted(sign)),
            };
            notes.push(format!(
                "the numbers of {} {what}: the {} is a column that is added first",
                quoted(column.map_or("", |column| &column.name)),
                role.name()
            ));
        }
        notes
    }

    /// What kinds of events may stand for.
    fn kinds_of_events(&self) -> Vec<String> {
        let place =
            self.assigned.place(Role::Kind).filter(|_| self.assigned.kind == TableKind::Events);
        let Some(column) = place.and_then(|place| self.sample.columns.get(place)) else {
            return Vec::new();
        };
        let kinds: BTreeSet<&str> = column.cells.iter().flatten().map(|kind| kind.trim()).collect();
        let (contacts, acts): (Vec<&str>, Vec<&str>) =
            kinds.into_iter().filter(|kind| !kind.is_empty()).partition(|kind| is_contact(kind));
        let list = |kinds: &[&str]| {
            let kinds: Vec<String> =
                kinds.iter().take(SHOWN_KINDS).map(|kind| quoted(kind)).collect();
            kinds.join(", ")
        };
        let mut notes = Vec::new();
        if !contacts.is_empty() {
            notes.push(format!(
                "{} seem to be acts of the business: give contacts=[{}], or they count as the \
                 customer's own",
                list(&contacts),
                list(&contacts)
            ));
        }
        if let Some(act) = acts.first() {
            notes.push(format!(
                "where there are no purchases, as in an application, kinds of events stand in their \
                 place: give activity=[{}], or the kinds that show use, and no transactions",
                quoted(act)
            ));
        }
        notes
    }

    /// Tickets that have a row for each of their states.
    fn repeated_tickets(&self) -> Option<String> {
        let place = |role| self.sample.columns.get(self.assigned.place(role)?);
        let (customers, times) = (place(Role::CustomerId)?, place(Role::OpenedAt)?);
        let tickets: HashSet<_> = customers.cells.iter().zip(&times.cells).collect();
        let rows = customers.cells.len();
        (rows * 2 > tickets.len() * 3).then(|| {
            format!(
                "a ticket seems to have several rows, one for each of its states: {} rows that were \
                 looked at have only {} different pairs of a customer and an opening. Each row \
                 counts as a ticket: keep the last row of each",
                grouped(rows as u64),
                grouped(tickets.len() as u64)
            )
        })
    }

    /// Looks at what columns that the log has not say of its rows.
    fn look_at_rest(&self, check: &mut LogCheck, forms: &Forms, look: &Look<'_>) -> Result<()> {
        let mut used: Vec<usize> = self.assigned.roles.iter().map(|(_, place)| *place).collect();
        used.extend(
            self.assigned.product.into_iter().flat_map(|(price, quantity)| [price, quantity]),
        );
        let has_repeats = check.findings.iter().any(|finding| finding.check == "duplicates");
        let amount = self.assigned.place(Role::Amount).map(|place| &self.profiles[place]);
        let amount = amount.filter(|column| column.is_number());
        let plain = NumberForm { decimal: '.', thousands: None };
        let wanted = RestWanted {
            states: state_column(self.profiles, &used),
            amount: amount
                .map(|column| (column.name.clone(), forms.number_form().unwrap_or(plain))),
            customer: self.name(Role::CustomerId).unwrap_or_default().to_owned(),
            repeats: has_repeats && self.profiles.len() > self.assigned.roles.len(),
        };
        if wanted.states.is_none() && !wanted.repeats {
            return Ok(());
        }
        let rest = Rest::of(self.input, look, &wanted)?;
        if wanted.states.is_some() {
            check.replace(STATES, rest.undone);
        }
        if wanted.repeats {
            check.tell_repeats(rest.repeats);
        }
        Ok(())
    }
}

/// So many kinds of events are shown.
const SHOWN_KINDS: usize = 5;

/// Whether a kind of events is named like an act of the business.
fn is_contact(kind: &str) -> bool {
    const WORDS: [&str; 11] = [
        "sent",
        "send",
        "call",
        "sms",
        "push",
        "mailing",
        "newsletter",
        "reminder",
        "отправлено",
        "звонок",
        "рассылка",
    ];
    words(kind).iter().any(|word| WORDS.contains(&word.as_str()))
}

fn sort(arguments: &mut [Argument]) {
    arguments.sort_by_key(|argument| ORDER.iter().position(|name| *name == argument.name));
}

/// The first text of a table that is not in ASCII.
fn first_beyond_ascii(sample: &TableSample) -> Option<&str> {
    let names = sample.columns.iter().map(|column| column.name.as_str());
    let cells = sample.columns.iter().flat_map(|column| column.cells.iter().flatten());
    let mut all = names.chain(cells.map(String::as_str));
    all.find(|text| text.chars().any(|c| !c.is_ascii() && c.is_alphabetic()))
}

/// How numbers are written, if that is given.
fn given_numbers(reading: &Reading) -> Option<NumberForm> {
    let sign = |name: &str| reading.get(name)?.value.as_str()?.chars().next();
    let (decimal, thousands) = (sign("decimal"), sign("thousands"));
    (decimal.is_some() || thousands.is_some())
        .then(|| NumberForm { decimal: decimal.unwrap_or('.'), thousands })
}

/// Whether some column surely has decimal commas, or the file is one of those that usually have.
fn commas_are_likely(profiles: &[Profile], sample: &TableSample) -> bool {
    let mut sure = profiles.iter().filter_map(|column| match &column.kind {
        Kind::Numbers { told, whole: false } | Kind::Money { told, .. } if told.other.is_none() => {
            Some(told.form.decimal)
        }
        _ => None,
    });
    let (mut commas, mut points) = (false, false);
    sure.by_ref().for_each(|decimal| if decimal == ',' { commas = true } else { points = true });
    commas || sample.separator == Some(';') && !points
}

fn guesses(profiles: &[Profile], assigned: &Assigned) -> Vec<ColumnGuess> {
    let role_of = |place: usize| {
        let found = assigned.roles.iter().find(|(_, own)| *own == place);
        let product = assigned.product.and_then(|(price, quantity)| {
            [(price, "price"), (quantity, "quantity")].into_iter().find(|(own, _)| *own == place)
        });
        found.map(|(role, _)| role.name()).or(product.map(|(_, name)| name))
    };
    let guess = |(place, profile): (usize, &Profile)| ColumnGuess {
        column: profile.name.clone(),
        seems_to_be: role_of(place),
        cells: profile.kind.name(),
        missing: (profile.rows - profile.filled) as u64,
        distinct: profile.distinct as u64,
        example: profile.example.clone(),
    };
    profiles.iter().enumerate().map(guess).collect()
}
