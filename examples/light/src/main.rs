//! Scores with the light build of winback: a saved model, orders as they come, and no tables.
//!
//! `light MODEL AT < orders.csv` reads orders of one line each, plain CSV with the columns
//! `customer_id` and `time` and, where the model was trained with them, `amount`, `order_id`,
//! `category`, `channel` and `discount`. It prints one line of JSON a customer: the score, what each
//! column of the model adds to it, and the reasons.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::stdin;

use winback::ChurnModel;
use winback::explain::ReasonOptions;
use winback::log::{CustomerHistory, NewTransaction, OrderId};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, at] = arguments.as_slice() else { return Err("usage: light MODEL AT".into()) };
    let model = ChurnModel::load(model)?;
    let mut lines = stdin().lines();
    let header = lines.next().ok_or("no header")??;
    let names: Vec<&str> = header.split(',').collect();
    let mut customers: BTreeMap<String, CustomerHistory> = BTreeMap::new();
    for line in lines {
        let line = line?;
        let cells: BTreeMap<&str, &str> = names.iter().copied().zip(line.split(',')).collect();
        let cell = |name: &str| cells.get(name).copied().filter(|cell| !cell.is_empty());
        let number = |name: &str| cell(name).map(str::parse::<f64>).transpose();
        let id = cell("customer_id").ok_or("a line without a customer")?;
        let order = cell("order_id");
        let new = || model.customer_history();
        let customer = customers.entry(id.to_owned()).or_insert_with(new);
        // One with an offset is converted to the clock of the model's log.
        let time = cell("time").ok_or("a line without a time")?.parse()?;
        let row = NewTransaction {
            amount: number("amount")?,
            order_id: order.map(|id| id.parse().map_or(OrderId::Text(id), OrderId::Int)),
            category: cell("category"),
            channel: cell("channel"),
            discount: number("discount")?,
            ..NewTransaction::at(time)
        };
        customer.push_transaction(row)?;
    }
    for (id, customer) in &customers {
        let explained = model.explain_customer(customer, at, &ReasonOptions::default())?;
        println!("{}", serde_json::json!({ "customer_id": id, "explained": explained }));
    }
    Ok(())
}
