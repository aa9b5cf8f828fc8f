//! The report: its figures are those of the tables, its texts are escaped, its bytes are the same.

use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use winback::campaign::CandidateOptions;
use winback::churn::{ExplainOptions, ScoreReport};
use winback::evaluation::{BacktestOptions, Part, ScoreKind};
use winback::explain::{Language, ReasonOptions};
use winback::features::FeatureTable;
use winback::labels::{LifecycleLimits, State};
use winback::metrics::Measure;
use winback::periods::PeriodOptions;
use winback::report::{ReportOptions, check_report_path};
use winback::retention::{Flow, FlowOptions, Retention, RetentionOptions};
use winback::segments::LoyaltyRules;
use winback::simulate::Simulation;
use winback::{ChurnModel, Error, EventLog, Span, Step, Timestamp};

use crate::common::{log_of, on_threads, simulated, simulated_log};

const AT: &str = "2025-01-01";

fn fast() -> ReportOptions {
    ReportOptions::default().tests(1).draws(0)
}

fn page(model: &ChurnModel, log: &EventLog, options: &ReportOptions) -> String {
    model.report(&log.at(AT).unwrap(), options).unwrap().html().to_owned()
}

/// What a reader sees, spaces of every kind alike.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = true;
    for c in html.chars() {
        match c {
            '<' => inside = false,
            '>' => {
                inside = true;
                text.push(' ');
            }
            c if inside => text.push(c),
            _ => {}
        }
    }
    let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(text, |text, (from, to)| text.replace(from, to));
    text.split(|c: char| c.is_whitespace() || c == '\u{a0}')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The rows of the table with this caption, without its head.
fn rows(html: &str, caption: &str) -> Vec<Vec<String>> {
    let tables = html.split("<table").skip(1);
    let table = tables
        .map(|table| table.split("</table>").next().unwrap())
        .find(|table| text_of(table).contains(caption))
        .unwrap_or_else(|| panic!("no table {caption}"));
    let body = table.split("<tbody").nth(1).unwrap();
    body.split("<tr")
        .skip(1)
        .map(|row| {
            let cells = row.replace("<td", "\u{1}<td").replace("<th", "\u{1}<th");
            cells.split('\u{1}').skip(1).map(text_of).collect()
        })
        .collect()
}

fn number(text: &str) -> f64 {
    text.replace([',', '%'], "")
        .replace('−', "-")
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("{text}"))
}

/// As the page writes a share.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 9.95 || (99.5..100.0).contains(&percent) {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

fn count(report: &ScoreReport, state: State) -> usize {
    match state {
        State::Active => report.active,
        State::Lapsed => report.lapsed,
        State::Lost => report.lost,
    }
}

#[test]
fn the_states_and_their_change_are_those_of_score_and_flow() {
    let shop = simulated(1500);
    let log = log_of(&shop);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let html = page(&model, &log, &fast());
    let scores = model.score(&log.at(AT).unwrap()).unwrap();
    let table = FeatureTable::extract(&log, [AT], &[]).unwrap();
    let spend = table.numbers("total_spend_365d").unwrap();
    let states = rows(&html, "Customers by state on");
    for (row, state) in states.iter().zip(State::ALL) {
        assert_eq!(row[0], state.name());
        assert_eq!(number(&row[2]) as usize, count(scores.report(), state));
        let share = count(scores.report(), state) as f64 / scores.rows().len() as f64;
        assert_eq!(row[3], percent(share));
        let own = scores.rows().iter().zip(spend).filter(|(score, _)| score.state == state);
        let own: f64 = own.map(|(_, spend)| spend).sum();
        assert!((number(&row[4]) - own).abs() <= 0.5, "{} {own}", row[4]);
    }
    assert_eq!(number(&states[3][2]) as usize, scores.rows().len());

    let periods = PeriodOptions::default()
        .every("1mo")
        .and_then(|periods| periods.start("2024-01-01")?.end(AT))
        .unwrap();
    let flow = Flow::new(
        &log,
        &FlowOptions::default().periods(periods).limits(LifecycleLimits::default()),
    )
    .unwrap();
    let shown = rows(&html, "States at the end of each period");
    assert_eq!(shown.len(), 12);
    for (row, period) in shown.iter().rev().zip(&flow.periods) {
        let went = |ways: &[&str]| {
            period.sum(|from, to| ways.contains(&Flow::way(from, to))).unwrap().customers
        };
        let stocks = State::ALL.map(|state| period.stock(state).unwrap().customers);
        let expected = [
            stocks[0],
            stocks[1],
            stocks[2],
            went(&["new"]),
            went(&["lapsed"]),
            went(&["lost"]),
            went(&["reactivated_from_lapsed", "reactivated_from_lost"]),
        ];
        let found: Vec<u64> = row[1..].iter().map(|cell| number(cell) as u64).collect();
        assert_eq!(found, expected);
    }
    // The last column of the picture is the table of states.
    assert_eq!(number(&shown[0][1]) as usize, scores.report().active);
    assert!(!html.contains("may differ from the table"));
}

