//! Files of fitted models.

use serde_json::Value;
use winback::campaign::FittedUplift;
use winback::explain::ReasonOptions;
use winback::hazard::{PurchaseTimesOptions, TimeToPurchase};
use winback::log::NewTransaction;
use winback::models::trees::TreeEnsemble;
use winback::models::{FittedLogistic, FittedPreprocess};
use winback::segments::{RfmOptions, RfmSegments};
use winback::timing::{FittedGammaGamma, FittedPurchaseModel, GammaGamma, ParetoNBD};
use winback::{ChurnModel, Result};

use super::LOG;
use crate::target::Target;

pub(super) const MODELS: Target =
    Target { name: "models", seeds, mend: header, run: read, unpacked: <[u8]>::len };

const UNTIL: &str = "2024-10-01";
const AT: &str = "2025-01-01";

fn seeds() -> Vec<Vec<u8>> {
    let churn = |estimator: &str| {
        let builder = ChurnModel::builder().estimator(estimator).unwrap();
        builder.fit(&LOG, UNTIL).unwrap().to_bytes().unwrap()
    };
    let mut seeds: Vec<Vec<u8>> = ["average", "logistic", "tree", "boosting"].map(churn).into();
    seeds.push(TimeToPurchase::builder().fit(&LOG, UNTIL).unwrap().to_bytes().unwrap());
    let snapshot = LOG.at(AT).unwrap();
    seeds.push(RfmSegments::fit(&snapshot, &RfmOptions::default()).unwrap().to_bytes().unwrap());
    let pareto = ParetoNBD::default().with_params([0.55, 10.6, 0.61, 11.7]).unwrap();
    seeds.push(pareto.to_bytes().unwrap());
    let checks = GammaGamma::default().with_params([6.25, 3.74, 15.4]).unwrap();
    seeds.push(checks.to_bytes().unwrap());
    seeds
}

/// The header that fits what follows it.
fn header(bytes: Vec<u8>) -> Vec<u8> {
    let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else { return bytes };
    let body = &bytes[end + 1..];
    let Ok(Value::Object(mut header)) = serde_json::from_slice(&bytes[..end]) else { return bytes };
    header.insert("crc32".into(), crc32fast::hash(body).into());
    header.insert("bytes".into(), body.len().into());
    let mut whole = serde_json::to_vec(&header).unwrap();
    whole.push(b'\n');
    whole.extend_from_slice(body);
    whole
}

/// What a model is, read again from what it is written as, is the same.
macro_rules! again {
    ($type:ty, $bytes:expr) => {{
        let read = <$type>::from_bytes($bytes)?;
        let written = read.to_bytes()?;
        let again = <$type>::from_bytes(&written).expect("what was written is read");
        assert!(again.to_bytes()? == written, "read again, it is another one");
        read
    }};
}

fn read(bytes: &[u8]) -> Result<()> {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let header: Option<Value> = serde_json::from_slice(&bytes[..end]).ok();
    let format = header.as_ref().and_then(|header| header["format"].as_str()).unwrap_or_default();
    match format {
        "winback time to purchase" => hazard(&again!(TimeToPurchase, bytes)),
        "winback RFM file" => {
            let model = again!(RfmSegments, bytes);
            model.score(&LOG.at(AT)?).map(drop)
        }
        "winback purchase model" => {
            again!(FittedPurchaseModel, bytes);
            Ok(())
        }
        "winback model of checks" => {
            again!(FittedGammaGamma, bytes);
            Ok(())
        }
        _ => {
            // None of these takes the file of another.
            let _ = (FittedUplift::from_bytes(bytes), FittedLogistic::from_bytes(bytes));
            let _ = (FittedPreprocess::from_bytes(bytes), TreeEnsemble::from_bytes(bytes));
            churn(&again!(ChurnModel, bytes))
        }
    }
}

fn is_chance(chance: f64) -> bool {
    (0.0..=1.0).contains(&chance)
}

fn churn(model: &ChurnModel) -> Result<()> {
    let scores = model.score(&LOG.at(AT)?)?;
    let rows = scores.rows();
    assert!(
        rows.iter().all(|row| is_chance(row.purchase_probability)),
        "a score that is no chance"
    );
    let mut customer = model.customer_history();
    let order = NewTransaction::at("2024-11-05".parse()?);
    let amount = customer.columns().amount.then_some(35.0);
    customer.push_transaction(NewTransaction { amount, ..order })?;
    model.explain_customer(&customer, AT, &ReasonOptions::default()).map(drop)
}

fn hazard(model: &TimeToPurchase) -> Result<()> {
    model.score(&LOG.at(AT)?, &PurchaseTimesOptions::default()).map(drop)
}
