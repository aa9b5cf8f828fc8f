//! One file per command, and the list of all commands.

mod backtest;
mod campaign;
mod candidates;
mod card;
mod check;
mod clusters;
mod cohorts;
mod concentration;
mod demo;
mod drift;
mod evaluate;
mod events;
mod explain;
mod features;
mod fit;
mod flow;
mod inactivity;
mod loyalty;
mod migration;
mod nps;
mod profit;
mod renewals;
mod report;
mod retention;
mod retention_curve;
mod score;
mod segments;
mod service;
mod simulate;
mod survey_plan;
mod time_to_purchase;
mod timing;

use clap::Subcommand;

use super::failure::Failure;

macro_rules! commands {
    ($($module:ident::$command:ident,)*) => {
        /// All commands, in the order of the help.
        #[derive(Debug, Subcommand)]
        pub(super) enum Command {
            $($command($module::$command),)*
        }

        impl Command {
            pub(super) fn run(self) -> Result<(), Failure> {
                match self {
                    $(Command::$command(command) => command.run(),)*
                }
            }
        }
    };
}

commands! {
    demo::Demo,
    check::Check,
    features::Features,
    inactivity::Inactivity,
    timing::Timing,
    time_to_purchase::TimeToPurchase,
    segments::Segments,
    loyalty::Loyalty,
    clusters::Clusters,
    concentration::Concentration,
    nps::Nps,
    survey_plan::SurveyPlan,
    service::Service,
    events::Events,
    fit::Fit,
    backtest::Backtest,
    evaluate::Evaluate,
    profit::Profit,
    score::Score,
    candidates::Candidates,
    campaign::Campaign,
    explain::Explain,
    drift::Drift,
    card::Card,
    report::Report,
    retention::Retention,
    retention_curve::RetentionCurve,
    renewals::Renewals,
    cohorts::Cohorts,
    flow::Flow,
    migration::Migration,
    simulate::Simulate,
}
