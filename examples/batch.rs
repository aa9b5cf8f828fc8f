//! A nightly job: read the log, train once in a while, score everybody, write whom to win back.
//!
//! `cargo run --example batch` uses simulated customers; `cargo run --example batch -- orders.csv
//! 2025-01-01` a file and the time up to which it is complete.

use std::path::Path;

use winback::answer::Answer;
use winback::answer::output::TableWriter;
use winback::churn::ScoreOptions;
use winback::explain::ReasonOptions;
use winback::simulate::Simulation;
use winback::{CandidateOptions, ChurnModel, EventLog, Snapshot, Span};

fn main() -> winback::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let log = match arguments.as_slice() {
        [orders, until] => EventLog::builder()
            .transactions_path(orders)?
            .observed_until(until.as_str())?
            .build()?,
        _ => {
            let shop = Simulation::default().customers(1_000).run()?;
            EventLog::builder()
                .transactions([shop.transactions])
                .tickets([shop.tickets])
                .observed_until("2025-01-01")?
                .build()?
        }
    };
    for note in log.notes() {
        println!("note: {note}");
    }
    let folder = std::env::temp_dir().join("winback-batch");
    std::fs::create_dir_all(&folder).map_err(|error| winback::Error::io(&folder, error))?;
    let model = model(&log, &folder.join("churn.winback"))?;
    write(&model, &log.at(log.observed_until())?, &folder)
}

/// The saved model, or a new one that has not seen the last three months, by which it is judged.
fn model(log: &EventLog, file: &Path) -> winback::Result<ChurnModel> {
    if let Ok(model) = ChurnModel::load(file) {
        return Ok(model);
    }
    let horizon: Span = "3mo".parse()?;
    let until = log.observed_until().sub(horizon)?;
    let model = ChurnModel::builder().estimator("boosting")?.horizon(horizon)?.fit(log, until)?;
    println!("{}", model.evaluate(&log.at(until)?)?);
    model.save(file)?;
    Ok(model)
}

fn write(model: &ChurnModel, now: &Snapshot, folder: &Path) -> winback::Result<()> {
    let reasons = ReasonOptions::default().count(2);
    let scores = model.score_with(now, &ScoreOptions::default().reasons(reasons))?;
    println!("{}", scores.report());
    let candidates =
        model.candidates(now, &CandidateOptions::default().top(Some(100)).control_share(0.1))?;
    for (name, table) in
        [("scores.parquet", scores.main_table()?), ("candidates.csv", candidates.main_table()?)]
    {
        // A file is written completely or not at all.
        let path = folder.join(name);
        let mut file = TableWriter::create(&path, &table.schema())?;
        file.write(&table)?;
        file.finish()?;
        println!("{}: {} rows", path.display(), table.num_rows());
    }
    Ok(())
}
