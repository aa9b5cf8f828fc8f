//! Columns that a table lacks and that others give: an amount is a quantity times a price, or a
//! number without the sign of its currency.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use super::argument::python_text;
use super::numbers::NumberForm;
use super::profile::without;
use crate::error::Result;
use crate::log::{InputOptions, TableInput, as_texts, scan};

/// A column that others give.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    /// Its name in winback.
    pub(super) name: &'static str,
    /// The columns whose product it is.
    pub(super) factors: Vec<Factor>,
}

/// A column of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Factor {
    pub(super) column: String,
    /// How its texts are numbers, and the sign of a currency beside them; none where it holds
    /// numbers.
    pub(super) text: Option<(NumberForm, String)>,
    /// Whether polars finds numbers in it: by their type, or as plain ones in a text file.
    pub(super) is_number: bool,
}

impl Factor {
    fn python(&self) -> String {
        let column = format!("pl.col({})", python_text(&self.column));
        let Some((form, sign)) = self.text.as_ref().filter(|_| !self.is_number) else {
            return column;
        };
        if form.is_plain() && sign.is_empty() {
            return format!("{column}.cast(pl.Float64, strict=False)");
        }
        let sign = match sign.as_str() {
            "" => String::new(),
            sign => format!(".str.replace({}, \"\", literal=True)", python_text(sign)),
        };
        // Thousands and blanks go; a point behind the sign, too.
        let (kept, decimal) = match form.decimal {
            ',' => ("[^0-9,-]", ".str.replace(\",\", \".\", literal=True)"),
            _ => ("[^0-9.-]|\\\\.$", ""),
        };
        format!(
            "{column}{sign}.str.replace_all(\"{kept}\", \"\"){decimal}.cast(pl.Float64, strict=False)"
        )
    }

    fn values(&self, array: &ArrayRef) -> Option<Float64Array> {
        match &self.text {
            None => {
                let cast = arrow_cast::cast(array, &DataType::Float64).ok()?;
                Some(cast.as_primitive::<Float64Type>().clone())
            }
            Some((form, sign)) => {
                let texts = as_texts(array)?;
                let read = |text: &str| form.read(&without(text.trim(), sign));
                Some(texts.iter().map(|text| text.and_then(read)).collect())
            }
        }
    }
}

impl Made {
    /// As an argument of `with_columns`.
    pub(super) fn python(&self) -> String {
        let factors: Vec<String> = self.factors.iter().map(Factor::python).collect();
        format!("{}={}", self.name, factors.join(" * "))
    }

    fn column(&self, names: &[String], batch: &RecordBatch) -> Option<ArrayRef> {
        let mut product: Option<Float64Array> = None;
        for factor in &self.factors {
            let place = names.iter().position(|name| *name == factor.column)?;
            let values = factor.values(batch.column(place))?;
            product = Some(match product {
                None => values,
                Some(own) => own.iter().zip(&values).map(|(a, b)| Some(a? * b?)).collect(),
            });
        }
        product.map(|product| Arc::new(product) as ArrayRef)
    }
}

/// The whole table with columns added.
pub(super) fn with_made(
    input: TableInput<'_>,
    options: &InputOptions,
    made: &[Made],
) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    scan(input, options, |names, batch| {
        let is_own = |name: &String| made.iter().all(|made| made.name != name);
        let kept = names.iter().zip(batch.columns()).filter(|(name, _)| is_own(name));
        let (mut fields, mut columns): (Vec<Field>, Vec<ArrayRef>) = kept
            .map(|(name, column)| {
                (Field::new(name, column.data_type().clone(), true), column.clone())
            })
            .unzip();
        for made in made {
            let column = made.column(names, batch);
            fields.push(Field::new(made.name, DataType::Float64, true));
            let nulls = || Arc::new(Float64Array::new_null(batch.num_rows())) as ArrayRef;
            columns.push(column.unwrap_or_else(nulls));
        }
        batches.push(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?);
        Ok(())
    })?;
    Ok(batches)
}
