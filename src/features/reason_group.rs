//! Which features measure the same thing, so that their contributions count together.

use crate::language::Text;

/// Features that measure the same thing. A reason is about one of these, or about an attribute
/// ([`Group`](crate::explain::Group)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReasonGroup {
    /// How long the customer has been silent: in calendar time, relative to the customer's own
    /// rhythm and relative to the time since the first purchase.
    Recency,
    /// How often and how much the customer buys, overall and recently.
    Frequency,
    /// How large the checks are.
    Check,
    /// How regularly the customer buys.
    Rhythm,
    /// The time of the year, and whether the customer buys at it.
    Season,
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
    /// What the customer does besides buying.
    Activity,
    /// The way to a purchase: visits, carts.
    Paths,
    /// Contacts by the business.
    Contacts,
    /// The contract: until when what was bought is valid.
    Contract,
}

impl ReasonGroup {
    /// The name in tables: `recency`, `frequency`, `check`, `rhythm`, `season`, `basket`, `returns`,
    /// `discounts`, `tickets`, `service`, `surveys`, `activity`, `paths`, `contacts`,
    /// `contract`.
    pub const fn name(self) -> &'static str {
        match self {
            ReasonGroup::Recency => "recency",
            ReasonGroup::Frequency => "frequency",
            ReasonGroup::Check => "check",
            ReasonGroup::Rhythm => "rhythm",
            ReasonGroup::Season => "season",
            ReasonGroup::Basket => "basket",
            ReasonGroup::Returns => "returns",
            ReasonGroup::Discounts => "discounts",
            ReasonGroup::Tickets => "tickets",
            ReasonGroup::Service => "service",
            ReasonGroup::Surveys => "surveys",
            ReasonGroup::Activity => "activity",
            ReasonGroup::Paths => "paths",
            ReasonGroup::Contacts => "contacts",
            ReasonGroup::Contract => "contract",
        }
    }

    /// The group in words.
    pub(crate) const fn label(self) -> Text {
        match self {
            ReasonGroup::Recency => ["time since the last purchase", "давность последней покупки"],
            ReasonGroup::Frequency => {
                ["how often and how much the customer buys", "частота и сумма покупок"]
            }
            ReasonGroup::Check => ["size of the checks", "размер чека"],
            ReasonGroup::Rhythm => ["rhythm of purchases", "ритм покупок"],
            ReasonGroup::Season => ["time of the year", "время года"],
            ReasonGroup::Basket => ["what is bought and where", "состав и место покупок"],
            ReasonGroup::Returns => ["returned goods", "возвраты"],
            ReasonGroup::Discounts => ["discounts", "скидки"],
            ReasonGroup::Tickets => ["number of support tickets", "число обращений в поддержку"],
            ReasonGroup::Service => ["how tickets were handled", "работа поддержки"],
            ReasonGroup::Surveys => ["survey answers", "ответы на опросы"],
            ReasonGroup::Activity => ["activity besides purchases", "активность помимо покупок"],
            ReasonGroup::Paths => ["visits and carts", "визиты и корзины"],
            ReasonGroup::Contacts => ["contacts by the business", "контакты со стороны компании"],
            ReasonGroup::Contract => ["the contract", "договор"],
        }
    }
}
