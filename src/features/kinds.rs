//! Events of each of some kinds. Which kinds is not for one customer to say: the list is given, or
//! learned in training and kept in the model. All other kinds count as `other`.

use super::activity::days_back;
use super::catalogue::find;
use super::feature::{Family::Kinds, Feature, Needs, Unit, Words, says};
use super::of_models::of_model;
use super::reason_group::ReasonGroup;
use super::tickets::Mean;
use crate::error::{Error, Result};
use crate::log::{Act, EventRole, History, TextPool};
use crate::stats::ln;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;
/// What all kinds count as that are not in the list.
pub(super) const OTHER: &str = "other";
/// Most kinds that have columns of their own.
pub(super) const MOST: usize = 200;

const fn feature(name: &'static str, unit: Unit, meaning: &'static str, words: Words) -> Feature {
    Feature {
        name,
        family: Kinds,
        unit,
        needs: Needs::Events,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Activity,
        meaning,
        words: words.missing("none so far", "не было"),
    }
}

const fn count(name: &'static str, meaning: &'static str, words: Words) -> Feature {
    Feature { empty: 0.0, ..feature(name, Unit::Count, meaning, words) }
}

/// What is told of each kind: its column is `event_KIND_NAME`.
const FEATURES: [Feature; 9] = [
    count(
        "count_7d",
        "Events of the kind in the last 7 days.",
        says("{kind} in the last 7 days: {}", "{kind} за последние 7 дней: {}"),
    ),
    count(
        "count_30d",
        "Events of the kind in the last 30 days.",
        says("{kind} in the last 30 days: {}", "{kind} за последние 30 дней: {}"),
    ),
    count(
        "count_90d",
        "Events of the kind in the last 90 days.",
        says("{kind} in the last 90 days: {}", "{kind} за последние 90 дней: {}"),
    ),
    count(
        "count_365d",
        "Events of the kind in the last 365 days.",
        says("{kind} in the last 365 days: {}", "{kind} за последние 365 дней: {}"),
    ),
    count(
        "active_days_90d",
        "Of the last 90 days those with an event of the kind.",
        says("days with {kind} of the last 90: {}", "дней с {kind} из последних 90: {}"),
    ),
    feature(
        "days_since_last",
        Unit::Days,
        "Cutoff − last event of the kind.",
        says("time since the last {kind}: {}", "с последнего {kind}: {}"),
    ),
    Feature {
        empty: 0.0,
        ..feature(
            "trend",
            Unit::LogRatio,
            "ln(1 + events of the kind in the last 30 days) − ln(1 + those in the 30 days before them).",
            says("{kind} over the last two months: {}", "{kind} за два месяца: {}"),
        )
    },
    feature(
        "mean_value",
        Unit::Score,
        "Mean value of the events of the kind that have one.",
        says("mean value of {kind}: {}", "среднее значение {kind}: {}"),
    ),
    feature(
        "last_value",
        Unit::Score,
        "Value of the last event of the kind that has one; of several at one instant the highest.",
        says("last value of {kind}: {}", "последнее значение {kind}: {}"),
    ),
];

/// Those that need no value; they come first.
const WITHOUT_VALUE: usize = FEATURES.len() - 2;

/// The feature of a kind that a column is, and the kind.
pub(crate) fn of_kind(column: &str) -> Option<(&'static Feature, &str)> {
    let rest = column.strip_prefix("event_")?;
    FEATURES.iter().find_map(|feature| {
        let kind = rest.strip_suffix(feature.name)?.strip_suffix('_')?;
        (!kind.is_empty()).then_some((feature, kind))
    })
}

/// What is known of a column that is a feature, of the catalogue, of a kind or of models.
pub(crate) fn described(column: &str) -> Option<&'static Feature> {
    let found = find(column).map(|(_, feature)| feature).ok();
    found.or_else(|| of_kind(column).map(|(f, _)| f)).or_else(|| of_model(column))
}

/// The columns of some kinds, in their order, and of the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KindColumns<'a> {
    kinds: &'a [String],
    with_values: bool,
}

impl<'a> KindColumns<'a> {
    /// Of these kinds; `with_values` where events have values.
    pub(crate) fn of(kinds: &'a [String], with_values: bool) -> Self {
        KindColumns { kinds, with_values }
    }

