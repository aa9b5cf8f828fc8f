//! What surveys say: the Net Promoter Score and its precision, which topics pull it up or down,
//! what customers do after they answered, and whom to ask on which day.
//!
//! - [`NpsCounts`], [`nps_difference`], [`smallest_nps_difference`]: the score from counts;
//! - [`NpsReport`]: the answers of a log by group, period and topic, and what followed them;
//! - [`SurveyPlan`]: the customers to ask on a day.

mod build;
mod clusters;
mod nps;
mod plan;
mod report;
mod rows;
mod table;
mod text;
mod topics;

pub use build::AnswersSought;
pub use nps::{AnswerKind, Nps, NpsCounts, NpsDifference, nps_difference, smallest_nps_difference};
pub use plan::{PlanOptions, SurveyPlan};
pub use report::{NpsOptions, NpsReport};
pub use rows::{AfterwardsRow, NpsRow, PeriodRow, TopicRow};
pub use topics::Contribution;
