//! Columns that belong to models: what they say of a customer takes what was learned of all customers, or
//! it is the same for all at a cutoff, as the time of the year is. No feature table of a log has them.

use super::feature::{Family, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;

const fn column(
    (name, family, unit): (&'static str, Family, Unit),
    expected_sign: i8,
    group: ReasonGroup,
    meaning: &'static str,
    words: Words,
) -> Feature {
    let empty = f64::NAN;
    let needs = Needs::Nothing;
    Feature { name, family, unit, needs, empty, expected_sign, group, meaning, words }
}

const fn of_calendar(name: &'static str, meaning: &'static str) -> Feature {
    const SAID: [crate::language::Text; 2] = [["the time of the year", "время года"]; 2];
    // Whatever the number: neither of the two means anything alone.
    let words = says("the time of the year: {}", "время года: {}").compared(SAID[0], SAID[1]);
    column((name, Family::Season, Unit::Score), 0, ReasonGroup::Season, meaning, words)
}

/// The chance of a purchase by a model of purchases.
pub(crate) const MBG_NBD_LOG_ODDS: Feature = column(
    ("mbg_nbd_log_odds", Family::Rhythm, Unit::LogOdds),
    1,
    ReasonGroup::Recency,
    "Log-odds of a purchase within the horizon, between −4 and 4, by the MBG/NBD model (Batislam, Denizel \
     and Filiztekin 2007) of the days with a purchase, fitted to all customers at the latest training cutoff.",
    says(
        "chance of a purchase by number and time of the earlier ones: {}",
        "шанс покупки по числу и времени прежних: {}",
    ),
);

/// The chance that the silence ends, by all customers' silences.
pub(crate) const SILENCE_END_LOG_ODDS: Feature = column(
    ("silence_end_log_odds", Family::Rhythm, Unit::LogOdds),
    1,
    ReasonGroup::Recency,
    "Log-odds that a silence as long as this one ends within the horizon, between −4 and 4: Kaplan-Meier \
     curves of all silences known at the latest training cutoff, by the number of purchase days before \
     them (1, 2, 3 or 4, 5 or more), with 20 silences of all customers added.",
    says(
        "chance that this silence ends in time, by those of all customers: {}",
        "шанс, что пауза кончится в срок, по паузам всех клиентов: {}",
    ),
);

/// The silence against the customer's own gaps and those of all customers.
pub(crate) const LOG_GAP_Z: Feature = column(
    ("log_gap_z", Family::Rhythm, Unit::Score),
    0,
    ReasonGroup::Recency,
    "(ln days since the last purchase − m) / s, where m and s are mean and standard deviation of the \
     logarithms of the customer's gaps, as if one gap had the mean, and two the variance, of all \
     customers' gaps at the latest training cutoff.",
    says("silence against usual gaps: {}", "молчание к обычным промежуткам: {}").compared(
        [
            "silent for long by the usual gaps between purchases",
            "молчит долго по меркам обычных промежутков",
        ],
        [
            "not silent for long by the usual gaps between purchases",
            "молчит недолго по меркам обычных промежутков",
        ],
    ),
);

/// The time of the year, as a point on a circle.
pub(crate) const CALENDAR: [Feature; 2] = [
    of_calendar("season_sine", "Sine of the time of the year of the middle of the outcome window."),
    of_calendar(
        "season_cosine",
        "Cosine of the time of the year of the middle of the outcome window.",
    ),
];

/// The column of a model that has this name.
pub(super) fn of_model(column: &str) -> Option<&'static Feature> {
    const ALL: [Feature; 5] =
        [MBG_NBD_LOG_ODDS, SILENCE_END_LOG_ODDS, LOG_GAP_Z, CALENDAR[0], CALENDAR[1]];
    ALL.iter().find(|feature| feature.name == column)
}

/// Whether a column is of the calendar.
pub(crate) fn is_calendar(column: &str) -> bool {
    CALENDAR.iter().any(|feature| feature.name == column)
}
