//! Values in words.

use super::described::DescribedColumn;
use super::texts::{AGO, AHEAD, DAYS, FALLING, HOURS, NOT_KNOWN, RISING, STEADY, TIMES};
use crate::features::{Feature, Unit};
use crate::language::{Language, Speech, Text, amount, in_language, number};
use crate::models::odds::sigmoid;

/// Smaller changes of a logarithm are none: a twentieth.
const STEADY_WITHIN: f64 = 0.05;

/// The value of a feature, or of an attribute, with its unit; an amount with its currency.
pub(super) fn value(
    feature: Option<&Feature>,
    value: f64,
    currency: &str,
    speech: Speech,
) -> String {
    let language = speech.language;
    let Some(Feature { unit, words, .. }) = feature else {
        return match value.is_nan() {
            true => in_language(NOT_KNOWN, language).to_owned(),
            false => short(value, 2, language),
        };
    };
    if value.is_nan() {
        return speech.text(words.missing).to_owned();
    }
    match unit {
        Unit::Days if words.moment => {
            let when = if value < 0.0 { AGO } else { AHEAD };
            filled(in_language(when, language), &in_days(value.abs(), language))
        }
        Unit::Days => in_days(value, language),
        Unit::Hours => in_hours(value, language),
        Unit::Share => format!("{} %", short(value * 100.0, 0, language)),
        Unit::LogOdds => format!("{} %", short(sigmoid(value) * 100.0, 0, language)),
        Unit::Count => short(value, 1, language),
        Unit::Currency => amount(value, currency, language),
        Unit::Ratio if words.multiple => {
            filled(in_language(TIMES, language), &short(value, 1, language))
        }
        Unit::LogRatio => in_language(trend(value), language).to_owned(),
        Unit::Ratio | Unit::Nats | Unit::Score => short(value, 2, language),
    }
}

fn trend(value: f64) -> Text {
    if value > STEADY_WITHIN {
        RISING
    } else if value < -STEADY_WITHIN {
        FALLING
    } else {
        STEADY
    }
}

/// So many days, in words.
pub(crate) fn in_days(value: f64, language: Language) -> String {
    time(value, &DAYS[language as usize], language)
}

/// So many hours, in words.
pub(crate) fn in_hours(value: f64, language: Language) -> String {
    time(value, &HOURS[language as usize], language)
}

