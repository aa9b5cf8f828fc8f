//! One direction: data, features, labels, models, evaluation, decisions. A room may use the rooms
//! above it in this list, never those below; inside a room no modules use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::modules::{Module, Modules};

const ORDER: [&str; 35] = [
    "error",
    "language",
    "time",
    "hash",
    "input_file",
    "progress",
    "stats",
    "answer",
    "model_file",
    "labels",
    "simulate",
    "log",
    "check",
    "groups",
    "periods",
    "features",
    "snapshot",
    "panel",
    "models",
    "metrics",
    "explain",
    "followup",
    "events",
    "inactivity",
    "retention",
    "surveys",
    "service",
    "timing",
    "churn",
    "hazard",
    "evaluation",
    "segments",
    "campaign",
    "report",
    "cli",
];

/// Circles inside rooms that may be, each as all its modules, and why.
const CIRCLES: [(&[&str], &str); 1] =
    [(&["log::event_log", "log::assemble"], "a log is made of its span, and its parts make it")];

#[test]
fn rooms_use_only_rooms_above_them() {
    let modules = Modules::read();
    let place = |room: &str| ORDER.iter().position(|name| *name == room);
    let mut uses = 0;
    let mut upward = Vec::new();
    for module in modules.names() {
        let name = module.join("::");
        let here = place(&module[0]).unwrap_or_else(|| panic!("{name} has no place"));
        for path in modules.paths(module) {
            // Re-exports at the root, such as `crate::Error`, start with a capital.
            let Some(used) = path.first().filter(|used| !used.starts_with(char::is_uppercase))
            else {
                continue;
            };
            let there = place(used).unwrap_or_else(|| panic!("{name} uses unknown {used}"));
            if there > here {
                upward.push(format!("{name} uses {}", path.join("::")));
            }
            uses += usize::from(there < here);
        }
    }
    assert!(upward.is_empty(), "of rooms below: {upward:#?}");
    let count = modules.names().count();
    assert!(count > 200 && uses > 700, "{count} modules and {uses} uses looked at");
}

#[test]
fn no_circles_inside_rooms_but_those_that_are_named() {
    let modules = Modules::read();
    let uses = modules.uses_inside_rooms();
    let edges: usize = uses.values().map(BTreeSet::len).sum();
    assert!(edges > 300, "{edges} uses looked at");
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        uses.keys().map(|module| (*module, reach(module, &uses))).collect();
    let mut open = Vec::new();
    let mut seen = [false; CIRCLES.len()];
    for module in modules.names() {
        let around = reached[module].iter().filter(|other| reached[*other].contains(module));
        let circle: Vec<String> = around.map(|other| other.join("::")).collect();
        if circle.is_empty() {
            continue;
        }
        let named = |(modules, _): &(&[&str], &str)| {
            circle.iter().all(|module| modules.contains(&module.as_str()))
        };
        match CIRCLES.iter().position(named) {
            Some(index) => seen[index] = true,
            None => open.push(circle),
        }
    }
    open.dedup();
    assert!(open.is_empty(), "circles: {open:#?}");
    for ((modules, why), seen) in CIRCLES.iter().zip(seen) {
        assert!(seen, "no circle any more, take it off the list: {modules:?} ({why})");
    }
}

/// The modules that a module uses, and those that these use, and so on.
fn reach<'a>(
    from: &'a Module,
    uses: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&Module> = uses[from].iter().copied().collect();
    while let Some(module) = left.pop() {
        if found.insert(module) {
            left.extend(&uses[module]);
        }
    }
    found
}
