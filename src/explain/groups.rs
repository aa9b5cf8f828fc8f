//! Which columns tell of the same thing, so that their contributions count together.

use std::fmt;

use serde::{Serialize, Serializer};

/// What a reason is about: features that tell of the same thing, or one attribute.
///
/// ```
/// use winback::explain::Group;
/// assert_eq!(Group::of("purchase_count_90d"), Group::Frequency);
/// assert_eq!(Group::of("purchase_count_90d"), Group::of("purchase_trend"));
/// assert_eq!(Group::of("plan").to_string(), "plan");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Group {
    /// How long the customer has been silent, by the calendar, by his own rhythm and against the time
    /// since the first purchase.
    Recency,
    /// How often and how much the customer buys, in all and of late.
    Frequency,
    /// How large the checks are.
    Check,
    /// How regularly the customer buys.
    Rhythm,
    /// What is bought, and where.
    Basket,
    /// Returned goods.
    Returns,
    /// Discounts.
    Discounts,
    /// How many support tickets.
    Tickets,
    /// How tickets were handled.
    Service,
    /// Survey answers.
    Surveys,
    /// An attribute of the customer.
    Attribute(String),
}

impl Group {
    /// The group of a feature; of any other column, an attribute of that name.
    pub fn of(column: &str) -> Group {
        match column {
            "days_since_last_purchase" | "overdue_ratio" | "tenure_days" => Group::Recency,
            "purchase_count"
            | "purchase_count_30d"
            | "purchase_count_90d"
            | "purchase_count_180d"
            | "purchase_count_365d"
            | "purchase_trend"
            | "total_spend"
            | "total_spend_30d"
            | "total_spend_90d"
            | "total_spend_180d"
            | "total_spend_365d" => Group::Frequency,
            "average_check" | "last_check" | "max_check" | "check_trend" => Group::Check,
            "mean_gap_days" | "gap_cv" | "last_gap_ratio" | "clumpiness" => Group::Rhythm,
            "category_count" | "top_category_share" | "category_entropy" | "channel_count" => {
                Group::Basket
            }
            "return_share" => Group::Returns,
            "discount_share" => Group::Discounts,
            "ticket_count"
            | "ticket_count_30d"
            | "ticket_count_90d"
            | "ticket_count_365d"
            | "days_since_last_ticket"
            | "tickets_per_purchase" => Group::Tickets,
            "open_ticket_count"
            | "mean_resolution_hours"
            | "mean_first_response_hours"
            | "reopened_ticket_count"
            | "last_ticket_satisfaction" => Group::Service,
            "last_survey_score" | "mean_survey_score" | "days_since_last_survey" => Group::Surveys,
            attribute => Group::Attribute(attribute.to_owned()),
        }
    }

    /// The name in tables: `recency`, `frequency`, `check`, `rhythm`, `basket`, `returns`, `discounts`,
    /// `tickets`, `service`, `surveys`; an attribute's is its own.
    pub fn name(&self) -> &str {
        match self {
            Group::Recency => "recency",
            Group::Frequency => "frequency",
            Group::Check => "check",
            Group::Rhythm => "rhythm",
            Group::Basket => "basket",
            Group::Returns => "returns",
            Group::Discounts => "discounts",
            Group::Tickets => "tickets",
            Group::Service => "service",
            Group::Surveys => "surveys",
            Group::Attribute(name) => name,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The groups of these columns in the order in which they first occur, and each column's place
/// among them.
pub(crate) fn grouped(names: &[String]) -> (Vec<Group>, Vec<usize>) {
    let mut groups: Vec<Group> = Vec::new();
    let places = names.iter().map(|name| {
        let group = Group::of(name);
        groups.iter().position(|known| *known == group).unwrap_or_else(|| {
            groups.push(group);
            groups.len() - 1
        })
    });
    let places = places.collect();
    (groups, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_group_of_its_own_kind() {
        for feature in crate::features::catalogue() {
            assert!(!matches!(Group::of(feature.name), Group::Attribute(_)), "{}", feature.name);
        }
    }

    #[test]
    fn columns_of_one_group_share_a_place() {
        let names = ["last_check", "purchase_count", "plan", "purchase_trend", "region"];
        let (groups, places) = grouped(&names.map(String::from));
        assert_eq!(places, [0, 1, 2, 1, 3]);
        assert_eq!(groups[1], Group::Frequency);
        assert_eq!(groups[3], Group::Attribute("region".into()));
    }
}
