//! Scores and segments of all customers at a cutoff.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch};

use super::profile::GroupProfile;
use crate::answer::columns::{self, Column, batch, counts, numbers, texts};
use crate::answer::text_table::percent;
use crate::answer::{Analysis, Table};
use crate::error::{Error, Result};
use crate::log::{CustomerIndex, grouped};
use crate::snapshot::Snapshot;
use crate::stats::{ExactSum, exact_sum};
use crate::time::Timestamp;

/// The figures that are scored, one a customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RfmColumns {
    pub(super) customers: Vec<CustomerIndex>,
    pub(super) recency: Vec<f64>,
    pub(super) frequency: Vec<f64>,
    pub(super) monetary: Vec<f64>,
    pub(super) revenue: Vec<f64>,
}

/// One customer's figures, scores and segment.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct RfmRow<'a> {
    /// The customer's place in the log; of a log in parts, among all rows.
    pub customer: CustomerIndex,
    /// Days since the last purchase.
    pub recency: f64,
    /// Purchases before the cutoff.
    pub frequency: u64,
    /// Net spend, in total or per purchase.
    pub monetary: f64,
    /// Score of recency, from 1 (longest silent).
    pub r_score: u8,
    /// Score of frequency, from 1 (least often).
    pub f_score: u8,
    /// Score of monetary value, from 1 (least).
    pub m_score: u8,
    /// Name of the segment.
    pub segment: &'a str,
}

impl RfmRow<'_> {
    /// The three scores in sequence, such as `543`.
    pub fn rfm_score(&self) -> String {
        format!("{}{}{}", self.r_score, self.f_score, self.m_score)
    }
}

/// The figures of one segment.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct SegmentSummary {
    /// Name of the segment.
    pub segment: String,
    /// Its customers.
    pub customers: u64,
    /// Their share of all customers.
    pub share: f64,
    /// Their total net spend.
    pub revenue: f64,
    /// Its share of all net spend; none if that is not above zero.
    pub revenue_share: Option<f64>,
    /// Mean days since the last purchase; none without customers, like the next two.
    pub mean_recency: Option<f64>,
    /// Mean number of purchases.
    pub mean_frequency: Option<f64>,
    /// Mean monetary value.
    pub mean_monetary: Option<f64>,
}

/// Scores and segments of all customers with a purchase before the cutoff, by ascending id.
#[derive(Debug, Clone)]
pub struct RfmScores {
    at: Timestamp,
    /// None where the customers came in parts.
    snapshot: Option<Snapshot>,
    ids: ArrayRef,
    columns: RfmColumns,
    scores: Vec<[u8; 3]>,
    segments: Vec<u16>,
    names: Vec<String>,
}

impl RfmScores {
    pub(super) fn new(
        snapshot: &Snapshot,
        columns: RfmColumns,
        scores: Vec<[u8; 3]>,
        segments: Vec<u16>,
        names: Vec<String>,
    ) -> Self {
        let ids = snapshot.log().customers().take(columns.customers.iter().copied());
        let (at, snapshot) = (snapshot.at(), Some(snapshot.clone()));
        RfmScores { at, snapshot, ids, columns, scores, segments, names }
    }

    /// Of customers who came in parts.
    pub(super) fn of_parts(
        at: Timestamp,
        ids: ArrayRef,
        columns: RfmColumns,
        scores: Vec<[u8; 3]>,
        segments: Vec<u16>,
        names: Vec<String>,
    ) -> Self {
        RfmScores { at, snapshot: None, ids, columns, scores, segments, names }
    }

