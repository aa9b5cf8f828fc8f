//! Whether times are those of what happened.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cases::{Cases, Place};
use super::facts::day_of;
use super::finding::{Finding, Severity, Verdict};
use super::judged::{Judged, date};
use crate::log::PurchaseBy;
use crate::log::counted;
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Days that programs write where they know none, in days since 1970-01-01: 1899-12-30 and -31,
/// 1900-01-01, 1970-01-01.
const DEFAULT_DAYS: [i64; 4] = [-25_569, -25_568, -25_567, 0];
/// A log in which a default day lies so far from the middle does not contain it by right.
const FAR: i64 = 3_650;
/// A pause of more days stands alone.
const LONG_PAUSE: i64 = 365;
/// Behind one of so many days even a tenth of all rows stands alone.
const YEARS: i64 = 3 * 365;
/// A shorter one is a pause, however steady the log is.
const SHORT_PAUSE: i64 = 60;
/// So many days without rows at the end are few.
const SILENT: i64 = 14;
/// Fewer rows say nothing of how often there are any.
const FEW_ROWS: u64 = 50;
/// Fewer days say nothing of a usual one.
const FEW_DAYS: usize = 20;
/// A month without rows is remarkable if most have as many.
const ROWS_A_MONTH: u64 = 10;

/// The day in whose middle half of the rows lie before it.
fn middle(judged: &Judged<'_>) -> i64 {
    let mut before = 0;
    let half = judged.facts.rows.div_ceil(2);
    let middle = judged.facts.days.iter().find(|(_, rows)| {
        before += rows;
        before >= half
    });
    middle.map_or(0, |(day, _)| *day)
}

fn is_default(judged: &Judged<'_>, day: i64) -> bool {
    DEFAULT_DAYS.contains(&day) && (middle(judged) - day).abs() > FAR
}

pub(super) fn default_days(judged: &Judged<'_>) -> Verdict {
    let found = || judged.facts.days.iter().filter(|(day, _)| is_default(judged, *day));
    let Some((day, _)) = found().next() else { return Verdict::Fine };
    let count = found().map(|(_, rows)| rows).sum();
    let first = row_at(judged, |time| is_default(judged, day_of(time)));
    judged.cases(Cases { count, first }, judged.facts.rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "{} dated {}, which programs write where they know no date: the log seems to begin \
             then, and periods and cohorts are counted from it",
            counted(count, "row is", "rows are"),
            date(*day)
        ),
        advice: "leave these rows out, or correct their dates",
        ..Finding::default()
    })
}

/// The first row by customer and time whose time is one of these.
fn row_at(judged: &Judged<'_>, is_one: impl Fn(i64) -> bool) -> Option<Place> {
    judged.log.customers().indices().find_map(|customer| {
        let history = judged.log.history(customer, Timestamp::MAX);
        let time = history.times().iter().copied().find(|&time| is_one(time))?;
        Some(Place { customer, time })
    })
}

/// The days between a few rows at either end that stand alone.
fn core(judged: &Judged<'_>) -> Range<usize> {
    let days = &judged.facts.days;
    let few = (judged.facts.rows / 1_000).max(5);
    // Behind a pause of years, even many are alone.
    let many = judged.facts.rows / 10;
    if judged.facts.rows < FEW_ROWS {
        return 0..days.len();
    }
    // From either end, after how many days and rows the widest pause is.
    let edge = |from_end: bool| {
        let at = |i: usize| days[if from_end { days.len() - 1 - i } else { i }];
        let mut rows = 0;
        let mut widest: Option<(usize, i64)> = None;
        for i in 0..days.len().saturating_sub(1) {
            rows += at(i).1;
            let pause = (at(i + 1).0 - at(i).0).abs();
            if rows > many.max(few) {
                break;
            }
            if rows > few && pause <= YEARS {
                continue;
            }
            if widest.is_none_or(|(_, widest)| pause > widest) {
                widest = Some((i + 1, pause));
            }
        }
        widest.filter(|&(skipped, pause)| {
            let mut others: Vec<i64> =
                (skipped..days.len() - 1).map(|i| (at(i + 1).0 - at(i).0).abs()).collect();
            others.sort_unstable();
            let usual =
                others.get((others.len() * 999 / 1_000).min(others.len().saturating_sub(1)));
            pause > LONG_PAUSE && usual.is_none_or(|&usual| pause > usual)
                || pause > SHORT_PAUSE && usual.is_some_and(|&usual| pause > 10 * usual)
        })
    };
    let start = edge(false).map_or(0, |(skipped, _)| skipped);
    let end = days.len() - edge(true).map_or(0, |(skipped, _)| skipped);
    start..end.max(start)
}

