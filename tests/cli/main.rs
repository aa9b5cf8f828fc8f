//! The command line as a user meets it: files, messages and exit codes of the real binary.

mod partitioned;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use winback::log::EventLog;
use winback::{ChurnModel, features};

/// What a run left behind.
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_winback"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the binary in a folder.
fn run(folder: &Path, args: &[&str]) -> Run {
    command(folder, args).output().unwrap().into()
}

/// Runs the binary and demands that it succeeds.
fn done(folder: &Path, args: &[&str]) -> Run {
    let run = run(folder, args);
    assert_eq!(run.code, Some(0), "{args:?}\n{}", run.stderr);
    run
}

/// Names of the files in a folder.
fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Arguments of one line; none of them holds a space.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A folder with a simulated shop as CSV files.
fn shop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &words("simulate --customers-count 400 -o ."));
    folder
}

const LOG: &str = "--transactions transactions.csv --tickets tickets.csv --surveys surveys.csv \
                   --customers customers.csv --observed-until 2025-01-01";

/// A folder with a shop and a model trained on it.
fn shop_with_model() -> TempDir {
    let folder = shop();
    let fit = format!("fit {LOG} --attribute segment --until 2024-10-01 -o model.winback");
    done(folder.path(), &words(&fit));
    folder
}

fn csv_records(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
}

#[test]
fn the_demo_does_the_whole_job() {
    let folder = tempfile::tempdir().unwrap();
    let first = done(folder.path(), &words("demo --customers-count 600"));
    let demo = folder.path().join("demo");
    assert_eq!(listing(folder.path()), ["demo"]);
    let files = ["candidates.csv", "model.winback", "quality.json", "quality.txt", "scores.csv"];
    assert_eq!(listing(&demo), [&files[..], &["simulated"]].concat());
    let tables = ["customers.csv", "surveys.csv", "tickets.csv", "transactions.csv"];
    assert_eq!(listing(&demo.join("simulated")), tables);

    assert!(first.stdout.starts_with(&read(&demo, "quality.txt")), "{}", first.stdout);
    let candidates = csv_records(&read(&demo, "candidates.csv"));
    assert!(candidates.len() > 10);
    let shown = first.stdout.lines().skip_while(|line| !line.starts_with("rank  customer"));
    let shown: Vec<&str> = shown.take_while(|line| !line.is_empty()).collect();
    let is_row = |line: &&&str| words(line)[0].parse::<usize>().is_ok();
    assert_eq!(shown.iter().filter(is_row).count(), 10);
    assert_eq!(words(shown[1])[1], &candidates[0][0]);
    assert!(shown.iter().all(|line| line.chars().count() <= 100), "{shown:?}");
    for text in ["purchases of", "average churn model", "model.winback to demo"] {
        assert!(first.stderr.contains(text), "{text}\n{}", first.stderr);
    }
    assert!(first.stdout.contains("customers scored"), "{}", first.stdout);
    let quality: serde_json::Value = serde_json::from_str(&read(&demo, "quality.json")).unwrap();
    assert_eq!((&quality["at"], &quality["horizon"]), (&"2024-10-01".into(), &"3mo".into()));
    assert_eq!(quality["groups"][1]["state"], "lapsed");

    let before: Vec<Vec<u8>> =
        files.iter().map(|name| fs::read(demo.join(name)).unwrap()).collect();
    let again = done(folder.path(), &words("demo --customers-count 600 --threads 1"));
    assert_eq!(again.stdout, first.stdout);
    for (name, bytes) in files.iter().zip(before) {
        assert!(fs::read(demo.join(name)).unwrap() == bytes, "{name} differs from run to run");
    }
}

#[test]
fn the_demo_reads_the_users_own_files() {
    let folder = shop();
    let line = "demo --transactions transactions.csv --estimator tree -o new/report";
    let run = done(folder.path(), &words(line));
    assert!(run.stderr.contains("--observed-until is not given"), "{}", run.stderr);
    assert!(run.stderr.contains("the last one (last_event)"), "{}", run.stderr);
    assert!(run.stdout.contains("Quality of the tree model at 2024-09-30,"), "{}", run.stdout);
    let files = ["candidates.csv", "model.winback", "quality.json", "quality.txt", "scores.csv"];
    assert_eq!(listing(&folder.path().join("new/report")), files);

    let short = "customer_id,time\n1,2024-01-01\n2,2024-02-01\n";
    fs::write(folder.path().join("short.csv"), short).unwrap();
    fails(folder.path(), "demo --transactions short.csv", 1, "too little data: the test cutoff");
}

#[test]
fn csv_gzip_and_parquet_give_equal_results() {
    let folder = shop_with_model();
    let folder = folder.path();
    let tables = ["transactions", "tickets", "surveys", "customers"];
    for table in tables {
        let path = folder.join(format!("{table}.csv.gz"));
        let level = flate2::Compression::fast();
        let mut gzip = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), level);
        gzip.write_all(read(folder, &format!("{table}.csv")).as_bytes()).unwrap();
        gzip.finish().unwrap();
    }
    done(folder, &words("simulate --customers-count 400 --format parquet -o ."));

    let results = |ending: &str| {
        let log = LOG.replace(".csv", ending);
        let model = format!("--model {ending}.winback");
        done(
            folder,
            &words(&format!(
                "fit {log} --attribute segment --until 2024-10-01 -o {ending}.winback"
            )),
        );
        done(folder, &words(&format!("score {log} {model} --at 2025-01-01 -o scores.csv")));
        let campaign = "--top 20 --control-share 0.3 --salt x";
        let best = format!("candidates {log} {model} --at 2025-01-01 {campaign} -o best.csv");
        done(folder, &words(&best));
        let judged = format!("evaluate {log} {model} --at 2024-10-01 -o quality.csv");
        let quality = done(folder, &words(&judged)).stdout;
        let files = [format!("{ending}.winback").as_str(), "scores.csv", "best.csv", "quality.csv"]
            .map(|name| read(folder, name));
        (files, quality)
    };
    let csv = results(".csv");
    assert!(csv == results(".csv.gz"));
    assert!(csv == results(".parquet"));
    assert_eq!(csv.0[0], read(folder, "model.winback"));

    let best = csv_records(&csv.0[2]);
    assert_eq!(best.len(), 20);
    let is_arm = |cell: &&str| ["contact", "control"].contains(cell);
    let arms: Vec<&str> = best.iter().filter_map(|row| row.iter().find(is_arm)).collect();
    assert!(arms.contains(&"contact") && arms.contains(&"control"), "{arms:?}");
    assert!(csv.1.contains("Quality of the average model at 2024-10-01"), "{}", csv.1);
    assert_eq!(csv_records(&csv.0[3])[0][0], *"active");
}

#[test]
fn scores_read_back_from_csv_are_the_librarys_to_the_bit() {
    let folder = shop_with_model();
    let folder = folder.path();
    let score = format!("score {LOG} --model model.winback --at 2025-01-01 -o scores.csv");
    let run = done(folder, &words(&score));

    let log = EventLog::builder()
        .transactions_path(folder.join("transactions.csv"))
        .and_then(|log| log.tickets_path(folder.join("tickets.csv")))
        .and_then(|log| log.surveys_path(folder.join("surveys.csv")))
        .and_then(|log| log.customers_path(folder.join("customers.csv")))
        .and_then(|log| log.observed_until("2025-01-01")?.build())
        .unwrap();
    let model = ChurnModel::load(folder.join("model.winback")).unwrap();
    let scores = model.score(&log.at("2025-01-01").unwrap()).unwrap();
    assert!(run.stdout.contains(&scores.report().to_string()), "{}", run.stdout);

    let written = csv_records(&read(folder, "scores.csv"));
    assert_eq!(written.len(), scores.rows().len());
    assert!(written.len() > 300);
    for (row, score) in written.iter().zip(scores.rows()) {
        let number = |i: usize| row[i].parse::<f64>().unwrap().to_bits();
        assert_eq!(row[1], *score.state.name());
        assert_eq!(number(4), score.average_check.to_bits());
        assert_eq!(number(5), score.purchase_probability.to_bits());
        assert_eq!(number(6), score.churn_probability.to_bits());
    }
}