#[test]
fn who_leaves_and_why_is_what_score_and_explain_say() {
    let log = simulated_log(1500);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let html = page(&model, &log, &fast().top(7));
    let scores = model.score(&log.at(AT).unwrap()).unwrap();
    let options = ExplainOptions::default().reasons(ReasonOptions::default());
    let explained = model.explain(&log.at(AT).unwrap(), &options).unwrap();
    let table = FeatureTable::extract(&log, [AT], &[]).unwrap();
    let spend = table.numbers("total_spend_365d").unwrap();
    let high: Vec<usize> = (0..scores.rows().len())
        .filter(|&row| scores.rows()[row].state == State::Active)
        .filter(|&row| scores.rows()[row].churn_probability >= 0.5)
        .collect();
    assert!(high.len() > 20);

    let groups = rows(&html, "by what speaks most against a purchase");
    let shown: f64 = groups.iter().map(|row| number(&row[1])).sum();
    assert_eq!(shown as usize, high.len());
    let of_recency = high.iter().filter(|&&row| {
        let first = explained.reasons()[row].down.first();
        first.is_some_and(|reason| reason.group.name() == "recency")
    });
    let of_recency: Vec<usize> = of_recency.copied().collect();
    let row = groups.iter().find(|row| row[0] == "time since the last purchase").unwrap();
    assert_eq!(number(&row[1]) as usize, of_recency.len());
    let mean = of_recency.iter().map(|&row| scores.rows()[row].churn_probability).sum::<f64>()
        / of_recency.len() as f64;
    assert_eq!(row[3], percent(mean));
    let money: f64 = of_recency.iter().map(|&row| spend[row]).sum();
    assert!((number(&row[4]) - money).abs() <= 0.5);

    let top = rows(&html, "of them from whom most is at stake");
    assert_eq!(top.len(), 7);
    let stake = |row: usize| scores.rows()[row].churn_probability * spend[row];
    let mut order = high.clone();
    order.sort_by(|&a, &b| stake(b).total_cmp(&stake(a)));
    for (shown, &row) in top.iter().zip(&order) {
        let customer = explained.customers()[row];
        assert_eq!(shown[0], log.customers().get(customer).to_string());
        assert_eq!(shown[1], percent(scores.rows()[row].churn_probability));
        for reason in &explained.reasons()[row].down {
            let fact = reason.text.replace(": lowers the chance of a purchase", "");
            assert!(shown[5].contains(&fact), "{} {fact}", shown[5]);
        }
    }
    // Said once in the head, and not again in every row.
    assert!(!html.contains("lowers the chance of a purchase"));
    let money: f64 = high.iter().map(|&row| spend[row]).sum();
    let facts = text_of(html.split("id=\"states\"").next().unwrap());
    assert!(facts.contains(&format!("{} active customers likelier to leave", high.len())));
    let digits: String = facts.chars().filter(|c| *c != ',').collect();
    assert!(digits.contains(&format!("{money:.0} spent by these")), "{facts}");
}

