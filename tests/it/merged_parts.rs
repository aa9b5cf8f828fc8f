//! Parts of the customers, merged in any order, give what one log of all of them gives, to the bit.

use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use proptest::prelude::*;
use tempfile::TempDir;
use winback::answer::Answer;
use winback::answer::output::write_table;
use winback::churn::ChurnModel;
use winback::evaluation::{Drift, DriftCounts, QualityReport};
use winback::groups::GroupNames;
use winback::inactivity::{InactivityOptions, InactivityReport};
use winback::labels::LifecycleLimits;
use winback::log::{
    EventLogBuilder, Mergeable, Part, PartitionOptions, PartitionedLog, analysis_of,
    first_pass_from_bytes, first_pass_to_bytes,
};
use winback::retention::{
    CohortMode, CohortOptions, Cohorts, CurveOptions, Flow, FlowOptions, Migration,
    MigrationOptions, Retention, RetentionCurve, RetentionOptions, StateMigration,
};
use winback::segments::{
    Concentration, ConcentrationOptions, LoyaltyGroups, LoyaltyRules, RfmOptions, RfmScores,
    RfmSegments, Spread,
};
use winback::service::{ServiceOptions, ServiceReport, TicketsSought};
use winback::simulate::{Simulated, Simulation};
use winback::surveys::{AfterwardsRow, AnswersSought, NpsOptions, NpsReport};
use winback::{EventLog, Result, Snapshot};

const UNTIL: &str = "2025-01-01";
const TABLES: [&str; 4] = ["orders", "customers", "tickets", "surveys"];

