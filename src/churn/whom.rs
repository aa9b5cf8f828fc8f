//! Kinds of customers that have models of their own.

use crate::labels::State;

/// The customers that a model learns from and speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Whom {
    Active,
    /// Lapsed and lost.
    Silent,
    All,
}

impl Whom {
    /// Active and silent.
    pub(crate) const KINDS: [Whom; 2] = [Whom::Active, Whom::Silent];

    /// The kind of customers in a state.
    pub(crate) const fn of(state: State) -> Whom {
        match state {
            State::Active => Whom::Active,
            State::Lapsed | State::Lost => Whom::Silent,
        }
    }

    /// Whether customers in a state are among them.
    pub(crate) fn includes(self, state: State) -> bool {
        self == Whom::All || self == Whom::of(state)
    }

    /// In an error.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Whom::Active => "active",
            Whom::Silent => "silent (lapsed or lost)",
            Whom::All => "all",
        }
    }

    /// What is told meanwhile.
    pub(crate) const fn learning(self) -> &'static str {
        match self {
            Whom::Active => "learning from active customers",
            Whom::Silent => "learning from silent customers",
            Whom::All => "learning from all customers",
        }
    }
}
