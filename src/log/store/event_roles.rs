//! What kinds of events stand for: contacts by the business, visits, carts.

use std::fmt;
use std::sync::Arc;

use super::pool::TextPool;
use crate::error::{Error, Result, named_choice};

/// What a kind of event stands for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum EventRole {
    /// An act of the business: a letter, a call, a coupon. All else is an act of the customer.
    Contact,
    /// A visit of the shop or its site.
    Visit,
    /// Something is put into a cart.
    Cart,
    /// A checkout that was broken off.
    Abandoned,
    /// A contact is opened or answered.
    Opened,
    /// An act that stands in place of a purchase, where there are none: a log-in, a use.
    Activity,
}

named_choice!(
    EventRole, "roles":
    Contact = "contact",
    Visit = "visit",
    Cart = "cart",
    Abandoned = "abandoned",
    Opened = "opened",
    Activity = "activity",
);

impl EventRole {
    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Which kinds of events stand for what. A kind may stand for several things.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct EventRoles(Vec<(EventRole, String)>);

impl EventRoles {
    /// These, and kinds that stand for `role`.
    #[must_use]
    pub fn with<S: Into<String>>(
        mut self,
        role: EventRole,
        kinds: impl IntoIterator<Item = S>,
    ) -> Self {
        self.0.extend(kinds.into_iter().map(|kind| (role, kind.into())));
        self.0.sort();
        self.0.dedup();
        self
    }

    /// Whether no kind stands for anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The roles and kinds, by role and name.
    pub fn iter(&self) -> impl Iterator<Item = (EventRole, &str)> {
        self.0.iter().map(|(role, kind)| (*role, kind.as_str()))
    }

    /// Whether there is a kind that stands for this.
    pub fn has(&self, role: EventRole) -> bool {
        self.0.iter().any(|(own, _)| *own == role)
    }

    /// The bits of all roles of a kind.
    fn of(&self, kind: &str) -> u8 {
        self.iter().filter(|(_, own)| *own == kind).fold(0, |bits, (role, _)| bits | role.bit())
    }

    /// Refuses kinds that are acts of the business and yet stand in place of what customers buy.
    pub(crate) fn check_activity(&self) -> Result<()> {
        let is = |role: EventRole, kind: &str| self.iter().any(|own| own == (role, kind));
        let both = |kind: &&str| is(EventRole::Activity, kind) && is(EventRole::Contact, kind);
        match self.iter().map(|(_, kind)| kind).find(both) {
            Some(kind) => Err(Error::text_argument("activity", kind, "kinds that are no contacts")),
            None => Ok(()),
        }
    }

    /// Refuses those of a log that are others than these, which `since` says the reason for.
    pub(crate) fn check(&self, other: &EventRoles, since: &str) -> Result<()> {
        if self == other {
            return Ok(());
        }
        Err(Error::argument("roles", other, format!("{self}, {since}")))
    }
}

impl fmt::Display for EventRoles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no roles");
        }
        let kinds = self.iter().map(|(role, kind)| format!("{role}={kind}"));
        f.write_str(&kinds.collect::<Vec<_>>().join(", "))
    }
}

/// The roles of the kinds of one table.
#[derive(Debug, Clone, Default)]
pub(crate) struct KindRoles {
    /// Shared by the histories of a service.
    pub(crate) roles: Arc<EventRoles>,
    /// The bits of each text of the table.
    bits: Vec<u8>,
}

impl KindRoles {
    pub(crate) fn of(roles: EventRoles, texts: &TextPool) -> Self {
        let mut own = KindRoles { roles: Arc::new(roles), bits: Vec::new() };
        own.extend(texts);
        own
    }

    /// Adds the roles of texts that are new.
    pub(crate) fn extend(&mut self, texts: &TextPool) {
        for code in self.bits.len()..texts.len() {
            self.bits.push(self.roles.of(texts.get(code as u32)));
        }
    }

    /// The bits of all roles of a kind.
    pub(crate) fn bits(&self, kind: u16) -> u8 {
        self.bits.get(usize::from(kind)).copied().unwrap_or(0)
    }

    /// Whether there is a kind that stands for this.
    pub(crate) fn has(&self, role: EventRole) -> bool {
        self.roles.has(role)
    }

    /// The kinds that no text of the table is.
    pub(crate) fn unmet(&self, texts: &TextPool) -> Vec<&str> {
        let is_met = |kind: &str| texts.iter().any(|text| text == kind);
        self.roles.iter().map(|(_, kind)| kind).filter(|kind| !is_met(kind)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_roles_that_they_were_given() {
        let (visit, opened) = (EventRole::Visit, EventRole::Opened);
        let roles = EventRoles::default().with(visit, ["view", "open"]).with(opened, ["open"]);
        assert_eq!(roles.to_string(), "visit=open, visit=view, opened=open");
        assert_eq!(EventRoles::default().to_string(), "no roles");
        assert!(roles.check(&roles, "as it is").is_ok());
        assert!(roles.check(&EventRoles::default(), "as it is").is_err());
        let mut texts = TextPool::default();
        texts.code("view");
        let mut kinds = KindRoles::of(roles, &texts);
        assert_eq!(kinds.unmet(&texts), ["open", "open"]);
        texts.code("other");
        texts.code("open");
        kinds.extend(&texts);
        let bits = [0, 1, 2, 3].map(|kind| kinds.bits(kind));
        assert_eq!(bits, [visit.bit(), 0, visit.bit() | opened.bit(), 0]);
        assert!(kinds.unmet(&texts).is_empty());
        assert_eq!(
            [visit, opened, EventRole::Cart].map(|role| kinds.has(role)),
            [true, true, false]
        );
    }

    #[test]
    fn what_the_business_does_is_no_activity_of_customers() {
        for (contact, is_taken) in [("letter", true), ("call", false)] {
            let roles = EventRoles::default().with(EventRole::Activity, ["call", "buy"]);
            let roles = roles.with(EventRole::Contact, [contact]);
            assert_eq!(roles.check_activity().is_ok(), is_taken, "{contact}");
        }
    }
}
