//! The simulated events as Arrow tables.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};

use super::campaign::TYPES;
use super::customer::{CATEGORIES, CHANNELS, Life, REGIONS, SEGMENTS, TOPICS};
use super::events::KINDS;
use crate::error::{Error, Result};

/// Orders of one customer lie between two multiples of this; far more than anybody can place.
const ORDERS_PER_CUSTOMER: i64 = 10_000_000;

/// The simulated tables, rows in order of customer and time, under the default column names.
///
/// `customer_id` counts from 1. Times are UTC without a zone, in whole seconds from the start;
/// texts are dictionaries. The tables show what a service would see: they contain nothing that
/// happens at or after the end of the simulation, so a ticket that is resolved later is still open
/// here.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Simulated {
    /// `customer_id`, `time`, `amount` (what is paid, in cents; negative: a return), `order_id`,
    /// `category`, `channel`, `discount` (part of the price given away). One row per order line; a
    /// return has the `order_id` of its order.
    pub transactions: RecordBatch,
    /// `customer_id`, `opened_at`, `first_response_at` (null: none yet), `resolved_at` (null:
    /// open), `topic`, `reopened_count`, `satisfaction` (1 to 5; null: open or not answered).
    pub tickets: RecordBatch,
    /// `customer_id`, `time`, `score` (0 to 10), `topic`.
    pub surveys: RecordBatch,
    /// `customer_id`, `time`, `kind` (`visit`, `cart`, `checkout_abandoned`, `email_sent`,
    /// `email_open`), `value` (pages of a visit), `channel` (null: by mail); none if not asked for.
    pub events: Option<RecordBatch>,
    /// `customer_id`, `segment`, `region`, `age` (years), one row each.
    pub customers: RecordBatch,
    /// What no real log holds: `customer_id` and `left_at`, when the customer left for good (null:
    /// not before the end). One row each.
    pub truth: RecordBatch,
    /// Of a campaign, one row for each customer of its list: `customer_id`, `arm`, and what no real
    /// campaign tells: `type` (`persuadable`, `sure_thing`, `lost_cause`, `sleeping_dog`),
    /// `purchased_without` and `spend_without` (what the customer does in the window without the
    /// offer), `purchased_effect` and `spend_effect` (what the offer changes in the chance of a
    /// purchase and in the spend to be expected, given that). None if not asked for.
    pub campaign: Option<RecordBatch>,
}

/// Declares columns together with how two sets of them are joined.
macro_rules! columns {
    ($($name:ident: $type:ty,)*) => {
        /// All tables, column by column.
        #[derive(Default)]
        pub(super) struct Columns {
            $($name: Vec<$type>,)*
        }

        impl Columns {
            /// Joins the parts in their order, freeing each once it is copied.
            pub(super) fn concat(parts: Vec<Columns>) -> Columns {
                let mut all = Columns {
                    $($name: Vec::with_capacity(parts.iter().map(|part| part.$name.len()).sum()),)*
                };
                for mut part in parts {
                    $(all.$name.append(&mut part.$name);)*
                }
                all
            }
        }
    };
}

columns! {
    line_customer: i64, line_time: i64, line_amount: f64, line_order: i64, line_category: i32,
    line_channel: i32, line_discount: f64,
    ticket_customer: i64, ticket_opened: i64, ticket_answered: Option<i64>,
    ticket_resolved: Option<i64>, ticket_topic: i32, ticket_reopened: i64,
    ticket_satisfaction: Option<f64>,
    survey_customer: i64, survey_time: i64, survey_score: i64, survey_topic: i32,
    act_customer: i64, act_time: i64, act_kind: i32, act_pages: Option<i64>,
    act_channel: Option<i32>,
    customer: i64, segment: i32, region: i32, age: i64, left: Option<i64>,
    met_customer: i64, met_arm: i32, met_type: i32, met_purchased_without: bool,
    met_spend_without: f64, met_purchased_effect: f64, met_spend_effect: f64,
}

impl Columns {
    pub(super) fn push(&mut self, life: Life) {
        let id = life.customer_id;
        for line in life.lines {
            self.line_customer.push(id);
            self.line_time.push(line.time);
            self.line_amount.push(line.amount);
            self.line_order.push(id * ORDERS_PER_CUSTOMER + line.order);
            self.line_category.push(line.category);
            self.line_channel.push(line.channel);
            self.line_discount.push(line.discount);
        }
        for ticket in life.tickets {
            self.ticket_customer.push(id);
            self.ticket_opened.push(ticket.opened_at);
            self.ticket_answered.push(ticket.first_response_at);
            self.ticket_resolved.push(ticket.resolved_at);
            self.ticket_topic.push(ticket.topic);
            self.ticket_reopened.push(ticket.reopened_count);
            self.ticket_satisfaction.push(ticket.satisfaction);
        }
        for survey in life.surveys {
            self.survey_customer.push(id);
            self.survey_time.push(survey.time);
            self.survey_score.push(survey.score);
            self.survey_topic.push(survey.topic);
        }
        for act in life.acts {
            self.act_customer.push(id);
            self.act_time.push(act.time);
            self.act_kind.push(act.kind);
            self.act_pages.push(act.pages);
            self.act_channel.push(act.channel);
        }
        self.customer.push(id);
        self.segment.push(life.segment);
        self.region.push(life.region);
        self.age.push(life.age);
        self.left.push(life.left_at);
        if let Some(met) = life.met {
            self.met_customer.push(id);
            self.met_arm.push(met.arm);
            self.met_type.push(met.kind);
            self.met_purchased_without.push(met.purchased_without);
            self.met_spend_without.push(met.spend_without);
            self.met_purchased_effect.push(met.purchased_effect);
            self.met_spend_effect.push(met.spend_effect);
        }
    }

