//! Fits to CDNOW's sample, against values computed outside winback: complex-step Newton on the
//! formulas, and automatic differentiation (JAX); lifetimes 0.11.3 agrees where it has the model.

use std::fs::File;

use approx::assert_relative_eq;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use winback::EventLog;
use winback::log::MissingIds;
use winback::timing::{
    BetaGeo, BuyerTable, FittedPurchaseModel, GammaGamma, LifetimeValue, ModifiedBetaGeo,
    ParetoNBD, Regularity, RfmSummaryOptions, SummaryColumns, TimeUnit, summarise_transactions,
};

use crate::common::data;

/// Parameters, their standard errors, the log-likelihood, and of all customers the purchases expected
/// in 39 weeks, the mean chance to be one still and the sum of the chances to buy.
struct Fit {
    params: [f64; 4],
    standard_errors: [f64; 4],
    log_likelihood: f64,
    expected: f64,
    p_alive: f64,
    buyers: f64,
}

fn check(model: &FittedPurchaseModel, table: &BuyerTable, fit: &Fit) {
    assert!(model.estimates().converged() && model.estimates().remark().is_none());
    for i in 0..4 {
        assert_relative_eq!(model.estimates().params()[i], fit.params[i], max_relative = 1e-6);
        let error = model.estimates().standard_errors()[i].unwrap();
        assert_relative_eq!(error, fit.standard_errors[i], max_relative = 1e-5);
    }
    let found = model.estimates().log_likelihood().unwrap();
    assert_relative_eq!(found, fit.log_likelihood, max_relative = 1e-10);
    let buyers = table.buyers();
    let sum = |of: &(dyn Fn(winback::timing::Buyer) -> f64 + Sync)| -> f64 {
        buyers.map(of).into_iter().sum()
    };
    let expected = sum(&|buyer| model.expected_purchases(buyer, 39.0).unwrap());
    assert_relative_eq!(expected, fit.expected, max_relative = 2e-8);
    let p_alive = sum(&|buyer| model.p_alive(buyer)) / buyers.rows().len() as f64;
    assert_relative_eq!(p_alive, fit.p_alive, max_relative = 2e-8);
    let chances = sum(&|buyer| model.purchase_probability(buyer, 39.0).unwrap());
    assert_relative_eq!(chances, fit.buyers, max_relative = 2e-8);
}

