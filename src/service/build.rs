//! The report of a log.

use std::sync::Arc;

use super::report::{ServiceOptions, ServiceReport, no_ticket};
use super::rows::{Handling, HowItWent, band};
use crate::error::{Error, Result};
use crate::followup::{AllSought, Around, Collected, Followups, Mark, Sought, collect, sought_for};
use crate::groups::{Apart, Groups};
use crate::log::{History, LogFacts, Mergeable, Part, Ticket};
use crate::snapshot::{AllCustomersAt, Beside, Snapshot};
use crate::time::Timestamp;

/// How a ticket went, and the number of its topic.
type Told = (HowItWent, Option<u32>);

impl ServiceOptions {
    fn around(&self) -> Around {
        let ServiceOptions { judged_after, horizon, quiet_for, .. } = *self;
        Around { judged_after: Some(judged_after), horizon, quiet_for }
    }

    /// The tickets of a log that were known at a cutoff, with the number of the topic. How one went
    /// is told when it is judged; what of it is not over at the cutoff does not count.
    fn tickets(&self, now: &Snapshot) -> Result<Vec<Collected<Told>>> {
        self.check()?;
        let went = |ticket: &Ticket| {
            let opened = Timestamp::from_micros(ticket.opened_at)?;
            let judged = opened.add_argument("judged_after", self.judged_after)?.micros();
            Ok::<_, Error>(HowItWent {
                handling: Handling::of(ticket, self.fast_hours, judged),
                band: band(ticket, &self.response_hours, judged),
            })
        };
        collect(now, &self.around(), |history| {
            let tickets = history.tickets().into_iter().flatten();
            tickets.map(|ticket| Ok((ticket.opened_at, (went(&ticket)?, ticket.topic)))).collect()
        })
    }
}

/// For which tickets customers are sought who opened none, found by a first pass over all customers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct TicketsSought(pub(super) AllSought);

impl ServiceReport {
    /// Analyses the tickets that were known at a cutoff.
    ///
    /// ```
    /// use winback::service::{ServiceOptions, ServiceReport};
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(500).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .tickets([shop.tickets])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let report = ServiceReport::build(&log.at("2025-01-01")?, &ServiceOptions::default())?;
    /// println!("{report}");
    /// assert_eq!(report.rows[0].group, "no_ticket");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for spans without length and limits that do not ascend or reach beyond
    /// `judged_after`. [`Error::Table`] when the log has no tickets, [`Error::Column`] when it does
    /// not say when they were resolved, [`Error::TooLittleData`] when no ticket's horizon was over.
    pub fn build(snapshot: &impl AllCustomersAt, options: &ServiceOptions) -> Result<Self> {
        let sought = Part::<TicketsSought>::of(snapshot, options)?.finish()?;
        ServiceReport::part(snapshot, options, sought)?.finish()
    }

    /// What the customers of a log, or of one in parts, give to the report of all; `sought` is what a
    /// first pass over all customers found.
    ///
    /// ```
    /// # use winback::{EventLog, simulate::Simulation};
    /// use winback::log::Part;
    /// use winback::service::{ServiceOptions, ServiceReport, TicketsSought};
    /// # let shop = Simulation::default().customers(300).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions]).tickets([shop.tickets])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let (now, options) = (log.at("2025-01-01")?, ServiceOptions::default());
    /// let sought = Part::<TicketsSought>::of(&now, &options)?.finish()?; // of all parts, merged
    /// let part = ServiceReport::part(&now, &options, sought)?; // of each part, to be merged
    /// assert_eq!(part.finish()?, ServiceReport::build(&now, &options)?);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ServiceReport::build`].
    pub fn part(
        snapshot: &impl AllCustomersAt,
        options: &ServiceOptions,
        sought: TicketsSought,
    ) -> Result<Part<ServiceReport>> {
        let asked = (options.clone(), sought.0.mark());
        Part::of(&Beside { now: snapshot, what: Arc::new(sought) }, &asked)
    }
}

impl Mergeable for TicketsSought {
    const NAME: &'static str = "service_tickets";
    type Log = Snapshot;
    type Asked = ServiceOptions;
    type Sums = Vec<Sought>;

    fn sums(now: &Snapshot, _: &LogFacts, options: &ServiceOptions) -> Result<Vec<Sought>> {
        Ok(sought_for(&options.tickets(now)?))
    }

    fn merge(sums: &mut Vec<Sought>, mut other: Vec<Sought>) {
        sums.append(&mut other);
    }

    fn fits(_: &Vec<Sought>, _: &LogFacts, options: &ServiceOptions) -> Result<bool> {
        options.check().map(|()| true)
    }

    fn finish(sums: Vec<Sought>, _: &LogFacts, _: &ServiceOptions) -> Result<Self> {
        Ok(TicketsSought(AllSought::new(sums)))
    }
}

impl Mergeable for ServiceReport {
    const NAME: &'static str = "service";
    type Log = (Snapshot, Arc<TicketsSought>);
    type Asked = (ServiceOptions, Mark);
    /// The number of tickets, and those whose horizon is over.
    type Sums = (u64, Followups<HowItWent>);

    fn sums(
        (now, sought): &Self::Log,
        _: &LogFacts,
        (options, _): &Self::Asked,
    ) -> Result<Self::Sums> {
        let (log, mut tickets) = (now.log(), options.tickets(now)?);
        let count = tickets.len() as u64;
        tickets.retain(Collected::is_over);
        let codes: Vec<Option<u32>> = tickets.iter().map(|ticket| ticket.what.1).collect();
        let text = |code| log.ticket_topic(code).unwrap_or_default();
        let topics = Groups::of_texts(&codes, text, Apart::Every);
        let acts = |history: &History<'_>| {
            history.tickets().into_iter().flatten().map(|ticket| ticket.opened_at).collect()
        };
        let went = |told: &Told| told.0;
        let sought = (&sought.0, acts);
        let over = Followups::new(now, &options.around(), (&tickets, went), [topics], sought)?;
        Ok((count, over))
    }

    fn merge(sums: &mut Self::Sums, other: Self::Sums) {
        sums.0 += other.0;
        sums.1.merge(other.1);
    }

    fn fits((_, over): &Self::Sums, _: &LogFacts, (options, mark): &Self::Asked) -> Result<bool> {
        options.check()?;
        Ok(over.fits(1, *mark))
    }

    fn finish(
        (tickets, over): Self::Sums,
        facts: &LogFacts,
        (options, mark): &Self::Asked,
    ) -> Result<Self> {
        let at = facts.cutoff();
        let over = over.finish(*mark)?.ok_or_else(|| no_ticket(at))?;
        ServiceReport::told(tickets, &over, at, options)
    }
}
