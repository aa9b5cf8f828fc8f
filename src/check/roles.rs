//! Which column is which, and what table they make up.

use super::names::{Role, suits, words};
use super::profile::{self, Profile};

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableKind {
    Transactions,
    Tickets,
    Surveys,
    Events,
    Customers,
    /// No table of a log, and why.
    NoLog(&'static str),
}

impl TableKind {
    /// The name of the table in winback.
    pub(super) fn name(self) -> &'static str {
        match self {
            TableKind::Transactions => "transactions",
            TableKind::Tickets => "tickets",
            TableKind::Surveys => "surveys",
            TableKind::Events => "events",
            TableKind::Customers => "customers",
            TableKind::NoLog(_) => "none",
        }
    }

    fn roles(self) -> &'static [Role] {
        use Role::*;
        match self {
            // An amount is looked for before an order: a price is neither.
            TableKind::Transactions => {
                &[CustomerId, Time, Amount, OrderId, Discount, KnownAt, Category, Channel]
            }
            TableKind::Tickets => &[
                CustomerId,
                OpenedAt,
                ResolvedAt,
                FirstResponseAt,
                Topic,
                ReopenedCount,
                Satisfaction,
                KnownAt,
            ],
            TableKind::Surveys => &[CustomerId, Time, Score, Topic, KnownAt],
            TableKind::Events => &[CustomerId, Time, Kind, Channel, KnownAt],
            TableKind::Customers => &[CustomerId],
            TableKind::NoLog(_) => &[],
        }
    }
}

/// Columns by what they are for.
#[derive(Debug, Clone)]
pub(super) struct Assigned {
    pub(super) kind: TableKind,
    /// The place of each column that has a role.
    pub(super) roles: Vec<(Role, usize)>,
    /// Price and quantity, whose product is the amount where no column is.
    pub(super) product: Option<(usize, usize)>,
}

impl Assigned {
    pub(super) fn place(&self, role: Role) -> Option<usize> {
        self.roles.iter().find(|(own, _)| *own == role).map(|(_, place)| *place)
    }
}

/// How well a column suits a role, by name and content.
fn score(column: &Profile, role: Role) -> f64 {
    use Role::*;
    let fits = match role {
        CustomerId | OrderId => column.can_be_id(),
        Time | KnownAt | OpenedAt | FirstResponseAt | ResolvedAt => column.is_time(),
        Amount | Discount | ReopenedCount | Satisfaction | Score | Price | Quantity => {
            column.is_number()
        }
        Category | Channel | Topic | Role::Kind => {
            let whole = matches!(column.kind, profile::Kind::Numbers { whole: true, .. });
            (whole || column.kind == profile::Kind::Texts) && column.distinct > 1
        }
    };
    let within_ten = column.range.is_some_and(|(low, high)| low >= 0.0 && high <= 10.0);
    if !fits || role == Score && !within_ten {
        return 0.0;
    }
    // Of two equal names the column with more cells.
    suits(&column.name, role)
        + 0.01 * column.filled as f64 / column.rows.max(1) as f64
            * f64::from(suits(&column.name, role) > 0.0)
}

fn best(columns: &[Profile], role: Role, taken: &[usize]) -> Option<usize> {
    let mut best = None;
    for (place, column) in columns.iter().enumerate().filter(|(place, _)| !taken.contains(place)) {
        let score = score(column, role);
        if score > 0.0 && best.is_none_or(|(_, most)| score > most) {
            best = Some((place, score));
        }
    }
    best.map(|(place, _)| place)
}

/// The only column that fits and has no other role by its name.
fn only(columns: &[Profile], taken: &[usize], fits: impl Fn(&Profile) -> bool) -> Option<usize> {
    let mut found =
        (0..columns.len()).filter(|place| !taken.contains(place) && fits(&columns[*place]));
    match (found.next(), found.next()) {
        (Some(place), None) => Some(place),
        _ => None,
    }
}

