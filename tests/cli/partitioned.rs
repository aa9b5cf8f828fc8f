//! Tables larger than memory: what happens when a run is killed or a disk is full.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{command, done, fails, listing, read, run, words};

const LOG: &str = "--transactions orders --tickets tickets.parquet --surveys surveys.parquet \
                   --customers customers.parquet --observed-until 2025-01-01";

/// A shop as Parquet files, transactions in a folder of their own, and a model.
fn shop(customers: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let simulate = format!("simulate --customers-count {customers} --format parquet -o .");
    done(path, &words(&simulate));
    fs::create_dir_all(path.join("orders/year=2024")).unwrap();
    fs::create_dir(path.join("temp")).unwrap();
    fs::rename(path.join("transactions.parquet"), path.join("orders/year=2024/a.parquet")).unwrap();
    let fit = format!("fit {LOG} --attribute segment --until 2024-10-01 -o model.winback");
    done(path, &words(&fit));
    folder
}

#[test]
fn results_with_a_memory_setting_are_the_same() {
    let folder = shop(400);
    let folder = folder.path();
    for line in [
        format!("features {LOG} --at 2024-10-01 --at 2025-01-01 --attribute segment"),
        format!("score {LOG} --model model.winback --at 2025-01-01"),
        format!("candidates {LOG} --model model.winback --at 2025-01-01 --top 20"),
    ] {
        let in_memory = done(folder, &words(&format!("{line} -o a.csv")));
        let memory = "--memory 512MB --temp-folder temp";
        let in_parts = done(folder, &words(&format!("{line} {memory} -o b.csv")));
        assert_eq!(read(folder, "a.csv"), read(folder, "b.csv"));
        let said = in_parts.stderr.replace("read in one part\n", "").replace("b.csv", "a.csv");
        assert_eq!(said, in_memory.stderr);
        assert_eq!(in_parts.stdout, in_memory.stdout);
    }
    for line in [
        format!("retention {LOG} --every 1q --group-by segment"),
        format!("retention-curve {LOG} --silent-for 90d --group-by channel"),
        format!("cohorts {LOG} --mode on_or_after --table share=share.csv"),
        format!("flow {LOG} --every 1q"),
        format!("inactivity {LOG} --at 2025-01-01 --group-by segment --table limits=limits.csv"),
        format!("nps {LOG} --at 2025-01-01 --group-by segment --table afterwards=after.csv"),
        format!("service {LOG} --at 2025-01-01 --judged-after 60d"),
        format!("concentration {LOG} --at 2025-01-01 --table lorenz=lorenz.csv"),
        format!("segments {LOG} --at 2025-01-01 --fit-at 2024-07-01 --table segments=segments.csv"),
        format!("loyalty {LOG} --at 2025-01-01 --model model.winback --table rules=rules.csv"),
        format!("drift {LOG} --at 2025-01-01 --model model.winback"),
        format!("evaluate {LOG} --at 2024-10-01 --model model.winback"),
        format!("migration {LOG} --start 2024-07-01 --end 2024-10-01"),
        format!("migration {LOG} --start 2024-07-01 --end 2024-10-01 --of segments"),
        format!("migration {LOG} --start 2024-07-01 --end 2024-10-01 --of loyalty"),
    ] {
        let in_memory = done(folder, &words(&format!("{line} -o a.csv")));
        let in_parts = done(folder, &words(&format!("{line} --memory 512MB -o b.csv")));
        assert_eq!(read(folder, "a.csv"), read(folder, "b.csv"));
        assert!(in_parts.stderr.contains("read in one part\n"), "{}", in_parts.stderr);
        let said = in_parts.stderr.replace("read in one part\n", "").replace("b.csv", "a.csv");
        assert_eq!(said, in_memory.stderr);
        assert_eq!(in_parts.stdout, in_memory.stdout);
    }
    for line in [
        format!("fit {LOG} --until 2024-10-01 --cutoffs 6 --estimator boosting -o a.winback"),
        format!("backtest {LOG} --tests 1 --cutoffs 3 --estimator tree --draws 20 -o a.csv"),
    ] {
        let (line, file) = line.rsplit_once(' ').unwrap();
        let in_memory = done(folder, &words(&format!("{line} {file}")));
        let other = file.replace("a.", "b.");
        for memory in ["--memory 1GB --temp-folder temp", "--memory 1GB --share 1"] {
            let in_parts = done(folder, &words(&format!("{line} {other} {memory}")));
            assert_eq!(read(folder, file), read(folder, &other));
            let said = in_parts.stderr.replace("read in one part\n", "").replace(&other, file);
            assert_eq!(said, in_memory.stderr);
            assert_eq!(in_parts.stdout, in_memory.stdout);
        }
        let share = done(folder, &words(&format!("{line} {other} --memory 1GB --share 0.7")));
        let told = format!("{}{}", share.stdout, share.stderr);
        assert!(told.contains("a share of 0.7 of the customers"), "{told}");
    }
    assert_eq!(listing(&folder.join("temp")), [""; 0]);
}

