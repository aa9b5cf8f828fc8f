//! The flow as tables.

use std::fmt;

use arrow_array::RecordBatch;

use super::flow::{Flow, FlowCell, FlowPeriod, ways};
use crate::answer::columns::{Column, batch, counts, numbers, texts, times};
use crate::answer::text_table::columns;
use crate::answer::{Analysis, Table, write_table};
use crate::error::Result;
use crate::labels::State;

/// Names of the ways, in the order of the columns.
const WAYS: [&str; 8] = [
    "new",
    "kept",
    "lapsed",
    "lost",
    "reactivated_from_lapsed",
    "reactivated_from_lost",
    "still_lapsed",
    "still_lost",
];

impl Flow {
    fn shown(&self) -> Result<RecordBatch> {
        columns(&self.periods()?, |name| {
            name != "period_end" && !name.contains("revenue") && !name.starts_with("still_")
        })
    }

    fn periods(&self) -> Result<RecordBatch> {
        let way =
            |period: &FlowPeriod, name: &str| period.sum(|from, to| Flow::way(from, to) == name);
        let periods = || self.periods.iter();
        let number =
            |name: &str, of: &dyn Fn(&FlowPeriod) -> Option<f64>| numbers(name, periods().map(of));
        let mut columns = self.period_columns();
        for name in WAYS {
            columns.push(counts(name, periods().map(|p| way(p, name).map(|c| c.customers))));
        }
        for state in State::ALL {
            let name = format!("{state}_customers");
            columns.push(counts(&name, periods().map(|p| p.stock(state).map(|c| c.customers))));
        }
        if self.has_revenue() {
            let all = |period: &FlowPeriod| period.sum(|_, _| true).map(|c| c.revenue);
            columns.push(number("revenue", &all));
            for name in ["new", "kept", "reactivated_from_lapsed", "reactivated_from_lost"] {
                let of = |period: &FlowPeriod| way(period, name).map(|c| c.revenue);
                columns.push(number(&format!("{name}_revenue"), &of));
            }
            for name in ["lapsed", "lost"] {
                let of = |period: &FlowPeriod| way(period, name).map(|c| c.revenue_before);
                columns.push(number(&format!("{name}_revenue_before"), &of));
            }
        }
        batch(columns)
    }

    fn ways(&self) -> Result<RecordBatch> {
        let rows = || {
            let of = |period| ways().map(move |(from, to)| (period, from, to));
            self.periods.iter().flat_map(of)
        };
        let number = |name, of: fn(&FlowCell) -> f64| {
            let values = rows().map(|(period, from, to)| period.cell(from, to).map(of));
            numbers(name, values.map(|value| value.filter(|value| !value.is_nan())))
        };
        let columns = [
            times("period", rows().map(|(period, ..)| period.window.start)),
            times("period_end", rows().map(|(period, ..)| period.window.end)),
            texts("way", rows().map(|(_, from, to)| Some(Flow::way(from, to)))),
            texts("from_state", rows().map(|(_, from, _)| from.map(State::name))),
            texts("to_state", rows().map(|(.., to)| Some(to.name()))),
            counts("customers", rows().map(|(p, from, to)| p.cell(from, to).map(|c| c.customers))),
            number("revenue", |cell| cell.revenue),
            number("revenue_before", |cell| cell.revenue_before),
        ];
        batch(columns)
    }

    fn period_columns(&self) -> Vec<Column> {
        let windows = || self.periods.iter().map(|period| period.window);
        vec![
            times("period", windows().map(|window| window.start)),
            times("period_end", windows().map(|window| window.end)),
        ]
    }

    fn has_revenue(&self) -> bool {
        let cells = self.periods.iter().filter_map(|period| period.cell(None, State::Active));
        cells.into_iter().any(|cell| !cell.revenue.is_nan())
    }
}

impl Analysis for Flow {
    /// - `periods`: one row per period: `period`, `period_end`; customers by path (`new`, `kept`,
    ///   `lapsed`, `lost`, `reactivated_from_lapsed`, `reactivated_from_lost`, `still_lapsed`,
    ///   `still_lost`); customers by state at the end (`active_customers`, `lapsed_customers`,
    ///   `lost_customers`); if the log has amounts `revenue`, net spend in the period, in total and
    ///   by path (`new_revenue`, …, for paths that bring any), and `lapsed_revenue_before`,
    ///   `lost_revenue_before`, what those who lapsed or were lost spent in the period before. Null
    ///   while the period is not over.
    /// - `ways`: as a long Arrow table, one row per period and pair of states, twelve per period:
    ///   `period`, `period_end`, `way`, `from_state` (null: before the first purchase), `to_state`,
    ///   `customers`, `revenue`, `revenue_before`. Null while the period is not over; revenue is
    ///   also null if the log has no amounts.
    const TABLES: &'static [Table<Self>] = &[("periods", Self::periods), ("ways", Self::ways)];

    const IS_TABLE: bool = true;

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The customers of every way and state, then the notes.
impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.shown(), &self.notes)
    }
}