    /// Refuses kinds that are none, or of which one comes twice.
    pub(crate) fn check(&self) -> Result<()> {
        for (i, kind) in self.kinds.iter().enumerate() {
            if kind.trim().is_empty() || kind == OTHER || self.kinds[..i].contains(kind) {
                let expected = "kinds of events, each once; all others are \"other\"";
                return Err(Error::text_argument("kinds", kind, expected));
            }
        }
        if self.kinds.len() > MOST {
            return Err(Error::argument(
                "kinds",
                self.kinds.len(),
                format!("at most {MOST} kinds"),
            ));
        }
        Ok(())
    }

    /// The features of one kind.
    fn features(&self) -> &'static [Feature] {
        &FEATURES[..if self.with_values { FEATURES.len() } else { WITHOUT_VALUE }]
    }

    /// Number of columns. Values of other kinds have nothing in common.
    pub(crate) fn len(&self) -> usize {
        if self.kinds.is_empty() {
            0
        } else {
            self.kinds.len() * self.features().len() + WITHOUT_VALUE
        }
    }

    /// The columns: their names and what they are.
    pub(crate) fn names(self) -> impl Iterator<Item = (String, &'static Feature)> + use<'a> {
        let of = |kind: &'a str, features: &'static [Feature]| {
            features.iter().map(move |feature| (format!("event_{kind}_{}", feature.name), feature))
        };
        let own = self.features();
        let kinds = self.kinds.iter().flat_map(move |kind| of(kind, own));
        kinds.chain(of(OTHER, &FEATURES[..WITHOUT_VALUE])).take(self.len())
    }

    /// Which of the kinds the texts of a log are.
    pub(crate) fn set(&self, slots: &mut KindSlots, texts: &TextPool) {
        let slot = |text: &str| {
            let place = self.kinds.iter().position(|kind| kind == text);
            place.unwrap_or(self.kinds.len()) as u16
        };
        slots.0.clear();
        slots.0.extend(texts.iter().map(slot));
    }

    /// Computes the columns of one customer into `out`, as many as there are.
    pub(crate) fn compute(
        &self,
        history: &History<'_>,
        slots: &KindSlots,
        room: &mut Room,
        out: &mut [f64],
    ) {
        if self.kinds.is_empty() {
            return;
        }
        room.0.clear();
        room.0.resize_with(self.kinds.len() + 1, Tally::default);
        let cutoff = history.cutoff().micros();
        for act in history.acts().into_iter().flatten() {
            let slot = slots.of_code(act.kind);
            // What stands in place of purchases is told as such.
            if slot < self.kinds.len() || !act.is(EventRole::Activity) {
                room.0[slot].add(&act, cutoff);
            }
        }
        let mut out = out.iter_mut();
        let others = std::iter::once(WITHOUT_VALUE);
        let widths = std::iter::repeat_n(self.features().len(), self.kinds.len()).chain(others);
        for (tally, width) in room.0.iter().zip(widths) {
            let values = tally.values(cutoff).into_iter().take(width);
            out.by_ref().zip(values).for_each(|(out, value)| *out = value);
        }
    }
}

/// Which place among some kinds the texts of a log have.
#[derive(Debug, Default)]
pub(crate) struct KindSlots(Vec<u16>);

impl KindSlots {
    fn of_code(&self, kind: u16) -> usize {
        self.0[usize::from(kind)].into()
    }
}

/// Room for the counts of every kind.
#[derive(Debug, Default)]
pub(crate) struct Room(Vec<Tally>);

/// What is counted of one kind.
#[derive(Debug, Default)]
struct Tally {
    /// In the last 7, 30, 60, 90 and 365 days.
    counts: [usize; 5],
    active_days: usize,
    last: Option<i64>,
    values: Mean,
    last_value: Option<f64>,
}

impl Tally {
    fn add(&mut self, act: &Act, cutoff: i64) {
        let back = days_back(cutoff, act.time);
        for (count, days) in self.counts.iter_mut().zip([7, 30, 60, 90, 365]) {
            *count += usize::from(back < days);
        }
        let is_new = self.last.is_none_or(|last| days_back(cutoff, last) > back);
        self.active_days += usize::from(is_new && back < 90);
        self.last = Some(act.time);
        if !act.value.is_nan() {
            self.values.add(act.value);
            self.last_value = Some(act.value);
        }
    }

    fn values(&self, cutoff: i64) -> [f64; FEATURES.len()] {
        let [week, month, two_months, quarter, year] = self.counts;
        let days_since = |last| (cutoff - last) as f64 / MICROS_PER_DAY as f64;
        [
            week as f64,
            month as f64,
            quarter as f64,
            year as f64,
            self.active_days as f64,
            self.last.map_or(NAN, days_since),
            ln(1 + month) - ln(1 + two_months - month),
            self.values.value(),
            self.last_value.unwrap_or(NAN),
        ]
    }
}
