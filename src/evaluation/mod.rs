//! Is a churn model any good? Quality at a cutoff that training never saw, backtests, drift and the
//! model card.

mod backtest;
mod backtest_report;
mod bootstrap;
mod card;
mod card_text;
mod drawn;
mod drift;
mod drift_parts;
pub(crate) mod group_scores;
mod leaks;
mod on_parts;
mod oracle;
mod purchase_backtest;
mod purchase_backtest_report;
pub(crate) mod quality;
mod quality_parts;
mod returns;

pub use backtest::BacktestOptions;
pub use backtest_report::{Backtest, BacktestRow, Part, ScoreKind, SkillShare, SkillShares};
pub use card::{
    CardCalibration, CardColumn, CardCutoff, CardData, CardMetric, CardTest, ModelCard,
};
pub use drift::{ColumnDrift, Drift};
pub use drift_parts::DriftCounts;
pub use purchase_backtest::PurchaseBacktestOptions;
pub use purchase_backtest_report::{ModelRow, PurchaseBacktest};
pub use quality::{GroupQuality, QualityReport};
