//! Is a churn model any good? Quality at a cutoff that training never saw, backtests, drift and the
//! model card.

mod backtest;
mod backtest_report;
mod bootstrap;
mod card;
mod card_text;
mod drift;
mod leaks;
pub(crate) mod quality;

pub use backtest::BacktestOptions;
pub use backtest_report::{Backtest, BacktestRow, Part, ScoreKind};
pub use card::{
    CardCalibration, CardColumn, CardCutoff, CardData, CardMetric, CardTest, ModelCard,
};
pub use drift::{ColumnDrift, Drift};
pub use quality::{GroupQuality, QualityReport};
