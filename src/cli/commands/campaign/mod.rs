//! `winback campaign`: a campaign from its plan to what it changed.

mod assign;
mod compensation;
mod compensation_outcomes;
mod effect;
mod inputs;
mod offers;
mod plan;
mod report;
mod target;
mod uplift;
mod uplift_predict;
mod write;

use clap::{Args, Subcommand};

use crate::cli::failure::Failure;

/// Plan a campaign, draw its arms, say what it changed and what to offer next
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winback campaign plan --baseline 0.05 --effect 0.01 --control-share 0.1
  winback campaign assign --customer-list candidates.csv --control-share 0.1 --salt spring \\
    --plan spring.json -o arms.csv
  winback campaign effect --arms arms.csv --plan spring.json --start 2025-01-08 \\
    --transactions orders.csv --observed-until 2025-03-01 -o effects.csv")]
pub(crate) struct Campaign {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    Plan(Box<plan::Plan>),
    Assign(Box<assign::Assign>),
    Effect(Box<effect::Effect>),
    Report(Box<report::Report>),
    Offers(Box<offers::Offers>),
    Uplift(Box<uplift::Uplift>),
    UpliftPredict(Box<uplift_predict::UpliftPredict>),
    Target(Box<target::Target>),
    Write(Box<write::Write>),
    Compensation(Box<compensation::Compensation>),
    CompensationOutcomes(Box<compensation_outcomes::CompensationOutcomes>),
}

impl Campaign {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.step {
            Step::Plan(step) => step.run(),
            Step::Assign(step) => step.run(),
            Step::Effect(step) => step.run(),
            Step::Report(step) => step.run(),
            Step::Offers(step) => step.run(),
            Step::Uplift(step) => step.run(),
            Step::UpliftPredict(step) => step.run(),
            Step::Target(step) => step.run(),
            Step::Write(step) => step.run(),
            Step::Compensation(step) => step.run(),
            Step::CompensationOutcomes(step) => step.run(),
        }
    }
}
