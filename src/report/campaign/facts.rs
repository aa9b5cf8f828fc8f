//! What the page says of the effects, read from their tables once.

use serde_json::Value;

use super::super::html::{Cell, Datum};
use super::super::texts as base;
use super::super::words::Words;
use super::answers::CampaignAnswers;
use super::options::CampaignReportOptions;
use super::texts as t;
use crate::answer::AnswerParts;
use crate::error::Result;
use crate::language::NO_BREAK;
use crate::time::{TimeZone, Timestamp};

/// An estimate and the ends of its interval, which may be missing.
pub(super) type Estimate = (f64, Option<(f64, f64)>);

/// In what an outcome is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Yes or no.
    Share,
    Money,
    Number,
}

/// An arm's outcome beside that of control.
pub(super) struct EffectRow {
    pub(super) arm: String,
    pub(super) metric: String,
    pub(super) unit: Unit,
    pub(super) customers: u64,
    pub(super) control_customers: u64,
    pub(super) mean: f64,
    pub(super) control_mean: f64,
    pub(super) difference: Estimate,
    pub(super) standard_error: f64,
    pub(super) lift: Option<Estimate>,
    pub(super) total: Estimate,
    pub(super) p_adjusted: Option<f64>,
    pub(super) method: String,
}

/// An arm in money.
pub(super) struct MoneyRow {
    pub(super) arm: String,
    pub(super) customers: u64,
    pub(super) buyers: u64,
    pub(super) revenue: Estimate,
    pub(super) margin: Option<Estimate>,
    pub(super) cost: f64,
    pub(super) profit: Option<Estimate>,
    pub(super) return_on_cost: Option<f64>,
    pub(super) paid_chance: Option<f64>,
    pub(super) p_adjusted: Option<f64>,
}

/// All that the page is written from.
pub(super) struct Facts<'a> {
    pub(super) answers: &'a CampaignAnswers,
    pub(super) options: &'a CampaignReportOptions,
    pub(super) words: Words<'a>,
    pub(super) effects: Vec<EffectRow>,
    pub(super) unadjusted: Vec<EffectRow>,
    pub(super) money: Vec<MoneyRow>,
    pub(super) is_interim: bool,
    pub(super) level: f64,
    /// Whether nothing says that the arms were not drawn at random.
    pub(super) are_drawn: bool,
    /// Start, end of the window, and up to when outcomes are known.
    pub(super) times: Option<[Timestamp; 3]>,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(
        answers: &'a CampaignAnswers,
        options: &'a CampaignReportOptions,
    ) -> Result<Self> {
        let effect = &answers.effect;
        let zone = effect.text("time_zone").map_or(Ok(TimeZone::UTC), str::parse)?;
        let words = Words {
            language: options.language,
            of_activity: effect.of_activity,
            currency: &options.currency,
            zone,
        };
        let times = ["start", "end", "known_until"].map(|name| effect.text(name));
        let times = match times {
            [Some(start), Some(end), Some(until)] => {
                Some([start.parse()?, end.parse()?, until.parse()?])
            }
            _ => None,
        };
        Ok(Facts {
            answers,
            options,
            words,
            effects: effect_rows(effect, "effects"),
            unadjusted: effect_rows(effect, "unadjusted"),
            money: money_rows(effect),
            is_interim: effect.is("is_interim"),
            level: effect.number("level").unwrap_or(0.05),
            are_drawn: (effect.figures.get("unlike_arms").and_then(Value::as_array))
                .is_none_or(Vec::is_empty),
            times,
        })
    }

    /// The outcome that decides: the plan's, or the first.
    pub(super) fn main_metric(&self) -> &str {
        self.effects.first().map_or("", |row| &row.metric)
    }

    /// An outcome as readers call it.
    pub(super) fn metric(&self, name: &str) -> String {
        let known = match name {
            "purchased" => t::PURCHASED,
            "purchases" => t::PURCHASES,
            "spend" => t::SPEND,
            "tickets" => t::TICKETS,
            other => return super::super::words::clipped_to(other, 60),
        };
        self.words.text(known).to_owned()
    }

    pub(super) fn value(&self, unit: Unit, value: f64) -> String {
        match unit {
            Unit::Share => self.words.percent(value),
            Unit::Money => self.words.money(value),
            Unit::Number => self.words.number(value, 2),
        }
    }

    /// A change, with its sign.
    pub(super) fn change(&self, unit: Unit, value: f64) -> String {
        let words = self.words;
        let shown = match unit {
            Unit::Share => {
                format!("{}{NO_BREAK}{}", words.number(value * 100.0, 2), words.text(t::POINTS))
            }
            Unit::Money => words.money(value),
            Unit::Number => words.number(value, 2),
        };
        signed(value, shown)
    }

    /// How surely intervals hold, in per cent.
    pub(super) fn confidence(&self) -> String {
        self.words.percent(1.0 - self.level)
    }

    /// A figure with what it was rounded from.
    pub(super) fn exact(value: f64, shown: String) -> Cell {
        Cell::Data(vec![(Some(value), shown)])
    }

    /// The same of a figure that may be missing.
    pub(super) fn exact_or_none(&self, value: Option<f64>, shown: impl Fn(f64) -> String) -> Cell {
        match value {
            Some(value) => Self::exact(value, shown(value)),
            None => Cell::Text(self.words.text(base::JUST_NONE).to_owned()),
        }
    }

    /// The ends of an interval.
    pub(super) fn ends(&self, of: Option<Estimate>, shown: impl Fn(f64) -> String) -> Cell {
        let Some((low, high)) = of.and_then(|(_, ends)| ends) else {
            return Cell::Text(self.words.text(base::JUST_NONE).to_owned());
        };
        let [before, between, after] = self.around();
        let data: Vec<Datum> = vec![
            (None, before),
            (Some(low), shown(low)),
            (None, between),
            (Some(high), shown(high)),
            (None, after),
        ];
        Cell::Data(data.into_iter().filter(|(_, text)| !text.is_empty()).collect())
    }

    /// A figure and behind it the ends of its interval.
    pub(super) fn with_ends(&self, of: Option<Estimate>, shown: impl Fn(f64) -> String) -> Cell {
        let Some((value, ends)) = of else { return self.exact_or_none(None, shown) };
        let mut data: Vec<Datum> = vec![(Some(value), shown(value))];
        if let (Some(_), Cell::Data(ends)) = (ends, self.ends(of, &shown)) {
            data.push((None, " (".to_owned()));
            data.extend(ends);
            data.push((None, ")".to_owned()));
        }
        Cell::Data(data)
    }

    /// What stands around and between the ends of an interval in words.
    fn around(&self) -> [String; 3] {
        let text = self.words.text(base::ENDS);
        let (before, rest) = text.split_once("{0}").unwrap_or(("", text));
        let (between, after) = rest.split_once("{1}").unwrap_or((rest, ""));
        [before, between, after].map(str::to_owned)
    }

    /// The ends of an interval in a sentence.
    pub(super) fn ends_text(
        &self,
        ends: Option<(f64, f64)>,
        shown: impl Fn(f64) -> String,
    ) -> String {
        match ends {
            Some((low, high)) => self.words.say(base::ENDS, &[&shown(low), &shown(high)]),
            None => self.words.text(base::JUST_NONE).to_owned(),
        }
    }

    /// An effect in a sentence, with its interval.
    pub(super) fn effect_text(&self, unit: Unit, (value, ends): Estimate) -> String {
        let change = |value| self.change(unit, value);
        match ends {
            Some(_) => format!("{}; {}", change(value), self.ends_text(ends, change)),
            None => change(value),
        }
    }

    pub(super) fn p(&self, p: f64) -> String {
        match p < 1e-4 {
            true => format!("<{NO_BREAK}{}", self.words.number(1e-4, 4)),
            false => self.words.number(p, 4),
        }
    }
}

