//! `winback loyalty`: loyal, neutral and vulnerable customers.

use std::path::PathBuf;

use clap::Args;
use winback::answer::value;
use winback::segments::{LoyaltyGroup, LoyaltyGroups, LoyaltyRules, loyalty_rules};
use winback::time::Moment;

use crate::cli::args::{Attributes, load};
use crate::cli::console::{print, told};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, is_log_argument};

/// Divide customers into loyal, neutral and vulnerable, each with the rule that decided
#[derive(Debug, Args)]
#[command(mut_args(log_required_unless_printed))]
#[command(after_help = "\
Columns: customer_id, group, rule, conditions, then what the rules read. Rules that need something
the tables do not have, or a churn_probability without --model, are left out and named. The groups,
and the rules with their numbers of customers, go to stdout.

Examples:
  winback loyalty --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --at 2025-01-01 --profile vulnerable -o loyalty.csv
  winback loyalty --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --model churn.winback -o loyalty.parquet
  Print the rules, to change them:
    winback loyalty --print-rules")]
pub(crate) struct Loyalty {
    /// Cutoff: only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>,
          required_unless_present = "print_rules")]
    at: Option<Moment>,
    /// JSON file of rules, in the form that --print-rules prints
    #[arg(long, value_name = "FILE", value_parser = loyalty_rules)]
    rules: Option<LoyaltyRules>,
    /// Print the default rules as JSON, for you to edit
    #[arg(long, conflicts_with_all = ["transactions", "at", "rules", "output"])]
    print_rules: bool,
    /// Model file written by `winback fit`, for rules that use its churn_probability
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Group to profile: what sets it apart from all other customers; loyal, neutral or vulnerable
    #[arg(long, value_name = "GROUP", value_parser = value::<LoyaltyGroup>,
          conflicts_with = "memory")]
    profile: Option<LoyaltyGroup>,
    #[command(flatten)]
    attributes: Attributes,
    #[command(flatten)]
    output: Output<LoyaltyGroups>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

fn log_required_unless_printed(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "transactions" => arg.required_unless_present_any(["print_rules", "events"]),
        _ if is_log_argument(&arg) => arg.required_unless_present("print_rules"),
        _ => arg,
    }
}

impl Loyalty {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Some(at) = self.at else { return print(LoyaltyRules::default_json().trim_end()) };
        self.output.check(&self.tables, None)?;
        let model = self.model.as_deref().map(load).transpose()?;
        let rules = self.rules.unwrap_or_default();
        let groups = self.partition.analysed(
            &self.tables,
            model.as_ref(),
            "grouping",
            |log| rules.group(&log.at(at)?, model.as_ref()),
            |log| rules.group_parts(&log.at(at)?, model.as_ref()),
        )?;
        let profile = self.profile.map(|group| groups.profile(group, &self.attributes.names));
        let profile = profile.transpose()?;
        self.output.show(&groups)?;
        if let Some(profile) = profile {
            print(&told(&format!("\n{profile}")))?;
        }
        Ok(())
    }
}
