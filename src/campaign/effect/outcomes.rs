//! What the customers of a campaign did, by the log.

use rayon::prelude::*;

use super::arms::ArmsOf;
use super::clusters::{Clusters, is_customer};
use super::options::EffectOptions;
use super::study::{Kind, Metric, Study};
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::labels::Label;
use crate::log::{AttributeValue, CustomerIndex, CustomerTable, EventLog, EventRole, counted};
use crate::stats::{Mean, exact_sum};
use crate::time::{MICROS_PER_DAY, Span, Timestamp, Window};

/// Of a list, this share may be unknown to the log before it is told.
const MOST_UNKNOWN: f64 = 0.05;

const METRICS: [&str; 4] = ["purchased", "purchases", "spend", "tickets"];

/// When outcomes are counted.
#[derive(Debug, Clone, Copy)]
pub(in crate::campaign) struct Times {
    pub(in crate::campaign) start: Timestamp,
    /// When the window ends.
    pub(in crate::campaign) end: Timestamp,
    /// Up to when outcomes are known.
    pub(in crate::campaign) until: Timestamp,
    /// As long before the start as the window is after it.
    pub(super) before: Timestamp,
}

impl Times {
    /// Refuses windows of which nothing is known yet.
    pub(in crate::campaign) fn new(log: &EventLog, start: Timestamp, window: Span) -> Result<Self> {
        let observed = log.observed_until();
        if start >= observed {
            let expected = format!(
                "a start before {observed}, up to where the log is complete: nothing is observed yet"
            );
            return Err(Error::argument("start", start, expected));
        }
        if start <= log.first_event() {
            let expected =
                format!("a start after the log's first transaction, {}", log.first_event());
            return Err(Error::argument("start", start, expected));
        }
        let end = start.add_argument("window", window)?;
        Ok(Times {
            start,
            end,
            until: end.min(observed),
            before: start.sub_argument("window", window)?,
        })
    }

    pub(in crate::campaign) fn is_over(self) -> bool {
        self.until == self.end
    }
}

/// One customer in one stretch of time.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::campaign) struct Did {
    purchases: f64,
    spend: f64,
    tickets: f64,
    contacted: bool,
}

impl Did {
    pub(in crate::campaign) fn new(
        log: &EventLog,
        customer: CustomerIndex,
        window: Window,
        known: Timestamp,
    ) -> Self {
        let inside = |time: i64| window.start.micros() <= time && time < window.end.micros();
        let history = log.history(customer, known);
        let lines = history.lines().filter(|line| inside(line.time));
        let tickets = history.tickets().into_iter().flatten();
        let mut acts = history.acts().into_iter().flatten();
        Did {
            purchases: log.seen(Label::Purchase, customer, window, known).purchases().len() as f64,
            spend: exact_sum(lines.map(|line| line.amount)),
            tickets: tickets.filter(|ticket| inside(ticket.opened_at)).count() as f64,
            contacted: acts.any(|act| inside(act.time) && act.is(EventRole::Contact)),
        }
    }

    pub(in crate::campaign) fn of(&self, metric: &str) -> f64 {
        match metric {
            "purchased" => f64::from(u8::from(self.purchases > 0.0)),
            "purchases" => self.purchases,
            "spend" => self.spend,
            _ => self.tickets,
        }
    }
}

/// The study of a campaign by its log.
pub(super) fn study(
    log: &EventLog,
    table: &CustomerTable,
    arms: ArmsOf,
    times: Times,
    model: Option<&ChurnModel>,
    options: &EffectOptions,
) -> Result<Study> {
    if is_customer(options.cluster.as_deref()) {
        let expected = "a column of households or the like: with a log each customer counts once";
        return Err(Error::text_argument("cluster", "customer_id", expected));
    }
    let clusters = Clusters::read(table, &arms, options.cluster.as_deref())?;
    let customers = table.customers_of(log.customers())?;
    let names = metrics_of(log, options)?;
    let known = log.observed_until();
    let did = |window: Window, known: Timestamp| -> Vec<Did> {
        let of = |customer: &Option<CustomerIndex>| {
            customer.map_or_else(Did::default, |c| Did::new(log, c, window, known))
        };
        customers.par_iter().map(of).collect()
    };
    let after = did(Window { start: times.start, end: times.until }, known);
    // What was before is what was known at the start.
    let before = did(Window { start: times.before, end: times.start }, times.start);
    let mut metrics = Vec::new();
    for name in &names {
        let values = after.iter().map(|did| did.of(name)).collect();
        let past: Vec<f64> = before.iter().map(|did| did.of(name)).collect();
        let kind = if name == "purchased" { Kind::Share } else { Kind::Mean };
        let variance_before = Some(spread(&past));
        metrics.push(Metric { name: name.clone(), kind, values, variance_before });
    }
    let needs_tau = !times.is_over() || options.looks.is_some_and(|looks| looks > 0);
    if metrics.iter().any(|metric| metric.variance_before == Some(0.0)) && needs_tau {
        all_customers(log, times, &mut metrics);
    }
    let mut told = vec![
        (
            "purchases_before".to_owned(),
            before.iter().map(|did| did.purchases).collect::<Vec<f64>>(),
        ),
        ("days_since_last_purchase".to_owned(), silences(log, &customers, times.start)),
    ];
    if log.columns().amount {
        let spend = before.iter().map(|did| did.spend).collect();
        told.insert(1, ("spend_before".to_owned(), spend));
    }
    if let Some(model) = model {
        told.push((
            "purchase_probability".to_owned(),
            probabilities(log, &customers, times, model)?,
        ));
    }
    let has_contacts = log.event_roles().has(EventRole::Contact);
    let mut study = Study {
        arms,
        clusters,
        metrics,
        looks: Vec::new(),
        covariates: Vec::new(),
        known_before: Vec::new(),
        groupings: Vec::new(),
        bought: Some(after.iter().map(|did| did.purchases > 0.0).collect()),
        contacted: has_contacts.then(|| after.iter().map(|did| did.contacted).collect()),
        is_interim: !times.is_over(),
        notes: Vec::new(),
    };
    study.note_unknown(&customers);
    study.add_covariates(table, options, &told)?;
    study.add_groupings(table, options, |name| {
        if table.has(name) {
            return table.texts(name);
        }
        let of_customer: Vec<Option<String>> =
            customers.iter().map(|c| attribute(log, *c, name)).collect::<Result<_>>()?;
        Ok(table.owners().iter().map(|&owner| of_customer[owner.index()].clone()).collect())
    })?;
    Ok(study)
}

