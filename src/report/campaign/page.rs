//! The page as a whole: its head, the summary, its sections and words.

use super::super::frame::{self, Section};
use super::super::html::Html;
use super::super::words::clipped;
use super::facts::Facts;
use super::texts as t;
use super::{made, money, next, planned, segments, uplift, who, worked};
use crate::language::{Language, Text};

/// What writes a section.
type Write = fn(&Facts<'_>, &mut Html);

const SECTIONS: [(&str, Text, Write); 9] = [
    ("short", t::H_SHORT, in_short),
    ("plan", t::H_PLAN, planned::planned),
    ("who", t::H_WHO, who::who),
    ("worked", t::H_WORKED, worked::worked),
    ("money", t::H_MONEY, money::money),
    ("by-whom", t::H_BY_WHOM, by_whom),
    ("next", t::H_NEXT, next::next),
    ("words", t::H_WORDS, definitions),
    ("made", t::H_MADE, made::made),
];

pub(super) fn write(facts: &Facts<'_>) -> String {
    let words = facts.words;
    let customers = words.count(facts.answers.effect.number("customers").unwrap_or(0.0) as u64);
    let lead = match facts.times {
        Some([start, _, until]) => words.say(t::LEAD, &[&customers, &words.days(start, until)]),
        None => words.say(t::LEAD_TABLE, &[&customers]),
    };
    let title = words.text(t::TITLE);
    let heading = match facts.options.name.trim() {
        "" => title.to_owned(),
        name => format!("{title}: {name}"),
    };
    let section = |(anchor, heading, write): (&'static str, Text, Write)| Section {
        anchor,
        heading,
        write: Box::new(move |html: &mut Html| write(facts, html)),
    };
    let head = frame::Head { title: &heading, heading: &heading, lead: &lead, foot: t::FOOT };
    frame::page(words, head, &SECTIONS.map(section))
}

fn in_short(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    if let (true, Some([_, end, until])) = (facts.is_interim, facts.times) {
        let said = words.say(t::INTERIM, &[&words.date(end), &words.date(until)]);
        html.classed("p", "warn", &said);
    }
    html.element("ul", &[("class", "facts")], |html| {
        let mut fact = |exact: f64, figure: String, text: String| {
            html.element("li", &[], |html| {
                html.element("b", &[], |html| html.datum(&(Some(exact), figure)));
                html.line("span", &text);
            });
        };
        let control = facts.effects.first().map_or(0, |row| row.control_customers);
        let all = facts.answers.effect.number("customers").unwrap_or(0.0);
        let drawn = words.say(t::FACT_CUSTOMERS, &[&words.count(control)]);
        fact(all, words.count(all as u64), drawn);
        for row in facts.effects.iter().filter(|row| row.metric == facts.main_metric()) {
            let change = |value| facts.change(row.unit, value);
            let (difference, ends) = row.difference;
            let ends = facts.ends_text(ends, change);
            let (arm, metric) = (clipped(&row.arm), facts.metric(&row.metric));
            let text = words.say(t::FACT_EFFECT, &[&arm, &metric, &ends]);
            fact(difference, change(difference), text);
        }
        for row in &facts.money {
            let Some(((profit, ends), paid)) = row.profit.zip(row.paid_chance) else { continue };
            let (arm, show) = (clipped(&row.arm), |value| words.money(value));
            let text = words.say(t::FACT_PROFIT, &[&arm, &facts.ends_text(ends, show)]);
            fact(profit, show(profit), text);
            if facts.are_drawn {
                fact(paid, words.percent(paid), words.say(t::FACT_PAID, &[&arm]));
            }
        }
    });
    html.element("ul", &[], |html| {
        next::advice(facts).iter().for_each(|sentence| html.line("li", sentence));
    });
    let notes = || {
        let beside = [&facts.answers.recommendation, &facts.answers.targets];
        let beside = beside.into_iter().flatten().flat_map(|answer| &answer.notes);
        facts.answers.effect.notes.iter().chain(beside)
    };
    if notes().next().is_some() {
        html.element("ul", &[("lang", Language::English.name())], |html| {
            notes().for_each(|note| html.line("li", note));
        });
    }
}

fn by_whom(facts: &Facts<'_>, html: &mut Html) {
    segments::segments(facts, html);
    uplift::uplift(facts, html);
    uplift::budget(facts, html);
}

fn definitions(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let mut entries = vec![
        (t::W_CONTROL, words.text(t::W_CONTROL_TEXT).to_owned()),
        (t::W_INTERVAL, words.say(t::W_INTERVAL_TEXT, &[&facts.confidence()])),
        (t::W_P, words.text(t::W_P_TEXT).to_owned()),
        (t::W_LIFT, words.text(t::W_LIFT_TEXT).to_owned()),
    ];
    if facts.money.iter().any(|row| row.paid_chance.is_some()) {
        entries.push((t::W_PAID, words.text(t::W_PAID_TEXT).to_owned()));
    }
    html.element("dl", &[], |html| {
        for (name, text) in &entries {
            html.line("dt", words.text(*name));
            html.line("dd", text);
        }
    });
}
