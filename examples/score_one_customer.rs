//! A service that scores one customer at a time: load the model once, append events, ask.

use winback::log::NewTransaction;
use winback::simulate::Simulation;
use winback::{ChurnModel, EventLog};

fn main() -> winback::Result<()> {
    // Somewhere else, once in a while: train and save.
    let shop = Simulation::default().customers(1_000).run()?;
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .observed_until("2025-01-01")?
        .build()?;
    let file = std::env::temp_dir().join("winback-service.model");
    ChurnModel::builder().fit(&log, "2024-10-01")?.save(&file)?;

    // The service: one model, shared by all threads.
    let model = ChurnModel::load(&file)?;

    // A customer calls. Events may come in any order.
    let mut customer = model.customer_history();
    for (time, amount) in [("2024-08-01T10:15:00", 25.0), ("2024-11-05T18:30:00", 35.0)] {
        let order = NewTransaction::at(time.parse()?);
        customer.push_transaction(NewTransaction { amount: Some(amount), ..order })?;
    }
    if let Some(score) = model.score_customer(&customer, "2025-01-01")? {
        println!("{:?}, churn probability {:.3}", score.state, score.churn_probability);
    }
    Ok(())
}
