//! A campaign among simulated customers, of whom it is known what its offer changes.

use std::collections::BTreeMap;

use super::customer::{Life, Line, Met};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::hash::{self, drawn_share};
use crate::stats::exact_sum;
use crate::time::{MICROS_PER_DAY, Span, Timestamp};

/// How customers take the offer, by name.
pub(super) const TYPES: [&str; 4] = ["lost_cause", "persuadable", "sleeping_dog", "sure_thing"];
const LOST_CAUSE: i32 = 0;
const PERSUADABLE: i32 = 1;
const SLEEPING_DOG: i32 = 2;
const SURE_THING: i32 = 3;

/// So many days before the start a badly handled ticket still rankles.
const RANKLES: i64 = 180;
/// Makes the random stream of a campaign another one than that of all else.
pub(super) const STREAM: u64 = 0x6361_6d70_6169_676e;
const SECOND: i64 = 1_000_000;

options! {
    /// A campaign among simulated customers, in whom the effect of its offer is known.
    ///
    /// ```
    /// use winback::simulate::{SimulatedCampaign, Simulation};
    /// let campaign = SimulatedCampaign::default().control_share(0.2);
    /// let shop = Simulation::default().customers(200).campaign(Some(campaign)).run()?;
    /// assert_eq!(shop.campaign.unwrap().schema().field(2).name(), "type");
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub struct SimulatedCampaign {
        /// When the simulated campaign begins; who joined before it is on its list
        #[value(id = "campaign_start", long = "campaign-start", value_name = "DATE",
                requires = "campaign", value_parser = value::<Timestamp>)]
        start: Timestamp = Timestamp::from_days(19_997).unwrap_or(Timestamp::MIN),
        /// The time after the start in which the offer has its effect
        #[value(id = "campaign_window", long = "campaign-window", value_name = "SPAN",
                requires = "campaign", value_parser = value::<Span>)]
        #[takes(span)]
        window: Span = Span::days(30),
        /// Share of the customers on the list who are not contacted, drawn by salt and id
        #[value(id = "campaign_control_share", long = "campaign-control-share", value_name = "SHARE",
                requires = "campaign")]
        control_share: f64 = 0.5,
        /// Text that decides who is not contacted
        #[value(id = "campaign_salt", long = "campaign-salt", value_name = "TEXT",
                requires = "campaign")]
        #[takes(into)]
        salt: String = hash::DEFAULT_SALT.to_owned(),
        /// Name of the arm that is not contacted
        #[value(id = "campaign_control", long = "campaign-control", value_name = "ARM",
                requires = "campaign")]
        #[takes(into)]
        control: String = "control".to_owned(),
        /// Chance that a persuadable customer who gets the offer places an order because of it
        #[value(value_name = "SHARE", requires = "campaign")]
        persuaded: f64 = 0.25,
        /// Chance that a sleeping dog who gets the offer places none of the orders that would have come
        #[value(value_name = "SHARE", requires = "campaign")]
        annoyed: f64 = 0.25,
        /// Arms by customer, in place of drawn ones; all but control get the offer
        #[skip(cli)]
        #[takes(into)]
        arms: Option<BTreeMap<i64, String>> = None,
    }
}

impl SimulatedCampaign {
    /// Refuses what cannot be, of a simulation from `start` to `end` of so many customers.
    pub(super) fn check(&self, start: Timestamp, end: Timestamp, customers: usize) -> Result<()> {
        if !(self.start > start && self.start < end) {
            let expected = format!("a time after {start} and before {end}, as simulated");
            return Err(Error::argument("campaign_start", self.start, expected));
        }
        let over = self.start.add_argument("window", self.window)?;
        if self.window.is_zero() || over > end {
            let expected =
                format!("more than 0d, and that it ends by {end}, as the simulation does");
            return Err(Error::argument("campaign_window", self.window, expected));
        }
        for (name, value) in [
            ("campaign_control_share", self.control_share),
            ("persuaded", self.persuaded),
            ("annoyed", self.annoyed),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::argument(name, value, "0 to 1"));
            }
        }
        let unknown = |id: &&i64| !(1..=customers as i64).contains(*id);
        match self.arms.iter().flat_map(BTreeMap::keys).find(unknown) {
            Some(id) => Err(not_simulated(*id)),
            None => Ok(()),
        }
    }

    /// Refuses arms of customers who were not there yet; `met` are those who were, ascending.
    pub(super) fn check_met(&self, met: &[i64]) -> Result<()> {
        let is_new = |id: &&i64| met.binary_search(id).is_err();
        match self.arms.iter().flat_map(BTreeMap::keys).find(is_new) {
            Some(id) => Err(not_simulated(*id)),
            None => Ok(()),
        }
    }

    /// Names of the arms.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = match &self.arms {
            Some(arms) => arms.values().cloned().collect(),
            None => vec![self.control.clone(), "contact".to_owned()],
        };
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn not_simulated(id: i64) -> Error {
    Error::argument(
        "campaign_arms",
        format!("customer {id}"),
        "simulated customers who joined before the start",
    )
}