    /// The customers on the list of a campaign, ascending.
    pub(super) fn met(&self) -> &[i64] {
        &self.met_customer
    }

    /// With a table of events or without, and with one of a campaign if its arms are given.
    pub(super) fn into_batches(
        self,
        with_events: bool,
        arms: Option<Vec<String>>,
    ) -> Result<Simulated> {
        let transactions = RecordBatch::try_from_iter_with_nullable([
            ("customer_id", whole(self.line_customer), false),
            ("time", times(self.line_time), false),
            ("amount", floats(self.line_amount), false),
            ("order_id", whole(self.line_order), false),
            ("category", texts(self.line_category, &CATEGORIES)?, false),
            ("channel", texts(self.line_channel, &CHANNELS)?, false),
            ("discount", floats(self.line_discount), false),
        ])?;
        let tickets = RecordBatch::try_from_iter_with_nullable([
            ("customer_id", whole(self.ticket_customer), false),
            ("opened_at", times(self.ticket_opened), false),
            ("first_response_at", times(self.ticket_answered), true),
            ("resolved_at", times(self.ticket_resolved), true),
            ("topic", texts(self.ticket_topic, &TOPICS)?, false),
            ("reopened_count", whole(self.ticket_reopened), false),
            ("satisfaction", floats(self.ticket_satisfaction), true),
        ])?;
        let surveys = RecordBatch::try_from_iter_with_nullable([
            ("customer_id", whole(self.survey_customer), false),
            ("time", times(self.survey_time), false),
            ("score", whole(self.survey_score), false),
            ("topic", texts(self.survey_topic, &TOPICS)?, false),
        ])?;
        let events = RecordBatch::try_from_iter_with_nullable([
            ("customer_id", whole(self.act_customer), false),
            ("time", times(self.act_time), false),
            ("kind", texts(self.act_kind, &KINDS)?, false),
            ("value", whole(self.act_pages), true),
            ("channel", texts(self.act_channel, &CHANNELS)?, true),
        ])?;
        let events = with_events.then_some(events);
        let customer = whole(self.customer);
        let customers = RecordBatch::try_from_iter_with_nullable([
            ("customer_id", Arc::clone(&customer), false),
            ("segment", texts(self.segment, &SEGMENTS.map(|(name, _)| name))?, false),
            ("region", texts(self.region, &REGIONS)?, false),
            ("age", whole(self.age), false),
        ])?;
        let truth = RecordBatch::try_from_iter_with_nullable([
            ("customer_id", customer, false),
            ("left_at", times(self.left), true),
        ])?;
        let campaign = arms.map(|arms| {
            let arms: Vec<&str> = arms.iter().map(String::as_str).collect();
            let flags = BooleanArray::from(self.met_purchased_without);
            Ok::<_, Error>(RecordBatch::try_from_iter_with_nullable([
                ("customer_id", whole(self.met_customer), false),
                ("arm", texts(self.met_arm, &arms)?, false),
                ("type", texts(self.met_type, &TYPES)?, false),
                ("purchased_without", Arc::new(flags) as ArrayRef, false),
                ("spend_without", floats(self.met_spend_without), false),
                ("purchased_effect", floats(self.met_purchased_effect), false),
                ("spend_effect", floats(self.met_spend_effect), false),
            ])?)
        });
        let campaign = campaign.transpose()?;
        Ok(Simulated { transactions, tickets, surveys, events, customers, truth, campaign })
    }
}

fn whole<T>(values: Vec<T>) -> ArrayRef
where
    Int64Array: From<Vec<T>>,
{
    Arc::new(Int64Array::from(values))
}

fn floats<T>(values: Vec<T>) -> ArrayRef
where
    Float64Array: From<Vec<T>>,
{
    Arc::new(Float64Array::from(values))
}

fn times<T>(micros: Vec<T>) -> ArrayRef
where
    TimestampMicrosecondArray: From<Vec<T>>,
{
    Arc::new(TimestampMicrosecondArray::from(micros))
}

fn texts<T>(keys: Vec<T>, values: &[&str]) -> Result<ArrayRef>
where
    Int32Array: From<Vec<T>>,
{
    let values = Arc::new(StringArray::from(values.to_vec()));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), values)?))
}
