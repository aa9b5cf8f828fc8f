//! Which column is which, and what table they make up.

use super::names::{Role, may_be_the_time, suits, words};
use super::numbers::numbers_told;
use super::profile::{self, Profile};
use super::reading::Reading;
use crate::error::{Error, Result, quoted};
use crate::time::Timestamp;

/// What a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TableKind {
    Transactions,
    Tickets,
    Surveys,
    Events,
    Customers,
    /// No table of a log, and why.
    NoLog(String),
}

impl Default for TableKind {
    fn default() -> Self {
        TableKind::NoLog(String::new())
    }
}

impl TableKind {
    /// The name of the table in winback.
    pub(super) fn name(&self) -> &'static str {
        match self {
            TableKind::Transactions => "transactions",
            TableKind::Tickets => "tickets",
            TableKind::Surveys => "surveys",
            TableKind::Events => "events",
            TableKind::Customers => "customers",
            TableKind::NoLog(_) => "none",
        }
    }

    fn roles(&self) -> &'static [Role] {
        use Role::*;
        match self {
            // An amount is looked for before an order: a price is neither.
            TableKind::Transactions => &[
                CustomerId, Time, Amount, OrderId, Discount, ValidUntil, KnownAt, Category, Channel,
            ],
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
#[derive(Debug, Clone, Default)]
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
        Time | ValidUntil | KnownAt | OpenedAt | FirstResponseAt | ResolvedAt => column.is_time(),
        Amount | Discount | Price | Quantity => column.is_number() || column.is_money(),
        ReopenedCount | Satisfaction | Score => column.is_number(),
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

/// By its name, or as the only column of times, if its name does not speak against it. A time such
/// as that of an answer is one of rows only where customers have several.
fn time_of(columns: &[Profile], customer: usize) -> Option<usize> {
    let by_name = best(columns, Role::Time, &[]);
    by_name.or_else(|| {
        let ends: Vec<usize> = (0..columns.len())
            .filter(|&place| suits(&columns[place].name, Role::ValidUntil) > 0.0)
            .collect();
        let place = only(columns, &ends, Profile::is_time)
            .or_else(|| only(columns, &[], Profile::is_time))?;
        let name = &columns[place].name;
        let is_plain = suits(&format!("{name} date time"), Role::Time) > 0.0;
        let has_several = !columns[customer].is_unique();
        (may_be_the_time(name) && (is_plain || has_several)).then_some(place)
    })
}

/// Why there are no ids of customers.
fn without_customers(columns: &[Profile]) -> String {
    let unread = |column: &&Profile| {
        column.kind == profile::Kind::Other && suits(&column.name, Role::CustomerId) > 0.0
    };
    match columns.iter().find(unread) {
        Some(column) => format!(
            "the column {} is of a type that cannot be read, such as values of several types: make \
             all of its cells texts",
            quoted(&column.name)
        ),
        None => "no column holds ids of customers".to_owned(),
    }
}

/// Why customers come several times in a table without times.
fn without_times(columns: &[Profile]) -> String {
    let times = columns.iter().filter(|column| column.is_time()).map(|c| quoted(&c.name));
    let times: Vec<String> = times.collect();
    match times.as_slice() {
        [] => "customers come several times, but no column holds dates or times".to_owned(),
        [time] => format!(
            "customers come several times, but the only column of dates or times, {time}, is named \
             as something else than the time of a purchase"
        ),
        times => format!(
            "customers come several times, but of the columns of dates or times, {}, none is named \
             as the time of a purchase",
            times.join(", ")
        ),
    }
}

/// What a file without a header looks like: a first line of which no name suits anything, and one at
/// least is a date or a number.
fn header_like_a_row(columns: &[Profile]) -> Option<String> {
    let names = columns.iter().map(|column| column.name.as_str());
    let is_value = |name: &str| {
        name.parse::<Timestamp>().is_ok()
            || numbers_told(&[name], 1.0, false).is_some() && name.contains(['.', ','])
    };
    let all_are_numbers = names.clone().all(|name| name.parse::<f64>().is_ok());
    let suits_any = names.clone().any(|name| {
        Role::ALL_OTHER
            .iter()
            .chain(&[Role::CustomerId, Role::Amount])
            .any(|r| suits(name, *r) > 0.0)
    });
    let is_row =
        !suits_any && (names.clone().any(is_value) || all_are_numbers && columns.len() > 1);
    let first: Vec<String> = names.take(4).map(quoted).collect();
    is_row.then(|| {
        format!(
            "its first line looks like a row, not like names of columns ({}): add a line of names, \
             such as customer_id,time,amount",
            first.join(", ")
        )
    })
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

/// What the table is, and which column is which; columns that are given are taken as such.
/// `are_ends` says whether the times of a column come after those of the rows.
///
/// # Errors
/// A column that is given and not there.
pub(super) fn assign(
    columns: &[Profile],
    reading: &Reading,
    is_text: bool,
    are_ends: impl Fn(usize, usize) -> bool,
) -> Result<Assigned> {
    let none = |why| Ok(Assigned { kind: TableKind::NoLog(why), ..Assigned::default() });
    let mut roles = Vec::new();
    for (role, input) in &reading.columns {
        let place = columns.iter().position(|column| column.name == *input);
        let table = reading.table.unwrap_or("transactions");
        let missing = || Error::bad_column(table, input.as_str(), "is not among the columns");
        roles.push((*role, place.ok_or_else(missing)?));
    }
    let given = |role: Role| roles.iter().find(|(own, _)| *own == role).map(|(_, place)| *place);
    if !columns.is_empty() && columns.iter().all(|column| column.rows == 0) {
        return none("it is empty: there is no row below the names of its columns".to_owned());
    }
    if let Some(why) = header_like_a_row(columns).filter(|_| is_text && roles.is_empty()) {
        return none(why);
    }
    if !columns.is_empty() && columns.iter().all(|column| column.filled == 0) {
        let why = "no row has a cell: all may have more or fewer cells than the line of names";
        return none(why.to_owned());
    }
    let Some(customer) = given(Role::CustomerId).or_else(|| customer_of(columns)) else {
        return none(without_customers(columns));
    };
    let time = given(Role::Time).or_else(|| time_of(columns, customer));
    let amount = best(columns, Role::Amount, &[]);
    let kind = match reading.table {
        Some("tickets") => TableKind::Tickets,
        Some("surveys") => TableKind::Surveys,
        Some("events") if time.is_some() => TableKind::Events,
        Some("customers") => TableKind::Customers,
        Some(_) if time.is_none() => return none(without_times(columns)),
        Some(_) => TableKind::Transactions,
        None if is_of_tickets(columns) => TableKind::Tickets,
        None if time.is_some() && amount.is_none() && best(columns, Role::Score, &[]).is_some() => {
            TableKind::Surveys
        }
        None if time.is_some() && amount.is_none() && best(columns, Role::Kind, &[]).is_some() => {
            TableKind::Events
        }
        None if time.is_some() => TableKind::Transactions,
        None if columns[customer].is_unique() => TableKind::Customers,
        None => return none(without_times(columns)),
    };
    let mut taken: Vec<usize> = roles.iter().map(|(_, place)| *place).collect();
    if given(Role::CustomerId).is_none() {
        roles.insert(0, (Role::CustomerId, customer));
        taken.push(customer);
    }
    let price = best(columns, Role::Price, &taken);
    let quantity = best(columns, Role::Quantity, &taken);
    let mut product = price.zip(quantity);
    for role in kind.roles()[1..].iter().copied() {
        let is_other = reading.others.iter().any(|(own, _)| own == role.name());
        if is_other || roles.iter().any(|(own, _)| *own == role) {
            continue;
        }
        let found = match role {
            Role::Time => time,
            Role::ValidUntil => {
                let end = best(columns, role, &taken);
                // One with the log's own name is read, whatever it holds.
                let is_read = |end: usize| columns[end].name == role.name();
                end.filter(|&end| is_read(end) || time.is_some_and(|time| are_ends(time, end)))
            }
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
    let needed = match kind {
        TableKind::Tickets => Some((Role::OpenedAt, "no column says when a ticket was opened")),
        TableKind::Surveys => Some((Role::Score, "no column holds scores from 0 to 10")),
        TableKind::Events => Some((Role::Kind, "no column says what happened")),
        _ => None,
    };
    if let Some((role, why)) = needed
        && !roles.iter().any(|(own, _)| *own == role)
        && !reading.others.iter().any(|(own, _)| own == role.name())
    {
        return none(why.to_owned());
    }
    if kind == TableKind::Surveys && !roles.iter().any(|(own, _)| *own == Role::Time) {
        return none("no column says when a survey was answered".to_owned());
    }
    if kind != TableKind::Transactions || roles.iter().any(|(role, _)| *role == Role::Amount) {
        product = None;
    }
    // In the order of the table in winback.
    let order = kind.roles();
    roles.sort_by_key(|(role, _)| order.iter().position(|own| own == role));
    Ok(Assigned { kind, roles, product })
}

/// The columns with the start and the end of what a row stands for.
pub(super) fn span_of(columns: &[Profile], start: usize) -> Option<usize> {
    let begins = |place: usize, starts: &[&str]| {
        let is_one = |word: &String| starts.iter().any(|start| word.starts_with(start));
        words(&columns[place].name).iter().any(is_one)
    };
    if !begins(start, &["start", "begin", "beginn", "valid", "нач"]) {
        return None;
    }
    const ENDS: [&str; 8] = ["end", "cancel", "expir", "until", "bis", "kündig", "оконч", "конец"];
    (0..columns.len()).find(|&place| {
        let may_be = columns[place].is_time() || columns[place].filled == 0;
        place != start && may_be && begins(place, &ENDS)
    })
}

impl Role {
    /// Roles that a name may speak for, but for those of customer and amount.
    const ALL_OTHER: [Role; 13] = [
        Role::Time,
        Role::OrderId,
        Role::Category,
        Role::Channel,
        Role::Discount,
        Role::ValidUntil,
        Role::KnownAt,
        Role::Price,
        Role::Quantity,
        Role::Score,
        Role::Satisfaction,
        Role::ReopenedCount,
        Role::Topic,
    ];
}