/// A figure with a plus where it is above 0.
pub(super) fn signed(value: f64, shown: String) -> String {
    if value > 0.0 { format!("+{shown}") } else { shown }
}

fn effect_rows(effect: &AnswerParts, table: &str) -> Vec<EffectRow> {
    let revenue = effect.text("revenue").unwrap_or("spend");
    let rows = effect.rows(table).filter_map(|row| {
        let metric = row.text("metric");
        Some(EffectRow {
            arm: row.text("arm").to_owned(),
            metric: metric.to_owned(),
            unit: match row.text("kind") {
                "share" => Unit::Share,
                _ if metric == revenue => Unit::Money,
                _ => Unit::Number,
            },
            customers: row.count("customers")?,
            control_customers: row.count("control_customers")?,
            mean: row.number("mean")?,
            control_mean: row.number("control_mean")?,
            difference: row.estimate("difference")?,
            standard_error: row.number("standard_error")?,
            lift: row.estimate("relative_lift"),
            total: row.estimate("total")?,
            p_adjusted: row.number("p_adjusted").or(row.number("p_value")),
            method: row.text("method").to_owned(),
        })
    });
    rows.collect()
}

fn money_rows(effect: &AnswerParts) -> Vec<MoneyRow> {
    let rows = effect.rows("money").filter_map(|row| {
        Some(MoneyRow {
            arm: row.text("arm").to_owned(),
            customers: row.count("customers")?,
            buyers: row.count("buyers")?,
            revenue: row.estimate("incremental_revenue")?,
            margin: row.estimate("incremental_margin"),
            cost: row.number("cost")?,
            profit: row.estimate("profit"),
            return_on_cost: row.number("return_on_cost"),
            paid_chance: row.number("paid_chance"),
            p_adjusted: row.number("p_adjusted"),
        })
    });
    rows.collect()
}
