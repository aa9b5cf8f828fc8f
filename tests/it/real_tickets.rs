//! A real-looking subscription business: orders from subscriptions, tickets beside them.

use winback::ChurnModel;
use winback::features::{FeatureTable, catalogue};

use crate::common;

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn ticket_features_tell_customers_apart() {
    let log = common::saas();
    let report = log.report();
    assert_eq!((report.customers, report.purchases), (500, 5_000));
    assert_eq!(report.tickets.unwrap().rows_kept, 2_000);

    let table = FeatureTable::extract(&log, ["2024-09-01"], &[]).unwrap();
    let mut looked_at = 0;
    for feature in
        catalogue().filter(|f| f.family.name() == "tickets" && f.available(&log.columns()))
    {
        let values = table.numbers(feature.name).unwrap();
        let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        // Every ticket is closed within days, so that few are open on one day.
        assert!(known.iter().any(|v| *v != known[0]), "{} is the same for all", feature.name);
        looked_at += 1;
    }
    assert_eq!(looked_at, 11);

    let model = ChurnModel::builder().cutoffs(12).fit(&log, "2024-09-01").unwrap();
    let report = model.evaluate(&log.at("2024-09-01").unwrap()).unwrap();
    println!("{model}\n{report}");
    assert!(model.columns().iter().any(|name| name == "mean_resolution_hours"));
}