/// A length of time: whole from ten on, otherwise with one decimal at most.
fn time(value: f64, forms: &[&'static str; 4], language: Language) -> String {
    let decimals = usize::from(value.abs() < 10.0);
    let text = short(value, decimals, language);
    let whole = match decimals {
        0 => Some(value.round_ties_even().abs() as u64),
        _ => text.trim_start_matches('−').parse().ok(),
    };
    let form = match (language, whole) {
        (Language::English, Some(1)) => forms[0],
        (Language::English, _) => forms[1],
        (Language::Russian, Some(n)) => forms[russian_plural(n)],
        (Language::Russian, None) => forms[3],
    };
    text + " " + form
}

/// Which form a Russian noun takes after a number (Unicode CLDR plural rules): 0 as after 1, 1 as
/// after 2, 2 as after 5.
pub(crate) fn russian_plural(n: u64) -> usize {
    match (n % 10, n % 100) {
        (_, 11..=14) => 2,
        (1, _) => 0,
        (2..=4, _) => 1,
        _ => 2,
    }
}

/// At most so many decimals, and none that say nothing.
fn short(value: f64, decimals: usize, language: Language) -> String {
    let mut text = number(value, decimals, language);
    if decimals > 0 {
        let kept = text.trim_end_matches('0').trim_end_matches(['.', ',']).len();
        text.truncate(kept);
    }
    text
}

/// A text with a value in its place.
fn filled(text: &str, value: &str) -> String {
    let mut out = String::new();
    push_filled(&mut out, text, value);
    out
}

/// Appends a text with a value in its place, `{}`.
pub(super) fn push_filled(out: &mut String, text: &str, value: &str) {
    let Some((before, after)) = text.split_once("{}") else { return out.push_str(text) };
    out.push_str(before);
    out.push_str(value);
    out.push_str(after);
}

/// A number with the decimal sign of a language.
pub(crate) fn pointed(number: &str, language: Language) -> String {
    match language {
        Language::English => number.to_owned(),
        Language::Russian => number.replace('.', ","),
    }
}

/// Appends what is said of a column with this value.
pub(super) fn push_statement(
    out: &mut String,
    column: &DescribedColumn,
    value: &str,
    speech: Speech,
) {
    let Some(feature) = column.feature else {
        out.push_str(&column.name);
        return push_filled(out, ": {}", value);
    };
    let text = speech.text(feature.words.statement);
    match &column.kind {
        Some(kind) => out.push_str(&filled(text, value).replace("{kind}", kind)),
        None => push_filled(out, text, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features;

    const ENGLISH: Speech = Speech { language: Language::English, of_activity: false };
    const RUSSIAN: Speech = Speech { language: Language::Russian, of_activity: false };

    #[test]
    fn values_have_units_and_no_idle_decimals() {
        for (name, number, english, russian) in [
            ("days_since_last_purchase", 118.4, "118 days", "118 дней"),
            ("days_since_last_purchase", 1.0, "1 day", "1 день"),
            ("days_since_last_purchase", 21.2, "21 days", "21 день"),
            ("days_since_last_purchase", 3.5, "3.5 days", "3,5 дня"),
            ("mean_resolution_hours", 34.0, "34 hours", "34 часа"),
            ("mean_resolution_hours", 12.0, "12 hours", "12 часов"),
            ("top_category_share", 0.456, "46 %", "46 %"),
            ("purchase_count", 3.0, "3", "3"),
            ("overdue_ratio", 3.44, "3.4×", "3,4×"),
            ("tenure_days", 1200.0, "1,200 days", "1200 дней"),
            ("average_check", -0.001, "€0.00", "0,00\u{a0}€"),
            ("average_check", 25.125, "€25.12", "25,12\u{a0}€"),
            ("purchase_trend", -0.7, "falling", "падает"),
            ("check_trend", 0.01, "steady", "без изменений"),
            (
                "mean_gap_days",
                f64::NAN,
                "only one day with purchases so far",
                "пока один день с покупками",
            ),
            ("return_share", f64::NAN, "none", "нет"),
            ("plan", f64::NAN, "not known", "неизвестно"),
            ("event_visit_days_since_last", 41.2, "41 days", "41 день"),
            ("event_visit_trend", -0.7, "falling", "падает"),
            ("days_since_last_event", f64::NAN, "no event so far", "событий не было"),
        ] {
            let feature = features::described(name);
            assert_eq!(value(feature, number, "€", ENGLISH), english);
            assert_eq!(value(feature, number, "€", RUSSIAN), russian);
        }
    }

    #[test]
    fn kinds_of_events_are_named() {
        let said = |name: &str, speech| {
            let mut text = String::new();
            push_statement(&mut text, &name.to_owned().into(), "2", speech);
            text
        };
        assert_eq!(said("event_cart_count_30d", ENGLISH), "cart in the last 30 days: 2");
        assert_eq!(said("event_cart_count_30d", RUSSIAN), "cart за последние 30 дней: 2");
        assert_eq!(said("open_carts", ENGLISH), "carts left without a purchase: 2");
        assert_eq!(said("event_count_30d", ENGLISH), "events in the last 30 days: 2");
        assert_eq!(said("event_of_mine", ENGLISH), "event_of_mine: 2");
        // A kind keeps its name whatever stands in place of purchases.
        let of_activity = Speech { of_activity: true, ..ENGLISH };
        assert_eq!(
            said("event_purchase_count_30d", of_activity),
            "purchase in the last 30 days: 2"
        );
        assert_eq!(said("days_since_last_purchase", of_activity), "last activity 2 ago");
    }

    #[test]
    fn russian_nouns_follow_their_numbers() {
        let forms: Vec<usize> =
            [0, 1, 2, 4, 5, 11, 12, 21, 22, 25, 101, 111, 112].map(russian_plural).into();
        assert_eq!(forms, [2, 0, 1, 1, 2, 2, 2, 0, 1, 2, 0, 2, 2]);
    }
}