#[test]
fn the_candidates_are_the_first_of_all_and_the_rest_is_summed() {
    let log = simulated_log(1500);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let options = fast().top(10).control_share(0.4);
    let html = page(&model, &log, &options);
    let all = CandidateOptions::default().control_share(0.4);
    let all = model.candidates(&log.at(AT).unwrap(), &all).unwrap();
    let shown = rows(&html, "The first 10 of");
    assert_eq!(shown.len(), 10);
    let mut control = 0;
    for (cells, candidate) in shown.iter().zip(all.rows()) {
        let id = log.customers().get(candidate.customer).to_string();
        let is_control = candidate.arm.name() == "control";
        control += usize::from(is_control);
        let arm = if is_control { "leave alone" } else { "contact" };
        assert_eq!(cells[..2], [id, candidate.rank.to_string()]);
        assert_eq!(cells[5], percent(candidate.return_probability));
        assert!((number(&cells[6]) - candidate.expected_value).abs() <= 0.005);
        assert_eq!(cells[7], arm);
        for reason in &candidate.reasons {
            let sign = if reason.contribution > 0.0 { '+' } else { '−' };
            let fact = reason.text.rsplit_once(": ").unwrap().0;
            assert!(cells[8].contains(&format!("{sign} {fact}")), "{} {fact}", cells[8]);
        }
    }
    assert!(control > 0);
    let text = text_of(&html);
    assert!(text.contains(&format!("Marked “leave alone” in this list: {control}.")));
    let rest = &all.rows()[10..];
    let mean = rest.iter().map(|row| row.return_probability).sum::<f64>() / rest.len() as f64;
    let others = format!("The other {} candidates have a mean chance of return of", rest.len());
    assert!(text.contains(&format!("{others} {}", percent(mean))), "{others} {mean}");
    assert!(text.contains(&all.lapsed().to_string()));
    let plain = page(&model, &log, &fast());
    assert!(!plain.contains("leave alone") && !plain.contains("What to do"));
}

#[test]
fn quality_retention_and_loyalty_are_those_of_their_tables() {
    let log = simulated_log(1500);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let html = page(&model, &log, &fast().tests(2).draws(50));
    let text = text_of(&html);
    let backtest = BacktestOptions::default().tests(2).test_stride("30d").unwrap().draws(50);
    let backtest = ChurnModel::builder().backtest(&log, &backtest).unwrap();
    let share = |score: ScoreKind| {
        let rows = backtest.cutoffs.iter().map(|&at| {
            let row = backtest.row(Part::Cutoff(at), State::Active, score).unwrap();
            row.measures.get(Measure::Lift10).unwrap() * row.base_rate
        });
        rows.sum::<f64>() / backtest.cutoffs.len() as f64
    };
    let model_row = backtest.row(Part::Mean, State::Active, ScoreKind::Model).unwrap();
    let said = format!(
        "Of the model's tenth {} left, against {} by silence and {} at random.",
        percent(share(ScoreKind::Model)),
        percent(share(ScoreKind::Recency)),
        percent(model_row.base_rate)
    );
    assert!(text.contains(&said), "{said}");
    let figures = rows(&html, "Active customers: who leaves. Mean of the test cutoffs");
    let auc = figures.iter().find(|row| row[0].starts_with("AUC (")).unwrap();
    let value = |measures: &winback::metrics::Measures| measures.get(Measure::RocAuc).unwrap();
    let expected = [&model_row.measures, &model_row.low, &model_row.high].map(value);
    assert_eq!(auc[1], format!("{:.3} [{:.3}; {:.3}]", expected[0], expected[1], expected[2]));

    let quarters = PeriodOptions::default()
        .every("3mo")
        .and_then(|periods| periods.start("2022-10-01")?.end(AT))
        .unwrap();
    let retention =
        Retention::by_period(&log, &RetentionOptions::default().periods(quarters)).unwrap();
    let last = retention.rows.last().unwrap();
    let shown = &rows(&html, "Customers of the period before who bought again")[0];
    assert_eq!(number(&shown[1]) as u64, last.active_before);
    assert_eq!(number(&shown[2]) as u64, last.counts.unwrap().retained);
    assert_eq!(shown[3], percent(last.retained_percent().unwrap() / 100.0));

    let loyalty = LoyaltyRules::default().group(&log.at(AT).unwrap(), Some(&model)).unwrap();
    let shown = rows(&html, "Customers by loyalty");
    for (row, group) in shown.iter().zip(loyalty.summary()) {
        assert_eq!(
            (row[0].as_str(), number(&row[1]) as u64),
            (group.group.name(), group.customers)
        );
        assert_eq!(row[4], percent(group.revenue_share.unwrap()));
    }
    let active: f64 = shown.iter().map(|row| number(&row[3])).sum();
    assert_eq!(active as usize, model.score(&log.at(AT).unwrap()).unwrap().report().active);
    assert!(
        text.contains("Net Promoter Score of the") && text.contains("resolved within 24 hours")
    );
}

