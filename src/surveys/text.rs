//! The report in words.

use std::fmt;

use super::nps::{Nps, NpsDifference};
use super::report::NpsReport;
use super::rows::{ALL, TOPIC};
use crate::answer::text_table::{decimals, signed};
use crate::answer::write_notes;
use crate::followup::text::{short, write_afterwards, write_afterwards_head};
use crate::log::{counted, grouped};

/// The last periods that are printed of those in the table.
const SHOWN_PERIODS: usize = 8;

fn score(nps: Option<Nps>) -> String {
    nps.map_or("-".to_owned(), |nps| {
        let [score, low, high] = [nps.score, nps.low, nps.high].map(|points| decimals(points, 1));
        format!("{score} ({low} to {high})")
    })
}

/// The ends of the interval of a difference, if it has one.
fn ends(interval: Option<(f64, f64)>, count: usize) -> String {
    let of = |(low, high)| format!(" ({} to {})", signed(low, count), signed(high, count));
    interval.map_or_else(String::new, of)
}

fn difference(found: Option<NpsDifference>) -> String {
    found.map_or("-".to_owned(), |found| {
        let p = found.p_value.map_or(String::new(), |p| match p < 0.001 {
            true => ", p < 0.001".to_owned(),
            false => format!(", p {p:.3}"),
        });
        format!("{}{}{p}", signed(found.difference, 1), ends(found.low.zip(found.high), 1))
    })
}

impl NpsReport {
    fn write_periods(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<_> = self.periods.iter().filter(|row| row.grouping == ALL).collect();
        writeln!(
            f,
            "\n{:<24}{:>8}{:>23}{:>33}{:>12}",
            "period from", "answers", "NPS", "change", "detectable"
        )?;
        for row in &rows[rows.len().saturating_sub(SHOWN_PERIODS)..] {
            let open = if row.period.finished { "" } else { " (open)" };
            writeln!(
                f,
                "{:<24}{:>8}{:>23}{:>33}{:>12}",
                format!("{}{open}", row.period.window.start),
                grouped(row.counts.answers()),
                score(row.nps),
                difference(row.change),
                row.change
                    .and_then(|change| change.smallest_difference)
                    .map_or("-".into(), |points| format!("{points:.1}"))
            )?;
        }
        writeln!(f, "detectable: the smallest change that such samples show with a chance of 80 %")
    }

    fn write_groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self.groups.iter().filter(|row| row.grouping != ALL);
        let groups: Vec<_> = groups.collect();
        for rows in groups.chunk_by(|a, b| a.grouping == b.grouping) {
            let Some(first) = rows.first() else { continue };
            writeln!(
                f,
                "\n{:<24}{:>9}{:>24}{:>36}",
                short(&first.grouping, 22),
                "answers",
                "NPS",
                "against all others"
            )?;
            for row in rows {
                writeln!(
                    f,
                    "{:<24}{:>9}{:>24}{:>36}",
                    short(&row.group, 22),
                    grouped(row.counts.answers()),
                    score(row.nps),
                    difference(row.against_others)
                )?;
            }
        }
        Ok(())
    }

    fn write_topics(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.topics.iter().filter(|row| row.period.is_none()).collect();
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by(|a, b| a.contribution.points.total_cmp(&b.contribution.points));
        writeln!(
            f,
            "\n{:<24}{:>9}{:>10}{:>26}",
            format!("what a {TOPIC} adds"),
            "answers",
            "share",
            "points"
        )?;
        for row in rows {
            let found = row.contribution;
            writeln!(
                f,
                "{:<24}{:>9}{:>10}{:>26}",
                short(&row.topic, 22),
                grouped(row.counts.answers()),
                format!("{:.1} %", row.share * 100.0),
                format!("{}{}", signed(found.points, 2), ends(found.low.zip(found.high), 2))
            )?;
        }
        writeln!(f, "points: share x (score of the topic - score of all); they sum to 0")
    }
}

impl fmt::Display for NpsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (customers, nps) =
            self.all().map_or((0, "-".to_owned()), |row| (row.customers, score(row.nps)));
        writeln!(
            f,
            "{} of {} before {}: NPS {nps}",
            counted(self.answers, "answer", "answers"),
            counted(customers, "customer", "customers"),
            self.at
        )?;
        self.write_periods(f)?;
        self.write_groups(f)?;
        self.write_topics(f)?;
        writeln!(f, "\nwithin {} after they answered, customers who were", self.horizon)?;
        write_afterwards_head(f, "", "answers")?;
        for row in &self.afterwards {
            let name = match row.answer {
                "no_answer" => "without an answer",
                name => name,
            };
            write_afterwards(f, name, &row.afterwards)?;
        }
        writeln!(
            f,
            "without an answer: for each answer a customer who had given none for long and had bought \
             last at about\nthe same time (matched); none of this says what an answer causes"
        )?;
        write_notes(f, &self.notes)
    }
}
