//! Who on a list is not to be contacted, and why.

use crate::error::{Error, Result};
use crate::log::{AttributeValue, CustomerTable, EventRole, refuse_misspelt};
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp};

/// The column that says who must not be contacted.
pub(crate) const DO_NOT_CONTACT: &str = "do_not_contact";

/// Why a customer is left out; of several reasons the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exclusion {
    DoNotContact,
    OpenTicket,
    Contacted,
    OtherCampaign,
}

impl Exclusion {
    pub(crate) const ALL: [Exclusion; 4] = [
        Exclusion::DoNotContact,
        Exclusion::OpenTicket,
        Exclusion::Contacted,
        Exclusion::OtherCampaign,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Exclusion::DoNotContact => "do_not_contact",
            Exclusion::OpenTicket => "open_ticket",
            Exclusion::Contacted => "contacted",
            Exclusion::OtherCampaign => "other_campaign",
        }
    }
}

/// What is asked of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) quiet_for: Option<Span>,
    pub(crate) skip_open_tickets: bool,
}

impl Asked {
    /// Refuses what the log cannot tell.
    pub(crate) fn check(self, now: Option<&Snapshot>) -> Result<()> {
        let columns = now.map(|now| now.log().columns());
        if let Some(span) = self.quiet_for {
            let has_contacts =
                now.is_some_and(|now| now.log().event_roles().has(EventRole::Contact));
            if !has_contacts {
                let expected = "none, for there is no log whose events are known to be contacts: give \
                                the log its events and the kinds that are contacts";
                return Err(Error::argument("quiet_for", span, expected));
            }
        }
        let tells = columns.and_then(|columns| columns.tickets).is_some_and(|t| t.resolved_at);
        if self.skip_open_tickets && !tells {
            let expected = "false, for there is no log whose tickets tell when they were resolved";
            return Err(Error::argument("skip_open_tickets", true, expected));
        }
        Ok(())
    }
}

/// Of each customer of the list, by ascending id, why they are left out.
pub(crate) fn exclusions(
    list: &CustomerTable,
    now: Option<&Snapshot>,
    asked: Asked,
    others: &[CustomerTable],
) -> Result<Vec<Option<Exclusion>>> {
    asked.check(now)?;
    let mut found = vec![None; list.ids().len()];
    let mut mark = |place: usize, why: Exclusion| {
        found[place].get_or_insert(why);
    };
    for place in not_to_contact(list)? {
        mark(place, Exclusion::DoNotContact);
    }
    if let Some(now) = now {
        let (log, customers) = (now.log(), list.customers_of(now.log().customers())?);
        let has_attribute = log.attribute_names().any(|name| name == DO_NOT_CONTACT);
        let ignored = &log.report().ignored_attributes;
        let attributes = log.attribute_names().chain(ignored.iter().map(String::as_str));
        refuse_misspelt("customers", attributes, DO_NOT_CONTACT)?;
        if ignored.iter().any(|name| name == DO_NOT_CONTACT) {
            let message = format!("holds neither numbers nor texts; expected {FLAGS}");
            return Err(Error::bad_column("customers", DO_NOT_CONTACT, message));
        }
        let quiet_since = asked.quiet_for.map(|span| now.at().sub(span)).transpose()?;
        for (place, customer) in customers.into_iter().enumerate() {
            let Some(customer) = customer else { continue };
            if has_attribute {
                let is_so = match log.attribute(customer, DO_NOT_CONTACT)? {
                    AttributeValue::Missing => false,
                    AttributeValue::Number(number) => flag("customers", &number.to_string())?,
                    AttributeValue::Text(text) => flag("customers", &text)?,
                };
                if is_so {
                    mark(place, Exclusion::DoNotContact);
                }
            }
            let history = now.history(customer);
            let mut tickets = history.tickets().into_iter().flatten();
            if asked.skip_open_tickets && tickets.any(|ticket| ticket.resolved_at.is_none()) {
                mark(place, Exclusion::OpenTicket);
            }
            let since = quiet_since.map(Timestamp::micros);
            let mut acts = history.acts().into_iter().flatten();
            if since.is_some_and(|since| {
                acts.any(|act| act.time >= since && act.is(EventRole::Contact))
            }) {
                mark(place, Exclusion::Contacted);
            }
        }
    }
    for other in others {
        if !other.has_ids() {
            return Err(Error::bad_table(other.name(), "a list has no column customer_id"));
        }
        // Of a list that knows none of these, none are left out.
        let places = other.customers_of(list.ids()).unwrap_or_default();
        places.into_iter().flatten().for_each(|own| mark(own.index(), Exclusion::OtherCampaign));
    }
    Ok(found)
}

/// The places of the customers of a table whose column says that they must not be contacted, if it has
/// such a column.
pub(crate) fn not_to_contact(list: &CustomerTable) -> Result<Vec<usize>> {
    if !list.has_readable(DO_NOT_CONTACT)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (owner, text) in list.owners().iter().zip(list.texts(DO_NOT_CONTACT)?) {
        let Some(text) = text else { continue };
        if flag(list.name(), &text)? {
            found.push(owner.index());
        }
    }
    Ok(found)
}

/// What such a column holds.
const FLAGS: &str = "yes or no, true or false, 1 or 0";

fn flag(table: &'static str, text: &str) -> Result<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "1.0" | "true" | "yes" | "y" => Ok(true),
        "0" | "0.0" | "false" | "no" | "n" => Ok(false),
        _ => Err(Error::bad_value(table, DO_NOT_CONTACT, text, FLAGS)),
    }
}
