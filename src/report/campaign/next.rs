//! What to do next, by the rules of the library: no verdict before the window is over, and no
//! recommendation where the lower end of an interval is not above 0.

use super::super::html::Html;
use super::super::words::clipped;
use super::facts::{EffectRow, Facts, MoneyRow, signed};
use super::sizes;
use super::texts as t;

pub(super) fn next(facts: &Facts<'_>, html: &mut Html) {
    html.element("ul", &[], |html| {
        advice(facts).iter().for_each(|sentence| html.line("li", sentence));
    });
    if !facts.is_interim {
        sizes::table(facts, html);
    }
}

/// What to do, in sentences.
pub(super) fn advice(facts: &Facts<'_>) -> Vec<String> {
    let words = facts.words;
    let mut said = Vec::new();
    if facts.is_interim {
        let end = facts.times.map_or(String::new(), |[_, end, _]| words.date(end));
        return vec![words.say(t::NEXT_INTERIM, &[&end])];
    }
    if !facts.are_drawn {
        return vec![words.text(t::NEXT_NOT_DRAWN).to_owned()];
    }
    if is_doubtful(facts) {
        said.push(words.text(t::NEXT_DOUBTS).to_owned());
    }
    for row in facts.effects.iter().filter(|row| row.metric == facts.main_metric()) {
        let money = facts.money.iter().find(|money| money.arm == row.arm);
        said.push(match money.and_then(|money| paid(facts, money)) {
            Some(sentence) => sentence,
            None => changed(facts, row),
        });
    }
    said.extend(list(facts));
    said
}

/// Whether arms were unlike before, or control was contacted.
fn is_doubtful(facts: &Facts<'_>) -> bool {
    let is_unlike = facts.answers.effect.rows("balance").any(|row| {
        row.number("standardised_difference").is_some_and(|difference| difference.abs() > 0.1)
    });
    let control = facts.answers.effect.rows("arms").next();
    is_unlike || control.and_then(|row| row.count("contacted")).is_some_and(|count| count > 0)
}

/// What its profit says of an offer.
fn paid(facts: &Facts<'_>, row: &MoneyRow) -> Option<String> {
    let words = facts.words;
    let (low, high) = row.profit?.1?;
    let arm = clipped(&row.arm);
    let [low_text, high_text] = [low, high].map(|end| words.money(end));
    // Of several offers one looks well by chance more easily.
    let is_shown = row.p_adjusted.is_none_or(|p| p <= facts.level);
    Some(if !is_shown && (low > 0.0 || high < 0.0) {
        let p = row.p_adjusted.map_or(String::new(), |p| facts.p(p));
        let offers = words.count(facts.money.len() as u64);
        words.say(t::NEXT_BY_CHANCE, &[&arm, &low_text, &high_text, &offers, &p])
    } else if low > 0.0 {
        words.say(t::NEXT_PAID, &[&arm, &low_text])
    } else if high < 0.0 {
        words.say(t::NEXT_COST, &[&arm, &high_text])
    } else {
        words.say(t::NEXT_UNSURE, &[&arm, &low_text, &high_text])
    })
}

/// What an offer changed, where nobody knows what that is worth.
fn changed(facts: &Facts<'_>, row: &EffectRow) -> String {
    let p = row.p_adjusted.unwrap_or(1.0);
    let ends = row.difference.1.filter(|_| p <= facts.level);
    let is_better = |(low, high): (f64, f64)| match row.metric.as_str() {
        // Of all outcomes that a log tells the fewer of these the better.
        "tickets" => (high < 0.0, low > 0.0),
        _ => (low > 0.0, high < 0.0),
    };
    let text = match ends.map(is_better) {
        Some((true, _)) => t::NEXT_CHANGED,
        Some((_, true)) => t::NEXT_HARMED,
        _ => t::NEXT_NOTHING,
    };
    let effect = facts.effect_text(row.unit, row.difference);
    facts.words.say(text, &[&clipped(&row.arm), &facts.metric(&row.metric), &effect, &facts.p(p)])
}

/// Whether a targeted list is recommended.
fn list(facts: &Facts<'_>) -> Option<String> {
    let found = facts.answers.recommendation.as_ref()?;
    let shown = |value: f64| signed(value, facts.words.number(value, 4));
    let (gain, low, high) =
        (found.number("gain")?, found.number("gain_low")?, found.number("gain_high")?);
    let text = if found.is("recommended") { t::NEXT_TARGETED } else { t::NEXT_NO_LIST };
    let ends = facts.ends_text(Some((low, high)), shown);
    let [first, second] = match found.is("recommended") {
        true => [shown(gain), ends],
        false => [ends, shown(gain)],
    };
    Some(facts.words.say(text, &[&first, &second]))
}