/// As published: every row counts, the rows of a date are one purchase, T up to 1997-09-30.
fn published(scaler: f64) -> BuyerTable {
    let file = File::open(data("cdnow/cdnow_sample.parquet")).unwrap();
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let columns = SummaryColumns {
        customer_id: "customer_id".into(),
        datetime: "date".into(),
        monetary_value: Some("dollar_value".into()),
        datetime_format: None,
    };
    let end = Some("1997-09-30".parse().unwrap());
    let options = RfmSummaryOptions::default().time_scaler(scaler);
    let summary =
        summarise_transactions(Box::new(rows), &columns, MissingIds::Error, end, &options);
    BuyerTable::of_summary(&summary.unwrap(), TimeUnit::Week).unwrap()
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn fits_equal_the_published_ones() {
    let table = published(7.0);
    let buyers = table.buyers();
    let (bg, mbg) = (BetaGeo::default(), ModifiedBetaGeo::default());
    let two = Regularity::Given(2);
    check(&bg.fit(buyers).unwrap(), &table, &BG);
    check(&mbg.fit(buyers).unwrap(), &table, &MBG);
    check(&ParetoNBD::default().fit(buyers).unwrap(), &table, &PARETO);
    check(&bg.clone().regularity(two).fit(buyers).unwrap(), &table, &BG2);
    check(&mbg.clone().regularity(two).fit(buyers).unwrap(), &table, &MBG2);
    let best = mbg.clone().regularity(Regularity::Best).fit(buyers).unwrap();
    assert_eq!(best, mbg.fit(buyers).unwrap());
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn days_and_weeks_differ_by_their_unit() {
    let days = published(1.0);
    for (model, log_likelihood) in [
        (BetaGeo::default().fit(days.buyers()), -14363.53044290),
        (ModifiedBetaGeo::default().fit(days.buyers()), -14363.23695178),
        (ParetoNBD::default().fit(days.buyers()), -14376.07741432),
    ] {
        let found = model.unwrap().estimates().log_likelihood().unwrap();
        assert_relative_eq!(found, log_likelihood, max_relative = 1e-10);
    }
}

/// The chance to buy in 39 weeks by the purchases so far, 7 and more in one.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn chances_by_frequency() {
    let table = published(7.0);
    let buyers = table.buyers();
    for (model, expected) in [
        (BetaGeo::default().with_params(BG.params), BY_FREQUENCY[0]),
        (ModifiedBetaGeo::default().with_params(MBG.params), BY_FREQUENCY[1]),
        (ParetoNBD::default().with_params(PARETO.params), BY_FREQUENCY[2]),
    ] {
        let model = model.unwrap();
        let (mut sums, mut counts) = ([0.0; 8], [0.0; 8]);
        for &buyer in buyers.rows() {
            let x = buyer.frequency().min(7) as usize;
            sums[x] += model.purchase_probability(buyer, 39.0).unwrap();
            counts[x] += 1.0;
        }
        for x in 0..8 {
            assert_relative_eq!(sums[x] / counts[x], expected[x], epsilon = 2e-8);
        }
    }
}

/// By the log's own rules: a day counts if its sum is above 0, and T runs to the cutoff.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn fits_at_a_cutoff() {
    let log = EventLog::builder()
        .transactions_path(data("cdnow/cdnow_sample.parquet"))
        .unwrap()
        .column("transactions.time", "date")
        .unwrap()
        .column("transactions.amount", "dollar_value")
        .unwrap()
        .purchase_by(winback::log::PurchaseBy::Day)
        .observed_until("1998-07-01")
        .unwrap()
        .build()
        .unwrap();
    let now = log.at("1997-10-01").unwrap();
    let table = BuyerTable::of_snapshot(&now, TimeUnit::Week).unwrap();
    assert_eq!(table.buyers().rows().len(), 2_349);
    check(&BetaGeo::default().fit(table.buyers()).unwrap(), &table, &BG_AT_CUTOFF);
    check(&ModifiedBetaGeo::default().fit(table.buyers()).unwrap(), &table, &MBG_AT_CUTOFF);
    assert_eq!(table.length("within", "3mo".parse().unwrap()).unwrap(), 92.0 / 7.0);
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn checks_and_lifetime_values() {
    let table = published(7.0);
    let (buyers, z) = (table.buyers(), table.buyers().mean_checks().unwrap());
    let model = GammaGamma::default().fit(buyers).unwrap();
    assert_eq!(model.estimates().customers(), 946);
    let near = |found: f64, expected: f64, tolerance: f64| {
        assert_relative_eq!(found, expected, max_relative = tolerance);
    };
    for (i, (value, error)) in
        [(6.24957227, 1.19005534), (3.74422467, 0.29013307), (15.44352096, 4.15942275)]
            .into_iter()
            .enumerate()
    {
        near(model.estimates().params()[i], value, 1e-8);
        near(model.estimates().standard_errors()[i].unwrap(), error, 1e-5);
    }
    near(model.estimates().log_likelihood().unwrap(), -4055.917694802, 1e-12);
    near(model.correlation().unwrap(), 0.1138879194, 1e-9);
    near(model.population_mean(), 35.17037122, 1e-7);
    let expected = |i: usize| model.expected_check(buyers.rows()[i].frequency(), z[i]);
    for (i, check) in [24.65391869, 18.91001844, 35.17037122].into_iter().enumerate() {
        near(expected(i), check, 1e-7);
    }
    let count = z.len() as f64;
    near((0..z.len()).map(expected).sum::<f64>() / count, 35.25227303, 1e-7);
    // lifetimes' month has 4.345 weeks.
    let options = LifetimeValue::default().horizon(12.0 * 4.345).step(4.345).discount_rate(0.01);
    let purchases = BetaGeo::default().fit(buyers).unwrap();
    let value =
        |i: usize| model.lifetime_value(&purchases, buyers.rows()[i], z[i], &options).unwrap();
    for (i, expected) in [36.27397810, 4.64093657, 8.34448049].into_iter().enumerate() {
        near(value(i), expected, 1e-8);
    }
    near((0..z.len()).map(value).sum(), 71507.951726, 2e-9);
}

const BG: Fit = Fit {
    params: [0.2425945224, 4.413602019, 0.7929220172, 2.4259067768],
    standard_errors: [0.01255738, 0.37822406, 0.18573382, 0.70541426],
    log_likelihood: -9582.429206674,
    expected: 1653.40869794,
    p_alive: 0.8134398265,
    buyers: 617.03408491,
};

const MBG: Fit = Fit {
    params: [0.5248431591, 6.1830852796, 0.8913593907, 1.6140022402],
    standard_errors: [0.08326821, 0.69562064, 0.15478993, 0.5374948],
    log_likelihood: -9582.135715554,
    expected: 1576.7283019,
    p_alive: 0.448721413,
    buyers: 565.74181973,
};

const PARETO: Fit = Fit {
    params: [0.5532770536, 10.5776835475, 0.6062399598, 11.6687341958],
    standard_errors: [0.04762793, 0.84272253, 0.18728131, 6.21111243],
    log_likelihood: -9594.976178092,
    expected: 1665.513121,
    p_alive: 0.4462771509,
    buyers: 523.17368802,
};

const BG2: Fit = Fit {
    params: [0.2269172142, 1.4629196349, 0.9440022539, 2.0743288701],
    standard_errors: [0.01061272, 0.11020076, 0.17125687, 0.46653425],
    log_likelihood: -9855.326974093,
    expected: 1466.13031297,
    p_alive: 0.7658695738,
    buyers: 566.6879673,
};

const MBG2: Fit = Fit {
    params: [0.5798961595, 2.2881488011, 1.134452696, 1.5849742245],
    standard_errors: [0.07562089, 0.23587901, 0.15532816, 0.38082048],
    log_likelihood: -9853.253128516,
    expected: 1350.1051776,
    p_alive: 0.3459271911,
    buyers: 493.43670354,
};

const BG_AT_CUTOFF: Fit = Fit {
    params: [0.2430445895, 4.4026285587, 0.8140499746, 2.474133809],
    standard_errors: [0.01256937, 0.37715195, 0.19112648, 0.72059797],
    log_likelihood: -9585.656953597,
    expected: 1630.48480063,
    p_alive: 0.811154372,
    buyers: 612.21795307,
};

const MBG_AT_CUTOFF: Fit = Fit {
    params: [0.5276939844, 6.1848296404, 0.909964085, 1.6441597548],
    standard_errors: [0.08364143, 0.69714645, 0.15874091, 0.54706128],
    log_likelihood: -9585.269948627,
    expected: 1554.50211412,
    p_alive: 0.4457419418,
    buyers: 560.59822615,
};

/// BG, MBG and Pareto/NBD.
/// The last one of the Pareto/NBD is mpmath's, at 40 digits: in floats 2F1 is off by 8e-8 there.
const BY_FREQUENCY: [[f64; 8]; 3] = [
    [0.16054711, 0.28064655, 0.43222923, 0.49878522, 0.5865623, 0.59708178, 0.68274556, 0.71979848],
    [0.12545062, 0.2859824, 0.42695493, 0.48842444, 0.57501502, 0.58705407, 0.67081184, 0.71189685],
    [
        0.08531417,
        0.28261151,
        0.44641024,
        0.51981655,
        0.61347574,
        0.62864432,
        0.72363802,
        0.754781601508,
    ],
];
