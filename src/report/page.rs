//! The page as a whole: head, summary, sections, definitions, and how it was made.

use super::facts::{Facts, Test};
use super::html::Html;
use super::texts as t;
use super::{base, events, frame, groups, people, quality, surveys};
use crate::churn::Estimator;
use crate::explain::no_reason;
use crate::labels::State;
use crate::language::{Language, Text};
use crate::retention::FlowCell;

/// A section: its anchor, its heading, and what writes it.
type Section = (&'static str, Text, fn(&Facts<'_>, &mut Html));

pub(super) fn write(facts: &Facts<'_>) -> String {
    let mut sections: Vec<Section> = vec![
        ("short", t::H_SHORT, in_short),
        ("states", t::H_STATES, base::states),
        ("leaving", t::H_LEAVING, people::leaving),
        ("candidates", t::H_CANDIDATES, people::candidates),
        ("quality", t::H_QUALITY, quality::quality),
        ("retention", t::H_RETENTION, base::retention),
        ("loyalty", t::H_LOYALTY, groups::loyalty),
    ];
    if facts.due.is_some() {
        sections.insert(4, ("due", t::H_DUE, people::due));
    }
    if facts.nps.is_some() {
        sections.push(("surveys", t::H_NPS, surveys::nps));
    }
    if facts.service.is_some() {
        sections.push(("service", t::H_SERVICE, surveys::service));
    }
    if facts.events.as_ref().is_some_and(|events| events.events > 0) {
        sections.push(("events", t::H_EVENTS, events::events));
    }
    sections.push(("words", t::H_WORDS, definitions));
    sections.push(("made", t::H_MADE, made));

    let words = facts.words;
    let title = words.text(t::TITLE);
    let scored = words.count(facts.states.scored() as u64);
    let sections: Vec<frame::Section<'_>> = sections
        .into_iter()
        .map(|(anchor, heading, write)| frame::Section {
            anchor,
            heading,
            write: Box::new(move |html| write(facts, html)),
        })
        .collect();
    frame::page(
        words,
        frame::Head {
            title: &format!("{title}, {}", words.date(facts.at)),
            heading: title,
            lead: &words.say(t::AS_OF, &[&words.date(facts.at), &scored]),
            foot: t::FOOT,
        },
        &sections,
    )
}

fn in_short(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let limits = facts.model.limits();
    let (lapsed_after, lost_after) =
        (words.span(limits.lapsed_after), words.span(limits.lost_after));
    let count = |state| words.count(facts.customers(state));
    let window = facts.window();
    html.element("ul", &[("class", "facts")], |html| {
        let mut fact = |class: &str, figure: String, text: String| {
            html.element("li", &[("class", class)], |html| {
                html.line("b", &figure);
                html.line("span", &text);
            });
        };
        fact("active", count(State::Active), words.say(t::FACT_ACTIVE, &[&lapsed_after]));
        fact(
            "lapsed",
            count(State::Lapsed),
            words.say(t::FACT_LAPSED, &[&lapsed_after, &lost_after]),
        );
        fact("lost", count(State::Lost), words.say(t::FACT_LOST, &[&lost_after]));
        fact("", words.count(facts.risk.customers as u64), words.text(t::FACT_RISK).into());
        let lapsed = facts.sums(State::Lapsed);
        if facts.has_amounts() {
            fact("", words.money(facts.risk.spend), words.text(t::FACT_STAKE).into());
            fact(
                "",
                words.money(facts.candidates.lapsed_value()),
                words.say(t::FACT_VALUE, &[&window]),
            );
        } else {
            let returns = words.number(lapsed.purchase, 0);
            fact("", returns, words.say(t::FACT_RETURNS, &[&window]));
        }
    });
    html.element("ul", &[], |html| {
        sentences(facts, &window).iter().for_each(|sentence| html.line("li", sentence));
    });
    let notes = facts.log.notes();
    if !notes.is_empty() {
        html.element("ul", &[("lang", Language::English.name())], |html| {
            notes.iter().for_each(|note| html.line("li", note));
        });
    }
}

