//! Which customers of a list are written, and by which identifiers.

use std::collections::HashSet;

use super::options::UploadOptions;
use super::rules::Rules;
use crate::campaign::Arm;
use crate::campaign::effect::EachArm;
use crate::campaign::exclusions::not_to_contact;
use crate::error::{Error, Result, names, quoted, shown};
use crate::log::{CustomerIndex, CustomerTable};

/// Why a customer of the list is in no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    Control,
    OtherArm,
    DoNotContact,
    Missing,
    Unusable,
    OfControl,
    Duplicate,
}

impl LeftOut {
    pub(super) const ALL: [LeftOut; 7] = [
        LeftOut::Control,
        LeftOut::OtherArm,
        LeftOut::DoNotContact,
        LeftOut::Missing,
        LeftOut::Unusable,
        LeftOut::OfControl,
        LeftOut::Duplicate,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            LeftOut::Control => "control",
            LeftOut::OtherArm => "other_arm",
            LeftOut::DoNotContact => "do_not_contact",
            LeftOut::Missing => "no_identifier",
            LeftOut::Unusable => "unusable_identifier",
            LeftOut::OfControl => "identifier_in_control",
            LeftOut::Duplicate => "identifier_twice",
        }
    }
}

/// The customers to write, by ascending id.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Of each the identifier, and the row of the list.
    pub(super) rows: Vec<(String, usize)>,
    /// Of each customer of the list why not, if not.
    pub(super) left_out: Vec<Option<LeftOut>>,
    pub(super) repeated: u64,
}

impl Chosen {
    pub(super) fn of(
        list: &CustomerTable,
        identifiers: Option<&CustomerTable>,
        rules: &Rules,
        options: &UploadOptions,
    ) -> Result<Self> {
        for table in [Some(list), identifiers].into_iter().flatten() {
            if !table.has_ids() {
                return Err(Error::bad_table(table.name(), "has no column customer_id"));
            }
        }
        let (arms, first) = arms(list, options)?;
        let refused_in = refused_in(list, identifiers)?;
        let identifiers = identifiers_of(list, identifiers, rules, &first)?;
        let reason = |place: usize| match &arms {
            Some(arms) if arms[place] == options.control => Some(LeftOut::Control),
            Some(arms) if !(options.arms.is_empty() || options.arms.contains(&arms[place])) => {
                Some(LeftOut::OtherArm)
            }
            _ => None,
        };
        let mut left_out: Vec<Option<LeftOut>> = (0..first.len()).map(reason).collect();
        for place in refused_in {
            left_out[place].get_or_insert(LeftOut::DoNotContact);
        }
        // Whoever writes to one of two customers with one address writes to both.
        let keys_of = |why: LeftOut| -> HashSet<String> {
            let all = identifiers.iter().zip(&left_out);
            let own = all.filter(|(_, out)| **out == Some(why));
            own.filter_map(|(identifier, _)| Some(rules.key(identifier.as_ref()?))).collect()
        };
        let (of_control, refused) = (keys_of(LeftOut::Control), keys_of(LeftOut::DoNotContact));
        let (mut rows, mut seen) = (Vec::new(), HashSet::new());
        for (place, identifier) in identifiers.into_iter().enumerate() {
            if left_out[place].is_some() {
                continue;
            }
            left_out[place] = match identifier {
                None => Some(LeftOut::Missing),
                Some(identifier) if !rules.is_usable(&identifier) => Some(LeftOut::Unusable),
                Some(identifier) => {
                    let key = rules.key(&identifier);
                    if refused.contains(&key) {
                        Some(LeftOut::DoNotContact)
                    } else if of_control.contains(&key) {
                        Some(LeftOut::OfControl)
                    } else if !seen.insert(key) {
                        Some(LeftOut::Duplicate)
                    } else {
                        rows.push((identifier, first[place]));
                        None
                    }
                }
            };
        }
        if rows.is_empty() {
            return Err(Error::bad_table(
                list.name(),
                format!("has nobody to write: {}", counts(&left_out).join(", ")),
            ));
        }
        let repeated = (list.rows() - first.len()) as u64;
        Ok(Chosen { rows, left_out, repeated })
    }
}

/// The places on the list of who must not be contacted, by the list or by the table of identifiers.
fn refused_in(list: &CustomerTable, identifiers: Option<&CustomerTable>) -> Result<Vec<usize>> {
    let mut refused = not_to_contact(list)?;
    let Some(table) = identifiers else { return Ok(refused) };
    let there: HashSet<usize> = not_to_contact(table)?.into_iter().collect();
    if !there.is_empty() {
        let places = list.customers_of(table.ids()).unwrap_or_default();
        let is_refused =
            |place: &Option<CustomerIndex>| place.is_some_and(|own| there.contains(&own.index()));
        refused.extend((0..places.len()).filter(|&own| is_refused(&places[own])));
    }
    Ok(refused)
}

