//! A test as a table has it, and effects on the customers of another table.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};

use super::fitted::FittedUplift;
use super::options::Uplift;
use super::trial::{Propensity, Trial};
use crate::answer::options::options;
use crate::answer::text_or_number::text_or_number;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::campaign::effect::ArmsOf;
use crate::campaign::shares::Shares;
use crate::error::{Error, Result};
use crate::log::{CustomerId, CustomerTable, IdSlice};

/// By which chances the arms of a table were drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialChances {
    /// The same for all customers.
    Arms(Shares),
    /// Of each customer, to get the only offer: a column of the table.
    Column(String),
    /// Not known: learned from the columns ([`Propensity::Estimated`]).
    Estimated,
}

const ESTIMATED: &str = "estimated";

impl FromStr for TrialChances {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            ESTIMATED => Ok(TrialChances::Estimated),
            _ if text.contains('=') => Ok(TrialChances::Arms(text.parse()?)),
            column => Ok(TrialChances::Column(column.to_owned())),
        }
    }
}

impl fmt::Display for TrialChances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrialChances::Arms(shares) => shares.fmt(f),
            TrialChances::Column(column) => f.write_str(column),
            TrialChances::Estimated => f.write_str(ESTIMATED),
        }
    }
}

impl serde::Serialize for TrialChances {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TrialChances {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_number(deserializer, "chances of arms")
    }
}

options! {
    /// Which columns of a table are the arm, the outcome and what was known before the test.
    pub struct TrialOptions {
        /// Column of the table with each customer's arm
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        arm: String = "arm".to_owned(),
        /// Name of the arm that was not contacted
        #[value(value_name = "ARM")]
        #[takes(into)]
        control: String = "control".to_owned(),
        /// Column of the table with what came of the test: 1 or 0, or an amount
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        outcome: String = "outcome".to_owned(),
        /// Columns of the table with what was known before the test, by which effects differ; numbers
        #[option(value_name = "NAME", value_delimiter = ',', required = true)]
        #[takes(texts)]
        covariates: Vec<String> = Vec::new(),
        /// By which chances the arms were drawn: of all, as control=0.5,letter=0.5, the column with each
        /// customer's chance to get the offer, or `estimated`, where nobody knows them: then what
        /// differs between the arms and is in no column is taken for the effect [default: the arms'
        /// shares]
        #[option(value_name = "CHANCES", value_parser = value::<TrialChances>)]
        #[takes(into)]
        propensity: Option<TrialChances> = None,
    }
}

impl Uplift {
    /// Learns from a table; rows of one customer are in one part.
    ///
    /// ```
    /// use winback::campaign::{TrialOptions, Uplift, UpliftOptions};
    /// use winback::log::CustomerTable;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("test.csv");
    /// let row = |i: usize| {
    ///     let arm = if i % 2 == 0 { "control" } else { "letter" };
    ///     format!("{i},{arm},{},{}\n", i % 7, usize::from(i % 6 == 0 || (i % 2 == 1 && i % 7 > 3)))
    /// };
    /// let rows: String = (0..400).map(row).collect();
    /// std::fs::write(&path, format!("customer_id,arm,visits,bought\n{rows}"))?;
    /// let table = CustomerTable::of_path("arms", &path)?;
    /// let options = TrialOptions::default().outcome("bought").covariates(["visits"]);
    /// let how = Uplift::new("logistic".parse()?, UpliftOptions::default())?;
    /// let fitted = how.fit_table(&table, &options)?;
    /// let uplift = fitted.predict_table(&table)?;
    /// assert!(uplift[[6, 0]] > uplift[[0, 0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Uplift::fit`], [`Error::MissingColumn`] and [`Error::Column`] for columns that are not there
    /// or hold no numbers, [`Error::Table`] for a table without control or with a customer in two arms.
    pub fn fit_table(&self, table: &CustomerTable, options: &TrialOptions) -> Result<FittedUplift> {
        self.fit_arms(table, options, &options.arms(table)?)
    }

