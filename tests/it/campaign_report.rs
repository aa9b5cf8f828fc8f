//! The page on a campaign: its figures are those of the answers, and it keeps the rules of the library.

use std::collections::BTreeSet;

use winback::answer::{Answer, AnswerParts};
use winback::arrow_array::Array;
use winback::arrow_array::cast::AsArray;
use winback::arrow_array::types::Float64Type;
use winback::campaign::{Effect, EffectOptions};
use winback::report::{CampaignAnswers, CampaignReportOptions, Report};

use crate::campaign::{arms_of_log, june, log, names, outcomes, table, texts, two_arms};

fn page(found: &Effect, options: &CampaignReportOptions) -> String {
    let answers = CampaignAnswers::new(AnswerParts::of(found).unwrap()).unwrap();
    Report::of_campaign(&answers, options).unwrap().html().to_owned()
}

fn english() -> CampaignReportOptions {
    CampaignReportOptions::default()
}

/// What the figures of a page were rounded from.
fn exact(html: &str) -> BTreeSet<u64> {
    let values = html.split("<data value=\"").skip(1);
    values.map(|rest| rest.split('"').next().unwrap().parse::<f64>().unwrap().to_bits()).collect()
}

fn all_of(answer: &dyn Answer, of: &str, columns: &[&str]) -> Vec<f64> {
    let batch = answer.table(of).unwrap();
    let numbers = columns.iter().flat_map(|column| {
        let numbers = batch.column_by_name(column).unwrap().as_primitive::<Float64Type>().clone();
        (0..numbers.len())
            .filter(|&i| numbers.is_valid(i))
            .map(|i| numbers.value(i))
            .collect::<Vec<_>>()
    });
    numbers.collect()
}