#[test]
fn features_are_written_and_listed() {
    let folder = shop();
    let folder = folder.path();
    let features = format!("features {LOG} --at 2024-07-01 --at 2025-01-01 --attribute segment");
    done(folder, &words(&format!("{features} -o features.csv")));
    done(folder, &words(&format!("{features} -o features.parquet")));
    let table = read(folder, "features.csv");
    let head = table.lines().next().unwrap();
    assert!(head.starts_with("cutoff,customer_id,days_since_last_purchase,"), "{head}");
    assert!(head.ends_with(",segment"), "{head}");
    assert!(table.contains("\n2024-07-01,") && table.contains("\n2025-01-01,"));

    let some = "--feature purchase_count --feature tenure_days";
    done(folder, &words(&format!("{features} {some} -o some.csv")));
    let head = read(folder, "some.csv").lines().next().unwrap().to_owned();
    assert_eq!(head, "cutoff,customer_id,purchase_count,tenure_days,segment");

    let count = features::catalogue().count();
    let list = done(folder, &words("features --list")).stdout;
    assert_eq!(list.lines().filter(|line| !line.starts_with(' ')).count(), count + 1);
    assert!(list.contains("days_since_last_purchase"));
    done(folder, &words("features --list -o list.csv"));
    assert_eq!(csv_records(&read(folder, "list.csv")).len(), count);
}

#[test]
fn parameters_have_a_name_together_and_one_by_one() {
    let folder = shop();
    let folder = folder.path();
    let log = "--transactions transactions.csv --observed-until 2025-01-01";
    let fit = format!("fit {log} --estimator boosting --until 2024-10-01 --param n_estimators=5");
    let same = "--param learning_rate=0.1 --param num_leaves=31 --param min_split_gain=0.3 \
                --param lambda_l2=0 --param colsample_bytree=1";
    let models = [("named", "--params lightgbm"), ("each", same), ("default", "")];
    let scores = models.map(|(name, params)| {
        done(folder, &words(&format!("{fit} {params} -o {name}.winback")));
        let score = format!("score {log} --model {name}.winback --at 2025-01-01 -o {name}.csv");
        done(folder, &words(&score));
        read(folder, &format!("{name}.csv"))
    });
    assert!(scores[0] == scores[1] && scores[0] != scores[2]);
}

#[test]
fn the_models_own_rules_apply_where_none_are_given() {
    let folder = shop();
    let folder = folder.path();
    let log = "--transactions transactions.csv --observed-until 2025-01-01";
    done(folder, &words(&format!("fit {log} --purchase-by day --until 2024-10-01 -o day.winback")));
    let score = format!("score {log} --model day.winback --at 2025-01-01");
    done(folder, &words(&format!("{score} -o a.csv")));
    done(folder, &words(&format!("{score} --purchase-by day -o b.csv")));
    assert_eq!(read(folder, "a.csv"), read(folder, "b.csv"));
    fails(
        folder,
        &format!("{score} --purchase-by order -o c.csv"),
        2,
        "--purchase-by: expected \"day\", as in training, got order",
    );
}

