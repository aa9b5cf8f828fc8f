//! Whether amounts and discounts are in the log's currency.

use super::cases::Cases;
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use crate::log::counted;

/// Fewer amounts say nothing of what is usual.
const FEW_AMOUNTS: u64 = 100;
/// Of fewer amounts there is no thousandth.
const FEW_FOR_OUTLIERS: u64 = 1_000;
/// Half of the amounts above this, all of them whole, look like cents.
const LARGE_AMOUNT: f64 = 10_000.0;
/// So do those of which this share ends in 00.
const MOST_HUNDREDS: f64 = 0.8;
/// Fewer discounts say nothing of what they are.
const FEW_DISCOUNTS: u64 = 10;

pub(super) fn not_positive(judged: &Judged<'_>) -> Verdict {
    if !judged.log.columns().amount {
        return Verdict::NotThere("no amounts");
    }
    let amounts = &judged.facts.amounts;
    let zero = amounts.zero + judged.log.report().transactions.zero_amount;
    let all = judged.facts.rows + judged.log.report().transactions.zero_amount;
    let count = amounts.negative + zero;
    if count * 2 <= all {
        return Verdict::Fine;
    }
    judged.cases(Cases { count, first: None }, all, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "of {1} amounts {0} are negative and {2} zero: sales may have the other sign, or the \
             column be another one",
            judged.number(amounts.negative),
            judged.number(all),
            judged.number(zero)
        ),
        advice: "purchases are positive and returns negative; free orders that count need \
                 zero_amounts=\"purchase\"",
        ..Finding::default()
    })
}

pub(super) fn outlier(judged: &Judged<'_>) -> Verdict {
    let amounts = &judged.facts.amounts;
    let Some((amount, place)) = amounts.largest else {
        return Verdict::NotThere("no amounts");
    };
    if judged.facts.rows < FEW_FOR_OUTLIERS {
        return judged.too_few(judged.facts.rows, "amount", "amounts", FEW_FOR_OUTLIERS);
    }
    let usual = amounts.quantile(0.999);
    if amount.abs() <= 1_000.0 * usual || usual == 0.0 {
        return Verdict::Fine;
    }
    judged.cases(Cases { count: 1, first: Some(place) }, judged.facts.rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "one amount is {amount}, {:.0} times what 99.9 % of all amounts lie below: sums and \
             means say more of it than of all others",
            amount.abs() / usual
        ),
        advice: "correct it or leave the row out",
        ..Finding::default()
    })
}

pub(super) fn cents(judged: &Judged<'_>) -> Verdict {
    if !judged.log.columns().amount {
        return Verdict::NotThere("no amounts");
    }
    let (amounts, rows) = (&judged.facts.amounts, judged.facts.rows);
    if amounts.whole < rows {
        return Verdict::Fine;
    }
    if rows < FEW_AMOUNTS {
        return judged.too_few(rows, "amount", "amounts", FEW_AMOUNTS);
    }
    let median = amounts.quantile(0.5);
    let hundreds = amounts.hundreds as f64 / rows as f64;
    let why = if hundreds >= MOST_HUNDREDS {
        "most of them end in 00".to_owned()
    } else if median > LARGE_AMOUNT {
        format!("half of them are above {median:.0}")
    } else {
        return Verdict::NotThere("amounts are whole, which cents and others are");
    };
    judged.cases(Cases { count: rows, first: None }, rows, |_| Finding {
        severity: Severity::Low,
        finding: format!("all amounts are whole numbers, and {why}: they may be cents"),
        advice: "if so, divide them by 100",
        ..Finding::default()
    })
}

pub(super) fn negative_discounts(judged: &Judged<'_>) -> Verdict {
    if !judged.log.columns().discount {
        return Verdict::NotThere("no discounts");
    }
    let discounts = &judged.facts.discounts;
    judged.cases(discounts.negative, judged.facts.rows, |share| Finding {
        severity: if share >= 0.01 { Severity::High } else { Severity::Medium },
        finding: format!(
            "{} negative: discount_share falls below 0",
            counted(discounts.negative.count, "discount is", "discounts are")
        ),
        advice: "a discount is the part of the price given away, above 0: turn the sign",
        ..Finding::default()
    })
}

pub(super) fn large_discounts(judged: &Judged<'_>) -> Verdict {
    let columns = judged.log.columns();
    if !columns.discount || !columns.amount {
        return Verdict::NotThere("no discounts");
    }
    let discounts = &judged.facts.discounts;
    if discounts.above_amount.count * 5 <= discounts.given {
        return Verdict::Fine;
    }
    judged.cases(discounts.above_amount, discounts.given, |_| Finding {
        severity: Severity::Medium,
        finding: format!(
            "of {1} discounts {0} are above the amount paid, more than half of the price: they \
             may be percentages, or prices before the discount",
            judged.number(discounts.above_amount.count),
            judged.number(discounts.given)
        ),
        advice: "discount is in the currency of the amounts",
        ..Finding::default()
    })
}

pub(super) fn fractions(judged: &Judged<'_>) -> Verdict {
    let columns = judged.log.columns();
    if !columns.discount || !columns.amount {
        return Verdict::NotThere("no discounts");
    }
    let discounts = &judged.facts.discounts;
    if discounts.fractions == discounts.given && discounts.given < FEW_DISCOUNTS {
        return judged.too_few(discounts.given, "discount", "discounts", FEW_DISCOUNTS);
    }
    let looks_so = discounts.fractions == discounts.given;
    if !looks_so || judged.facts.amounts.quantile(0.5) <= 2.0 {
        return Verdict::Fine;
    }
    let cases = Cases { count: discounts.fractions, first: None };
    judged.cases(cases, discounts.given, |_| Finding {
        severity: Severity::High,
        finding: "all discounts lie between 0 and 1: they seem to be shares of the price, and \
                  discount_share is far too small"
            .to_owned(),
        advice: "discount is in the currency of the amounts: multiply by the price",
        ..Finding::default()
    })
}
