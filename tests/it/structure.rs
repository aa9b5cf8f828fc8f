//! One direction: data, features, labels, models, evaluation, decisions. A file may use the files
//! above it in this list, never those below.

use std::path::{Path, PathBuf};

const ORDER: [&str; 30] = [
    "error",
    "language",
    "time",
    "hash",
    "progress",
    "stats",
    "answer",
    "model_file",
    "simulate",
    "labels",
    "log",
    "groups",
    "periods",
    "features",
    "panel",
    "models",
    "metrics",
    "explain",
    "followup",
    "inactivity",
    "retention",
    "surveys",
    "service",
    "timing",
    "churn",
    "evaluation",
    "segments",
    "campaign",
    "report",
    "cli",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The room of a file: the first part of its path below `src`.
fn room(path: &Path, src: &Path) -> String {
    let inside = path.strip_prefix(src).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Rooms that a source text names as `crate::room`. Documentation and tests may look anywhere.
fn rooms_used(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut used = Vec::new();
    for line in lines {
        for (start, _) in line.match_indices("crate::") {
            let rest = &line[start + "crate::".len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(list) => list.split(',').collect(),
                None => vec![rest],
            };
            for name in names {
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                used.push(
                    name.trim()[..end.unwrap_or(name.trim().len()).min(name.trim().len())]
                        .to_owned(),
                );
            }
        }
    }
    used
}

#[test]
fn files_use_only_files_above_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let place = |room: &str| ORDER.iter().position(|name| *name == room);
    let mut uses = 0;
    for file in &files {
        let room = room(file, &src);
        // Tests may look anywhere.
        let is_test = file.components().any(|part| part.as_os_str() == "tests")
            || file.file_name().is_some_and(|name| name == "tests.rs");
        if room == "lib" || room == "main" || is_test {
            continue;
        }
        let here = place(&room).unwrap_or_else(|| panic!("{} has no place", file.display()));
        for used in rooms_used(&std::fs::read_to_string(file).unwrap()) {
            // Re-exports at the root, such as `crate::Error`, start with a capital.
            if used.starts_with(char::is_uppercase) || used == "Result" {
                continue;
            }
            let there =
                place(&used).unwrap_or_else(|| panic!("{} uses unknown {used}", file.display()));
            assert!(there <= here, "{} uses {used}, which comes after it", file.display());
            uses += 1;
        }
    }
    assert!(files.len() > 40 && uses > 80, "{} files and {uses} uses looked at", files.len());
}