/// Demands a failure with this exit code, one message that holds the text, and that nothing was
/// written.
fn fails(folder: &Path, line: &str, code: i32, message: &str) {
    let before = listing(folder);
    let run = run(folder, &words(line));
    assert_eq!(run.code, Some(code), "{line}\n{}", run.stderr);
    assert!(run.stderr.contains(message), "{line}\nexpected: {message}\n{}", run.stderr);
    let errors = run.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{line}\n{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(run.stdout, "", "{line}");
    assert_eq!(listing(folder), before, "{line}");
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_right() {
    let folder = shop_with_model();
    let folder = folder.path();
    let t = "--transactions transactions.csv --observed-until 2025-01-01";
    let used = format!("{LOG} --model model.winback");
    for (line, message) in [
        ("sell".into(), "unrecognized subcommand 'sell'"),
        ("score --colour red".into(), "unexpected argument '--colour' found"),
        ("fit --until 2024-10-01 -o m".into(), "--transactions <FILE>"),
        ("fit --transactions transactions.csv --until 2024-10-01 -o m".into(), "--observed-until"),
        (format!("features {t} -o f.csv"), "--at <DATE>"),
        (format!("features {t} --at monday -o f.csv"), "expected an ISO date or time"),
        (format!("features {t} --at 2025-01-01 -o f.xlsx"), "f.xlsx: expected a file ending in"),
        (
            format!("features {t} --at 2026-01-01 -o f.csv"),
            "--at: expected a time up to 2025-01-01, where the log ends (observed_until), got \
             2026-01-01",
        ),
        (
            format!("features {LOG} --at 2025-01-01 --attribute shoe -o f.csv"),
            "--attribute: expected one of the log's attributes, segment, region, age, got \"shoe\"",
        ),
        (
            format!("features {LOG} --at 2025-01-01 --attribute age --attribute age -o f.csv"),
            "--attribute: expected each name once, and none that is another column of the table, got \"age\"",
        ),
        (
            format!("features {t} --at 2025-01-01 --column total -o f.csv"),
            "transactions.amount=total",
        ),
        (
            format!(
                "features {t} --column transactions.amount=a --column transactions.amount=b --at \
                 2025-01-01 -o f.csv"
            ),
            "--column: expected each of them once, got \"transactions.amount\"",
        ),
        (
            format!("check {t} --time-format %Y --time-format %d.%m.%Y"),
            "--time-format: expected each of them once, got \"all\"",
        ),
        (
            format!("features {t} --at 2025-01-01 --column transactions.price=total -o f.csv"),
            "--column: expected one of the columns of transactions,",
        ),
        (
            format!("features {t} --at 2025-01-01 --missing-ids maybe -o f.csv"),
            "[possible values: error, drop]",
        ),
        (
            format!("features {t} --at 2025-01-01 --csv-separator ;; -o f.csv"),
            "expected one ASCII character or `tab`",
        ),
        (
            format!("features {t} --at 2025-01-01 --encoding klingon -o f.csv"),
            "--encoding: expected the name of an encoding, such as utf-8",
        ),
        (
            format!("features {t} --at 2025-01-01 --sheet Orders -o f.csv"),
            "--sheet: expected one of the tables transactions,",
        ),
        (
            format!("features {t} --at 2025-01-01 --sheet orders=Orders -o f.csv"),
            "--sheet: expected one of the tables transactions,",
        ),
        (
            format!("features {t} --at 2025-01-01 --limit columns -o f.csv"),
            "expected a limit and a number, as columns=20000",
        ),
        (
            format!("features {t} --at 2025-01-01 --limit rows=5 -o f.csv"),
            "--limit: expected one of columns, record_bytes, cell_bytes and expanded_bytes",
        ),
        (
            format!("features {t} --at 2025-01-01 --time-zone Mars -o f.csv"),
            "expected the name of a time zone, such as Europe/Berlin",
        ),
        (
            format!("features {t} --at 2025-01-01 --time-format %d.%m. -o f.csv"),
            "--time-format: expected a format that gives year, month and day",
        ),
        (
            format!("features {t} --at 2025-01-01 --decimal ; -o f.csv"),
            "--decimal: expected \".\" or \",\"",
        ),
        (
            "features --transactions transactions.xls --observed-until 2025-01-01 --at 2025-01-01 \
          -o f.csv"
                .into(),
            "transactions.xls: expected a file ending in .parquet",
        ),
        (format!("fit {t} --until 2024-10-01 --horizon 3m -o m"), "expected a length of time"),
        (format!("fit {t} --until 2024-10-01 --estimator magic -o m"), "expected \"average\""),
        (
            format!("fit {t} --until 2024-10-01 --params lightgbm -o m"),
            "--params: expected none, for only \"boosting\" has named parameters, got \"lightgbm\"",
        ),
        (
            format!("fit {t} --until 2024-10-01 --cutoffs 0 -o m"),
            "--cutoffs: expected 1 to 10,000, got 0",
        ),
        (
            format!("fit {t} --until 2024-10-01 --horizon 9999y -o m"),
            "--horizon: expected one that leads from 2024-10-01",
        ),
        (
            format!("fit {t} --until 2024-10-01 --lost-after 2mo -o m"),
            "--lost-after: expected more than lapsed_after, 3mo, got 2mo",
        ),
        (
            format!("fit {t} --until 2025-02-01 -o m"),
            "--until: expected a time up to 2025-01-01, where the log ends (observed_until), got 2025-02-01",
        ),
        (
            format!("evaluate {used} --at 2024-09-30"),
            "--at: expected a time from 2024-10-01 on, up to which the training saw outcomes, got 2024-09-30",
        ),
        (
            format!("evaluate {used} --at 2024-11-01"),
            "outcome window ends by 2025-01-01 (observed_until)",
        ),
        (
            format!("candidates {used} --at 2025-01-01 --control-share 1 -o c.csv"),
            "--control-share: expected from 0 to below 1, got 1",
        ),
        (
            format!("candidates {used} --at 2025-01-01 --top 0 -o c.csv"),
            "--top: expected 1 or more, or none for all customers, got 0",
        ),
        (
            "simulate --customers-count 0 -o new".into(),
            "--customers-count: expected 1 to 100000000, got 0",
        ),
        ("simulate --start 2025-01-01 --end 2024-01-01 -o new".into(), "got 2024-01-01"),
        (
            "simulate --campaign --campaign-start 2026-01-01 -o new".into(),
            "--campaign-start: expected a time after 2022-01-01",
        ),
        ("simulate --campaign-start 2024-01-01 -o new".into(), "--campaign"),
        ("demo --transactions transactions.csv --seed 3".into(), "'--seed <S>'"),
        ("demo --observed-until 2024-01-01".into(), "--transactions <FILE>"),
        ("--threads 0 demo".into(), "0 is not in 1..=1024"),
    ] {
        fails(folder, &line, 2, message);
    }
}

#[test]
fn data_that_cannot_be_used_exits_with_1_and_says_where() {
    let folder = shop_with_model();
    let folder = folder.path();
    let model = fs::read(folder.join("model.winback")).unwrap();
    let mut damaged = model.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for (name, bytes) in [
        ("columns.csv", b"client,date,total\n1,2024-01-01,5\n".as_slice()),
        ("date.csv", b"customer_id,time\n1,2024-01-01\n2,2024-01-02\n3,31.13.2024\n"),
        ("null.csv", b"customer_id,time\n1,2024-01-01\n,2024-01-02\n"),
        ("amount.csv", b"customer_id,time,amount\n1,2024-01-01,ten\n"),
        ("ragged.csv", b"customer_id,time\n1,2024-01-01\n2\n"),
        ("empty.csv", b""),
        ("not.parquet", b"PAR1 this is no table"),
        ("twice.csv", b"customer_id,plan\n1,a\n1,b\n"),
        ("few.csv", b"customer_id,time\n1,2023-01-01\n2,2024-01-01\n3,2024-12-01\n"),
        ("text.winback", b"dear model\n"),
        ("damaged.winback", &damaged),
        ("short.winback", &model[..model.len() - 9]),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let features = |file: &str| {
        format!(
            "features --transactions {file} --observed-until last_event --at 2024-01-02 -o f.csv"
        )
    };
    let score = |file: &str| format!("score {LOG} --model {file} --at 2025-01-01 -o s.csv");
    let with_model = "--observed-until 2025-01-01 --at 2025-01-01 --model model.winback";
    for (line, message) in [
        (features("missing.csv"), "error: missing.csv: No such file"),
        (
            features("columns.csv"),
            "transactions.customer_id: no such column; found: client, date, total",
        ),
        (
            features("columns.csv") + " --column transactions.customer_id=kunde",
            "transactions.kunde: no such column (given for `customer_id`); found: client,",
        ),
        (features("date.csv"), "error: transactions.time, row 3: \"31.13.2024\""),
        (
            features("null.csv"),
            "error: transactions.customer_id, row 2: has no customer id; --missing-ids drop",
        ),
        (features("amount.csv"), "error: transactions.amount, row 1: \"ten\""),
        (features("ragged.csv"), "found 1 fields where the header has 2"),
        (features("empty.csv"), "error: empty.csv: the file is empty"),
        (features("not.parquet"), "error: not.parquet: "),
        (
            features("transactions.csv") + " --customers twice.csv",
            "error: customers.customer_id, row 2: customer 1 is there already",
        ),
        (
            "fit --transactions few.csv --observed-until 2025-01-01 --until 2025-01-01 -o m".into(),
            "error: too little data: ",
        ),
        (score("missing.winback"), "error: missing.winback: No such file"),
        (score("text.winback"), "error: text.winback: not a winback model"),
        (score("damaged.winback"), "error: damaged.winback: damaged or cut short"),
        (score("short.winback"), "error: short.winback: damaged or cut short"),
        (
            format!("score --transactions few.csv {with_model} -o s.csv"),
            "transactions.order_id: the model was trained on purchases formed with it",
        ),
        (
            format!("score --transactions transactions.csv {with_model} -o s.csv"),
            "error: tickets: the model reads `ticket_count`, and the log lacks a ticket log",
        ),
        (features("transactions.csv").replace("f.csv", "no/f.csv"), "error: no: No such file"),
        (score("model.winback").replace("s.csv", "no/s.csv"), "error: no: No such file"),
        (format!("fit {LOG} --until 2024-10-01 -o no/model.winback"), "error: no: No such file"),
        (
            format!("evaluate {LOG} --model model.winback --at 2024-10-01 -o few.csv/q.json"),
            "error: few.csv: not a directory",
        ),
        ("demo -o few.csv".into(), "error: few.csv: not a directory"),
    ] {
        fails(folder, &line, 1, message);
    }
    assert_eq!(fs::read(folder.join("model.winback")).unwrap(), model);
}

#[test]
fn bad_rows_missing_values_and_ids_that_do_not_meet_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let orders = "customer_id,time,category\nc-1,2024-01-05,tea\nc-2,never,tea\nc-1,2024-01-07,-\n";
    fs::write(folder.path().join("orders.csv"), orders).unwrap();
    let tickets = "customer_id,opened_at\n1,2024-01-06\n";
    fs::write(folder.path().join("tickets.csv"), tickets).unwrap();
    let line = "features --transactions orders.csv --tickets tickets.csv --observed-until 2024-02-01 \
                --at 2024-02-01 -o f.csv --bad-rows drop --missing-values -,none";
    let run = done(folder.path(), &words(line));
    for text in [
        "transactions: 3 rows read, 1 left out with a cell that cannot be used, 2 kept",
        "left out: transactions.time, row 2: \"never\" is not a date",
        "note: tickets: none of 1 row is of a customer of the transactions; ids are 1 here and c-1 \
         there, which differ in what stands before the digits",
    ] {
        assert_eq!(run.stderr.matches(text).count(), 1, "{text}\n{}", run.stderr);
    }
    let table = csv::Reader::from_reader(read(folder.path(), "f.csv").as_bytes())
        .deserialize::<std::collections::HashMap<String, String>>()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(table["category_count"], "1");
    fails(folder.path(), &line.replace("drop", "keep"), 2, "invalid value 'keep' for '--bad-rows");
}

#[test]
fn an_input_is_never_replaced_by_a_result() {
    let folder = shop_with_model();
    let folder = folder.path();
    let orders = read(folder, "transactions.csv");
    fs::create_dir(folder.join("d")).unwrap();
    fs::write(folder.join("d/scores.csv"), &orders).unwrap();
    for line in [
        format!("fit {LOG} --until 2024-10-01 -o transactions.csv"),
        format!("features {LOG} --at 2024-10-01 -o ./transactions.csv"),
        format!("score {LOG} --model model.winback --at 2025-01-01 -o d/../tickets.csv"),
        format!("candidates {LOG} --model model.winback --at 2025-01-01 -o surveys.csv"),
        format!("evaluate {LOG} --model model.winback --at 2024-10-01 -o customers.csv"),
        "demo --transactions d/scores.csv -o d".into(),
    ] {
        fails(folder, &line, 2, "a file that is no input table");
    }
    assert_eq!(read(folder, "transactions.csv"), orders);
    assert_eq!(read(&folder.join("d"), "scores.csv"), orders);
}

#[test]
fn an_existing_result_survives_a_failure() {
    let folder = shop_with_model();
    let folder = folder.path();
    fs::write(folder.join("s.csv"), "precious").unwrap();
    fails(
        folder,
        &format!("score {LOG} --model model.winback --at 2026-01-01 -o s.csv"),
        2,
        "--at: expected a time up to 2025-01-01, where the log ends (observed_until), got 2026-01-01",
    );
    assert_eq!(read(folder, "s.csv"), "precious");
}

#[test]
fn a_pipe_gets_no_control_characters() {
    let folder = shop_with_model();
    let folder = folder.path();
    let score = format!("score {LOG} --model model.winback --at 2025-01-01 -o s.csv");
    let evaluate = format!("evaluate {LOG} --model model.winback --at 2024-10-01");
    for line in [score.as_str(), &evaluate, "features --list", "fit --help", "fit", "demo"] {
        let run = run(folder, &words(line));
        let text = run.stdout + &run.stderr;
        assert!(!text.is_empty(), "{line}");
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(control), "{line}\n{text:?}");
    }
}

#[test]
fn a_reader_that_has_left_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["features --list", "--help"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(folder.path(), &words(line)).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        assert_eq!(output.status.code(), Some(0), "{line}");
    }
}

