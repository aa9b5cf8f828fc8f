//! `winback campaign target`: whom to contact with which offer.

use std::path::PathBuf;

use clap::Args;
use winback::Error;
use winback::campaign::{Offer, Offers, TargetOptions, Targets};
use winback::log::{CustomerId, CustomerTable, IdSlice, check_spared};
use winback::metrics::PerCustomer;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;

/// Choose whom to contact with which offer, so that a budget brings most
#[derive(Debug, Args)]
#[command(after_help = "\
Columns: customer_id, offer, gain, cost, profit, arm. The table `offers` adds up each offer, `curve`
has lists within other budgets. Each customer gets at most one offer. The gain is what the offer
changes, uplift times margin, and not what would be bought anyway.

Examples:
  winback campaign target --customer-list gains.csv --gain letter=gain --cost letter=0.5 \\
    --budget 2000 --control-share 0.1 -o list.csv
  Two offers, of which one costs each customer's own discount:
    winback campaign target --customer-list gains.csv --gain letter=by_letter --cost letter=0.5 \\
      --gain coupon=by_coupon --cost coupon=discount --budget 2000 --table curve=curve.csv")]
pub(super) struct Target {
    /// The customers: a table with the column customer_id, once each, and columns of gains
    #[arg(long, value_name = "FILE")]
    customer_list: PathBuf,
    /// An offer, and the column with what it would bring from each customer; may be repeated
    #[arg(long, value_name = "OFFER=COLUMN", value_parser = named, required = true)]
    gain: Vec<(String, String)>,
    /// An offer, and what it costs: a number, or a column; once for each offer
    #[arg(long, value_name = "OFFER=COST", value_parser = named, required = true)]
    cost: Vec<(String, String)>,
    #[command(flatten)]
    options: TargetOptions,
    #[command(flatten)]
    output: Output<Targets>,
}

fn named(text: &str) -> Result<(String, String), String> {
    let (offer, value) =
        text.split_once('=').ok_or("expected an offer and its figure, as letter=gain")?;
    Ok((offer.to_owned(), value.to_owned()))
}

impl Target {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.output.check_beside(|path| {
            Ok(check_spared(path, std::slice::from_ref(&self.customer_list))?)
        })?;
        let found = during("choosing", || {
            let list = CustomerTable::of_path("customer_list", &self.customer_list)?;
            self.offers(&list)?.target(&self.options)
        })?;
        self.output.show(&found)
    }

    fn offers(&self, list: &CustomerTable) -> winback::Result<Offers> {
        if let Some((offer, _)) =
            self.cost.iter().find(|(offer, _)| self.gain.iter().all(|(name, _)| name != offer))
        {
            return Err(Error::text_argument("cost", offer, "costs of the offers of --gain"));
        }
        let offers: Vec<Offer<'_>> = self
            .gain
            .iter()
            .map(|(name, column)| {
                let gain = list.numbers(column)?;
                Ok(Offer { name, gain, cost: self.cost(name, list)? })
            })
            .collect::<winback::Result<_>>()?;
        let rows = list.rows();
        if !list.has_ids() || list.ids().len() != rows {
            let got = format!("{} ids in {rows} rows", list.ids().len());
            return Err(Error::argument(
                "customer_list",
                got,
                "each customer once, by customer_id",
            ));
        }
        let ids: Vec<CustomerId<'_>> =
            list.ids().indices().map(|customer| list.ids().get(customer)).collect();
        IdSlice::with("customer_list", &ids, |ids| Offers::new(ids, &offers))
    }

    /// A number is a cost for all.
    fn cost<'a>(&self, offer: &str, list: &'a CustomerTable) -> winback::Result<PerCustomer<'a>> {
        let mut given = self.cost.iter().filter(|(name, _)| name == offer);
        match (given.next(), given.next()) {
            (Some((_, cost)), None) => match cost.parse() {
                Ok(cost) => Ok(PerCustomer::All(cost)),
                Err(_) => Ok(PerCustomer::Each(list.numbers(cost)?)),
            },
            _ => Err(Error::text_argument("cost", offer, "one cost for each offer")),
        }
    }
}
