//! The answers that the page shows together.

use crate::answer::AnswerParts;
use crate::error::{Error, Result};

/// What a page on a campaign is written from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CampaignAnswers {
    /// Of [`Effect`](crate::campaign::Effect).
    pub effect: AnswerParts,
    /// Of [`Recommendation`](crate::campaign::Recommendation).
    pub recommendation: Option<AnswerParts>,
    /// Of [`Targets`](crate::campaign::Targets).
    pub targets: Option<AnswerParts>,
}

impl CampaignAnswers {
    /// Of an effect alone.
    ///
    /// # Errors
    /// [`Error::Argument`] for another answer.
    pub fn new(effect: AnswerParts) -> Result<Self> {
        check("found", &effect, &["effects", "money", "arms", "over_time"], "effect")?;
        Ok(CampaignAnswers { effect, recommendation: None, targets: None })
    }

    /// With what an uplift model recommends.
    ///
    /// # Errors
    /// [`Error::Argument`] for another answer.
    pub fn recommendation(mut self, given: AnswerParts) -> Result<Self> {
        check(
            "recommendation",
            &given,
            &["policies", "curve"],
            "the recommend of an uplift model",
        )?;
        self.recommendation = Some(given);
        Ok(self)
    }

    /// With a list within a budget.
    ///
    /// # Errors
    /// [`Error::Argument`] for another answer.
    pub fn targets(mut self, given: AnswerParts) -> Result<Self> {
        check("targets", &given, &["list", "offers", "curve"], "target")?;
        self.targets = Some(given);
        Ok(self)
    }
}

fn check(argument: &'static str, given: &AnswerParts, tables: &[&str], of: &str) -> Result<()> {
    if given.has(tables) {
        return Ok(());
    }
    let got = given.tables.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let expected = format!("what {of} gives");
    Err(Error::argument(argument, format!("an answer with the tables {got}"), expected))
}