#[test]
fn nothing_at_or_after_the_cutoff_is_shown() {
    let shop = simulated(900);
    let log = |until: &str| {
        let end: Timestamp = until.parse().unwrap();
        let transactions = &shop.transactions;
        let times = transactions.column_by_name("time").unwrap();
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let before = BooleanArray::from_iter(times.iter().map(|t| t.map(|t| t < end.micros())));
        let rows = arrow_select::filter::filter_record_batch(transactions, &before).unwrap();
        EventLog::builder().transactions([rows]).observed_until(until).unwrap().build().unwrap()
    };
    let (longer, shorter) = (log(AT), log("2024-09-15"));
    let model = ChurnModel::builder().fit(&shorter, "2024-09-15").unwrap();
    let of = |log: &EventLog| {
        let report = model.report(&log.at("2024-09-15").unwrap(), &fast()).unwrap();
        // How the report was made differs: the log goes on.
        report.html().split("id=\"made\"").next().unwrap().to_owned()
    };
    let (longer, shorter) = (of(&longer), of(&shorter));
    assert!(longer.contains("By first purchase") && longer.len() > 20_000);
    assert_eq!(longer, shorter);
}

fn log_with(columns: Vec<(&str, ArrayRef)>, customers: Option<RecordBatch>) -> EventLog {
    let builder = EventLog::builder().transactions([RecordBatch::try_from_iter(columns).unwrap()]);
    let builder = customers.into_iter().fold(builder, |builder, table| builder.customers([table]));
    builder.observed_until(AT).unwrap().build().unwrap()
}

/// Customers of the simulation under other ids, with what an attacker would call them.
fn hostile(customers: usize) -> EventLog {
    let shop = Simulation::default().customers(customers).run().unwrap();
    let name = |id: i64| format!("<script>alert({id})</script>\" onload='x' & co {id}");
    let ids = |table: &RecordBatch| -> Vec<String> {
        let column = table.column_by_name("customer_id").unwrap();
        let ids = column.as_primitive::<arrow_array::types::Int64Type>();
        ids.values().iter().map(|&id| name(id)).collect()
    };
    let (rows, own) = (ids(&shop.transactions), ids(&shop.customers));
    let plans = (0..own.len()).map(|i| ["<img src=x onerror=alert(1)>", "plain"][i % 2]);
    let attributes = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(StringArray::from(own.clone())) as ArrayRef),
        ("<b>plan</b>", Arc::new(StringArray::from_iter_values(plans))),
    ])
    .unwrap();
    let column = |name: &str| shop.transactions.column_by_name(name).unwrap().clone();
    let ids: ArrayRef = Arc::new(StringArray::from(rows));
    log_with(
        vec![("customer_id", ids), ("time", column("time")), ("amount", column("amount"))],
        Some(attributes),
    )
}

#[test]
fn texts_of_the_data_are_escaped() {
    let log = hostile(900);
    let builder = ChurnModel::builder().attributes(["<b>plan</b>"]);
    let model = builder.fit(&log, "2024-10-01").unwrap();
    let options = fast().salt("<i>salt</i>").control_share(0.5).top(50);
    let html = page(&model, &log, &options);
    for tag in ["<script", "<img", "<b>plan", "<i>", "onload='", "onload=\""] {
        assert!(!html.contains(tag), "{tag}");
    }
    assert!(html.contains("&lt;script&gt;alert(") && html.contains("&lt;i&gt;salt"));
    assert!(text_of(&html).contains("<script>alert("));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let log = simulated_log(600);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let html = page(&model, &log, &fast());
    for outside in ["http:", "https:", "//", "url(", "@import", "src=", "<link", "<script"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("name=\"viewport\"") && html.contains("lang=\"en\""));
    // Headings go down one level at a time, the first one is the only one of its level.
    let levels: Vec<char> = html.split("<h").skip(1).filter_map(|s| s.chars().next()).collect();
    let levels: Vec<u32> = levels.into_iter().filter_map(|c| c.to_digit(10)).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels[0] == 1 && levels.windows(2).all(|pair| pair[1] <= pair[0] + 1));
    assert_eq!(html.matches("<svg").count(), html.matches("role=\"img\" aria-label=\"").count());
    assert!(html.matches("<svg").count() >= 6);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let log = simulated_log(800);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let options = ReportOptions::default().tests(2).draws(20);
    let one = on_threads(1, || page(&model, &log, &options));
    assert_eq!(one, on_threads(4, || page(&model, &log, &options)));
}

