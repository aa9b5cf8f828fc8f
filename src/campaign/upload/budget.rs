//! What a budget buys of a list.

use super::options::UploadOptions;
use crate::campaign::target::payable;
use crate::error::{Error, Result};
use crate::log::CustomerTable;

/// What a budget buys of a list.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub(super) struct Bought {
    pub(super) customers: u64,
    pub(super) cost: f64,
    pub(super) profit: f64,
}

/// Cost and profit of each row; rows come in the order of profit for cost, the best first.
pub(super) fn prices(
    list: &CustomerTable,
    rows: &mut Vec<(String, usize)>,
    options: &UploadOptions,
) -> Result<Vec<(f64, f64)>> {
    let numbers = |column: &str, least: f64| -> Result<Vec<f64>> {
        let cells = list.texts(column)?;
        let number = |(_, row): &(String, usize)| {
            let text = cells[*row].as_deref().unwrap_or("");
            match text.parse::<f64>() {
                Ok(value) if value >= least && value.abs() <= 1e100 => Ok(value),
                _ => {
                    let sign = if least == 0.0 { ", 0 or more" } else { "" };
                    let message = format!("holds {text:?}; expected numbers{sign}");
                    Err(Error::bad_column(list.name(), column, message))
                }
            }
        };
        rows.iter().map(number).collect()
    };
    let (costs, profits) = (numbers(&options.cost, 0.0)?, numbers(&options.profit, f64::MIN)?);
    let worth = |place: usize| match (costs[place], profits[place]) {
        (0.0, profit) if profit > 0.0 => f64::INFINITY,
        (0.0, _) => 0.0,
        (cost, profit) => profit / cost,
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| {
        worth(b).total_cmp(&worth(a)).then_with(|| profits[b].total_cmp(&profits[a]))
    });
    *rows = order.iter().map(|&place| rows[place].clone()).collect();
    Ok(order.into_iter().map(|place| (costs[place], profits[place])).collect())
}

impl Bought {
    /// The best of the list, one after the other, as long as all of them cost no more than the budget
    /// and they are expected to bring something.
    pub(super) fn of(prices: &[(f64, f64)], budget: f64) -> Self {
        let mut bought = Bought { customers: 0, cost: 0.0, profit: 0.0 };
        for &(cost, profit) in prices {
            if profit <= 0.0 || bought.cost + cost > payable(budget) {
                break;
            }
            bought.customers += 1;
            bought.cost += cost;
            bought.profit += profit;
        }
        bought
    }
}