/// A checked campaign. Times are microseconds since 1970.
pub(super) struct Campaign<'a> {
    of: &'a SimulatedCampaign,
    names: Vec<String>,
    start: i64,
    end: i64,
}

/// What a customer has done and been through without the offer.
pub(super) struct Lived {
    pub(super) joined: i64,
    pub(super) left: Option<i64>,
    /// When badly handled tickets were opened.
    pub(super) complaints: Vec<i64>,
}

impl<'a> Campaign<'a> {
    pub(super) fn new(of: &'a SimulatedCampaign) -> Result<Self> {
        let end = of.start.add_argument("window", of.window)?.micros();
        Ok(Campaign { of, names: of.names(), start: of.start.micros(), end })
    }

    /// The arm of a customer of the list.
    fn arm(&self, id: i64, joined: i64) -> Option<&str> {
        if joined >= self.start {
            return None;
        }
        match &self.of.arms {
            Some(arms) => arms.get(&id).map(String::as_str),
            None if drawn_share(&self.of.salt, id) < self.of.control_share => {
                Some(&self.of.control)
            }
            None => Some("contact"),
        }
    }

    fn has(&self, time: i64) -> bool {
        (self.start..self.end).contains(&time)
    }

    /// A second of the window, by a number from 0 to below 1.
    pub(super) fn second(&self, drawn: f64) -> i64 {
        let first = self.start.div_euclid(SECOND) + i64::from(self.start.rem_euclid(SECOND) > 0);
        let seconds = (self.end - 1).div_euclid(SECOND) - first + 1;
        (first + (drawn * seconds as f64) as i64) * SECOND
    }

    /// Lets the offer change what a customer does, if it reaches him. `bought` are the times of the
    /// orders; `order` are the lines of the one that the offer may bring, `drawn` decides whether it
    /// works.
    pub(super) fn meet(
        &self,
        life: &mut Life,
        lived: &Lived,
        bought: &[i64],
        order: Vec<Line>,
        drawn: f64,
    ) -> Option<Met> {
        let arm = self.arm(life.customer_id, lived.joined)?;
        let own: Vec<i64> = (1..)
            .zip(bought)
            .filter(|(_, time)| self.has(**time))
            .map(|(order, _)| order)
            .collect();
        let spend = |lines: &[Line], of: &dyn Fn(&Line) -> bool| {
            let inside = lines.iter().filter(|line| self.has(line.time) && of(line));
            exact_sum(inside.map(|line| line.amount))
        };
        let rankles = self.start - RANKLES * MICROS_PER_DAY..self.start;
        let is_hurt = lived.complaints.iter().any(|time| rankles.contains(time));
        let is_gone = lived.left.is_some_and(|left| left < self.start);
        let kind = match (own.is_empty(), is_hurt) {
            (true, false) if !is_gone => PERSUADABLE,
            (true, _) => LOST_CAUSE,
            (false, true) => SLEEPING_DOG,
            (false, false) => SURE_THING,
        };
        let spend_without = spend(&life.lines, &|_| true);
        let is_own = |order: i64| own.contains(&order);
        let (purchased_effect, spend_effect) = match kind {
            PERSUADABLE => (self.of.persuaded, self.of.persuaded * spend(&order, &|_| true)),
            SLEEPING_DOG => {
                let lost = spend(&life.lines, &|line| is_own(line.order));
                (-self.of.annoyed, -self.of.annoyed * lost)
            }
            _ => (0.0, 0.0),
        };
        if *arm != self.of.control && drawn < purchased_effect.abs() {
            match kind {
                PERSUADABLE => life.lines.extend(order),
                _ => {
                    life.lines.retain(|line| !is_own(line.order));
                    life.tickets.retain(|ticket| !is_own(ticket.order));
                    life.surveys.retain(|survey| !is_own(survey.order));
                }
            }
        }
        let arm = self.names.iter().position(|name| name == arm)? as i32;
        Some(Met {
            arm,
            kind,
            purchased_without: !own.is_empty(),
            spend_without,
            purchased_effect,
            spend_effect,
        })
    }
}
