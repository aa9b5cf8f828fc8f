//! The one table of texts of reasons, in English and in Russian.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::groups::Group;
use crate::error::{Error, Result};
use crate::labels::State;

/// The language of sentences.
///
/// ```
/// use winback::explain::Language;
/// assert_eq!("ru".parse::<Language>()?, Language::Russian);
/// assert!("de".parse::<Language>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// `en`.
    #[default]
    #[serde(rename = "en")]
    English,
    /// `ru`.
    #[serde(rename = "ru")]
    Russian,
}

impl Language {
    /// `en` or `ru`.
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Russian => "ru",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Language {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "en" => Ok(Language::English),
            "ru" => Ok(Language::Russian),
            _ => Err(Error::parameter("language", format!("\"{name}\""), "\"en\" or \"ru\"")),
        }
    }
}

/// A text in every language.
pub(crate) type Text = [&'static str; 2];

/// What is said of a feature; `{}` is its value.
const FEATURES: [(&str, Text); 42] = [
    ("days_since_last_purchase", ["last purchase {} ago", "последняя покупка {} назад"]),
    ("purchase_count", ["purchases in all: {}", "покупок всего: {}"]),
    ("average_check", ["average check: {}", "средний чек: {}"]),
    ("total_spend", ["spent in all: {}", "потрачено всего: {}"]),
    ("tenure_days", ["first purchase {} ago", "первая покупка {} назад"]),
    ("last_check", ["last check: {}", "последний чек: {}"]),
    ("max_check", ["largest check: {}", "самый большой чек: {}"]),
    (
        "purchase_count_30d",
        ["purchases in the last 30 days: {}", "покупок за последние 30 дней: {}"],
    ),
    (
        "purchase_count_90d",
        ["purchases in the last 90 days: {}", "покупок за последние 90 дней: {}"],
    ),
    (
        "purchase_count_180d",
        ["purchases in the last 180 days: {}", "покупок за последние 180 дней: {}"],
    ),
    (
        "purchase_count_365d",
        ["purchases in the last 365 days: {}", "покупок за последние 365 дней: {}"],
    ),
    ("total_spend_30d", ["spent in the last 30 days: {}", "потрачено за последние 30 дней: {}"]),
    ("total_spend_90d", ["spent in the last 90 days: {}", "потрачено за последние 90 дней: {}"]),
    ("total_spend_180d", ["spent in the last 180 days: {}", "потрачено за последние 180 дней: {}"]),
    ("total_spend_365d", ["spent in the last 365 days: {}", "потрачено за последние 365 дней: {}"]),
    (
        "purchase_trend",
        ["number of purchases over half a year: {}", "число покупок за полгода: {}"],
    ),
    ("check_trend", ["check of late: {}", "чек в последнее время: {}"]),
    ("mean_gap_days", ["usual gap between purchases: {}", "обычно между покупками: {}"]),
    (
        "gap_cv",
        [
            "unevenness of the gaps between purchases: {}",
            "неровность промежутков между покупками: {}",
        ],
    ),
    (
        "last_gap_ratio",
        ["last gap against the usual one: {}", "последний промежуток против обычного: {}"],
    ),
    ("overdue_ratio", ["silence against the own rhythm: {}", "молчание против своего ритма: {}"]),
    ("clumpiness", ["purchases come in clumps: {}", "кучность покупок: {}"]),
    ("category_count", ["categories bought: {}", "категорий в покупках: {}"]),
    ("top_category_share", ["share of the favourite category: {}", "доля любимой категории: {}"]),
    ("category_entropy", ["variety of categories: {}", "разнообразие категорий: {}"]),
    ("channel_count", ["channels used: {}", "каналов покупки: {}"]),
    ("return_share", ["share of goods returned: {}", "доля возвратов: {}"]),
    ("discount_share", ["share of discounts: {}", "доля скидок: {}"]),
    ("ticket_count", ["support tickets in all: {}", "обращений в поддержку всего: {}"]),
    (
        "ticket_count_30d",
        [
            "support tickets in the last 30 days: {}",
            "обращений в поддержку за последние 30 дней: {}",
        ],
    ),
    (
        "ticket_count_90d",
        [
            "support tickets in the last 90 days: {}",
            "обращений в поддержку за последние 90 дней: {}",
        ],
    ),
    (
        "ticket_count_365d",
        [
            "support tickets in the last 365 days: {}",
            "обращений в поддержку за последние 365 дней: {}",
        ],
    ),
    ("open_ticket_count", ["open support tickets: {}", "открытых обращений: {}"]),
    ("days_since_last_ticket", ["time since the last ticket: {}", "с последнего обращения: {}"]),
    (
        "mean_resolution_hours",
        ["mean time to a ticket's resolution: {}", "среднее время решения обращения: {}"],
    ),
    (
        "mean_first_response_hours",
        ["mean time to a ticket's first answer: {}", "среднее время первого ответа: {}"],
    ),
    ("reopened_ticket_count", ["reopened tickets: {}", "повторно открытых обращений: {}"]),
    ("tickets_per_purchase", ["tickets per purchase: {}", "обращений на покупку: {}"]),
    (
        "last_ticket_satisfaction",
        ["rating of the last ticket: {}", "оценка последнего обращения: {}"],
    ),
    ("last_survey_score", ["last survey score: {}", "последняя оценка в опросе: {}"]),
    ("mean_survey_score", ["mean survey score: {}", "средняя оценка в опросах: {}"]),
    (
        "days_since_last_survey",
        ["time since the last survey answer: {}", "с последнего ответа на опрос: {}"],
    ),
];

pub(super) const RHYTHM: Text = [", usually buys every {}", ", обычно покупает раз в {}"];
pub(super) const TYPICAL: Text = [" (typical: {})", " (типично: {})"];
pub(super) const RAISES: Text = [": raises the chance of a purchase", ": повышает шанс покупки"];
pub(super) const LOWERS: Text = [": lowers the chance of a purchase", ": снижает шанс покупки"];
/// A feature that has no value, and for what reason, where it is known.
const NONE: Text = ["none", "нет"];
const MISSING: [(&str, Text); 11] = [
    ("mean_gap_days", ["only one purchase so far", "пока одна покупка"]),
    ("gap_cv", ["too few purchases so far", "пока мало покупок"]),
    ("last_gap_ratio", ["too few purchases so far", "пока мало покупок"]),
    ("clumpiness", ["too few purchases so far", "пока мало покупок"]),
    ("check_trend", ["no purchase in half a year", "полгода без покупок"]),
    ("days_since_last_ticket", ["no ticket so far", "обращений не было"]),
    ("mean_resolution_hours", ["no resolved ticket so far", "решённых обращений не было"]),
    ("mean_first_response_hours", ["no answered ticket so far", "обращений с ответом не было"]),
    ("last_survey_score", ["no answer so far", "ответов не было"]),
    ("mean_survey_score", ["no answer so far", "ответов не было"]),
    ("days_since_last_survey", ["no answer so far", "ответов не было"]),
];

/// What is said in place of a feature's missing value.
pub(super) fn missing(name: &str, language: Language) -> &'static str {
    let found = MISSING.iter().find(|(feature, _)| *feature == name);
    of(found.map_or(NONE, |(_, text)| *text), language)
}