/// Gives the customers other ids, integers or texts, so that any of them may be neighbours, and so in
/// one part.
fn with_ids(table: &RecordBatch, factor: i64) -> RecordBatch {
    let ids = arrow_cast::cast(table.column_by_name("customer_id").unwrap(), &DataType::Int64);
    let ids = ids.unwrap();
    let ids = ids.as_primitive::<Int64Type>().iter().map(|id| id.map(|id| id * factor % 1_009));
    let mut columns: Vec<ArrayRef> = table.columns().to_vec();
    let place = table.schema().index_of("customer_id").unwrap();
    columns[place] = match factor % 2 {
        0 => Arc::new(StringArray::from_iter(ids.map(|id| id.map(|id| format!("c-{id}"))))),
        _ => Arc::new(Int64Array::from_iter(ids)),
    };
    let fields = table.schema();
    let columns = fields.fields().iter().zip(columns);
    let columns = columns.map(|(field, column)| (field.name().clone(), column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// With the day alone in place of the time, so that many purchases are at the same time.
fn by_day(table: &RecordBatch) -> RecordBatch {
    let times = table.column_by_name("time").unwrap();
    let day = arrow_cast::cast(times, &DataType::Date32).unwrap();
    let mut columns = table.columns().to_vec();
    let place = table.schema().index_of("time").unwrap();
    columns[place] = arrow_cast::cast(&day, times.data_type()).unwrap();
    RecordBatch::try_new(table.schema(), columns).unwrap()
}

/// A shop as Parquet files, whose transactions have amounts or not, of half of the seeds by day.
fn write_shop(folder: &TempDir, seed: u64, factor: i64, amounts: bool) -> [RecordBatch; 4] {
    let shop = Simulation::default().seed(seed).customers(160).run().unwrap();
    let Simulated { mut transactions, customers, tickets, surveys, .. } = shop;
    if seed.is_multiple_of(2) {
        transactions = by_day(&transactions);
    }
    if !amounts {
        let place = transactions.schema().index_of("amount").unwrap();
        transactions.remove_column(place);
    }
    let tables = [&transactions, &customers, &tickets, &surveys];
    let mut names = TABLES.iter();
    tables.map(|table| {
        let name = names.next().unwrap();
        let table = with_ids(table, factor);
        write_table(&table, folder.path().join(format!("{name}.parquet"))).unwrap();
        table
    })
}

fn builder(folder: &TempDir) -> EventLogBuilder {
    let path = |name: &str| folder.path().join(format!("{name}.parquet"));
    let builder = EventLog::builder().observed_until(UNTIL).unwrap();
    let builder = builder.transactions_path(path("orders")).unwrap();
    let builder = builder.customers_path(path("customers")).unwrap();
    builder.tickets_path(path("tickets")).unwrap().surveys_path(path("surveys")).unwrap()
}

/// The same shop in one log and in parts, of which two have no customers, and an order of these.
struct Shop {
    whole: EventLog,
    partitioned: PartitionedLog,
    parts: Vec<EventLog>,
    order: Vec<usize>,
}

impl Shop {
    fn new(seed: u64, factor: i64, amounts: bool, parts: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let tables = write_shop(&folder, seed, factor, amounts);
        let whole = builder(&folder).build().unwrap();
        let nobody = || {
            let nobodys = tables.each_ref().map(|table| table.slice(0, 0));
            let [orders, customers, tickets, surveys] = nobodys;
            let builder = EventLog::builder().transactions([orders]).customers([customers]);
            let builder = builder.tickets([tickets]).surveys([surveys]);
            let builder = builder.span(whole.first_event(), whole.last_event()).unwrap();
            builder.observed_until(UNTIL).unwrap().build().unwrap()
        };
        let options = PartitionOptions::new(1 << 30).least_parts(parts);
        let log: PartitionedLog = builder(&folder).partition(&options).unwrap();
        let mut parts: Vec<EventLog> =
            (0..log.parts()).map(|part| log.part(part).unwrap()).collect();
        parts.insert(seed as usize % (parts.len() + 1), nobody());
        parts.insert(factor as usize % (parts.len() + 1), nobody());
        assert_eq!(
            parts.iter().map(|log| log.customers().len()).sum::<usize>(),
            whole.customers().len()
        );
        // As good as any order: of rests of multiples of a number without divisors in common.
        let count = parts.len();
        let order = (0..count).map(|i| (i * 31 + seed as usize) % count);
        let mut order: Vec<usize> = order.collect();
        order.sort_unstable();
        order.dedup();
        let order = if order.len() == count {
            (0..count).map(|i| (i * 31 + seed as usize) % count).collect()
        } else {
            (0..count).rev().collect()
        };
        Shop { whole, partitioned: log, parts, order }
    }

    fn snapshots(&self) -> (Snapshot, Vec<Snapshot>) {
        let at = |log: &EventLog| log.at("2024-10-01").unwrap();
        (at(&self.whole), self.parts.iter().map(at).collect())
    }

    /// The parts of `logs` as bytes, merged in the order and as a tree of two halves.
    fn merged<A: Mergeable>(&self, logs: impl Fn(usize) -> Result<Part<A>>) -> Result<A> {
        let read = |&i: &usize| {
            let bytes = logs(i)?.to_bytes()?;
            assert_eq!(analysis_of(&bytes)?, A::NAME);
            Part::<A>::from_bytes(&bytes)
        };
        let of = |places: &[usize]| {
            let mut parts = places.iter().map(read);
            let mut all = parts.next().unwrap()?;
            parts.try_for_each(|part| all.merge(part?))?;
            Ok::<_, winback::Error>(all)
        };
        let (one, other) = self.order.split_at(self.order.len() / 2);
        let mut all = of(other)?;
        if !one.is_empty() {
            all.merge(of(one)?)?;
        }
        all.finish()
    }

    fn of_logs<A>(&self, asked: &A::Asked) -> [Result<A>; 2]
    where
        A: Mergeable<Log = EventLog>,
    {
        let merged = self.merged(|i| Part::of(&self.parts[i], asked));
        [merged, Part::of(&self.whole, asked).and_then(Part::finish)]
    }
}

fn shown<T: std::fmt::Debug>(found: Result<T>) -> std::result::Result<T, String> {
    found.map_err(|error| error.to_string())
}

/// Options as JSON, as they reach workers too.
fn json<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn same_retention(shop: &Shop) {
    for by in ["null", "\"segment\"", "\"channel\"", "\"age\"", "\"nobody\""] {
        let asked: RetentionOptions = json(&format!("{{\"every\": \"1q\", \"group_by\": {by}}}"));
        let [parts, one] = shop.of_logs::<Retention>(&asked).map(shown);
        assert_eq!(parts, one, "{by}");
        let asked: CurveOptions = json(&format!("{{\"silent_for\": \"60d\", \"group_by\": {by}}}"));
        let [parts, one] = shop.of_logs::<RetentionCurve>(&asked).map(shown);
        assert_eq!(parts, one, "{by}");
    }
    for mode in [CohortMode::On, CohortMode::OnOrAfter, CohortMode::Bracket] {
        let brackets = if mode == CohortMode::Bracket { vec![0, 1, 4] } else { Vec::new() };
        let asked = CohortOptions::default().mode(mode).brackets(brackets);
        // Money that is not there is NaN, which equals nothing.
        let [parts, one] = shop.of_logs::<Cohorts>(&asked).map(|found| told(&found.unwrap()));
        assert_eq!(parts, one);
    }
    let [parts, one] =
        shop.of_logs::<Flow>(&FlowOptions::default()).map(|found| told(&found.unwrap()));
    assert_eq!(parts, one);
    let [before, after] = ["2024-04-01", "2024-10-01"].map(|at| at.parse().unwrap());
    let limits = LifecycleLimits::default();
    let options = MigrationOptions::default();
    let asked = StateMigration::new(before, after, limits, options.clone());
    let [parts, one] = shop.of_logs::<Migration>(&asked).map(shown);
    let (before, after) = (shop.whole.at(before).unwrap(), shop.whole.at(after).unwrap());
    let direct = shown(Migration::lifecycle(&before, &after, limits, &options));
    assert_eq!(parts, one);
    assert_eq!(parts, direct);
}

/// All that an answer says.
fn told(found: &dyn Answer) -> (Vec<RecordBatch>, String, Vec<String>, String) {
    let tables = found.table_names().into_iter().map(|name| found.table(name).unwrap());
    let figures = serde_json::to_string(&found.figures()).unwrap();
    (tables.collect(), figures, found.notes(), found.to_string())
}

fn same_inactivity(shop: &Shop) {
    let (whole, parts) = shop.snapshots();
    for by in ["null", "\"segment\"", "\"channel\"", "\"age\"", "\"nobody\""] {
        let options: InactivityOptions = json(&format!("{{\"group_by\": {by}}}"));
        let groups = options.group_by.as_ref().map_or(Ok(GroupNames::default()), |by| {
            let names = shop.merged::<GroupNames>(|i| Part::of(&parts[i], by))?;
            first_pass_from_bytes(&first_pass_to_bytes(&names)?)
        });
        let merged = groups.and_then(|groups| {
            let asked = (options.clone(), groups);
            shop.merged::<InactivityReport>(|i| Part::of(&parts[i], &asked))
        });
        assert_eq!(shown(merged), shown(InactivityReport::build(&whole, &options)), "{by}");
    }
}

fn same_followups(shop: &Shop) {
    let (whole, parts) = shop.snapshots();
    let in_parts = shop.partitioned.at(whole.at()).unwrap();
    for by in ["null", "\"segment\"", "\"channel\"", "\"age\"", "\"nobody\""] {
        for start in ["null", "\"2024-02-01\""] {
            let options: NpsOptions =
                json(&format!("{{\"group_by\": {by}, \"start\": {start}, \"horizon\": \"2mo\"}}"));
            let one = shown(NpsReport::build(&whole, &options));
            assert_eq!(shown(NpsReport::build(&in_parts, &options)), one);
            let sought = shop.merged::<AnswersSought>(|i| Part::of(&parts[i], &options));
            let merged = sought.and_then(|sought| {
                let sought: AnswersSought = first_pass_from_bytes(&first_pass_to_bytes(&sought)?)?;
                shop.merged::<NpsReport>(|i| NpsReport::part(&parts[i], &options, sought.clone()))
            });
            assert_eq!(shown(merged), one, "{by}");
            if let (Ok(report), true) = (&one, by == "null") {
                let matched =
                    |row: &AfterwardsRow| row.afterwards.beside.as_ref().map(|b| b.matched);
                assert!(report.afterwards.iter().filter_map(matched).sum::<u64>() > 5);
            }
        }
    }
    let options = ServiceOptions::default().horizon("1mo").unwrap();
    let one = shown(ServiceReport::build(&whole, &options));
    assert_eq!(shown(ServiceReport::build(&in_parts, &options)), one);
    let sought = shop.merged::<TicketsSought>(|i| Part::of(&parts[i], &options)).unwrap();
    let sought: TicketsSought =
        first_pass_from_bytes(&first_pass_to_bytes(&sought).unwrap()).unwrap();
    let merged =
        shop.merged::<ServiceReport>(|i| ServiceReport::part(&parts[i], &options, sought.clone()));
    assert_eq!(shown(merged), one);
}

fn same_segments(shop: &Shop) {
    let (whole, parts) = shop.snapshots();
    let options = ConcentrationOptions::default().top_shares(vec![0.05, 0.5]);
    let merged = shop.merged::<Spread>(|i| Part::of(&parts[i], &options)).and_then(|spread| {
        let spread = first_pass_from_bytes(&first_pass_to_bytes(&spread)?)?;
        let asked = (options.clone(), spread);
        shop.merged::<Concentration>(|i| Part::of(&parts[i], &asked))
    });
    let one = Concentration::build(&whole, &options);
    let told = |found: Result<Concentration>| shown(found).map(|found| told(&found));
    assert_eq!(told(merged), told(one));
    let options = RfmOptions::default();
    let merged = shop.merged::<RfmSegments>(|i| Part::of(&parts[i], &options));
    assert_eq!(shown(merged), shown(RfmSegments::fit(&whole, &options)));
}

fn same_scores_of_segments(shop: &Shop) {
    let (whole, parts) = shop.snapshots();
    let in_parts = shop.partitioned.at(whole.at()).unwrap();
    let Ok(fitted) = RfmSegments::fit(&whole, &RfmOptions::default()) else { return };
    let one = told(&fitted.score(&whole).unwrap());
    assert_eq!(told(&fitted.score_parts(&in_parts).unwrap()), one);
    let merged = shop.merged::<RfmScores>(|i| Part::of(&parts[i], &fitted)).unwrap();
    assert_eq!(told(&merged), one);
    assert!(merged.profile("champions", &[]).is_err());

    let [before, after] = ["2024-04-01", "2024-10-01"];
    let options = MigrationOptions::default().vulnerable(["lost"]);
    let both = [before, after].map(|at| shop.whole.at(at).unwrap());
    let parted = [before, after].map(|at| shop.partitioned.at(at).unwrap());
    let one = fitted.migration(&both[0], &both[1], &options).unwrap();
    assert_eq!(fitted.migration_of_parts(&parted[0], &parted[1], &options).unwrap(), one);
}

/// Trained on other customers, whose transactions have amounts or not.
fn model(amounts: bool) -> &'static ChurnModel {
    static MODELS: [OnceLock<ChurnModel>; 2] = [OnceLock::new(), OnceLock::new()];
    MODELS[usize::from(amounts)].get_or_init(|| {
        let folder = TempDir::new().unwrap();
        write_shop(&folder, 4_711, 3, amounts);
        let builder = ChurnModel::builder().estimator("boosting").unwrap();
        let builder = builder.attributes(["segment", "age"]);
        builder.fit(&self::builder(&folder).build().unwrap(), "2024-10-01").unwrap()
    })
}

fn same_quality(shop: &Shop) {
    let (whole, parts) = shop.snapshots();
    let own = model(whole.log().columns().amount);
    let told = |found: Result<QualityReport>| shown(found).map(|found| told(&found));
    let one = told(own.evaluate(&whole));
    assert_eq!(told(own.evaluate(&shop.partitioned.at(whole.at()).unwrap())), one);
    let merged = shop.merged::<QualityReport>(|i| QualityReport::part(own, &parts[i]));
    assert_eq!(told(merged), one);
}

fn same_loyalty_and_drift(shop: &Shop) {
    let (whole, parts) = shop.snapshots();
    let in_parts = shop.partitioned.at(whole.at()).unwrap();
    let own = model(whole.log().columns().amount);
    let rules = LoyaltyRules::default();
    let options = MigrationOptions::default();
    for model in [None, Some(own)] {
        let one = told(&rules.group(&whole, model).unwrap());
        let merged = shop.merged::<LoyaltyGroups>(|i| rules.part(&parts[i], model)).unwrap();
        assert_eq!(told(&merged), one);
        assert_eq!(told(&rules.group_parts(&in_parts, model).unwrap()), one);
        let [before, after] = ["2024-04-01", "2024-10-01"];
        let both = [before, after].map(|at| shop.whole.at(at).unwrap());
        let parted = [before, after].map(|at| shop.partitioned.at(at).unwrap());
        let one = rules.migration(&both[0], &both[1], model, &options).unwrap();
        let found = rules.migration_of_parts(&parted[0], &parted[1], model, &options).unwrap();
        assert_eq!(found, one);
    }

    let one = told(&own.drift(&whole, 0.05).unwrap());
    assert_eq!(told(&own.drift_of_parts(&in_parts, 0.05).unwrap()), one);
    let counts = shop.merged::<DriftCounts>(|i| DriftCounts::part(own, &parts[i], 0.05)).unwrap();
    let counts: DriftCounts =
        first_pass_from_bytes(&first_pass_to_bytes(&counts).unwrap()).unwrap();
    let merged = shop.merged::<Drift>(|i| Drift::part(own, &parts[i], 0.05, counts.clone()));
    assert_eq!(told(&merged.unwrap()), one);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn prop_any_split_merged_in_any_order_is_the_whole(
        seed in 0u64..1_000, factor in 1i64..1_009, parts in 1usize..40, amounts in any::<bool>(),
    ) {
        let shop = Shop::new(seed, factor, amounts, parts);
        same_retention(&shop);
        same_inactivity(&shop);
        same_followups(&shop);
        same_segments(&shop);
        same_scores_of_segments(&shop);
        same_loyalty_and_drift(&shop);
        same_quality(&shop);
    }
}

#[test]
fn parts_of_one_customer_twice_or_of_other_models_are_refused() {
    let shop = Shop::new(1, 17, true, 3);
    let now = shop.whole.at("2024-10-01").unwrap();
    let fitted = RfmSegments::fit(&now, &RfmOptions::default()).unwrap();
    let part = || Part::<RfmScores>::of(&now, &fitted).unwrap();
    let mut twice = part();
    twice.merge(part()).unwrap();
    let error = twice.finish().unwrap_err().to_string();
    assert!(error.contains("all rows of a customer in one part, got customer "), "{error}");

    let rules = LoyaltyRules::default();
    let mut with = rules.part(&now, Some(model(true))).unwrap();
    let error = with.merge(rules.part(&now, None).unwrap()).unwrap_err().to_string();
    assert!(error.contains("their options differ"), "{error}");
}

#[test]
fn answers_are_told_by_parts_of_one_question_alone() {
    let shop = Shop::new(1, 17, true, 30);
    let (now, parts) = shop.snapshots();
    let options = NpsOptions::default();
    let sought =
        |now: &Snapshot| Part::<AnswersSought>::of(now, &options).and_then(Part::finish).unwrap();
    let part = |own: &Snapshot| NpsReport::part(own, &options, sought(&now)).unwrap();
    let mut twice = part(&now);
    twice.merge(part(&now)).unwrap();
    let error = twice.finish().unwrap_err().to_string();
    assert!(error.contains("all rows of a customer in one part, got customer "), "{error}");
    // Not of all customers, or of others' first pass.
    let full = parts.iter().find(|now| !now.customers().is_empty()).unwrap();
    let error = part(full).finish().unwrap_err().to_string();
    assert!(error.contains("parts of all customers"), "{error}");
    let other = NpsReport::part(&now, &options, sought(full)).unwrap();
    let error = part(&now).merge(other).unwrap_err().to_string();
    assert!(error.contains("their options differ"), "{error}");

    let bytes = part(&now).to_bytes().unwrap();
    for (own, other) in
        [("\"matches\":[", "\"matches\":[null,"), ("\"of_case\":[", "\"of_case\":[9,")]
    {
        let error = Part::<NpsReport>::from_bytes(&changed(&bytes, own, other)).unwrap_err();
        assert!(error.to_string().contains("content is damaged"), "{error}");
    }
}

#[test]
fn a_model_is_judged_by_parts_of_one_question_alone() {
    let shop = Shop::new(1, 17, true, 3);
    let now = shop.whole.at("2024-10-01").unwrap();
    let part = || QualityReport::part(model(true), &now).unwrap();
    let mut twice = part();
    twice.merge(part()).unwrap();
    let error = twice.finish().unwrap_err().to_string();
    assert!(error.contains("all rows of a customer in one part, got customer "), "{error}");

    let share = shop.whole.with_share(0.5).unwrap().at("2024-10-01").unwrap();
    let share = QualityReport::part(model(true), &share).unwrap();
    assert!(share.clone().finish().unwrap().notes.iter().any(|note| note.contains("share of 0.5")));
    let error = part().merge(share).unwrap_err().to_string();
    assert!(error.contains("their logs differ"), "{error}");
    for at in ["2024-09-30", "2024-10-02"] {
        let one = shown(model(true).evaluate(&shop.whole.at(at).unwrap())).unwrap_err();
        assert_eq!(shown(model(true).evaluate(&shop.partitioned.at(at).unwrap())), Err(one));
    }

    let bytes = part().to_bytes().unwrap();
    for (own, other) in [("\"purchased\"", "\"bought\""), ("\"values\":[", "\"values\":[1.0,")] {
        let error = Part::<QualityReport>::from_bytes(&changed(&bytes, own, other)).unwrap_err();
        assert!(error.to_string().contains("content is damaged"), "{error}");
    }
}

/// The bytes of a part with another text in its content, and the right checksum.
fn changed(bytes: &[u8], own: &str, other: &str) -> Vec<u8> {
    let head = bytes.iter().position(|&byte| byte == b'\n').unwrap();
    let body = String::from_utf8(bytes[head + 1..].to_vec()).unwrap();
    let changed = body.replacen(own, other, 1);
    assert_ne!(changed, body);
    let mut header: serde_json::Value = serde_json::from_slice(&bytes[..head]).unwrap();
    header["crc32"] = crc32fast::hash(changed.as_bytes()).into();
    header["bytes"] = changed.len().into();
    format!("{header}\n{changed}").into_bytes()
}

#[test]
fn parts_of_other_questions_and_damaged_ones_are_refused() {
    let shop = Shop::new(1, 17, true, 3);
    let asked = RetentionOptions::default();
    let part = |asked: &RetentionOptions| Part::<Retention>::of(&shop.parts[0], asked).unwrap();
    let bytes = part(&asked).to_bytes().unwrap();

    let other = part(&asked.clone().group_by(Some("channel".parse().unwrap())));
    let error = part(&asked).merge(other).unwrap_err().to_string();
    assert!(error.contains("their options differ"), "{error}");
    let other = builder_until("2024-12-01");
    let error = part(&asked).merge(Part::of(&other, &asked).unwrap()).unwrap_err().to_string();
    assert!(error.contains("their logs differ"), "{error}");

    let refused = |bytes: &[u8]| Part::<Retention>::from_bytes(bytes).unwrap_err().to_string();
    assert!(Part::<Flow>::from_bytes(&bytes).is_err());
    assert!(refused(b"").contains("not a winback part"));
    assert!(analysis_of(b"{}").is_err());
    let head = bytes.iter().position(|&byte| byte == b'\n').unwrap();
    for place in (0..bytes.len()).step_by(97).chain([head + 1]) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        refused(&bytes);
        refused(&bytes[..place]);
    }
    // Sums of fewer periods, with the right checksum.
    let error = refused(&changed(&bytes, "\"every\":\"1mo\"", "\"every\":\"1y\""));
    assert!(error.contains("content is damaged"), "{error}");
}

fn builder_until(until: &str) -> EventLog {
    let folder = TempDir::new().unwrap();
    write_shop(&folder, 1, 17, true);
    builder(&folder).observed_until(until).unwrap().build().unwrap()
}
