//! A page on one campaign: what was planned, who was in it, did it work, in money, by whom, what next.

mod answers;
mod facts;
mod made;
mod money;
mod next;
mod options;
mod page;
mod planned;
mod segments;
mod sizes;
mod texts;
mod uplift;
mod who;
mod worked;

pub use answers::CampaignAnswers;
pub use options::CampaignReportOptions;

use super::Report;
use crate::error::Result;
use facts::Facts;

impl Report {
    /// A page on a campaign, for those who decide.
    ///
    /// All its figures are those of the answers, rounded; what they were rounded from stands beside
    /// them as `<data value>`. It follows the rules of the library: of a window that is not over no
    /// verdict, and no recommendation where the lower end of an interval is not above 0.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use winback::answer::AnswerParts;
    /// use winback::arrow_array::{ArrayRef, Float64Array, LargeStringArray, RecordBatch};
    /// use winback::campaign::{Effect, EffectOptions};
    /// use winback::log::CustomerTable;
    /// use winback::report::{CampaignAnswers, CampaignReportOptions, Report};
    /// let arms = (0..400).map(|i| Some(if i < 200 { "control" } else { "offer" }));
    /// let bought = (0..400).map(|i| f64::from(u8::from(i % 10 < if i < 200 { 2 } else { 4 })));
    /// let arms: ArrayRef = Arc::new(LargeStringArray::from_iter(arms));
    /// let bought: ArrayRef = Arc::new(Float64Array::from_iter_values(bought));
    /// let table = RecordBatch::try_from_iter([("arm", arms), ("bought", bought)])?;
    /// let table = CustomerTable::of_batches("arms", [table])?;
    /// let options = EffectOptions::default().metrics(vec!["bought".to_owned()]);
    /// let effect = AnswerParts::of(&Effect::of_table(&table, None, &options)?)?;
    /// let answers = CampaignAnswers::new(effect)?;
    /// let page = Report::of_campaign(&answers, &CampaignReportOptions::default())?;
    /// assert!(page.html().contains("+20.00"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for options out of range.
    pub fn of_campaign(answers: &CampaignAnswers, options: &CampaignReportOptions) -> Result<Self> {
        options.check()?;
        Ok(Report { html: page::write(&Facts::gather(answers, options)?) })
    }
}