#[test]
fn the_russian_page_is_russian() {
    let log = simulated_log(800);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let html = page(&model, &log, &fast().language(Language::Russian));
    assert!(html.contains("<html lang=\"ru\">"));
    // What is said to the specialist by the backtest's notes is English, and marked as such.
    let body = html.split("<body").nth(1).unwrap();
    let parts: Vec<&str> = body.split("<ul lang=\"en\">").collect();
    let own = parts.iter().skip(1).filter_map(|part| part.split_once("</ul>")).map(|part| part.1);
    let text = text_of(&std::iter::once(parts[0]).chain(own).collect::<Vec<_>>().join(" "));
    for part in ["Кто уходит и почему", "1 января 2025", "Шанс возврата", "последняя покупка"]
    {
        assert!(text.contains(part), "{part}");
    }
    for word in ["customers", "purchase ", "chance", "silent", "lapsed", "the "] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn a_log_without_amounts_or_tickets_says_nothing_of_them() {
    let shop = simulated(900);
    let column = |name: &str| shop.transactions.column_by_name(name).unwrap().clone();
    let log =
        log_with(vec![("customer_id", column("customer_id")), ("time", column("time"))], None);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let text = text_of(&page(&model, &log, &fast()));
    for word in ["Spent", "spent", "xpected value", "verage check", "NaN", "Promoter", "resolved"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains("The list is by the chance of a purchase in the next 3 months"));
    assert!(text.contains("lapsed customers expected to buy"));
}

#[test]
fn a_young_log_without_lapsed_customers_is_no_error() {
    let shop = simulated(900);
    let column = |name: &str| shop.transactions.column_by_name(name).unwrap().clone();
    let names = ["customer_id", "time", "amount"];
    let old = log_with(names.map(|name| (name, column(name))).into(), None);
    let model = ChurnModel::builder().fit(&old, AT).unwrap();
    let day: Timestamp = "2024-12-20".parse().unwrap();
    let n = 40;
    let young = log_with(
        vec![
            (
                "customer_id",
                Arc::new(StringArray::from_iter_values((0..n).map(|i| format!("c{i}")))),
            ),
            ("time", Arc::new(TimestampMicrosecondArray::from(vec![day.micros(); n]))),
            ("amount", Arc::new(Float64Array::from(vec![10.0; n]))),
        ],
        None,
    );
    for language in [Language::English, Language::Russian] {
        let options = ReportOptions::default().language(language);
        let html = page(&model, &young, &options);
        assert!(!html.contains("NaN") && !html.contains("inf"));
    }
    let text = text_of(&page(&model, &young, &ReportOptions::default()));
    for part in [
        "No customer is lapsed on this day",
        "The log is too short to say how the states changed",
        "The log reaches back too short a time",
        "There are not two periods with purchases",
        "the log begins at 2024-12-20",
        "could not be tested",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let untested = page(&model, &young, &fast().tests(0));
    assert!(untested.contains("No test was asked for"));
}

#[test]
fn the_page_stays_small_however_many_customers() {
    let size = |customers: usize, top: usize| {
        let log = simulated_log(customers);
        let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
        page(&model, &log, &fast().top(top)).len()
    };
    let (few, many) = (size(700, 20), size(6000, 20));
    assert!(many < few + few / 10 && many < 150_000, "{few} {many}");
    assert!(size(6000, 200) < 500_000);
}

#[test]
fn options_are_checked_and_work_is_interrupted() {
    let log = simulated_log(600);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    for (options, name) in [
        (fast().top(0), "top"),
        (fast().top(201), "top"),
        (fast().control_share(1.0), "control_share"),
        (fast().control_share(f64::NAN), "control_share"),
        (fast().tests(25), "tests"),
        (fast().tests(2).test_stride(Span::ZERO).unwrap(), "test_stride"),
        (fast().draws(100_001), "draws"),
    ] {
        match model.report(&log.at(AT).unwrap(), &options).unwrap_err() {
            Error::Argument { name: found, .. } => assert_eq!(found, name),
            error => panic!("{error}"),
        }
    }
    for path in ["report", "report.csv", "churn.winback", "no/such/folder/report.html"] {
        assert!(check_report_path(path).is_err(), "{path}");
    }

    let told: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let seen = Arc::clone(&told);
    let of_report = |step: &Step| step.what == "making the report";
    let now = log.at(AT).unwrap();
    let heard = now.on_progress(move |step| {
        if of_report(&step) {
            seen.lock().unwrap().push((step.done, step.of));
        }
        true
    });
    model.report(&heard, &fast()).unwrap();
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{told:?}");
    assert!(told[0].0 == 0 && told.last().is_some_and(|(done, of)| done == of));
    let stopped = now.on_progress(move |step| !of_report(&step) || step.done < 3);
    let stopped = model.report(&stopped, &fast());
    assert!(matches!(stopped, Err(Error::Interrupted)));
}
