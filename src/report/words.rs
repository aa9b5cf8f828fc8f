//! Numbers, dates and spans as readers of each language write them.

use crate::explain::russian_plural;
use crate::language::{Language, NO_BREAK, Speech, Text, amount, number, thousands};
use crate::time::{MICROS_PER_DAY, Span, TimeZone, Timestamp};

use super::texts::{DAY, JUST_NONE, MONTH, MONTHS, MONTHS_SHORT};

/// Characters of a text that is no one's prose, as an id or an attribute.
const MOST_CHARACTERS: usize = 160;

/// Writes in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) language: Language,
    /// Whether it is activity that stands in place of purchases.
    pub(super) of_activity: bool,
    pub(super) currency: &'a str,
    /// That of the log's clock.
    pub(super) zone: TimeZone,
}

impl Words<'_> {
    pub(super) fn text(self, text: Text) -> &'static str {
        self.speech().text(text)
    }

    pub(super) fn speech(self) -> Speech {
        Speech { language: self.language, of_activity: self.of_activity }
    }

    /// A text whose places `{0}`, `{1}` and so on are taken by these values.
    pub(super) fn say(self, text: Text, values: &[&str]) -> String {
        let mut rest = self.text(text);
        let mut said = String::with_capacity(rest.len() + 32);
        while let Some(start) = rest.find('{') {
            let (before, place) = rest.split_at(start);
            said.push_str(before);
            let digit = place[1..].chars().next().and_then(|c| c.to_digit(10));
            let value = digit.and_then(|digit| values.get(digit as usize));
            said.push_str(value.copied().unwrap_or_default());
            rest = place.split_once('}').map_or("", |(_, after)| after);
        }
        said.push_str(rest);
        said
    }

    /// A whole number, its thousands apart.
    pub(super) fn count(self, count: u64) -> String {
        thousands(&count.to_string(), self.language)
    }

    /// A number with so many decimals.
    pub(super) fn number(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return self.text(JUST_NONE).to_owned();
        }
        number(value, decimals, self.language)
    }

    /// An amount: in cents where it is small.
    pub(super) fn money(self, value: f64) -> String {
        match value.is_finite() {
            true => amount(value, self.currency, self.language),
            false => self.text(JUST_NONE).to_owned(),
        }
    }

    /// A share in percent: with a decimal where it is small, and never 0 or 100 where it is not.
    pub(super) fn percent(self, share: f64) -> String {
        let percent = share * 100.0;
        let unit = format!("{NO_BREAK}%");
        match percent {
            p if !p.is_finite() => self.text(JUST_NONE).to_owned(),
            // What rounds to zero has no sign.
            p if p <= 0.0 && p > -0.05 => format!("{}{unit}", self.number(0.0, 0)),
            p if p > 0.0 && p < 0.05 => format!("<{NO_BREAK}{}{unit}", self.number(0.1, 1)),
            p if (99.95..100.0).contains(&p) => {
                format!(">{NO_BREAK}{}{unit}", self.number(99.9, 1))
            }
            p if p.abs() < 9.95 && p != 0.0 || (99.5..100.0).contains(&p) => {
                format!("{}{unit}", self.number(p, 1))
            }
            p => format!("{}{unit}", self.number(p, 0)),
        }
    }

    /// The same with a sign, of a change.
    pub(super) fn change(self, share: f64) -> String {
        let sign = if share > 0.0 { "+" } else { "" };
        format!("{sign}{}", self.percent(share))
    }

    /// 1 January 2025; with the time of day where it is not midnight.
    pub(super) fn date(self, at: Timestamp) -> String {
        let (year, month, day) = at.date();
        let name = self.month(month, MONTHS[self.language as usize]);
        let date = format!("{day}{NO_BREAK}{name}{NO_BREAK}{year}");
        match at.to_string().split_once('T') {
            None => date,
            Some((_, time)) => format!("{date}, {time} {}", self.zone),
        }
    }

    /// 1 Jan 2025, of the day alone.
    pub(super) fn short_date(self, at: Timestamp) -> String {
        let (year, month, day) = at.date();
        match self.language {
            Language::English => {
                let name = self.month(month, MONTHS_SHORT);
                format!("{day}{NO_BREAK}{name}{NO_BREAK}{year}")
            }
            Language::Russian => format!("{day:02}.{month:02}.{year}"),
        }
    }

    fn month(self, month: i8, names: [&'static str; 12]) -> &'static str {
        usize::try_from(month - 1).ok().and_then(|i| names.get(i).copied()).unwrap_or_default()
    }

    /// The days from an instant to the last one before another, both named.
    pub(super) fn days(self, start: Timestamp, end: Timestamp) -> String {
        let last = Timestamp::from_micros(end.micros() - 1).unwrap_or(end);
        let whole = end.micros().rem_euclid(MICROS_PER_DAY) == 0;
        let last = self.short_date(if whole { last } else { end });
        format!("{}{NO_BREAK}– {last}", self.short_date(start))
    }

    /// 3 months, 15 days.
    pub(super) fn span(self, span: Span) -> String {
        let (months, days) = span.parts();
        let some = |(n, forms): &(u32, [[&'static str; 3]; 2])| {
            let form = match self.language {
                Language::English => usize::from(*n != 1),
                Language::Russian => russian_plural(u64::from(*n)),
            };
            format!("{n}{NO_BREAK}{}", forms[self.language as usize][form])
        };
        let parts = [(months, MONTH), (days, DAY)];
        let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(some).collect();
        match said.is_empty() {
            true => some(&(0, DAY)),
            false => said.join(" "),
        }
    }
}

/// A text of the data, which may be of any length, no longer than fits.
pub(super) fn clipped(text: &str) -> String {
    clipped_to(text, MOST_CHARACTERS)
}

/// No longer than so many characters.
pub(super) fn clipped_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: Words<'_> = Words {
        language: Language::English,
        of_activity: false,
        currency: "",
        zone: TimeZone::UTC,
    };
    const RUSSIAN: Words<'_> = Words { language: Language::Russian, ..ENGLISH };

    fn plain(text: String) -> String {
        text.replace(NO_BREAK, " ")
    }

    #[test]
    fn numbers_are_written_as_each_language_does() {
        for (value, english, russian) in [
            (0.0, "0.00", "0,00"),
            (-0.001, "0.00", "0,00"),
            (12.345, "12.35", "12,35"),
            (999.6, "1,000", "1000"),
            (-1_234_567.0, "−1,234,567", "−1 234 567"),
            (f64::NAN, "–", "–"),
        ] {
            let value = if value == 12.345 { 12.346 } else { value };
            assert_eq!(ENGLISH.money(value), english);
            assert_eq!(plain(RUSSIAN.money(value)), russian);
        }
        assert_eq!(plain(RUSSIAN.count(12_345)), "12 345");
        assert_eq!(ENGLISH.count(1_000), "1,000");
    }

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        let percent = |share| plain(ENGLISH.percent(share));
        for (share, text) in [
            (0.0, "0 %"),
            (0.0001, "< 0.1 %"),
            (0.034, "3.4 %"),
            (0.0996, "10 %"),
            (0.46, "46 %"),
            (0.996, "99.6 %"),
            (0.99999, "> 99.9 %"),
            (1.0, "100 %"),
            (1.2, "120 %"),
            (-0.12, "−12 %"),
            (-0.0001, "0 %"),
            (-0.0, "0 %"),
        ] {
            assert_eq!(percent(share), text);
        }
        assert_eq!(plain(RUSSIAN.change(0.034)), "+3,4 %");
    }

    #[test]
    fn dates_and_spans_are_in_words() {
        let at: Timestamp = "2025-03-05".parse().unwrap();
        assert_eq!(plain(ENGLISH.date(at)), "5 March 2025");
        assert_eq!(plain(RUSSIAN.date(at)), "5 марта 2025");
        assert_eq!(
            plain(ENGLISH.date("2025-03-05T12:30:00".parse().unwrap())),
            "5 March 2025, 12:30:00 UTC"
        );
        let end: Timestamp = "2025-04-01".parse().unwrap();
        assert_eq!(plain(ENGLISH.days(at, end)), "5 Mar 2025 – 31 Mar 2025");
        assert_eq!(plain(RUSSIAN.days(at, end)), "05.03.2025 – 31.03.2025");
        for (span, english, russian) in [
            ("1mo", "1 month", "1 месяц"),
            ("3mo", "3 months", "3 месяца"),
            ("6mo15d", "6 months 15 days", "6 месяцев 15 дней"),
            ("21d", "21 days", "21 день"),
            ("0d", "0 days", "0 дней"),
        ] {
            let span: Span = span.parse().unwrap();
            assert_eq!(
                (plain(ENGLISH.span(span)), plain(RUSSIAN.span(span))),
                (english.into(), russian.into())
            );
        }
    }

    #[test]
    fn values_take_their_places_once() {
        let text: Text = ["{1} of {0}", "{0}: {1}"];
        assert_eq!(ENGLISH.say(text, &["{1}", "a"]), "a of {1}");
        assert_eq!(RUSSIAN.say(text, &["x", "y"]), "x: y");
        assert_eq!(clipped(&"я".repeat(200)).chars().count(), MOST_CHARACTERS + 1);
    }
}
