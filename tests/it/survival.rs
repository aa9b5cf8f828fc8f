//! The Kaplan-Meier estimate of the IBM Telco customers' tenure.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use winback::stats::{IntervalKind, KaplanMeier};

use crate::common;

/// Survival by lifelines 0.30.3 on all 7,043 rows, with churn as the event.
const SURVIVAL: [(f64, f64); 4] =
    [(1.0, 0.945961), (12.0, 0.843200), (24.0, 0.788736), (72.0, 0.592790)];

/// Its log-log intervals.
const INTERVALS: [(f64, (f64, f64)); 2] = [
    (1.0, (0.9404183713158356, 0.9510021209572403)),
    (72.0, (0.5730628910042918, 0.6119362091926619)),
];

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn telco_tenure_matches_lifelines() {
    let file = File::open(common::data("telco_ibm/telco_basic.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let (mut tenure, mut left) = (Vec::new(), Vec::new());
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let cast = |name: &str, to: &DataType| {
            arrow_cast::cast(batch.column_by_name(name).unwrap(), to).unwrap()
        };
        let months = cast("tenure", &DataType::Float64);
        tenure.extend(months.as_primitive::<Float64Type>().iter().map(Option::unwrap));
        let churn = cast("churn", &DataType::Utf8);
        left.extend(churn.as_string::<i32>().iter().map(|churn| churn == Some("Yes")));
    }
    assert_eq!(tenure.len(), 7_043);
    let estimate = KaplanMeier::fit(&tenure, &left).unwrap();
    for (months, survival) in SURVIVAL {
        let found = estimate.survival_at(months).unwrap();
        assert!((found - survival).abs() < 5e-7, "{months}: {found}");
        for kind in [IntervalKind::LogLog, IntervalKind::Plain] {
            let (low, high) = estimate.interval_at(months, kind).unwrap();
            assert!(low < found && found < high && high - low < 0.05);
        }
    }
    assert_eq!(estimate.median(), None);
    for (months, expected) in INTERVALS {
        let found = estimate.interval_at(months, IntervalKind::LogLog).unwrap();
        assert!((found.0 - expected.0).abs() < 1e-9 && (found.1 - expected.1).abs() < 1e-9);
    }
}