#[test]
fn what_cannot_be_done_with_a_memory_setting_is_said() {
    let folder = shop(200);
    let folder = folder.path();
    fs::write(folder.join("t.csv"), "customer_id,time\n1,2024-01-01\n").unwrap();
    let at = "--observed-until 2025-01-01 --at 2025-01-01 -o f.csv";
    let orders = format!("features --transactions orders {at}");
    for (line, message) in [
        (format!("{orders} --memory 2apples"), "expected a number of bytes, as 2GB"),
        (format!("{orders} --memory 1MB"), "--memory: expected at least 268435456"),
        (format!("{orders} --temp-folder temp"), "--memory <SIZE>"),
        (format!("fit {LOG} --until 2024-10-01 --share 0.5 -o m.winback"), "--memory <SIZE>"),
        (
            format!("fit {LOG} --until 2024-10-01 --share 2 --memory 1GB -o m.winback"),
            "--share: expected above 0, and 1 or less, got 2",
        ),
        (
            format!("evaluate {LOG} --model model.winback --at 2024-10-01 --share 0.5"),
            "unexpected argument '--share'",
        ),
        (
            "segments --transactions orders --observed-until 2025-01-01 --at 2025-01-01 \
             --profile lost --memory 1GB"
                .into(),
            "cannot be used with",
        ),
        (
            format!("features --transactions t.csv {at} --memory 1GB"),
            "--memory: expected none, or tables in Parquet files",
        ),
        (
            "features --transactions orders --observed-until 2025-01-01 --at 2025-01-01 \
             -o orders/f.parquet"
                .into(),
            "a place outside the folders of the input tables",
        ),
    ] {
        fails(folder, &line, 2, message);
    }
    fails(folder, &format!("{orders} --memory 1GB --temp-folder nowhere"), 1, "nowhere: ");
    fs::write(folder.join("orders/b.parquet"), "PAR1 no").unwrap();
    fails(folder, &format!("{orders} --memory 1GB"), 1, "orders/b.parquet: ");
    fails(folder, &orders, 1, "orders/b.parquet: ");
}

/// Waits until a result is being written beside its place, or the run has ended.
fn wait_for_part(folder: &Path, child: &mut std::process::Child) {
    let begin = Instant::now();
    let has_part = || listing(folder).iter().any(|name| name.ends_with(".part"));
    while !has_part() && child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn a_killed_run_leaves_nothing_behind_after_the_next() {
    let folder = shop(4_000);
    let folder = folder.path();
    let before = listing(folder);
    let at = "--at 2025-01-01 --at 2024-10-01 --at 2024-07-01 --memory 512MB --temp-folder temp";
    let line = format!("features {LOG} {at} -o f.csv");
    let mut killed = 0;
    for _ in 0..5 {
        let mut child = command(folder, &words(&line)).spawn().unwrap();
        wait_for_part(folder, &mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = listing(folder);
        killed += usize::from(now.iter().any(|name| name.ends_with(".part")));
        if now.contains(&"f.csv".to_owned()) {
            fs::remove_file(folder.join("f.csv")).unwrap(); // it was faster
        }
        #[cfg(unix)]
        assert_eq!(listing(&folder.join("temp")), [""; 0]);
    }
    assert!(killed > 0, "no run was killed while it wrote");
    fails(folder, &format!("features {LOG} --at 2031-01-01 -o f.csv"), 2, "got 2031-01-01");
    done(folder, &words(&format!("features {LOG} --at 2025-01-01 -o g.csv")));
    let mut expected = before;
    expected.push("g.csv".into());
    expected.sort();
    assert_eq!(listing(folder), expected);
}

#[test]
fn a_file_that_another_run_is_writing_is_left_alone() {
    let folder = shop(200);
    let folder = folder.path();
    let other = fs::File::create(folder.join(".winback-other.part")).unwrap();
    other.lock().unwrap();
    let line = format!("score {LOG} --model model.winback --at 2025-01-01 -o s.csv");
    done(folder, &words(&line));
    assert!(folder.join(".winback-other.part").exists());
    drop(other);
    done(folder, &words(&line));
    assert!(!folder.join(".winback-other.part").exists());
}

/// Runs with no file above so many blocks of 512 bytes, as on a disk that is full.
#[cfg(unix)]
fn with_full_disk(folder: &Path, blocks: usize, line: &str) -> super::Run {
    let program = env!("CARGO_BIN_EXE_winback");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {line}");
    Command::new("sh").args(["-c", &script]).current_dir(folder).output().unwrap().into()
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_one_clear_error_and_nothing_half_written() {
    let folder = shop(2_000);
    let folder = folder.path();
    let before = listing(folder);
    let line = format!("features {LOG} --at 2025-01-01 -o f.csv");
    let in_parts = with_full_disk(folder, 20, &format!("{line} --memory 1GB --temp-folder temp"));
    assert_eq!(in_parts.code, Some(1), "{}", in_parts.stderr);
    assert!(in_parts.stderr.contains("error: temp: File too large"), "{}", in_parts.stderr);
    let result = with_full_disk(folder, 20, &line);
    assert_eq!(result.code, Some(1), "{}", result.stderr);
    assert!(result.stderr.contains("error: f.csv: File too large"), "{}", result.stderr);
    let parquet = with_full_disk(folder, 20, &line.replace("f.csv", "f.parquet"));
    assert!(parquet.stderr.contains("error: f.parquet: File too large"), "{}", parquet.stderr);
    assert_eq!(listing(folder), before);
    assert_eq!(listing(&folder.join("temp")), [""; 0]);
    assert_eq!(run(folder, &words(&line)).code, Some(0));
}