    /// As [`Uplift::fit_table`], of arms that were read.
    pub(super) fn fit_arms(
        &self,
        table: &CustomerTable,
        options: &TrialOptions,
        arms: &ArmsOf,
    ) -> Result<FittedUplift> {
        options.check()?;
        let names: Vec<&str> = arms.names.iter().map(String::as_str).collect();
        let arm: Vec<u32> = arms.of_customer.iter().map(|&arm| arm as u32).collect();
        let y = table.numbers(&options.outcome)?;
        let x = columns_of(table, &options.covariates)?;
        let chances = Chances::of(table, options.propensity.as_ref(), &names)?;
        let fit = |customer_ids: Option<IdSlice<'_>>| {
            let trial = Trial {
                x: x.view(),
                arm: &arm,
                arms: &names,
                y,
                propensity: chances.propensity(),
                customer_ids,
            };
            self.fit(&trial)
        };
        let mut fitted = match table.has_ids() {
            true => {
                let id = |&owner| table.ids().get(owner);
                let ids: Vec<CustomerId<'_>> = table.owners().iter().map(id).collect();
                IdSlice::with(table.name(), &ids, |ids| fit(Some(ids)))?
            }
            false => fit(None)?,
        };
        fitted.names = options.covariates.clone();
        Ok(fitted)
    }
}

impl FittedUplift {
    /// The names of the columns, where a table taught it ([`Uplift::fit_table`]).
    pub fn column_names(&self) -> &[String] {
        &self.names
    }

    /// As [`FittedUplift::predict`], of each row of a table that has the columns of the fit by name.
    ///
    /// # Errors
    /// [`Error::MissingColumn`] and [`Error::Column`] for columns that are not there or hold no numbers,
    /// and as [`FittedUplift::predict`].
    pub fn predict_table(&self, table: &CustomerTable) -> Result<Array2<f64>> {
        self.predict(columns_of(table, &self.names)?.view())
    }
}

impl TrialOptions {
    /// The arm of each row.
    pub(super) fn arms(&self, table: &CustomerTable) -> Result<ArmsOf> {
        Ok(ArmsOf::read(table, &self.arm, &self.control)?.by_row(table))
    }

    fn check(&self) -> Result<()> {
        for (place, name) in self.covariates.iter().enumerate() {
            if self.covariates[..place].contains(name) {
                return Err(Error::text_argument("covariates", name, "each of them once"));
            }
            if [&self.arm, &self.outcome].contains(&name) {
                let expected = "what was known before the test, not the arm or the outcome";
                return Err(Error::text_argument("covariates", name, expected));
            }
        }
        Ok(())
    }
}

/// Rows × columns.
fn columns_of(table: &CustomerTable, names: &[String]) -> Result<Array2<f64>> {
    let columns: Vec<&[f64]> =
        names.iter().map(|name| table.numbers(name)).collect::<Result<_>>()?;
    Ok(Array2::from_shape_fn((table.rows(), columns.len()), |(row, column)| columns[column][row]))
}

/// Chances in the order of the arms.
enum Chances {
    Shares,
    Known(Vec<f64>),
    Each(Array2<f64>),
    Estimated,
}

impl Chances {
    fn of(table: &CustomerTable, given: Option<&TrialChances>, arms: &[&str]) -> Result<Self> {
        let refused = |got: &TrialChances, expected: String| {
            Err(Error::text_argument("propensity", &got.to_string(), expected))
        };
        match given {
            None => Ok(Chances::Shares),
            Some(TrialChances::Estimated) => Ok(Chances::Estimated),
            Some(got @ TrialChances::Arms(shares)) => {
                let chances: Option<Vec<f64>> = arms.iter().map(|arm| shares.of(arm)).collect();
                match chances.filter(|chances| chances.len() == shares.iter().count()) {
                    Some(chances) => Ok(Chances::Known(chances)),
                    None => refused(got, format!("the chances of {}", arms.join(", "))),
                }
            }
            Some(got @ TrialChances::Column(column)) => {
                let chances = table.numbers(column)?;
                if arms.len() > 2 {
                    return refused(got, format!("the chances of {}", arms.join(", ")));
                }
                Ok(Chances::Each(Array2::from_shape_fn(
                    (chances.len(), 2),
                    |(row, arm)| match arm {
                        0 => 1.0 - chances[row],
                        _ => chances[row],
                    },
                )))
            }
        }
    }

    fn propensity(&self) -> Propensity<'_> {
        match self {
            Chances::Shares => Propensity::Shares,
            Chances::Known(chances) => Propensity::Known(chances),
            Chances::Each(chances) => Propensity::Each(ArrayView2::from(chances)),
            Chances::Estimated => Propensity::Estimated,
        }
    }
}