    /// The cutoff.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Whether no customer has a purchase before the cutoff.
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// The customers, by ascending id.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RfmRow<'_>> {
        let RfmColumns { customers, recency, frequency, monetary, .. } = &self.columns;
        self.scores.iter().enumerate().map(|(i, &[r_score, f_score, m_score])| RfmRow {
            customer: customers[i],
            recency: recency[i],
            frequency: frequency[i] as u64,
            monetary: monetary[i],
            r_score,
            f_score,
            m_score,
            segment: &self.names[self.segments[i] as usize],
        })
    }

    /// Names of the segments in the order of their rules, with the segment of all others last.
    pub fn segment_names(&self) -> &[String] {
        &self.names
    }

    /// Each customer's segment, as a place in [`RfmScores::segment_names`].
    pub fn segments(&self) -> &[u16] {
        &self.segments
    }

    /// Each segment's figures, in the order of the rules; the segment of all others only if it has
    /// customers.
    pub fn summary(&self) -> Vec<SegmentSummary> {
        let all = self.len();
        let revenue = exact_sum(self.columns.revenue.iter().copied());
        let mut rows = vec![<[ExactSum; 4]>::default(); self.names.len()];
        let mut customers = vec![0u64; self.names.len()];
        for (i, &segment) in self.segments.iter().enumerate() {
            let RfmColumns { recency, frequency, monetary, revenue, .. } = &self.columns;
            customers[segment as usize] += 1;
            let sums = &mut rows[segment as usize];
            for (sum, value) in
                sums.iter_mut().zip([recency[i], frequency[i], monetary[i], revenue[i]])
            {
                sum.add(value);
            }
        }
        let other = self.names.len() - 1;
        let named = self.names.iter().zip(customers).zip(rows).enumerate();
        let named = named.filter(|(i, ((_, customers), _))| *i != other || *customers > 0);
        named
            .map(|(_, ((name, customers), sums))| {
                let [recency, frequency, monetary, spend] = sums.each_ref().map(ExactSum::value);
                let mean = |sum: f64| (customers > 0).then(|| sum / customers as f64);
                SegmentSummary {
                    segment: name.clone(),
                    customers,
                    share: customers as f64 / all.max(1) as f64,
                    revenue: spend,
                    revenue_share: (revenue > 0.0).then(|| spend / revenue),
                    mean_recency: mean(recency),
                    mean_frequency: mean(frequency),
                    mean_monetary: mean(monetary),
                }
            })
            .collect()
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let RfmColumns { recency, frequency, monetary, .. } = &self.columns;
        let score = |name: &str, i: usize| {
            counts(name, self.scores.iter().map(move |scores| u64::from(scores[i])))
        };
        let mut digits = Vec::with_capacity(self.len() * 3);
        self.scores.iter().flatten().for_each(|score| digits.push(b'0' + score));
        let digits = String::from_utf8(digits).unwrap_or_default();
        let rfm_score = (0..self.len()).map(|i| &digits[3 * i..3 * i + 3]);
        let segments = self.segments.iter().map(|&i| self.names[i as usize].as_str());
        let columns: Vec<Column> = vec![
            ("customer_id".into(), self.ids.clone()),
            numbers("recency", recency.iter().copied()),
            counts("frequency", frequency.iter().map(|&count| count as u64)),
            numbers("monetary", monetary.iter().copied()),
            score("r_score", 0),
            score("f_score", 1),
            score("m_score", 2),
            texts("rfm_score", rfm_score),
            texts("segment", segments),
        ];
        batch(columns)
    }

    fn segments_table(&self) -> Result<RecordBatch> {
        let rows = self.summary();
        columns::batch(vec![
            texts("segment", rows.iter().map(|row| row.segment.as_str())),
            counts("customers", rows.iter().map(|row| row.customers)),
            numbers("share", rows.iter().map(|row| row.share)),
            numbers("revenue", rows.iter().map(|row| row.revenue)),
            numbers("revenue_share", rows.iter().map(|row| row.revenue_share)),
            numbers("mean_recency", rows.iter().map(|row| row.mean_recency)),
            numbers("mean_frequency", rows.iter().map(|row| row.mean_frequency)),
            numbers("mean_monetary", rows.iter().map(|row| row.mean_monetary)),
        ])
    }

    /// What sets the customers of a segment apart from all others.
    ///
    /// # Errors
    /// [`Error::Argument`] for an unknown segment, and of a log in parts; otherwise as
    /// [`GroupProfile::build`].
    pub fn profile(&self, segment: &str, attributes: &[String]) -> Result<GroupProfile> {
        let Some(place) = self.names.iter().position(|name| name == segment) else {
            let expected = format!("one of {}", self.names.join(", "));
            return Err(Error::text_argument("group", segment, expected));
        };
        let members = self.segments.iter().zip(&self.columns.customers);
        let members = members.filter(|(i, _)| **i as usize == place).map(|(_, &c)| c);
        let members: Vec<CustomerIndex> = members.collect();
        GroupProfile::of_group(self.snapshot.as_ref(), segment, &members, attributes)
    }
}

impl Analysis for RfmScores {
    /// - `scores`: `customer_id`, `recency` (days), `frequency`, `monetary`, `r_score`,
    ///   `f_score`, `m_score`, `rfm_score` (the three digits as a text), `segment`.
    /// - `segments`: [`RfmScores::summary`]: `segment`, `customers`, `share`, `revenue`,
    ///   `revenue_share`, `mean_recency`, `mean_frequency`, `mean_monetary`; null if undefined.
    const TABLES: &'static [Table<Self>] =
        &[("scores", Self::rows_table), ("segments", Self::segments_table)];
}

impl fmt::Display for RfmScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = grouped(self.len() as u64);
        writeln!(f, "RFM segments of {all} customers at {}", self.at())?;
        let rows = self.summary();
        let width = rows.iter().map(|row| row.segment.chars().count()).max().unwrap_or(0).max(7);
        write!(f, "{:<width$}", "segment")?;
        for head in ["customers", "share", "of revenue", "recency", "frequency", "monetary"] {
            write!(f, "{head:>12}")?;
        }
        let number = |value: Option<f64>, decimals: usize| {
            value.map_or("-".to_owned(), |value| format!("{value:.decimals$}"))
        };
        let percent = |share: Option<f64>| share.map_or("-".to_owned(), percent);
        for row in rows {
            write!(f, "\n{:<width$}", row.segment)?;
            for cell in [
                grouped(row.customers),
                percent(Some(row.share)),
                percent(row.revenue_share),
                number(row.mean_recency, 0),
                number(row.mean_frequency, 1),
                number(row.mean_monetary, 2),
            ] {
                write!(f, "{cell:>12}")?;
            }
        }
        write!(f, "\nrecency (days), frequency and monetary are means")
    }
}