/// An attribute that is not given.
pub(super) const NOT_KNOWN: Text = ["not known", "неизвестно"];
pub(super) const NOT_SEEN: Text = ["not seen in training", "не встречалось при обучении"];
pub(super) const FALLING: Text = ["falling", "падает"];
pub(super) const RISING: Text = ["rising", "растёт"];
pub(super) const STEADY: Text = ["steady", "без изменений"];
/// Singular and plural; in Russian of one, of two to four, of many, and of a part.
pub(super) const DAYS: [[&str; 4]; 2] =
    [["day", "days", "days", "days"], ["день", "дня", "дней", "дня"]];
pub(super) const HOURS: [[&str; 4]; 2] =
    [["hour", "hours", "hours", "hours"], ["час", "часа", "часов", "часа"]];

/// The text in a language.
pub(crate) fn of(text: Text, language: Language) -> &'static str {
    text[language as usize]
}

/// What is said of a feature; none for an attribute.
pub(super) fn feature(name: &str, language: Language) -> Option<&'static str> {
    let found = FEATURES.iter().find(|(feature, _)| *feature == name);
    found.map(|(_, text)| of(*text, language))
}

/// A group in words; an attribute's is its name.
pub(crate) fn group_label(group: &Group, language: Language) -> &str {
    let text = match group {
        Group::Recency => ["time since the last purchase", "давность последней покупки"],
        Group::Frequency => ["how often and how much the customer buys", "частота и сумма покупок"],
        Group::Check => ["size of the checks", "размер чека"],
        Group::Rhythm => ["rhythm of purchases", "ритм покупок"],
        Group::Basket => ["what is bought and where", "состав и место покупок"],
        Group::Returns => ["returned goods", "возвраты"],
        Group::Discounts => ["discounts", "скидки"],
        Group::Tickets => ["number of support tickets", "число обращений в поддержку"],
        Group::Service => ["how tickets were handled", "работа поддержки"],
        Group::Surveys => ["survey answers", "ответы на опросы"],
        Group::Attribute(name) => return name,
    };
    of(text, language)
}

/// The heads of a summary: of a state's customers, what moves them, what holds them back, and one
/// customer's chance.
pub(crate) fn state_head(state: State, language: Language) -> &'static str {
    let text = match state {
        State::Active => ["active customers", "активные клиенты"],
        State::Lapsed => ["lapsed customers", "замолчавшие клиенты"],
        State::Lost => ["lost customers", "потерянные клиенты"],
    };
    of(text, language)
}

pub(crate) const MOVES: Text = [
    "What moves their chance of a purchase (mean size, in log-odds):",
    "Что меняет их шанс покупки (средний размер, в логарифмах шансов):",
];
pub(crate) const HOLDS_BACK: Text =
    ["What holds them back most:", "Что сильнее всего мешает покупке:"];
pub(crate) const MEAN_CHANCE: Text = ["mean chance of a purchase", "средний шанс покупки"];
pub(crate) const CHANCE: Text = ["chance of a purchase", "шанс покупки"];

/// Said of customers whom nothing of a stated size holds back.
pub(crate) fn no_reason(language: Language) -> &'static str {
    of(["no single reason", "нет одной причины"], language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_text_in_every_language_and_no_other_has() {
        let names: Vec<&str> = crate::features::catalogue().map(|feature| feature.name).collect();
        assert_eq!(FEATURES.len(), names.len());
        for name in names {
            for language in [Language::English, Language::Russian] {
                let text = feature(name, language).unwrap_or_else(|| panic!("{name}"));
                assert_eq!(text.matches("{}").count(), 1, "{text}");
                let cyrillic = text.chars().any(|c| ('а'..='я').contains(&c));
                assert_eq!(cyrillic, language == Language::Russian, "{text}");
            }
        }
    }
}