#[test]
fn all_figures_are_those_of_the_effect_to_the_last_bit() {
    let options = outcomes()
        .margin(Some(0.5))
        .contact_cost("0.25".parse().unwrap())
        .segments(names(&["before"]))
        .covariates(names(&["before"]))
        .shares(Some("control=1,offer=1".parse().unwrap()));
    let found = Effect::of_table(&table(two_arms()), None, &options).unwrap();
    let shown = exact(&page(&found, &english()));
    let mut looked_at = 0;
    let with_ends = |name: &str| ["", "_low", "_high"].map(|end| format!("{name}{end}"));
    let difference = with_ends("difference");
    let difference: Vec<&str> = difference.iter().map(String::as_str).collect();
    let mut money = Vec::from(with_ends("incremental_revenue"));
    money.extend(with_ends("profit"));
    money.extend(["cost", "return_on_cost", "paid_chance"].map(str::to_owned));
    let money: Vec<&str> = money.iter().map(String::as_str).collect();
    let segments = [&difference[..], &["shrunk", "shrunk_low", "shrunk_high", "p_adjusted"]];
    for (of, columns) in [
        (
            "effects",
            [&difference[..], &["mean", "control_mean", "relative_lift", "p_adjusted"]].concat(),
        ),
        ("unadjusted", difference.clone()),
        ("money", money),
        ("segments", segments.concat()),
        ("balance", vec!["mean", "control_mean", "standardised_difference"]),
        ("arms", vec!["share", "drawn_share"]),
    ] {
        for value in all_of(&found, of, &columns) {
            assert!(shown.contains(&value.to_bits()), "{of}: {value}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn the_same_answers_give_the_same_page_in_two_languages() {
    let found = Effect::of_table(&table(two_arms()), None, &outcomes()).unwrap();
    let one = page(&found, &english().name("Весна <2025>".to_owned()));
    assert_eq!(one, page(&found, &english().name("Весна <2025>".to_owned())));
    assert!(one.contains("Весна &lt;2025&gt;") && one.contains("<html lang=\"en\">"));
    let russian = page(&found, &english().language("ru".parse().unwrap()));
    assert!(russian.contains("Сработало ли?") && russian.contains("случилось бы и так"));
    // The texts of the notes are English, and said to be.
    assert!(russian.contains("<ul lang=\"en\">"));
    assert!(!one.contains("saved") && !one.contains("<script"));
}

#[test]
fn a_window_that_is_not_over_gets_no_verdict() {
    let options = june().looks(Some(4)).margin(Some(0.3)).segments(names(&["arm"]));
    let found = Effect::of_log(&log("2024-06-10"), &arms_of_log(), None, None, &options).unwrap();
    let html = page(&found, &english());
    assert!(html.contains("This is an interim result") && html.contains("Wait for"));
    for verdict in ["repeat it", "no recommendation", "would have bought anyway"] {
        assert!(!html.contains(verdict), "{verdict}");
    }
    assert!(html.contains("There is no verdict on money before the window is over"));
    // The curve of four looks.
    assert!(html.contains("<polyline") && html.contains("difference from control as it was known"));
    let over_time = found.table("over_time").unwrap();
    assert_eq!(over_time.num_rows(), 4 * found.table("effects").unwrap().num_rows());
}

/// The last look is the interim result itself, and earlier ones are those of logs that end earlier.
#[test]
fn looks_are_what_was_known_then() {
    let options = june().looks(Some(3)).metrics(names(&["spend"])).tau(Some("5".parse().unwrap()));
    let of = |until: &str, options: &EffectOptions| {
        Effect::of_log(&log(until), &arms_of_log(), None, None, options).unwrap()
    };
    let found = of("2024-06-10", &options);
    for column in ["difference", "p_value"] {
        let looks = all_of(&found, "over_time", &[column]);
        assert_eq!(looks.len(), 3);
        for (look, until) in looks.into_iter().zip(["2024-06-04", "2024-06-07", "2024-06-10"]) {
            let then = of(until, &options.clone().looks(None));
            assert_eq!(all_of(&then, "effects", &[column]), [look], "{until}");
        }
    }
    let error = Effect::of_table(&table(two_arms()), None, &outcomes().looks(Some(1)));
    assert!(error.unwrap_err().to_string().starts_with("looks: expected 0 without a log"));
    let many = june().looks(Some(367));
    let error = Effect::of_log(&log("2024-08-01"), &arms_of_log(), None, None, &many);
    assert!(error.unwrap_err().to_string().starts_with("looks: expected at most 366"));
}

#[test]
fn no_recommendation_where_the_lower_end_is_not_above_0() {
    // 200 contacts of 1.2 cost more than 40 purchases of 10, half of it kept, may bring.
    for (cost, said) in [
        ("0.1", "offer: repeat it"),
        ("0.9", "offer: no recommendation. Nothing shows that it paid"),
        ("3", "offer: do not repeat it as it was"),
    ] {
        let options = outcomes().margin(Some(0.5)).contact_cost(cost.parse().unwrap());
        let found = Effect::of_table(&table(two_arms()), None, &options).unwrap();
        let html = page(&found, &english()).replace('\u{a0}', " ");
        assert!(html.contains(said), "{cost}");
    }
    // Without costs nobody knows whether it paid.
    let found = Effect::of_table(&table(two_arms()), None, &outcomes()).unwrap();
    assert!(page(&found, &english()).contains("Whether it paid cannot be said"));
    let nothing = outcomes().metrics(names(&["before"]));
    let found = Effect::of_table(&table(two_arms()), None, &nothing).unwrap();
    assert!(page(&found, &english()).contains("Nothing shows that it changed before"));
}

#[test]
fn texts_of_the_data_are_escaped() {
    let mut columns = two_arms();
    columns[1] = texts("arm", (0..400).map(|i| if i < 200 { "control" } else { "<img src=x>" }));
    let found = Effect::of_table(&table(columns), None, &outcomes()).unwrap();
    let html = page(&found, &english());
    assert!(!html.contains("<img") && html.contains("&lt;img src=x&gt;"));
}

#[test]
fn other_answers_are_refused() {
    let found = Effect::of_table(&table(two_arms()), None, &outcomes()).unwrap();
    let parts = AnswerParts::of(&found).unwrap();
    let answers = CampaignAnswers::new(parts.clone()).unwrap();
    let error = answers.clone().recommendation(parts.clone()).unwrap_err().to_string();
    assert!(error.starts_with("recommendation: expected what the recommend"), "{error}");
    assert!(answers.targets(parts).is_err());
    let other = AnswerParts::new(Vec::new(), serde_json::Map::new(), Vec::new(), false);
    assert!(CampaignAnswers::new(other).unwrap_err().to_string().starts_with("found: expected"));
    let answers = CampaignAnswers::new(AnswerParts::of(&found).unwrap()).unwrap();
    let long = english().name("x".repeat(101));
    assert!(Report::of_campaign(&answers, &long).is_err());
    assert!(Report::of_campaign(&answers, &english().currency("a\nb".to_owned())).is_err());
}