impl Study {
    /// Who is not in the log bought nothing: to leave them out would leave out more of the arm in
    /// which fewer bought.
    fn note_unknown(&mut self, customers: &[Option<CustomerIndex>]) {
        let unknown = customers.iter().filter(|customer| customer.is_none()).count();
        if unknown == 0 {
            return;
        }
        let many = match unknown as f64 > MOST_UNKNOWN * customers.len() as f64 {
            true => "; these are many: are the ids those of the log?",
            false => "",
        };
        self.notes.push(format!(
            "{} not in the log, and counted as having bought nothing{many}",
            counted(unknown as u64, "customer is", "customers are")
        ));
    }
}

fn metrics_of(log: &EventLog, options: &EffectOptions) -> Result<Vec<String>> {
    let has = |name: &&str| match *name {
        "spend" => log.columns().amount,
        "tickets" => log.columns().tickets.is_some(),
        _ => true,
    };
    let there: Vec<&str> = METRICS.into_iter().filter(has).collect();
    if options.metrics.is_empty() {
        return Ok(there.into_iter().map(str::to_owned).collect());
    }
    match options.metrics.iter().find(|name| !there.contains(&name.as_str())) {
        Some(name) => {
            let expected = format!("what this log tells, {}", there.join(", "));
            Err(Error::text_argument("metrics", name, expected))
        }
        None => Ok(options.metrics.clone()),
    }
}

/// The variance of a value between customers.
fn spread(values: &[f64]) -> f64 {
    match values.len() {
        0 | 1 => 0.0,
        n => Mean::of(values.iter().copied()).variance * n as f64,
    }
}

/// Where those on the list did nothing before the start, as lapsed customers do, the variance
/// between all customers of the log stands for theirs.
fn all_customers(log: &EventLog, times: Times, metrics: &mut [Metric]) {
    let window = Window { start: times.before, end: times.start };
    let all: Vec<Did> = log
        .customers()
        .par_indices()
        .map(|customer| Did::new(log, customer, window, times.start))
        .collect();
    for metric in metrics.iter_mut().filter(|metric| metric.variance_before == Some(0.0)) {
        let values: Vec<f64> = all.iter().map(|did| did.of(&metric.name)).collect();
        metric.variance_before = Some(spread(&values));
    }
}

fn silences(log: &EventLog, customers: &[Option<CustomerIndex>], start: Timestamp) -> Vec<f64> {
    let days = |customer: &Option<CustomerIndex>| {
        let last = log.history((*customer)?, start).last_purchase()?;
        Some((start.micros() - last.micros()) as f64 / MICROS_PER_DAY as f64)
    };
    customers.iter().map(|customer| days(customer).unwrap_or(f64::NAN)).collect()
}

/// The model's chance of a purchase at the start; missing for those whom it does not score.
fn probabilities(
    log: &EventLog,
    customers: &[Option<CustomerIndex>],
    times: Times,
    model: &ChurnModel,
) -> Result<Vec<f64>> {
    let until = model.training().until;
    if until > times.start {
        let expected = format!(
            "one trained on what was known before the start, {} (this one was until {until})",
            times.start
        );
        return Err(Error::argument("model", "another", expected));
    }
    let scored = model.scored(&log.at_argument("start", times.start)?, 0..log.customers().len())?;
    let mut of_log = vec![f64::NAN; log.customers().len()];
    for (&customer, row) in scored.customers.iter().zip(&scored.rows) {
        of_log[customer.index()] = row.purchase_probability;
    }
    Ok(customers.iter().map(|customer| customer.map_or(f64::NAN, |c| of_log[c.index()])).collect())
}

fn attribute(
    log: &EventLog,
    customer: Option<CustomerIndex>,
    name: &str,
) -> Result<Option<String>> {
    let column = log.attribute_column("segments", name)?;
    Ok(match customer.map(|customer| column.get(customer.index())) {
        None | Some(AttributeValue::Missing) => None,
        Some(AttributeValue::Number(number)) => Some(number.to_string()),
        Some(AttributeValue::Text(text)) => Some(text.into_owned()),
    })
}
