//! Texts around reasons, in English and in Russian. The texts about a feature are in its record.

use crate::labels::State;
use crate::language::{Language, Text, in_language};

pub(super) const RHYTHM: Text = [", usually buys every {}", ", обычно покупает раз в {}"];
pub(super) const ACTIVITY_RHYTHM: Text = [", usually active every {}", ", обычно активен раз в {}"];
pub(super) const TYPICAL: Text = [" (typical: {})", " (типично: {})"];
pub(super) const RAISES: Text = [": raises the chance of a purchase", ": повышает шанс покупки"];
pub(super) const LOWERS: Text = [": lowers the chance of a purchase", ": снижает шанс покупки"];
/// An attribute that is not given.
pub(super) const NOT_KNOWN: Text = ["not known", "неизвестно"];
pub(super) const NOT_SEEN: Text =
    ["rare or not seen in training", "редкое или не встречалось при обучении"];
pub(super) const FALLING: Text = ["falling", "падает"];
pub(super) const RISING: Text = ["rising", "растёт"];
pub(super) const STEADY: Text = ["steady", "без изменений"];
/// When something is or was, from the cutoff.
pub(super) const AHEAD: Text = ["in {}", "через {}"];
pub(super) const AGO: Text = ["{} ago", "{} назад"];
/// How many times something it is.
pub(super) const TIMES: Text = ["{}×", "{}×"];
/// Singular and plural; in Russian of one, of two to four, of many, and of a part.
pub(super) const DAYS: [[&str; 4]; 2] =
    [["day", "days", "days", "days"], ["день", "дня", "дней", "дня"]];
pub(super) const HOURS: [[&str; 4]; 2] =
    [["hour", "hours", "hours", "hours"], ["час", "часа", "часов", "часа"]];

/// The heads of a summary: of a state's customers, what moves them, what holds them back, and one
/// customer's chance.
pub(crate) fn state_head(state: State, language: Language) -> &'static str {
    let text = match state {
        State::Active => ["active customers", "активные клиенты"],
        State::Lapsed => ["lapsed customers", "замолчавшие клиенты"],
        State::Lost => ["lost customers", "потерянные клиенты"],
    };
    in_language(text, language)
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
    in_language(["no single reason", "нет одной причины"], language)
}