fn sentences(facts: &Facts<'_>, window: &str) -> Vec<String> {
    let words = facts.words;
    let mut said = Vec::new();
    if let Some((first, last)) = base::ends(facts) {
        let of = |cell: &FlowCell| cell.customers;
        let (then, now) = (of(&first.stocks[0]), of(&last.stocks[0]));
        if then > 0 {
            let change = words.change(now as f64 / then as f64 - 1.0);
            let at = words.date(first.at);
            said.push(
                words.say(t::SHORT_CHANGE, &[&words.count(now), &words.count(then), &at, &change]),
            );
        }
    }
    let active = facts.customers(State::Active);
    let risk = facts.risk.customers as u64;
    if active > 0 {
        said.push(words.say(
            t::SHORT_RISK,
            &[
                &words.count(active),
                &words.count(risk),
                &words.percent(risk as f64 / active as f64),
                &words.number(facts.leaving, 0),
                window,
            ],
        ));
    }
    said.extend(facts.of_contracts());
    let all_spend = facts.sums(State::Active).spend;
    if risk > 0 && facts.has_amounts() && all_spend > 0.0 && facts.risk.spend >= 0.0 {
        let share = words.percent(facts.risk.spend / all_spend);
        let spend = words.money(facts.risk.spend);
        said.push(words.say(t::SHORT_STAKE, &[&words.count(risk), &spend, &share]));
    }
    if let Some(largest) = facts.risk.groups.iter().find(|group| group.group.is_some()) {
        let label = largest
            .group
            .as_ref()
            .map_or(no_reason(words.language), |group| group.label(words.speech()));
        let of = words.count(largest.customers as u64);
        said.push(words.say(t::SHORT_REASON, &[label, &of, &words.count(risk)]));
    }
    let lapsed = facts.customers(State::Lapsed);
    if lapsed > 0 {
        let returns = words.number(facts.sums(State::Lapsed).purchase, 0);
        said.push(words.say(t::SHORT_LAPSED, &[&words.count(lapsed), &returns, window]));
    }
    match &facts.test {
        Test::Done(backtest) => said.extend(quality::hits(backtest, State::Active).map(|hits| {
            words.say(t::SHORT_QUALITY, &[&words.percent(hits.model), &words.percent(hits.chance)])
        })),
        _ => said.push(words.text(t::SHORT_UNTESTED).into()),
    }
    said
}

fn definitions(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let limits = facts.model.limits();
    let (lapsed, lost) = (words.span(limits.lapsed_after), words.span(limits.lost_after));
    let window = facts.window();
    let (at, until) = (facts.at, facts.model.training().until);
    let cutoff = if at < until { t::W_CUTOFF_PAST } else { t::W_CUTOFF_TEXT };
    let mut entries = vec![
        (t::W_STATES, words.say(t::W_STATES_TEXT, &[&lapsed, &lost])),
        (t::W_CUTOFF, words.say(cutoff, &[&words.date(at), &words.date(until)])),
        (t::W_CHANCE, words.say(t::W_CHANCE_TEXT, &[&window])),
    ];
    if facts.has_amounts() {
        entries.push((t::W_VALUE, words.text(t::W_VALUE_TEXT).into()));
        entries.push((t::W_SPENT, words.text(t::W_SPENT_TEXT).into()));
    }
    entries.push((t::W_REASON, words.text(t::W_REASON_TEXT).into()));
    entries.push((t::W_INTERVAL, words.text(t::W_INTERVAL_TEXT).into()));
    html.element("dl", &[], |html| {
        for (name, text) in &entries {
            html.line("dt", words.text(*name));
            html.line("dd", text);
        }
    });
}

fn made(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let (log, model, options) = (facts.log, facts.model, facts.options);
    let rows = log.report().transactions;
    let training = model.training();
    let estimator = match model.estimator() {
        Estimator::Average(_) => t::R_AVERAGE,
        Estimator::Logistic(_) => t::R_LOGISTIC,
        Estimator::Tree(_) => t::R_TREE,
        Estimator::Boosting(_) => t::R_BOOSTING,
    };
    let cutoffs: Vec<String> =
        training.cutoffs.iter().map(|cutoff| words.short_date(cutoff.cutoff)).collect();
    let mut lines: Vec<(Text, String)> = vec![
        (t::R_CUTOFF, words.date(facts.at)),
        (
            t::R_WINDOW,
            format!("{} – {}", words.date(log.first_event()), words.date(log.last_event())),
        ),
        (t::R_COMPLETE, words.date(log.observed_until())),
        (t::R_ROWS, words.count(rows.rows_read)),
        (t::R_LEFT_OUT, words.count(rows.missing_id + rows.bad_rows + rows.zero_amount)),
        (t::R_PURCHASES, words.count(log.report().purchases)),
        (t::R_WITHOUT, words.count(facts.states.without_purchase as u64)),
        (t::R_MODEL, words.text(estimator).into()),
        (t::R_HORIZON, words.span(model.horizon())),
    ];
    if !model.lead().is_zero() {
        lines.push((t::R_LEAD, words.span(model.lead())));
    }
    lines.extend([
        (t::R_TRAINED, words.date(training.until)),
        (t::R_CUTOFFS, format!("{}: {}", cutoffs.len(), cutoffs.join("; "))),
        (t::R_TRAINED_CUSTOMERS, words.count(training.customers as u64)),
        (t::R_HASH, training.data_hash.clone()),
    ]);
    if options.control_share > 0.0 {
        let share = words.percent(options.control_share);
        lines.push((t::R_CONTROL, format!("{share}, {}", options.salt)));
    }
    let tests = [options.tests.to_string(), words.span(options.test_stride)];
    let draws = [words.count(options.draws as u64), options.seed.to_string()];
    lines.extend([
        (t::R_TESTS, [tests.join(", "), draws.join(", ")].join(", ")),
        (t::R_VERSION, format!("winback {}", env!("CARGO_PKG_VERSION"))),
    ]);
    frame::names_and_values(words, t::MADE_TABLE, lines, html);
}
