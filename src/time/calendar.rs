//! Days and calendar months as whole numbers: what a service does for every customer that it scores.
//!
//! After Hinnant's "chrono-compatible low-level date algorithms": years begin in March, so that the day
//! that some of them have more is their last.

/// Microseconds of one day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The day of the earliest instant, and of the latest but for its sign.
pub(super) const FIRST_DAY: i64 = -106_751;
/// Days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats itself.
const ERA: i64 = 146_097;
/// More months than there are between any two instants.
const MOST_MONTHS: i64 = 12_000;

/// The day that an instant in microseconds lies on; both are counted from 1970-01-01.
#[inline]
pub(crate) const fn day_of(micros: i64) -> i64 {
    // Counted from before all instants, so that the division is one of unsigned numbers.
    ((micros - FIRST_DAY * MICROS_PER_DAY) as u64 / MICROS_PER_DAY as u64) as i64 + FIRST_DAY
}

/// The day so many months after a day, or before it; at most the last of its month. None for more months
/// than there are.
pub(super) fn months_later(day: i64, months: i64) -> Option<i64> {
    if months == 0 {
        return Some(day);
    }
    if months.abs() > MOST_MONTHS {
        return None;
    }
    let (month, of_month) = month_of(day);
    let first = first_of(month + months);
    Some(first + of_month.min(first_of(month + months + 1) - first - 1))
}

/// The month of a day, counted from March of the year 0, and the day of the month, counted from 0.
fn month_of(day: i64) -> (i64, i64) {
    let day = day + TO_1970;
    let (era, of_era) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    ((era * 400 + year) * 12 + month, of_year - (153 * month + 2) / 5)
}

/// The first day of a month, which is counted from March of the year 0.
fn first_of(month: i64) -> i64 {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5;
    era * ERA + 365 * of_era + of_era / 4 - of_era / 100 + of_year - TO_1970
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    fn date(day: i64) -> jiff::civil::Date {
        jiff::civil::date(1970, 1, 1).checked_add(day.days()).unwrap()
    }

    #[test]
    fn every_day_of_the_range_is_in_the_month_that_the_calendar_says() {
        for day in FIRST_DAY..=-FIRST_DAY {
            let (month, of_month) = month_of(day);
            assert_eq!(first_of(month) + of_month, day);
            let date = date(day);
            // Counted from January.
            let (year, month) = ((month + 2).div_euclid(12), (month + 2).rem_euclid(12) + 1);
            assert_eq!((i64::from(date.year()), i64::from(date.month())), (year, month));
            assert_eq!(i64::from(date.day()), of_month + 1);
        }
    }

    #[test]
    fn there_are_no_more_months_than_the_most() {
        for months in [MOST_MONTHS, -MOST_MONTHS] {
            assert!(months_later(0, months).is_some());
            assert_eq!(months_later(0, months + months.signum()), None);
        }
    }

    proptest! {
        #[test]
        fn prop_months_later_is_what_jiff_says(day in -90_000i64..90_000, months in -400i64..400) {
            let later = months_later(day, months).unwrap();
            prop_assert_eq!(date(later), date(day).checked_add(months.months()).unwrap());
        }

        #[test]
        fn prop_the_day_of_an_instant_begins_at_or_before_it(
            micros in FIRST_DAY * MICROS_PER_DAY..=-FIRST_DAY * MICROS_PER_DAY,
        ) {
            prop_assert_eq!(day_of(micros), micros.div_euclid(MICROS_PER_DAY));
        }
    }
}