/// How many are left out, by reason.
fn counts(left_out: &[Option<LeftOut>]) -> Vec<String> {
    let count = |why: &LeftOut| left_out.iter().filter(|own| own.as_ref() == Some(why)).count();
    let told = LeftOut::ALL.iter().filter(|why| count(why) > 0);
    told.map(|why| format!("{} {}", count(why), why.name())).collect()
}

/// The arm of each customer, if the list has arms, and a row of each.
fn arms(
    list: &CustomerTable,
    options: &UploadOptions,
) -> Result<(Option<Vec<String>>, Vec<usize>)> {
    if options.arms.contains(&options.control) {
        let expected = "arms that are contacted; this one is control";
        return Err(Error::text_argument("arms", &options.control, expected));
    }
    let default = UploadOptions::default();
    // Whoever names a column or an arm has arms.
    let is_named = options.arm != default.arm || options.control != default.control;
    if !list.has_readable(&options.arm)? && options.arms.is_empty() && !is_named {
        refuse_hidden_control(list, &options.control)?;
        return Ok((None, list.first_rows().collect()));
    }
    let each = EachArm::read(list, &options.arm)?;
    let of_customer: Vec<String> = each.first.iter().map(|&row| each.of_row[row].clone()).collect();
    let mut found: Vec<&str> = of_customer.iter().map(String::as_str).collect();
    found.sort_unstable();
    found.dedup();
    if let Some(unknown) = options.arms.iter().find(|arm| !found.contains(&arm.as_str())) {
        let expected = format!("arms of the list: {}", names(found.iter().take(10).copied()));
        return Err(Error::text_argument("arms", unknown, expected));
    }
    // A list that was drawn without control has all in the arm that is contacted.
    let without_control = found == [Arm::Contact.name()];
    if options.arms.is_empty() && !found.contains(&options.control.as_str()) && !without_control {
        return Err(Error::bad_table(
            list.name(),
            format!(
                "has arms of which none is called {}, so that control would be contacted too; say how \
                 control is called, or which arms to write; found: {}",
                shown(&options.control),
                names(found.iter().take(10).copied())
            ),
        ));
    }
    Ok((Some(of_customer), each.first))
}

/// Refuses a list without arms in which another column names control: it may be that of the arms.
fn refuse_hidden_control(list: &CustomerTable, control: &str) -> Result<()> {
    for column in list.column_names() {
        if list.texts(column)?.iter().flatten().any(|text| text.trim() == control) {
            let message = format!(
                "holds {}; if it is the arms, say so by arm, else control would be contacted too; if \
                 not, leave it out",
                quoted(control)
            );
            return Err(Error::bad_column(list.name(), column, message));
        }
    }
    Ok(())
}

/// The identifier of each customer of the list, as it stands in the table of identifiers, or else on
/// the list.
fn identifiers_of(
    list: &CustomerTable,
    identifiers: Option<&CustomerTable>,
    rules: &Rules,
    first: &[usize],
) -> Result<Vec<Option<String>>> {
    let ids = list.ids();
    if rules.column == "customer_id" {
        return Ok(ids.indices().map(|own| Some(ids.get(own).to_string())).collect());
    }
    let Some(table) = identifiers else {
        let cells = list.texts(&rules.column)?;
        return Ok(first.iter().map(|&row| cells[row].clone()).collect());
    };
    let cells = table.texts(&rules.column)?;
    let mut of_id: Vec<Option<String>> = vec![None; table.ids().len()];
    for (&owner, cell) in table.owners().iter().zip(cells) {
        let own = &mut of_id[owner.index()];
        match (&own, cell) {
            (Some(one), Some(other)) if *one != other => {
                let id = shown(&table.ids().get(owner).to_string());
                return Err(Error::bad_table(
                    table.name(),
                    format!("customer {id} has two values of {}", shown(&rules.column)),
                ));
            }
            (None, cell) => *own = cell,
            _ => {}
        }
    }
    let places = list.customers_of(table.ids()).map_err(|_| {
        let [one, other] = [table, list].map(|table| shown(&table.ids().get(0.into()).to_string()));
        let message = format!(
            "has none of the customers of the list; an id here is {one}, one of the list {other}"
        );
        Error::bad_table(table.name(), message)
    })?;
    Ok(places.into_iter().map(|place| of_id[place?.index()].clone()).collect())
}