#[test]
fn times_to_purchase_are_those_of_the_saved_model() {
    let folder = shop();
    let of = |more: &str| format!("time-to-purchase {LOG} --at 2024-07-01 {more}");
    let learning = "--estimator logistic --cutoffs 6 --max-horizon 3mo";
    let fit = of(&format!("{learning} --within 7d,30d --save times.winback -o fitted.csv"));
    let made = done(folder.path(), &words(&fit));
    assert!(made.stderr.contains("logistic hazard model of the time to the next purchase"));
    assert!(made.stdout.contains("within 30d"), "{}", made.stdout);
    let load =
        of("--model times.winback --within 7d,30d --table survival=survival.csv -o read.csv");
    done(folder.path(), &words(&load));
    let fitted = read(folder.path(), "fitted.csv");
    assert_eq!(fitted, read(folder.path(), "read.csv"));
    let header = "customer_id,state,days_since_last_purchase,purchase_probability_7d,\
                  purchase_probability_30d,next_purchase,next_purchase_low,next_purchase_high";
    assert_eq!(fitted.lines().next(), Some(header));
    let customers = csv_records(&fitted).len();
    assert_eq!(csv_records(&read(folder.path(), "survival.csv")).len() % customers, 0);
    // `explain` reads it too.
    let why = format!("explain {LOG} --at 2024-07-01 --model times.winback --within 30d");
    let why = done(folder.path(), &words(&format!("{why} -o why.csv --table groups=groups.csv")));
    assert!(why.stdout.contains("What moves their chance of a purchase"), "{}", why.stdout);
    assert!(read(folder.path(), "why.csv").starts_with("customer_id,state,purchase_probability,"));
    let groups = read(folder.path(), "groups.csv");
    let chances: Vec<&str> =
        fitted.lines().skip(1).map(|row| row.split(',').nth(4).unwrap()).collect();
    let explained: Vec<&str> =
        groups.lines().skip(1).map(|row| row.split(',').nth(2).unwrap()).collect();
    assert_eq!(explained, chances);
    // One of both, and no other model.
    let both = of("--model times.winback --until 2024-07-01 -o both.csv");
    assert_eq!(run(folder.path(), &words(&both)).code, Some(2));
    done(folder.path(), &words(&format!("fit {LOG} --until 2024-10-01 -o churn.winback")));
    let other = of("--model churn.winback -o other.csv");
    let refused = run(folder.path(), &words(&other));
    assert!(refused.stderr.contains("not a winback time to purchase"), "{}", refused.stderr);
}

