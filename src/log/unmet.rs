//! Tables whose customers are not those of the transactions, which nobody means.

use arrow_schema::DataType;
use hashbrown::HashSet;

use super::counted::{counted, grouped};
use super::event_log::{EventLog, Inner};
use super::read::schema::{CUSTOMERS, EVENTS, SURVEYS, TICKETS};
use super::report::IngestReport;
use super::store::customer_id::untyped_integer;
use super::store::ids::{CustomerIds, IdColumn};
use crate::error::shown;

/// So few of the ids of a table meet, in so many rows, that it is told.
const FEW: (f64, u64) = (0.01, 100);
/// Ids that are shown.
const SHOWN: usize = 3;
/// Ids of a table that are looked at, and of the transactions: the lowest.
const LOOKED_AT: (usize, usize) = (100, 1 << 16);

/// The lowest ids of the transactions, and of every other table those that are not among all of
/// them.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: Vec<String>,
    others: Vec<(&'static str, Vec<String>)>,
}

impl Inner {
    /// Tells of tables whose ids are not those of the transactions.
    pub(super) fn find_unmet_ids(&mut self) {
        self.report.unmet_ids.clear();
        if unmet(&self.report).next().is_some() {
            self.report.unmet_ids = Ids::of(self).told(&self.report);
        }
    }
}

impl Ids {
    pub(super) fn of(log: &Inner) -> Self {
        let mut found = Ids::default();
        found.add(log);
        found
    }

    /// Adds ids of a log with higher ones.
    pub(super) fn add(&mut self, log: &Inner) {
        self.known.extend(lowest(&log.ids, LOOKED_AT.1 - self.known.len()));
        for (table, ids) in other_ids(log) {
            let Some(ids) = ids else { continue };
            let own = match self.others.iter().position(|(name, _)| *name == table) {
                Some(own) => own,
                None => {
                    self.others.push((table, Vec::new()));
                    self.others.len() - 1
                }
            };
            let own = &mut self.others[own].1;
            own.extend(strangers(ids, &log.ids, LOOKED_AT.0 - own.len()));
        }
    }

    /// The tables that are unmet, in words.
    pub(super) fn told(&self, report: &IngestReport) -> Vec<String> {
        let tell = |(table, rows, met): (&'static str, u64, u64)| {
            let other = self.others.iter().find(|(name, _)| *name == table);
            let other = other.map_or(&[][..], |(_, ids)| ids);
            let met = match met {
                0 => format!("none of {} is of a customer", counted(rows, "row", "rows")),
                met => format!("{} of {} rows are of customers", grouped(met), grouped(rows)),
            };
            let ids = |ids: &[String]| {
                let ids: Vec<String> = ids.iter().take(SHOWN).map(|id| shown(id)).collect();
                ids.join(", ")
            };
            let cause = cause(other, &self.known).map_or(String::new(), |c| format!(", which {c}"));
            format!(
                "{table}: {met} of the transactions; ids are {} here and {} \
                 there{cause}",
                ids(other),
                ids(&self.known)
            )
        };
        unmet(report).map(tell).collect()
    }
}

/// The lowest ids of customers, at most so many.
fn lowest(ids: &CustomerIds, most: usize) -> impl Iterator<Item = String> + '_ {
    ids.indices().take(most).map(|customer| ids.get(customer).to_string())
}