/// Whether nothing in a name says that it is something else than the time of a purchase.
fn names_nothing_else(column: &Profile) -> bool {
    [Role::OpenedAt, Role::ResolvedAt, Role::FirstResponseAt, Role::KnownAt]
        .iter()
        .all(|role| suits(&column.name, *role) == 0.0)
        // A name with words against it suits no time, however it goes on.
        && suits(&format!("{} date time", column.name), Role::Time) > 0.0
}

fn customer_of(columns: &[Profile]) -> Option<usize> {
    let by_name = best(columns, Role::CustomerId, &[]);
    let repeats = |column: &Profile| {
        column.can_be_id()
            && column.distinct >= 20
            && column.distinct * 10 < column.filled * 9
            && column.distinct * 100 > column.filled
            && Role::ALL_OTHER.iter().all(|role| suits(&column.name, *role) == 0.0)
            && words(&column.name).iter().any(|word| word == "id" || word == "nr")
    };
    by_name.or_else(|| only(columns, &[], repeats))
}

fn time_of(columns: &[Profile]) -> Option<usize> {
    let by_name = best(columns, Role::Time, &[]);
    by_name.or_else(|| only(columns, &[], |column| column.is_time() && names_nothing_else(column)))
}

/// So many words of tickets in the names make a table of tickets.
const TICKET_WORDS: usize = 2;

fn is_of_tickets(columns: &[Profile]) -> bool {
    const STARTS: [&str; 9] =
        ["ticket", "incident", "priorit", "resol", "satisf", "escal", "reopen", "обращен", "тикет"];
    let speaks = |column: &&Profile| {
        words(&column.name).iter().any(|word| STARTS.iter().any(|start| word.starts_with(start)))
    };
    columns.iter().filter(speaks).count() >= TICKET_WORDS
        && best(columns, Role::OpenedAt, &[]).is_some()
}

/// What the table is, and which column is which.
pub(super) fn assign(columns: &[Profile]) -> Assigned {
    let none = |why| Assigned { kind: TableKind::NoLog(why), roles: Vec::new(), product: None };
    let Some(customer) = customer_of(columns) else {
        return none("no column holds ids of customers");
    };
    let time = time_of(columns);
    let amount = best(columns, Role::Amount, &[]);
    let kind = if is_of_tickets(columns) {
        TableKind::Tickets
    } else if time.is_some() && amount.is_none() && best(columns, Role::Score, &[]).is_some() {
        TableKind::Surveys
    } else if time.is_some() && amount.is_none() && best(columns, Role::Kind, &[]).is_some() {
        TableKind::Events
    } else if time.is_some() {
        TableKind::Transactions
    } else if columns[customer].is_unique() {
        TableKind::Customers
    } else {
        return none("customers come several times, but no column says when");
    };
    let mut roles = vec![(Role::CustomerId, customer)];
    let mut taken = vec![customer];
    let price = best(columns, Role::Price, &taken);
    let quantity = best(columns, Role::Quantity, &taken);
    let mut product = price.zip(quantity);
    for &role in &kind.roles()[1..] {
        let found = match role {
            Role::Time => time,
            role => best(columns, role, &taken),
        };
        let found = found.or_else(|| match role {
            Role::Amount => only(columns, &taken, |column| {
                matches!(column.kind, profile::Kind::Numbers { whole: false, .. })
                    && Role::ALL_OTHER.iter().all(|role| suits(&column.name, *role) == 0.0)
            }),
            _ => None,
        });
        let Some(place) = found.filter(|place| !taken.contains(place)) else { continue };
        if role == Role::Amount && Some(place) == price && product.is_some() {
            continue; // the price of one piece
        }
        roles.push((role, place));
        taken.push(place);
    }
    if kind != TableKind::Transactions || roles.iter().any(|(role, _)| *role == Role::Amount) {
        product = None;
    }
    Assigned { kind, roles, product }
}

impl Role {
    /// Roles that a name may speak for, but for those of customer and amount.
    const ALL_OTHER: [Role; 12] = [
        Role::Time,
        Role::OrderId,
        Role::Category,
        Role::Channel,
        Role::Discount,
        Role::KnownAt,
        Role::Price,
        Role::Quantity,
        Role::Score,
        Role::Satisfaction,
        Role::ReopenedCount,
        Role::Topic,
    ];
}