#[test]
fn every_command_explains_itself_by_example() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "demo",
        "features",
        "inactivity",
        "timing",
        "time-to-purchase",
        "segments",
        "loyalty",
        "concentration",
        "nps",
        "survey-plan",
        "service",
        "fit",
        "backtest",
        "evaluate",
        "profit",
        "score",
        "candidates",
        "explain",
        "drift",
        "card",
        "report",
        "retention",
        "retention-curve",
        "cohorts",
        "flow",
        "migration",
        "simulate",
    ] {
        let help = done(folder.path(), &[name, "--help"]).stdout;
        assert!(help.contains("Examples:\n"), "{name}\n{help}");
    }
    assert_eq!(run(folder.path(), &[]).code, Some(2));
    let version = done(folder.path(), &["--version"]).stdout;
    assert_eq!(version, format!("winback {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_file_and_a_log_are_checked() {
    let folder = shop();
    let folder = folder.path();
    let found =
        done(folder, &words(&format!("check {LOG} -o findings.csv --table looked_for=all.csv")));
    assert!(found.stdout.contains("Nothing found that may mislead."), "{}", found.stdout);
    assert_eq!(csv_records(&read(folder, "findings.csv")).len(), 0);
    assert_eq!(csv_records(&read(folder, "all.csv")).len(), 30);
    fs::write(folder.join("own.csv"), "Kunde;Datum;Betrag\n7;2024-01-05;20\n7;2024-03-01;35\n")
        .unwrap();
    let found = done(folder, &words("check own.csv --table columns=columns.csv -o all.json"));
    assert!(found.stdout.starts_with("own.csv seems to be a table of transactions (2 rows)"));
    let columns = csv_records(&read(folder, "columns.csv"));
    let named: Vec<&str> = columns.iter().map(|record| &record[1]).collect();
    assert_eq!(named, ["customer_id", "time", "amount"]);
    assert!(read(folder, "all.json").contains("\"table\": \"transactions\""));
    // What is proposed runs as it stands.
    let lines = found.stdout.lines().skip_while(|line| !line.contains("winback check"));
    let proposed: String =
        lines.take_while(|line| !line.is_empty()).map(|line| line.replace('\\', " ")).collect();
    let found = done(folder, &words(proposed.trim().trim_start_matches("winback ")));
    assert!(found.stderr.contains("2 purchases of 1 customer"), "{}", found.stderr);
    fails(folder, "check", 2, "<FILE>");
    fails(folder, "check own.csv --transactions own.csv", 2, "cannot be used with");
    fails(folder, "check none.csv", 1, "none.csv");
    fails(folder, "check own.csv --tickets own.csv", 2, "cannot be used with");
    fails(folder, "check own.csv --sheet Orders", 2, "only workbooks have sheets");
    fails(folder, "check own.csv --column transactions.amount=nothing", 1, "transactions.nothing");
    let given = "check own.csv --decimal , --observed-until 2024-06-01 --bad-rows drop \
                 --column transactions.category=Betrag --csv-separator ; --limit columns=9";
    let found = done(folder, &words(given)).stdout;
    for part in [
        "decimal=\",\",",
        "observed_until=\"2024-06-01\",",
        "bad_rows=\"drop\",",
        "\"category\": \"Betrag\"",
        "limits={\"columns\": 9},",
        "--csv-separator ';'",
    ] {
        assert!(found.contains(part), "{part} in {found}");
    }
    fails(folder, &format!("check {LOG} --quick"), 2, "<FILE>");
}

#[test]
fn a_backtest_is_printed_and_written() {
    let folder = shop();
    let folder = folder.path();
    let line = format!("backtest {LOG} --tests 2 --draws 50 -o backtest.csv");
    let run = done(folder, &words(&line));
    assert!(run.stdout.starts_with("Backtest of the average model at 2024-08-02, 2024-10-01\n"));
    for part in ["MBG/NBD: by a model of purchases", "model, worst cutoff", "from 50 draws"] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
    let records = csv_records(&read(folder, "backtest.csv"));
    assert_eq!(records.len() % 4, 0);
    assert!(records.iter().any(|record| &record[0] == "worst" && record[1].is_empty()));
    fails(folder, &format!("backtest {LOG} --at 2024-12-01"), 2, "got 2024-12-01");
    fails(folder, &format!("backtest {LOG} --tests 0"), 2, "--tests: expected 1 to 10,000, got 0");
    fails(folder, &format!("backtest {LOG} --draws 900000"), 2, "got 900000");
    fails(folder, &format!("backtest {LOG} --tests 2 --at 2024-10-01"), 2, "cannot be used with");
}

#[test]
fn profit_is_printed_and_its_curve_written() {
    let folder = shop_with_model();
    let folder = folder.path();
    let used = format!("profit {LOG} --model model.winback --at 2024-10-01");
    let costs = "--clv 200 --incentive-cost 10 --contact-cost 1";
    let found = done(folder, &words(&format!("{used} {costs} --accept-rate 0.3 -o curve.csv")));
    assert!(found.stdout.starts_with("Profit of contacting active customers by the average model"));
    for part in ["accept rate 0.3\n", "\neverybody ", "\nnobody ", "outcomes known"] {
        assert!(found.stdout.contains(part), "{part}\n{}", found.stdout);
    }
    let curve = csv_records(&read(folder, "curve.csv"));
    assert_eq!(&curve[0], &["0", "0", "0", "", "0", "0"][..]);
    assert_eq!(&curve[curve.len() - 1][0], "1");
    let line =
        "--clv 0.3*total_spend_365d --incentive-cost 2 --contact-cost 0.5 --alpha 6 --beta 14";
    let found = done(folder, &words(&format!("{used} {line}")));
    for part in ["clv 0.3*total_spend_365d (", "Beta(6, 14)", "Expected maximum profit"] {
        assert!(found.stdout.contains(part), "{part}\n{}", found.stdout);
    }

    let missing = run(folder, &words(&used));
    assert_eq!(missing.code, Some(2));
    for option in ["--clv", "--incentive-cost", "--contact-cost", "--accept-rate"] {
        assert!(missing.stderr.contains(option), "{option}\n{}", missing.stderr);
    }
    for (line, message) in [
        (costs.to_owned(), "--accept-rate <SHARE>"),
        (format!("{costs} --alpha 6"), "--beta <B>"),
        (format!("{costs} --beta 6"), "--alpha <A>"),
        (format!("{costs} --accept-rate 0.3 --alpha 6 --beta 14"), "cannot be used with"),
        (format!("{costs} --accept-rate 1.5"), "--accept-rate: expected from 0 to 1, got 1.5"),
        (format!("{costs} --accept-rate nan"), "--accept-rate: expected from 0 to 1, got NaN"),
        (format!("{costs} --accept-rate much"), "invalid value 'much'"),
        (
            format!("{costs} --alpha 0 --beta 14"),
            "--alpha: expected from 0.001 to 1,000,000, got 0",
        ),
        (
            "--clv -5 --incentive-cost 1 --contact-cost 1 --accept-rate 0.3".into(),
            "--clv: expected above 0, at most 1e100, got -5",
        ),
        (
            "--clv 5 --incentive-cost 10 --contact-cost 1 --accept-rate 0.3".into(),
            "--incentive-cost: expected at most clv, 5, for more could never pay, got 10",
        ),
        (
            "--clv 5 --incentive-cost 1 --contact-cost -1 --accept-rate 0.3".into(),
            "--contact-cost: expected from 0 to 1e100, got -1",
        ),
        (
            "--clv total_spend --incentive-cost 1 --contact-cost 1 --accept-rate 0.3".into(),
            "expected a number, or a number times a feature",
        ),
        (
            "--clv 2*shoe --incentive-cost 1 --contact-cost 1 --accept-rate 0.3".into(),
            "--clv: expected a number times a feature of the catalogue",
        ),
    ] {
        fails(folder, &format!("{used} {line}"), 2, message);
    }
    let early = used.replace("2024-10-01", "2024-09-01");
    fails(folder, &format!("{early} {costs} --accept-rate 0.3"), 2, "got 2024-09-01");
    fails(
        folder,
        &format!("{used} {costs} --accept-rate 0.3 -o a.txt"),
        2,
        "a.txt: expected a file",
    );
    let over = format!("{used} {costs} --accept-rate 0.3 -o transactions.csv");
    assert_eq!(run(folder, &words(&over)).code, Some(2));
}

#[test]
fn the_limits_of_inactivity_are_printed_and_written() {
    let folder = shop();
    let folder = folder.path();
    let line = format!("inactivity {LOG} --at 2025-01-01 --group-by segment");
    let run = done(folder, &words(&format!("{line} -o returns.csv")));
    assert!(run.stdout.starts_with("Silences of "), "{}", run.stdout);
    for part in ["limits, and what they cost", "purchases so far", "\nsegment ", "lost_after"] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    assert!(read(folder, "returns.csv").starts_with("grouping,group,silence_days,silences,"));
    done(folder, &words(&format!("{line} --table limits=limits.parquet --table gaps=gaps.csv")));
    assert!(read(folder, "gaps.csv").contains("\nall,all,kaplan_meier,"));
    let records = csv_records(&read(folder, "returns.csv"));
    assert!(records.iter().filter(|record| &record[0] == "segment").count() > 10);

    fails(folder, &format!("inactivity {LOG}"), 2, "--at <DATE>");
    fails(folder, &format!("inactivity {LOG} --at 2026-01-01"), 2, "got 2026-01-01");
    fails(folder, &format!("{line} --lost-share 0.5"), 2, "less than lapsed_share, 0.2");
    fails(folder, &format!("{line} --lapsed-after 6mo"), 2, "more than lapsed_after, 6mo");
    fails(folder, &format!("{line} --table gaps"), 2, "there are returns, limits, gaps");
    fails(folder, &format!("{line} -o customers.csv"), 2, "a file that is no input");
    let other = line.replace("segment", "shoe_size");
    fails(folder, &other, 2, "--group-by: expected one of the log's attributes, ");
}

#[test]
fn segments_are_printed_kept_and_written() {
    let folder = shop();
    let folder = folder.path();
    let line = format!("segments {LOG} --at 2024-07-01");
    let first = done(folder, &words(&format!("{line} --save rfm.winback -o july.csv")));
    assert!(first.stdout.starts_with("RFM segments of "), "{}", first.stdout);
    for segment in ["champions", "cannot lose them", "lost"] {
        assert!(first.stdout.contains(segment), "{segment}\n{}", first.stdout);
    }
    assert!(first.stderr.contains("RFM scores fitted at 2024-07-01 on "), "{}", first.stderr);
    let july = read(folder, "july.csv");
    let head = "customer_id,recency,frequency,monetary,r_score,f_score,m_score,rfm_score,segment\n";
    assert!(july.starts_with(head), "{july}");
    let again = format!("{line} --fitted rfm.winback -o again.csv --profile champions");
    let again = done(folder, &words(&format!("{again} --attribute region")));
    assert_eq!(read(folder, "again.csv"), july);
    assert!(again.stdout.contains("\"champions\" at 2024-07-01: "), "{}", again.stdout);
    let rules = r#"{"other": "rest", "rules": [{"name": "best", "r": [3, 4], "f": [2, 4]}]}"#;
    fs::write(folder.join("rules.json"), rules).unwrap();
    let own = "--segments rules.json --recency-cuts 30,90,180 --quantiles 4 -o own.csv";
    let own = done(folder, &words(&format!("{line} {own} --fit-at 2024-06-01")));
    assert!(own.stdout.contains("\nbest ") && own.stdout.contains("\nrest "), "{}", own.stdout);

    fails(folder, &format!("{line} --segments kings"), 2, "or a file ending in .json");
    fails(folder, &format!("{line} --segments none.json"), 2, "No such file");
    fails(folder, &format!("{line} --quantiles 4"), 2, "got \"champions\" with \"555\"");
    fails(folder, &format!("{line} --recency-cuts 3,2"), 2, "got [3, 2]");
    fails(folder, &format!("{line} --fitted rfm.winback --quantiles 4"), 2, "--quantiles <N>");
    fails(folder, &format!("{line} --fitted july.csv"), 1, "july.csv: not a winback RFM file");
    fails(folder, &format!("{line} -o customers.csv"), 2, "a file that is no input");
    fails(folder, &format!("{line} --save customers.csv"), 2, "a file that is no input");
    fails(folder, &format!("{line} --profile kings"), 2, "--profile: expected one of ");
}

#[test]
fn loyalty_groups_are_printed_and_written() {
    let folder = shop_with_model();
    let folder = folder.path();
    let line = format!("loyalty {LOG} --at 2025-01-01");
    let with_model = format!("{line} --model model.winback --profile loyal -o loyalty.csv");
    let found = done(folder, &words(&format!("{with_model} --attribute segment")));
    assert!(found.stdout.starts_with("Loyalty of "), "{}", found.stdout);
    for part in
        ["the first rule that fits decides", "long overdue: overdue_ratio >= 2", "\"loyal\""]
    {
        assert!(found.stdout.contains(part), "{part}\n{}", found.stdout);
    }
    assert!(!found.stdout.contains("left out"), "{}", found.stdout);
    let table = read(folder, "loyalty.csv");
    assert!(table.starts_with("customer_id,group,rule,conditions,"), "{table}");
    assert!(table.lines().next().unwrap().ends_with(",churn_probability"));
    assert!(done(folder, &words(&line)).stdout.contains("(lacks a model)"));
    let rules = done(folder, &["loyalty", "--print-rules"]).stdout;
    fs::write(folder.join("rules.json"), &rules).unwrap();
    let own = done(folder, &words(&format!("{with_model} --attribute segment --rules rules.json")));
    assert_eq!(own.stdout, found.stdout);

    fs::write(folder.join("rules.json"), rules.replace("overdue_ratio", "luck")).unwrap();
    fails(folder, &format!("{line} --rules rules.json"), 2, "or churn_probability, got");
    fails(folder, &format!("loyalty {LOG}"), 2, "--at <DATE>");
    fails(folder, &format!("{line} --profile kings"), 2, "\"neutral\"");
    fails(folder, &format!("{line} --print-rules"), 2, "cannot be used with");
    fails(folder, &format!("{line} -o tickets.csv"), 2, "a file that is no input");
}

#[test]
fn concentration_is_printed_and_written() {
    let folder = shop();
    let folder = folder.path();
    let line = format!("concentration {LOG} --at 2025-01-01");
    let found = done(folder, &words(&format!("{line} -o vip.csv")));
    assert!(found.stdout.starts_with("Revenue (total_spend) of "), "{}", found.stdout);
    assert!(found.stdout.contains("\nthe top 20 % ("), "{}", found.stdout);
    assert!(read(folder, "vip.csv").starts_with("customer_id,rank,revenue,revenue_share\n"));
    done(folder, &words(&format!("{line} --top-shares 0.5 --table top=top.csv")));
    assert_eq!(csv_records(&read(folder, "top.csv")).len(), 1);
    let recent = format!("{line} --revenue total_spend_365d --table lorenz=lorenz.csv");
    done(folder, &words(&recent));
    assert_eq!(csv_records(&read(folder, "lorenz.csv")).len(), 101);

    fails(
        folder,
        &format!("{line} --top-shares 1.5"),
        2,
        "--top-shares: expected above 0 and up to 1, got 1.5",
    );
    fails(folder, &format!("{line} --revenue luck"), 2, "--revenue: expected one of ");
    fails(folder, &format!("{line} --table tops=top.csv"), 2, "there are vip, top, lorenz");
}

#[test]
fn answers_and_tickets_are_told_and_written() {
    let folder = shop();
    let folder = folder.path();
    let line = format!("nps {LOG} --at 2025-01-01 --group-by segment --every 1mo");
    let run = done(folder, &words(&format!("{line} -o periods.csv")));
    for part in ["NPS ", "\nsegment ", "what a topic adds", "after they answered", "no answer"] {
        let part = part.replace("no answer", "without an answer");
        assert!(run.stdout.contains(&part), "{part}\n{}", run.stdout);
    }
    assert!(read(folder, "periods.csv").starts_with("grouping,group,period,period_end,finished,"));
    for (table, first) in [
        ("groups", "grouping,group,answers,"),
        ("topics", "period,period_end,topic,"),
        ("afterwards", "answer,answers,"),
    ] {
        done(folder, &words(&format!("{line} --table {table}=table.csv")));
        assert!(read(folder, "table.csv").starts_with(first), "{table}");
    }
    fails(folder, &format!("nps {LOG}"), 2, "--at <DATE>");
    fails(folder, &format!("{line} --table topics"), 2, "expected the name of a table");
    fails(folder, &format!("{line} -o surveys.csv"), 2, "a file that is no input");
    fails(folder, &format!("{line} --horizon 0d"), 2, "--horizon: expected more than 0d, got 0d");
    let other = line.replace("segment", "shoe_size");
    fails(folder, &other, 2, "--group-by: expected one of the log's attributes, ");
    let without = LOG.replace("--surveys surveys.csv", "");
    fails(folder, &format!("nps {without} --at 2025-01-01"), 2, "--surveys <FILE>");

    let line = format!("service {LOG} --at 2025-01-01 --judged-after 90d");
    let run = done(folder, &words(&format!("{line} --response-hours 2,24 -o service.csv")));
    for part in ["no ticket", "resolved fast", "unresolved", "2h to 24h", "\ndelivery "] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    assert!(read(folder, "service.csv").starts_with("topic,grouping,group,tickets,"));
    fails(folder, &format!("{line} --fast-hours 9999"), 2, "less than judged_after, 90d");
    fails(folder, &format!("{line} --response-hours 5,2"), 2, "got [5.0, 2.0]");

    let line = format!("survey-plan {LOG} --day 2025-01-01 --share 0.05");
    let run = done(folder, &words(&format!("{line} --skip-open-tickets -o ask.csv")));
    assert!(run.stdout.contains("of 20 in round "), "{}", run.stdout);
    let text = read(folder, "ask.csv");
    assert!(text.starts_with("customer_id,day,round\n"), "{text}");
    done(folder, &words(&format!("{line} -o ask.csv")));
    assert!(read(folder, "ask.csv").len() >= text.len());
    fails(folder, &format!("{line} --min-gap 30d -o a.csv"), 2, "--min-gap: expected at most ");
    fails(folder, &format!("{line} --share 0 -o a.csv"), 2, "--share");
    fails(folder, &line, 2, "--output <FILE>");
}

#[test]
fn explanations_are_printed_and_written() {
    let folder = shop_with_model();
    let folder = folder.path();
    let used = format!("{LOG} --model model.winback --at 2025-01-01");
    let files = "-o reasons.csv --table contributions=all.csv --table groups=groups.parquet \
                 --table importance=importance.csv --table main_reasons=main.csv --language ru";
    let found = done(folder, &words(&format!("explain {used} {files}")));
    for part in ["активные клиенты: ", "Что сильнее всего мешает", "давность последней покупки"]
    {
        assert!(found.stdout.contains(part), "{part}\n{}", found.stdout);
    }
    let reasons = read(folder, "reasons.csv");
    assert!(reasons.starts_with("customer_id,state,purchase_probability,direction,rank,group,"));
    assert!(reasons.contains("шанс покупки"));
    assert!(read(folder, "all.csv").contains("contribution_days_since_last_purchase"));
    assert!(read(folder, "importance.csv").starts_with("state,group,feature,"));
    assert!(read(folder, "main.csv").starts_with("state,group,label,customers,share,"));
    let id = csv_records(&reasons)[1][0].to_owned();
    let found = done(folder, &words(&format!("explain {used} --customer-id {id}")));
    assert!(found.stdout.contains(&format!("{id}: chance of a purchase")), "{}", found.stdout);
    let scores = "--reasons 2 --drift -o scores.csv";
    let found = done(folder, &words(&format!("score {used} {scores}")));
    assert!(read(folder, "scores.csv").lines().next().unwrap().ends_with("reason_1,reason_2"));
    assert!(found.stderr.contains("tenure_days"), "{}", found.stderr);
    for (line, message) in [
        (
            "explain --customer-id nobody",
            "--customer-id: expected an id that the log has, got \"nobody\"",
        ),
        ("explain --language de", "expected \"en\" or \"ru\""),
        ("explain --reasons 101", "--reasons: expected at most 100, got 101"),
        ("explain --within 30d", "--within: expected nothing: a churn model tells of a purchase"),
        (
            "explain --min-contribution=-1",
            "--min-contribution: expected 0 or more, in log-odds, got -1",
        ),
        ("explain -o transactions.csv", "a file that is no input"),
        ("explain -o a.csv --table groups=a.csv", "a file of its own for each table"),
        ("explain --table importance=a.txt", "a.txt: expected a file"),
        ("drift --level 1", "--level: expected above 0 and below 1 (0.01 is usual), got 1"),
        ("card -o no/such/folder/card.md", "no/such/folder"),
        ("card -o transactions.csv", "a file that is no input"),
        ("card -o model.winback", "ending in .parquet, .csv, .json or .md"),
    ] {
        let (command, rest) = line.split_once(' ').unwrap();
        let at = if command == "card" { used.replace("--at 2025-01-01", "") } else { used.clone() };
        let result = run(folder, &words(&format!("{command} {at} {rest}")));
        assert_ne!(result.code, Some(0), "{line}");
        assert!(result.stderr.contains(message), "{message}\n{}", result.stderr);
    }
}

#[test]
fn drift_and_the_card_are_printed_and_written() {
    let folder = shop_with_model();
    let folder = folder.path();
    let used = format!("{LOG} --model model.winback");
    let found = done(folder, &words(&format!("drift {used} --at 2025-01-01 -o drift.csv")));
    assert!(found.stdout.contains("distributions have moved"), "{}", found.stdout);
    assert!(read(folder, "drift.csv").starts_with("column,psi,critical_value,stability,"));
    let tests = "--tests 2 --draws 20";
    let found = done(folder, &words(&format!("card {used} {tests}")));
    assert!(found.stdout.starts_with("# Churn model: average\n"), "{}", found.stdout);
    done(folder, &words(&format!("card {used} {tests} -o card.md")));
    assert_eq!(read(folder, "card.md").trim_end(), found.stdout.trim_end());
    done(folder, &words(&format!("card {used} {tests} -o card.json")));
    let card: serde_json::Value = serde_json::from_str(&read(folder, "card.json")).unwrap();
    assert_eq!(card["horizon"], "3mo");
}

#[test]
fn a_report_is_written_as_a_whole_and_over_nothing_else() {
    let folder = shop_with_model();
    let folder = folder.path();
    let used = format!("report {LOG} --model model.winback --at 2025-01-01 --tests 1 --draws 20");
    done(folder, &words(&format!("{used} --top 5 -o report.html")));
    let page = read(folder, "report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("The first 5 of"));
    assert!(!page.contains("leave alone"));
    let also = "--language ru --control-share 0.5 --salt spring -o report.html";
    done(folder, &words(&format!("{used} {also}")));
    let page = read(folder, "report.html");
    assert!(page.contains("lang=\"ru\"") && page.contains("не трогать"));
    for (rest, code, message) in [
        ("-o report.csv", 2, "report.csv: expected a file ending in .html"),
        ("-o model.winback", 2, "expected a file ending in .html"),
        ("-o no/such/folder/report.html", 1, "no/such/folder"),
        (
            "--top 0 -o new.html",
            2,
            "--top: expected 1 to 200, for score and candidates give all customers, got 0",
        ),
        ("--control-share 1 -o new.html", 2, "--control-share: expected from 0 to below 1, got 1"),
        ("--language de -o new.html", 2, "expected \"en\" or \"ru\""),
        ("--test-stride x -o new.html", 2, "expected a length of time"),
    ] {
        fails(folder, &format!("{used} {rest}"), code, message);
    }
    fs::copy(folder.join("model.winback"), folder.join("model.html")).unwrap();
    let over = used.replace("model.winback", "model.html");
    fails(folder, &format!("{over} -o model.html"), 2, "a file that is no input");
}

#[test]
fn the_base_over_time_is_printed_and_written() {
    let folder = shop();
    let folder = folder.path();
    let line = format!("retention {LOG} --every 1q --group-by channel -o retention.csv");
    let first = done(folder, &words(&line)).stdout;
    let widest = first.lines().map(|line| line.chars().count()).max();
    assert!(first.contains("\ngroup  period ") && widest <= Some(100), "{first}");
    let records = csv_records(&read(folder, "retention.csv"));
    assert!(records.len() >= 8 && records.iter().all(|record| record.len() == 17));
    let line = format!("retention {LOG} --group-by region --every 1y --start 2022-06-01");
    let unfinished = done(folder, &words(&line));
    assert!(unfinished.stdout.contains(" -  "), "{}", unfinished.stdout);
    assert!(unfinished.stdout.contains("is not over"), "{}", unfinished.stdout);

    let line = format!("cohorts {LOG} --every 1q --value share -o cohorts.parquet");
    let cohorts = done(folder, &words(&line)).stdout;
    assert!(cohorts.contains(" 1.0000"), "{cohorts}");
    assert!(folder.join("cohorts.parquet").exists());
    let line = format!("cohorts {LOG} --mode bracket --brackets 0,1,4");
    let head = done(folder, &words(&line)).stdout;
    assert_eq!(words(head.lines().next().unwrap()), ["cohort", "cohort_size", "0", "1-3"]);
    done(folder, &words(&format!("cohorts {LOG} --mode on_or_after")));

    let flow = done(folder, &words(&format!("flow {LOG} --every 1q -o flow.csv"))).stdout;
    assert!(flow.contains("reactivated_  reactivated_\n"), "{flow}");
    assert!(read(folder, "flow.csv").lines().next().unwrap().contains("lost_revenue_before"));

    let line = format!("migration {LOG} --start 2024-01-01 --end 2024-07-01 -o migration.csv");
    let migration = done(folder, &words(&line));
    assert!(migration.stdout.contains("note: share of lapsed + lost"), "{}", migration.stdout);
    assert_eq!(csv_records(&read(folder, "migration.csv")).len(), 12);

    done(folder, &words(&format!("segments {LOG} --at 2024-01-01 --save rfm.winback")));
    for options in ["segments", "segments --fitted rfm.winback", "loyalty"] {
        let line = format!("migration {LOG} --start 2024-01-01 --end 2024-07-01 --of {options}");
        let moved = done(folder, &words(&line));
        assert!(
            moved.stdout.contains("from_") && moved.stdout.contains("label "),
            "{}",
            moved.stdout
        );
        let alarm = moved.stdout.contains("note: share of vulnerable");
        assert_eq!(alarm, options == "loyalty", "{}", moved.stdout);
    }
    let line = format!("retention-curve {LOG} --silent-for 90d --group-by channel -o curve.csv");
    let curve = done(folder, &words(&line));
    assert!(curve.stdout.starts_with("group "), "{}", curve.stdout);
    assert!(curve.stdout.contains("fell silent for 90d; half had by day"), "{}", curve.stdout);
    assert!(read(folder, "curve.csv").starts_with("group,days,at_risk,silent,censored,survival"));

    for (line, message) in [
        (
            format!("retention-curve {LOG} --silent-for 0d"),
            "--silent-for: expected more than 0d, got 0d",
        ),
        (format!("retention-curve {LOG} --step 0"), "--step"),
        (
            format!("migration {LOG} --start 2024-03-01 --end 2024-04-01 --fitted rfm.winback"),
            "expected nothing without --of segments",
        ),
        (format!("retention {LOG} --every 0d"), "got 0d"),
        (format!("retention {LOG} --group-by shoe"), "--group-by"),
        (format!("retention {LOG} --end 2026-01-01"), "got 2026-01-01"),
        (format!("cohorts {LOG} --brackets 0,1"), "nothing without the mode bracket"),
        (format!("cohorts {LOG} --mode bracket"), "--brackets"),
        (format!("cohorts {LOG} --value colour"), "expected \"customers\""),
        (format!("flow {LOG} --lost-after 2mo"), "got 2mo"),
        (
            format!("migration {LOG} --start 2024-03-01 --end 2024-02-01"),
            "--end: expected a time after the start, 2024-03-01, got 2024-02-01",
        ),
        (format!("migration {LOG} --start 2024-03-01 --end 2024-04-01 --level 2"), "got 2"),
        (format!("flow {LOG} -o transactions.csv"), "a file that is no input table"),
    ] {
        fails(folder, &line, 2, message);
    }
}

#[test]
fn a_simulated_campaign_goes_from_its_arms_to_its_effect_and_to_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &words("simulate --customers-count 800 --campaign --persuaded 0.9 -o ."));
    let truth = csv_records(&read(folder, "campaign.csv"));
    assert!(truth.len() > 500);
    let types = ["persuadable", "sure_thing", "lost_cause", "sleeping_dog"];
    assert!(types.iter().all(|name| truth.iter().any(|row| &row[2] == *name)));
    let effect = format!(
        "campaign effect {LOG} --arms campaign.csv --start 2024-10-01 --shares control=1,contact=1 \
         --metrics purchased -o effects.csv"
    );
    done(folder, &words(&effect));
    let effects = csv_records(&read(folder, "effects.csv"));
    assert!(effects[0][7].parse::<f64>().unwrap() > 0.05, "{effects:?}");
    // The same arms, given.
    done(
        folder,
        &words(
            "simulate --customers-count 800 --campaign --persuaded 0.9 --campaign-arms campaign.csv \
             -o again",
        ),
    );
    assert_eq!(read(folder, "again/campaign.csv"), read(folder, "campaign.csv"));
    assert_eq!(read(folder, "again/transactions.csv"), read(folder, "transactions.csv"));

    let write = "campaign write --customer-list campaign.csv --target braze -o braze.csv";
    let told = done(folder, &words(write));
    let written = csv_records(&read(folder, "braze.csv"));
    let contacted = truth.iter().filter(|row| &row[1] == "contact").count();
    assert_eq!(written.len(), contacted);
    assert!(told.stdout.contains("written for braze, by external_id"), "{}", told.stdout);
    let wrong =
        "campaign write --customer-list campaign.csv --target braze --identifier email -o x.csv";
    fails(folder, wrong, 2, "--identifier: expected external_id or alias");
    let over = "campaign write --customer-list campaign.csv -o campaign.csv";
    assert_ne!(run(folder, &words(over)).code, Some(0));

    let owed = format!(
        "campaign compensation {LOG} --at 2024-10-01 --unresolved 20 --badly-rated 10 --fund 300 \
         -o owed.csv"
    );
    let told = done(folder, &words(&owed));
    assert!(told.stdout.contains("of a fund of 300.00"), "{}", told.stdout);
    let cost: f64 = csv_records(&read(folder, "owed.csv"))
        .iter()
        .map(|row| row[2].parse::<f64>().unwrap())
        .sum();
    assert!(cost > 100.0 && cost <= 300.0, "{cost}");
    let after = format!(
        "campaign compensation-outcomes {LOG} --arms owed.csv --start 2024-10-01 -o after.csv"
    );
    let told = done(folder, &words(&after));
    assert!(told.stdout.contains("observed, not caused"), "{}", told.stdout);
    fails(folder, &format!("campaign compensation {LOG} --at 2024-10-01"), 2, "--unresolved");
}
