//! What a customer went through, as it was known at the cutoff.

use crate::explain::{in_days, in_hours, pointed};
use crate::language::{Language, Text, in_language};
use crate::log::{History, LogColumns, Ticket};
use crate::stats::exact_sum;
use crate::time::{MICROS_PER_DAY, MICROS_PER_HOUR};

/// What is compensated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harm {
    Unresolved,
    Reopened,
    Slow,
    BadlyRated,
    LowScore,
    Returned,
}

impl Harm {
    pub(super) const ALL: [Harm; 6] = [
        Harm::Unresolved,
        Harm::Reopened,
        Harm::Slow,
        Harm::BadlyRated,
        Harm::LowScore,
        Harm::Returned,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Harm::Unresolved => "unresolved",
            Harm::Reopened => "reopened",
            Harm::Slow => "slow",
            Harm::BadlyRated => "badly_rated",
            Harm::LowScore => "low_score",
            Harm::Returned => "returned",
        }
    }

    /// In words, with a place for the number.
    const fn text(self) -> Text {
        match self {
            Harm::Unresolved => ["a ticket open for {days}", "обращение открыто уже {days}"],
            Harm::Reopened => {
                ["a ticket reopened, times: {}", "обращение открыто повторно, раз: {}"]
            }
            Harm::Slow => [
                "first answer to a ticket not within {hours}",
                "нет первого ответа на обращение в течение {} ч",
            ],
            Harm::BadlyRated => ["a ticket rated {}", "работа с обращением оценена на {}"],
            Harm::LowScore => ["{} in the latest survey answer", "{} в последнем ответе на опрос"],
            Harm::Returned => ["goods for {} came back", "возврат товаров на {}"],
        }
    }

    /// What of a log it takes, if that is not there.
    pub(super) fn missing(self, columns: LogColumns) -> Option<&'static str> {
        let tickets = columns.tickets;
        let (is_there, needs) = match self {
            Harm::Unresolved => {
                (tickets.is_some_and(|has| has.resolved_at), "resolved_at of tickets")
            }
            Harm::Reopened => {
                (tickets.is_some_and(|has| has.reopened_count), "reopened_count of tickets")
            }
            Harm::Slow => {
                (tickets.is_some_and(|has| has.first_response_at), "first_response_at of tickets")
            }
            Harm::BadlyRated => {
                (tickets.is_some_and(|has| has.satisfaction), "satisfaction of tickets")
            }
            Harm::LowScore => (columns.surveys, "survey answers"),
            Harm::Returned => (columns.amount, "amounts"),
        };
        (!is_there).then_some(needs)
    }

    pub(super) fn words(self, number: f64, language: Language) -> String {
        let text = match number == number.trunc() {
            true => format!("{number}"),
            false => format!("{number:.1}"),
        };
        in_language(self.text(), language)
            .replace("{days}", &in_days(number, language))
            .replace("{hours}", &in_hours(number, language))
            .replace("{}", &pointed(&text, language))
    }
}

/// Which harm counts; times in microseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The cutoff.
    pub(super) at: i64,
    pub(super) since: i64,
    /// Tickets opened before are open for long.
    pub(super) opened_before: i64,
    /// A first answer takes no longer.
    pub(super) slow: i64,
    pub(super) bad_rating: f64,
    pub(super) bad_score: f64,
}

/// The lowest and the highest rating of a customer's tickets.
pub(super) fn ratings(history: &History<'_>) -> Option<(f64, f64)> {
    let given = history.tickets().into_iter().flatten().filter_map(|own| own.satisfaction);
    given.map(|own| (own, own)).reduce(|(low, high), (own, _)| (low.min(own), high.max(own)))
}

/// Of these harms those that a customer went through, each with the number that tells how bad it was.
pub(super) fn harms(history: &History<'_>, limits: Limits, asked: &[Harm]) -> Vec<(Harm, f64)> {
    let tickets: Vec<Ticket> = history.tickets().into_iter().flatten().collect();
    let recent = || tickets.iter().filter(|ticket| ticket.opened_at >= limits.since);
    let worst = |numbers: &mut dyn Iterator<Item = f64>| numbers.reduce(f64::max);
    let days = |micros: i64| (micros as f64 / MICROS_PER_DAY as f64).floor();
    let number = |harm: Harm| match harm {
        Harm::Unresolved => worst(
            &mut tickets
                .iter()
                .filter(|own| own.resolved_at.is_none() && own.opened_at < limits.opened_before)
                .map(|own| days(limits.at - own.opened_at)),
        ),
        Harm::Reopened => {
            worst(&mut recent().filter_map(|own| own.reopened_count).filter(|count| *count > 0.0))
        }
        Harm::Slow => {
            let is_slow = |own: &&Ticket| {
                let answered = own.first_response_at.or(own.resolved_at).unwrap_or(limits.at);
                answered - own.opened_at > limits.slow
            };
            recent().any(|own| is_slow(&own)).then(|| limits.slow as f64 / MICROS_PER_HOUR as f64)
        }
        Harm::BadlyRated => {
            let bad = recent().filter_map(|own| own.satisfaction);
            bad.filter(|rating| *rating <= limits.bad_rating).reduce(f64::min)
        }
        Harm::LowScore => {
            let last = history.answers().into_iter().flatten().last();
            last.filter(|own| own.time >= limits.since && own.score <= limits.bad_score)
                .map(|own| own.score)
        }
        Harm::Returned => {
            let back = history.lines().filter(|line| line.time >= limits.since);
            let back = -exact_sum(back.map(|line| line.amount).filter(|amount| *amount < 0.0));
            (back > 0.0).then_some(back)
        }
    };
    asked.iter().filter_map(|&harm| Some((harm, number(harm)?))).collect()
}
