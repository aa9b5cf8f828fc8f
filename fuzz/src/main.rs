//! Attacks whatever reads what others wrote: damaged files, with marks and checksums made right, are
//! read and used. No case may panic, take longer than two seconds, or take more memory than it is
//! worth.
//!
//! ```text
//! make fuzz MINUTES=10                            all readers, a share of the time each
//! make fuzz MINUTES=10 OPTIONS="csv parquet"
//! make fuzz OPTIONS="csv --case finding"          one file
//! ```
//!
//! Cases are made from a few files of each kind, from those in `corpus`, and from cases that were
//! refused with words not seen before. What once was a finding is a file of the corpus, and read first.

mod case;
mod change;
mod memory;
mod target;
mod targets;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use target::Target;

/// Cases that others are made from, at most.
const POOL: usize = 2_000;
/// A case that takes so long has stopped.
const HANGS: Duration = Duration::from_secs(120);

#[derive(Parser)]
struct Options {
    /// Readers to attack; all where none is named.
    readers: Vec<String>,
    /// Time for all of them together.
    #[arg(long, default_value_t = 0.6)]
    minutes: f64,
    /// Other cases for every seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Read this file alone.
    #[arg(long)]
    case: Option<PathBuf>,
    /// Folder for cases that are findings.
    #[arg(long, default_value = "target/fuzz")]
    findings: PathBuf,
    /// Write what was tried to this file, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// What came of the cases of a reader.
#[derive(Default)]
struct Tally {
    cases: u64,
    taken: u64,
    words: usize,
    longest: Duration,
    peak: usize,
    findings: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let known = targets::TARGETS.map(|target| target.name);
    if let Some(name) = options.readers.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!("no reader is called {name}; there are {}", known.join(", "));
        return ExitCode::FAILURE;
    }
    let is_meant = |target: &Target| {
        options.readers.is_empty() || options.readers.iter().any(|name| name == target.name)
    };
    let meant: Vec<&Target> =
        targets::TARGETS.into_iter().filter(|target| is_meant(target)).collect();
    std::fs::create_dir_all(&options.findings).expect("a folder for findings");
    case::keep_panics();
    let time = Duration::from_secs_f64(60.0 * options.minutes) / meant.len() as u32;
    let mut tallies = Vec::new();
    println!(
        "{:12}{:>10}{:>10}{:>10}{:>12}{:>12}{:>10}",
        "reader", "cases", "taken", "errors", "longest", "memory", "findings"
    );
    for target in meant {
        let tally = match &options.case {
            Some(path) => one(target, path, &options),
            None => attack(target, time, &options),
        };
        println!(
            "{:12}{:10}{:10}{:10}{:9.2} s{:9} MB{:10}",
            target.name,
            tally.cases,
            tally.taken,
            tally.words,
            tally.longest.as_secs_f64(),
            tally.peak >> 20,
            tally.findings
        );
        tallies.push((target.name, tally));
    }
    if let Some(path) = &options.report {
        std::fs::write(path, report(&tallies, options.seed)).expect("the report is written");
    }
    match tallies.iter().all(|(_, tally)| tally.findings == 0) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn one(target: &Target, path: &Path, options: &Options) -> Tally {
    let mut tally = Tally::default();
    let bytes = std::fs::read(path).expect("the case is read");
    if let Some(words) = tally.case(target, &bytes, options) {
        println!("{}: {}", target.name, if words.is_empty() { "taken" } else { &words });
    }
    tally
}

fn attack(target: &Target, time: Duration, options: &Options) -> Tally {
    let mut tally = Tally::default();
    let mut pool = (target.seeds)();
    pool.extend(corpus(target));
    for bytes in pool.clone() {
        tally.case(target, &bytes, options);
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut seen = HashSet::new();
    let start = Instant::now();
    while start.elapsed() < time {
        let mut any = || &pool[random.random_range(0..pool.len())];
        let (from, other) = (any().clone(), any().clone());
        let bytes = (target.mend)(change::changed(&mut random, &from, &other));
        let words = tally.case(target, &bytes, options);
        if let Some(words) = words
            && seen.insert(words)
            && pool.len() < POOL
        {
            pool.push(bytes);
        }
    }
    tally.words = seen.len();
    tally
}

/// The files of a reader in the corpus, by name.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file of the corpus")).collect()
}

impl Tally {
    /// Runs a case and keeps it where something is wrong; the words of its refusal, without what
    /// differs from case to case.
    fn case(&mut self, target: &Target, bytes: &[u8], options: &Options) -> Option<String> {
        let path = options.findings.join(format!("{}-{:08x}", target.name, crc32fast::hash(bytes)));
        let ran = watched(target, bytes, &path);
        self.cases += 1;
        match ran {
            Ok(ran) => {
                self.taken += u64::from(ran.refused.is_none());
                self.longest = self.longest.max(ran.took);
                self.peak = self.peak.max(ran.peak);
                Some(ran.refused.map_or_else(String::new, |text| words(&text)))
            }
            Err(wrong) => {
                self.findings += 1;
                std::fs::write(&path, bytes).expect("the finding is kept");
                eprintln!("{}: {wrong}", path.display());
                None
            }
        }
    }
}

/// Runs a case; one that never ends is kept, and ends all. So is one that ends the process, as where a
/// reader asks for more memory than there is.
fn watched(target: &Target, bytes: &[u8], path: &Path) -> Result<case::Ran, String> {
    let running = path.with_file_name(format!("{}-running", target.name));
    std::fs::write(&running, bytes).expect("the case is kept while it runs");
    let ran = until_its_end(target, bytes, path);
    std::fs::remove_file(&running).expect("the case has ended");
    ran
}

fn until_its_end(target: &Target, bytes: &[u8], path: &Path) -> Result<case::Ran, String> {
    let (ended, end) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if end.recv_timeout(HANGS) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                std::fs::write(path, bytes).expect("the finding is kept");
                eprintln!("{}: hangs", path.display());
                std::process::abort();
            }
        });
        let ran = case::run(target, bytes);
        drop(ended);
        ran
    })
}

/// An error's text without what it quotes and counts.
fn words(text: &str) -> String {
    let parts = text.split(['"', '\'', '`']).step_by(2).collect::<String>();
    parts.chars().filter(|sign| sign.is_alphabetic() || *sign == ' ').take(48).collect()
}

fn report(tallies: &[(&str, Tally)], seed: u64) -> String {
    let of = |(name, tally): &(&str, Tally)| {
        serde_json::json!({
            "reader": name, "cases": tally.cases, "taken": tally.taken, "errors": tally.words,
            "longest_seconds": tally.longest.as_secs_f64(), "memory_bytes": tally.peak,
            "findings": tally.findings,
        })
    };
    let readers: Vec<serde_json::Value> = tallies.iter().map(of).collect();
    format!("{:#}\n", serde_json::json!({ "seed": seed, "readers": readers }))
}
