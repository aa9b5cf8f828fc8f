//! What contacting the likeliest churners would have earned at a past cutoff.

use super::clv::Clv;
use super::profit_report::ProfitReport;
use crate::churn::ChurnModel;
use crate::churn::score::Scored;
use crate::error::{Error, Result};
use crate::evaluation::group_scores::GroupScores;
use crate::labels::State;
use crate::metrics::{AcceptRate, Economics, PerCustomer, empc, profit_curve};
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;
use crate::time::Window;

/// The economics of a campaign to keep active customers. You give every figure; there are no
/// defaults. See [`Economics`].
#[derive(Debug, Clone, PartialEq)]
pub struct ProfitOptions {
    /// The value lost when a customer leaves.
    pub clv: Clv,
    /// Cost of the incentive when a customer takes it; 0 or more, and at most `clv` if that is the
    /// same for all.
    pub incentive_cost: f64,
    /// Cost of contacting one customer; 0 or more, with the same bound.
    pub contact_cost: f64,
    /// The share of contacted churners who accept the offer and stay: one number, or a distribution
    /// as in [`AcceptRate::Beta`].
    pub accept_rate: AcceptRate<'static>,
}

impl ChurnModel {
    /// What contacting the active customers with the highest churn probability would have earned at
    /// a cutoff that training never saw, compared with contacting everybody, nobody, or those
    /// silent longest.
    ///
    /// Outcomes are those of [`ChurnModel::evaluate`]: an active customer without a purchase in the
    /// outcome window has churned. The best shares are found with these outcomes known; see
    /// [`mpc`](crate::metrics::mpc) and [`empc`].
    ///
    /// ```
    /// use winback::campaign::ProfitOptions;
    /// use winback::{ChurnModel, EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(400).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let economics = ProfitOptions {
    ///     clv: "0.3*total_spend_365d".parse()?, // or "200"
    ///     incentive_cost: 10.0,
    ///     contact_cost: 1.0,
    ///     accept_rate: 0.3.into(),
    /// };
    /// let report = model.profit(&log.at("2024-10-01")?, &economics)?;
    /// assert!(report.model.profit >= report.everybody.profit);
    /// println!("{report}");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a cutoff as in [`ChurnModel::evaluate`], economics out of range or a
    /// feature that the model does not read; [`Error::TooLittleData`] when only one outcome occurs
    /// among the active customers, or none of them is worth anything.
    pub fn profit(&self, snapshot: &Snapshot, economics: &ProfitOptions) -> Result<ProfitReport> {
        let at = snapshot.at();
        self.training.check_unseen(at)?;
        let ProfitOptions { clv, incentive_cost, contact_cost, accept_rate } = economics;
        let (rate, shape) = match *accept_rate {
            AcceptRate::Known(PerCustomer::All(rate)) => (rate, None),
            AcceptRate::Beta { alpha, beta } => (alpha / (alpha + beta), Some((alpha, beta))),
            AcceptRate::Known(PerCustomer::Each(_)) => {
                let expected = "one rate for all customers, or alpha and beta";
                return Err(Error::argument("accept_rate", "one for each customer", expected));
            }
        };
        let (window, scored, purchased) = self.outcomes(snapshot)?;
        let group =
            self.group_scores(&scored, &purchased, State::Active).map_err(|error| match error {
                Error::TooLittleData(_) => Error::TooLittleData(format!(
                    "among the active customers at {at} not both outcomes occur, so that there is no \
                     profit to judge; choose another cutoff or horizon"
                )),
                error => error,
            })?;
        let customers = group.rows.len();
        let clvs = match clv {
            Clv::All(_) => Vec::new(),
            Clv::Feature { factor, name } => self.clvs(*factor, name, &scored, &group)?,
        };
        let (figure, mean_clv, worthless) = match clv {
            Clv::All(clv) => (PerCustomer::All(*clv), *clv, 0),
            Clv::Feature { .. } => (
                PerCustomer::Each(&clvs),
                exact_sum(clvs.iter().copied()) / customers as f64,
                clvs.iter().filter(|&&clv| clv == 0.0).count(),
            ),
        };
        if worthless == customers {
            return Err(Error::TooLittleData(format!(
                "clv {clv} is above 0 for none of the {customers} active customers at {at}"
            )));
        }
        let economics = Economics {
            clv: figure,
            incentive_cost: (*incentive_cost).into(),
            contact_cost: (*contact_cost).into(),
            accept_rate: *accept_rate,
        };
        let GroupScores { outcome, model, silence, .. } = &group;
        let curve = profit_curve(outcome, model, &economics)?;
        let expected = shape.map(|_| empc(outcome, model, &economics)).transpose()?;
        let Window { start: outcome_from, end: outcome_until } = window;
        let mut report = ProfitReport {
            at,
            estimator: self.estimator().name(),
            trained_until: self.training.until,
            lead: self.lead(),
            horizon: self.horizon(),
            outcome_from,
            outcome_until,
            customers,
            churners: outcome.iter().filter(|&&churned| churned).count(),
            clv: clv.clone(),
            mean_clv,
            worthless,
            incentive_cost: *incentive_cost,
            contact_cost: *contact_cost,
            accept_rate: rate,
            alpha: shape.map(|(alpha, _)| alpha),
            beta: shape.map(|(_, beta)| beta),
            model: curve.best(),
            expected,
            recency: profit_curve(outcome, silence, &economics)?.best(),
            everybody: curve.everybody(),
            curve,
            notes: Vec::new(),
        };
        report.note();
        Ok(report)
    }

    /// What each customer of a group is worth; 0 where his feature is missing or not above 0.
    fn clvs(
        &self,
        factor: f64,
        name: &str,
        scored: &Scored,
        group: &GroupScores,
    ) -> Result<Vec<f64>> {
        let given = format_args!("{factor}*{name}");
        if !(factor > 0.0 && factor <= 1e100) {
            return Err(Error::argument("clv", given, "a factor above 0, at most 1e100"));
        }
        let mut features = self.recipe.features.iter();
        let column = features.position(|place| place.feature().name == name).ok_or_else(|| {
            let expected = "a number times a feature of the catalogue that the model reads, such as \
                           purchase_count_365d or, where the log has amounts, total_spend_365d";
            Error::argument("clv", given, expected)
        })?;
        let value = |&row: &usize| {
            let value = scored.x[[row, column]];
            if value > 0.0 { factor * value } else { 0.0 }
        };
        Ok(group.rows.iter().map(value).collect())
    }
}
