//! Offers as tables and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::CategoryOffers;
use crate::answer::columns::{Column, batch, counts, flags, numbers, texts, with_ends};
use crate::answer::text_table::{decimals, percent};
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::log::grouped;

/// Pairs in the readable form.
const LINES: usize = 5;

impl CategoryOffers {
    fn offers_table(&self) -> Result<RecordBatch> {
        let mut columns: Vec<Column> = vec![("customer_id".into(), self.ids.clone())];
        for place in 0..self.count {
            let name = |offers: &Vec<u32>| {
                offers.get(place).map(|&item| self.names[item as usize].as_str())
            };
            let found: Vec<Option<&str>> = self.offers.iter().map(name).collect();
            columns.push(texts(format!("offer_{}", place + 1), found.into_iter()));
        }
        if let Some(channels) = &self.channels {
            columns.push(texts("channel", channels.iter().map(Option::as_deref)));
        }
        if let Some(discounts) = &self.discounts {
            columns.push(numbers("discount_share", discounts.iter().copied()));
        }
        batch(columns)
    }

    fn quality_table(&self) -> Result<RecordBatch> {
        let rows = || self.qualities.iter();
        batch(vec![
            texts("method", rows().map(|row| row.method)),
            counts("customers", rows().map(|row| row.customers)),
            counts("hits", rows().map(|row| row.hits)),
            numbers("hit_rate", rows().map(|row| row.hit_rate)),
            numbers("precision", rows().map(|row| row.precision)),
            numbers("recall", rows().map(|row| row.recall)),
            flags("chosen", rows().map(|row| row.method == self.method)),
        ])
    }

    fn pairs_table(&self) -> Result<RecordBatch> {
        let rows = || self.pairs.iter();
        let mut columns = vec![
            texts("category", rows().map(|row| row.categories[0].as_str())),
            texts("with_category", rows().map(|row| row.categories[1].as_str())),
            counts("together", rows().map(|row| row.together)),
            counts("purchases", rows().map(|row| row.purchases[0])),
            counts("with_purchases", rows().map(|row| row.purchases[1])),
        ];
        columns.extend(with_ends("lift", rows().map(|row| Some((row.lift, Some(row.interval))))));
        batch(columns)
    }
}

impl Analysis for CategoryOffers {
    /// - `offers`: every customer with a purchase before the cutoff: `customer_id`, `offer_1` and so
    ///   on, the best first (null where there is none), and where the log has them `channel` (that of
    ///   most rows bought) and `discount_share`.
    /// - `quality`: how good the rankings were: `method`, `customers` (who bought a new category),
    ///   `hits`, `hit_rate`, `precision`, `recall`, `chosen`.
    /// - `pairs`: categories bought together: `category`, `with_category`, `together`, `purchases`,
    ///   `with_purchases`, `lift` with its interval `lift_low`, `lift_high`.
    const TABLES: &'static [Table<Self>] = &[
        ("offers", Self::offers_table),
        ("quality", Self::quality_table),
        ("pairs", Self::pairs_table),
    ];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for CategoryOffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Offers for {} customers at {}, of {} categories, by {}",
            grouped(self.customers),
            self.at,
            grouped(self.categories),
            self.method
        )?;
        if let (Some(at), Some(first)) = (self.judged_at, self.qualities.first()) {
            write!(
                f,
                "\n\nWould have been right at {at}, of {} customers who bought a new category since:",
                grouped(first.customers)
            )?;
            for row in &self.qualities {
                write!(f, "\n{:<11} {:>7}", row.method, percent(row.hit_rate))?;
            }
            if let (Some(z), Some(p)) = (self.z, self.p_value) {
                let p = if p < 1e-4 { "<0.0001".to_owned() } else { decimals(p, 4) };
                write!(f, "\ndifference: z {}, p {p}", decimals(z, 2))?;
            }
        }
        let often: Vec<_> = self.pairs.iter().filter(|pair| pair.interval.0 > 1.0).collect();
        if !often.is_empty() {
            write!(f, "\n\nBought together, times as often as by chance:")?;
        }
        for pair in often.into_iter().take(LINES) {
            let [one, other] = &pair.categories;
            let (low, high) = pair.interval;
            let [lift, low, high] = [pair.lift, low, high].map(|value| decimals(value, 1));
            write!(
                f,
                "\n{one} and {other}: {lift} ({low} to {high}), {} purchases",
                grouped(pair.together)
            )?;
        }
        write_notes(f, &self.notes)
    }
}