pub(super) fn lone_end(judged: &Judged<'_>) -> Verdict {
    let days = &judged.facts.days;
    let core = core(judged);
    if judged.facts.rows < FEW_ROWS {
        return judged.too_few(judged.facts.rows, "row", "rows", FEW_ROWS);
    }
    if core.end == days.len() || core.is_empty() {
        return Verdict::Fine;
    }
    let (last, next) = (days[core.end - 1].0, days[core.end].0);
    let count = days[core.end..].iter().map(|(_, rows)| rows).sum();
    let first = row_at(judged, |time| day_of(time) >= next);
    let until = judged.log.observed_until();
    // With `last_event` the log is complete up to the microsecond behind the last row.
    let follows_last = until.micros() == judged.log.last_event().micros() + 1;
    let is_outside = until.micros() <= next * MICROS_PER_DAY;
    let (what, advice) = if is_outside {
        (
            "they are after observed_until, and used for nothing",
            "correct these times, or leave the rows out",
        )
    } else if follows_last {
        (
            "with observed_until=\"last_event\" the log seems complete up to them",
            "correct these times or leave the rows out, and give observed_until as a date",
        )
    } else {
        (
            "observed_until is after them, and all who bought before seem to be silent",
            "correct these times or leave the rows out, and check observed_until",
        )
    };
    judged.cases(Cases { count, first }, judged.facts.rows, |_| Finding {
        severity: if is_outside { Severity::Medium } else { Severity::High },
        finding: format!(
            "{} alone at the end, {} after all others, which end with {}: {what}",
            counted(count, "row stands", "rows stand"),
            counted((next - last) as u64, "day", "days"),
            date(last)
        ),
        advice,
        ..Finding::default()
    })
}

/// Whether the log ends long before it is said to be complete.
pub(super) fn ends_early(judged: &Judged<'_>) -> Verdict {
    if judged.facts.rows < FEW_ROWS {
        return judged.too_few(judged.facts.rows, "row", "rows", FEW_ROWS);
    }
    let days = &judged.facts.days[core(judged)];
    let Some((last, _)) = days.last().filter(|_| core(judged).end == judged.facts.days.len())
    else {
        return Verdict::Fine; // rows alone at the end say so
    };
    let pauses = days.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let longest = pauses.max().unwrap_or(0);
    let silent = day_of(judged.log.observed_until().micros() - 1) - last;
    if silent <= SILENT || silent <= 3 * longest {
        return Verdict::Fine;
    }
    let all = day_of(judged.log.observed_until().micros() - 1) - days[0].0 + 1;
    Verdict::Found(Finding {
        severity: Severity::High,
        finding: format!(
            "the last row is of {}, {} before observed_until, and the longest pause before was of \
             {}: the end seems to be missing, and all customers seem to be silent",
            date(*last),
            counted(silent as u64, "day", "days"),
            counted(longest as u64, "day", "days")
        ),
        count: silent as u64,
        share: Some(silent as f64 / all.max(1) as f64),
        example: Some(date(*last)),
        advice: "add the rows that are missing, or give the day after the last one as observed_until",
        ..Finding::default()
    })
}

pub(super) fn lone_start(judged: &Judged<'_>) -> Verdict {
    let days = &judged.facts.days;
    let core = core(judged);
    if judged.facts.rows < FEW_ROWS {
        return judged.too_few(judged.facts.rows, "row", "rows", FEW_ROWS);
    }
    if core.start == 0 || core.is_empty() || is_default(judged, days[0].0) {
        return Verdict::Fine;
    }
    let (last, next) = (days[core.start - 1].0, days[core.start].0);
    let count = days[..core.start].iter().map(|(_, rows)| rows).sum();
    let first = row_at(judged, |time| day_of(time) <= last);
    judged.cases(Cases { count, first }, judged.facts.rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "{} alone at the start, {} before all others, which begin with {}: periods and \
             cohorts are counted from there",
            counted(count, "row stands", "rows stand"),
            counted((next - last) as u64, "day", "days"),
            date(next)
        ),
        advice: "correct these times or leave the rows out",
        ..Finding::default()
    })
}