/// The ids of every other table, where some are not those of customers.
fn other_ids(log: &Inner) -> [(&'static str, Option<&IdColumn>); 4] {
    [
        (TICKETS.name, log.stranger_tickets.as_ref().and_then(|table| table.ids.as_ref())),
        (SURVEYS.name, log.stranger_surveys.as_ref().and_then(|table| table.ids.as_ref())),
        (EVENTS.name, log.stranger_events.as_ref().and_then(|table| table.ids.as_ref())),
        (CUSTOMERS.name, log.customers_table.as_ref().and_then(|table| table.ids.as_ref())),
    ]
}

impl EventLog {
    /// What most ids of a table that are not of customers differ in from some that are, and such a
    /// pair.
    pub(crate) fn strangers_differ(&self, table: &str) -> Option<(&'static str, [String; 2])> {
        let log = &self.inner;
        let (_, ids) = other_ids(log).into_iter().find(|(name, _)| *name == table)?;
        let others = strangers(ids?, &log.ids, LOOKED_AT.0);
        let known: Vec<String> = lowest(&log.ids, LOOKED_AT.1).collect();
        let (form, cause) = differing(&others, &known)?;
        let pair = others.iter().find_map(|id| {
            let own = form(id);
            let met = known.iter().find(|known| form(known) == own && !own.is_empty())?;
            Some([id.clone(), met.clone()])
        });
        Some((cause, pair?))
    }
}

/// Tables of which no customer, or hardly any, has transactions: their rows with an id, and of these
/// those that have.
fn unmet(report: &IngestReport) -> impl Iterator<Item = (&'static str, u64, u64)> {
    report.tables().skip(1).filter_map(|(table, counts)| {
        let rows = counts.rows_kept + counts.unknown_customer;
        let few = rows >= FEW.1 && (counts.rows_kept as f64) < FEW.0 * rows as f64;
        (rows > 0 && (few || counts.rows_kept == 0)).then_some((table, rows, counts.rows_kept))
    })
}

/// The lowest ids that are not known.
fn strangers(ids: &IdColumn, known: &CustomerIds, most: usize) -> Vec<String> {
    let (sorted, _) = ids.keys.sorted(known.data_type() == DataType::Int64);
    let all = sorted.indices().map(|customer| sorted.get(customer));
    let others = all.filter(|&id| known.position(id).is_none());
    others.take(most).map(|id| id.to_string()).collect()
}

/// An id without what it may differ in.
type Form = fn(&str) -> String;

/// What most ids differ in from known ones, in words.
fn cause(ids: &[String], known: &[String]) -> Option<&'static str> {
    differing(ids, known).map(|(_, cause)| cause)
}

/// The form in which most ids meet known ones, and what they differ in.
fn differing(ids: &[String], known: &[String]) -> Option<(Form, &'static str)> {
    let forms: [(Form, &str); 4] = [
        (whole, "differ in how whole numbers are written"),
        (without_zeros, "differ in leading zeros"),
        (str::to_lowercase, "differ in case"),
        (digits, "differ in what stands before the digits"),
    ];
    let meet = |form: Form| {
        let known: HashSet<String> = known.iter().map(|id| form(id)).collect();
        let met = ids.iter().map(|id| form(id)).filter(|id| !id.is_empty() && known.contains(id));
        2 * met.count() >= ids.len().max(1)
    };
    forms.into_iter().find(|(form, _)| meet(*form))
}

fn whole(id: &str) -> String {
    untyped_integer(id).map_or_else(|| id.to_owned(), |id| id.to_string())
}

fn without_zeros(id: &str) -> String {
    id.trim_start_matches('0').to_owned()
}

/// The digits that an id ends with.
fn digits(id: &str) -> String {
    let before = id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    without_zeros(&id[before..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ids_differ_in_is_found_where_most_would_meet() {
        for (ids, known, expected) in [
            (["007", "012", "x"], ["7", "12", "13"], Some("differ in leading zeros")),
            (
                ["13.0", "7.00", "8.0"],
                ["7", "12", "13"],
                Some("differ in how whole numbers are written"),
            ),
            (["AB", "cD", "e"], ["ab", "cd", "f"], Some("differ in case")),
            (
                ["C-0007", "C-12", "C-9"],
                ["7", "12", "13"],
                Some("differ in what stands before the digits"),
            ),
            (["a", "b", "c"], ["d", "e", "f"], None),
            (["a7", "b", "c"], ["7", "e", "f"], None),
        ] {
            let [ids, known] = [ids, known].map(|ids| ids.map(str::to_owned));
            assert_eq!(cause(&ids, &known), expected, "{ids:?} {known:?}");
        }
        assert_eq!(cause(&[], &["7".to_owned()]), None);
    }
}
