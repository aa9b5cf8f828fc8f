//! Short texts: times, spans, zones; and the file of a campaign's plan.

use std::fmt::Display;
use std::str::FromStr;

use winback::campaign::PlanFile;
use winback::time::{Moment, Span, TimeZone, Timestamp};
use winback::{Error, Result};

use super::same;
use super::tables::place;
use crate::target::Target;

pub(super) const TIMES: Target =
    Target { name: "times", seeds: times, mend: same, run: read_times, unpacked: <[u8]>::len };

pub(super) const PLANS: Target =
    Target { name: "plans", seeds: plans, mend: same, run: read_plan, unpacked: <[u8]>::len };

fn times() -> Vec<Vec<u8>> {
    [
        "2024-02-29",
        "2024-02-29T23:59:59.999999",
        "2024-02-29 10:00:00+02:00",
        "2024-02-29T10:00Z",
        "0001-01-01",
        "9999-12-31",
        "90d",
        "3mo",
        "13mo",
        "1y",
        "2w",
        "36h",
        "Europe/Berlin",
        "UTC",
        "America/New_York",
        "+03:00",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

/// What is shown of it reads back as the same.
fn shown<T: FromStr<Err = Error> + Display + PartialEq>(text: &str) -> Result<()> {
    let read: T = text.parse()?;
    let again = read.to_string().parse::<T>();
    assert!(again.is_ok_and(|again| again == read), "{read} is not read again as it is");
    Ok(())
}

fn read_times(bytes: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(bytes);
    let (span, zone) = (shown::<Span>(&text), shown::<TimeZone>(&text));
    let _ = text.parse::<Moment>().map(|moment| moment.on("at", TimeZone::default()));
    if let (Ok(()), Ok(span)) = (&span, text.parse::<Span>()) {
        let day: Timestamp = "2024-02-29".parse()?;
        let _ = (day.add(span), day.sub(span));
    }
    shown::<Timestamp>(&text).or(span).or(zone)
}

fn plans() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../corpus/plans/plan.json").to_vec()]
}

fn read_plan(bytes: &[u8]) -> Result<()> {
    let (path, copy) = (place("json"), place("copy.json"));
    std::fs::write(&path, bytes).unwrap();
    PlanFile::load(&path)?.save(&copy)?;
    let written = std::fs::read(&copy).unwrap();
    PlanFile::load(&copy).expect("what was written is read").save(&path)?;
    assert!(std::fs::read(&path).unwrap() == written, "read again, it is another one");
    Ok(())
}