pub(super) fn burst(judged: &Judged<'_>) -> Verdict {
    let days = &judged.facts.days;
    let mut sizes: Vec<u64> = days.iter().map(|(_, rows)| *rows).collect();
    sizes.sort_unstable();
    if sizes.len() < FEW_DAYS {
        return judged.too_few(sizes.len() as u64, "day", "days", FEW_DAYS as u64);
    }
    let most = sizes[sizes.len() - 1];
    let usual = sizes[sizes.len() / 2];
    let share = most as f64 / judged.facts.rows as f64;
    if share < 0.1 || most < 50 * usual {
        return Verdict::Fine;
    }
    let day = days.iter().find(|(_, rows)| *rows == most).map_or(0, |(day, _)| *day);
    let first = row_at(judged, |time| day_of(time) == day);
    judged.cases(Cases { count: most, first }, judged.facts.rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "{} of all rows are dated {}, {} times as many as on a usual day: an import, perhaps, \
             with its own date in place of those of the purchases",
            judged.number(most),
            date(day),
            judged.number(most / usual.max(1))
        ),
        advice: "take the column that says when it happened; the day of the import is known_at",
        ..Finding::default()
    })
}

pub(super) fn empty_months(judged: &Judged<'_>) -> Verdict {
    let month = |day: i64| {
        Timestamp::from_micros(day * MICROS_PER_DAY).map_or(0, |at| {
            let (year, month, _) = at.date();
            i64::from(year) * 12 + i64::from(month) - 1
        })
    };
    let mut months: BTreeMap<i64, u64> = BTreeMap::new();
    for (day, rows) in &judged.facts.days[core(judged)] {
        *months.entry(month(*day)).or_default() += rows;
    }
    let mut sizes: Vec<u64> = months.values().copied().collect();
    sizes.sort_unstable();
    if sizes.len() < 3 {
        return judged.too_few(sizes.len() as u64, "month", "months", 3);
    }
    if sizes[sizes.len() / 2] < ROWS_A_MONTH {
        return judged.too_few(sizes[sizes.len() / 2], "row a month", "rows a month", ROWS_A_MONTH);
    }
    let all: Vec<i64> = months.keys().copied().collect();
    let missing: Vec<i64> = all.windows(2).flat_map(|pair| pair[0] + 1..pair[1]).collect();
    let Some(first) = missing.first() else { return Verdict::Fine };
    let of = all[all.len() - 1] - all[0] + 1;
    let name = format!("{}-{:02}", first.div_euclid(12), first.rem_euclid(12) + 1);
    Verdict::Found(Finding {
        severity: Severity::Medium,
        finding: format!(
            "of {of} months {} no rows at all, {name} first: their customers seem to have been silent",
            counted(missing.len() as u64, "has", "have")
        ),
        count: missing.len() as u64,
        share: Some(missing.len() as f64 / of as f64),
        example: Some(name),
        advice: "add the rows of these months; if the shop was closed, take no cutoffs near them",
        ..Finding::default()
    })
}

pub(super) fn dates_alone(judged: &Judged<'_>) -> Verdict {
    let facts = judged.facts;
    let rules = judged.log.purchase_rules();
    if judged.log.columns().order_id && rules.purchase_by == PurchaseBy::Order {
        return Verdict::NotThere("purchases by order id");
    }
    let share = facts.rows_together as f64 / facts.rows.max(1) as f64;
    if facts.midnight < facts.rows || share < 0.01 {
        return Verdict::Fine;
    }
    let count = facts.rows_together;
    judged.cases(Cases { count, first: None }, facts.rows, |_| Finding {
        severity: Severity::Low,
        finding: format!(
            "times are dates, and {} one with another row of the same customer: all rows of a \
             customer on one day count as one purchase",
            counted(count, "row shares", "rows share")
        ),
        advice: "map order_id if there is one; otherwise this is what purchase_by=\"day\" means",
        ..Finding::default()
    })
}

pub(super) fn close_purchases(judged: &Judged<'_>) -> Verdict {
    let facts = judged.facts;
    let rules = judged.log.purchase_rules();
    let by_instant = rules.purchase_by == PurchaseBy::Timestamp
        || rules.purchase_by == PurchaseBy::Order && !judged.log.columns().order_id;
    if !by_instant {
        return Verdict::NotThere("purchases not by instant");
    }
    let share = facts.close_purchases.count as f64 / facts.purchases.max(1) as f64;
    if facts.purchases < FEW_ROWS {
        return judged.too_few(facts.purchases, "purchase", "purchases", FEW_ROWS);
    }
    if share < 0.1 {
        return Verdict::Fine;
    }
    judged.cases(facts.close_purchases, facts.purchases, |_| Finding {
        severity: Severity::Medium,
        finding: format!(
            "{} within an hour of the customer's one before: the rows of one purchase seem to \
             have times of their own",
            counted(facts.close_purchases.count, "purchase comes", "purchases come")
        ),
        advice: "map order_id, or take purchase_by=\"day\"",
        ..Finding::default()
    })
}
