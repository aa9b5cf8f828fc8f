//! Which modules of the library use which, read from the sources. Tests may use anything and are
//! left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module's path from the crate's root: `["log", "read"]`.
pub(crate) type Module = Vec<String>;

/// The modules of `src` with the code of each.
#[derive(Debug)]
pub(crate) struct Modules(BTreeMap<Module, String>);

impl Modules {
    pub(crate) fn read() -> Modules {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        sources(&src, &mut files);
        let read = |file: PathBuf| {
            let inside = file.strip_prefix(&src).unwrap().with_extension("");
            let mut module: Module =
                inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            let beside = module.iter().any(|part| part == "tests") || inside == Path::new("lib");
            (!beside && inside != Path::new("main"))
                .then(|| (module, without_tests(&std::fs::read_to_string(&file).unwrap())))
        };
        Modules(files.into_iter().filter_map(read).collect())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Module> {
        self.0.keys()
    }

    /// The paths from the crate's root that a module's code names.
    pub(crate) fn paths(&self, module: &Module) -> Vec<Module> {
        let code = &self.0[module];
        let mut paths = Vec::new();
        for start in ["crate", "super"] {
            paths.extend(trees_at(code, start).map(|(_, tree)| tree));
        }
        // What a module hands on from its children it does not use itself.
        for start in self.children(module).chain(["self"]) {
            let used = trees_at(code, start).filter(|(at, _)| !is_handed_on(code, *at));
            paths.extend(used.map(|(_, tree)| tree));
        }
        paths.into_iter().flatten().map(|path| absolute(module, path)).collect()
    }

    /// Which modules of its own room each module uses.
    pub(crate) fn uses_inside_rooms(&self) -> BTreeMap<&Module, BTreeSet<&Module>> {
        let handed_on: BTreeMap<&Module, Vec<Module>> =
            self.names().map(|module| (module, self.imports(module))).collect();
        let used_by = |module: &Module| {
            let paths = self.paths(module);
            let found = paths.iter().filter_map(|path| self.owner(path, &handed_on, 0));
            let found: BTreeSet<&Module> =
                found.filter(|other| *other != module && other[0] == module[0]).collect();
            found
        };
        self.names().map(|module| (module, used_by(module))).collect()
    }

    /// The module where what a path names is defined.
    fn owner(
        &self,
        path: &[String],
        imports: &BTreeMap<&Module, Vec<Module>>,
        depth: usize,
    ) -> Option<&Module> {
        let known = (1..=path.len()).rev().find(|&length| self.0.contains_key(&path[..length]))?;
        let (module, code) = self.0.get_key_value(&path[..known]).unwrap();
        let Some(name) = path.get(known) else { return Some(module) };
        if !defines(code, name) && depth < 8 {
            let import = imports[module].iter().find(|import| import.last() == Some(name));
            if let Some(import) = import {
                let whole = [&import[..], &path[known + 1..]].concat();
                return self.owner(&whole, imports, depth + 1);
            }
        }
        Some(module)
    }

    /// Paths from the root of what a module imports, from its children and from elsewhere.
    fn imports(&self, module: &Module) -> Vec<Module> {
        let children: Vec<&str> = self.children(module).collect();
        let mut found = Vec::new();
        for (at, _) in self.0[module].match_indices("use ") {
            let tree = tree(&self.0[module], at + "use ".len()).0;
            found.extend(tree.into_iter().filter(|path| {
                let first = path.first().map_or("", String::as_str);
                path.len() > 1
                    && (["crate", "super", "self"].contains(&first) || children.contains(&first))
            }));
        }
        found.into_iter().map(|path| absolute(module, path)).collect()
    }

    fn children<'a>(&'a self, module: &'a Module) -> impl Iterator<Item = &'a str> {
        let inside = |other: &&Module| {
            other.len() == module.len() + 1 && other[..module.len()] == module[..]
        };
        self.names().filter(inside).map(|child| child.last().unwrap().as_str())
    }
}

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

/// Code without comments and without the items under `#[cfg(test)]`.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            let item = lines.find(|line| !line.trim_start().starts_with("#[")).unwrap();
            if !item.trim_end().ends_with(';') {
                let indent = item.len() - item.trim_start().len();
                lines.find(|line| line.get(indent..) == Some("}"));
            }
            continue;
        }
        code.push_str(line);
        code.push('\n');
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The places where a path begins with this name, and the paths there.
fn trees_at<'a>(
    code: &'a str,
    first: &'a str,
) -> impl Iterator<Item = (usize, Vec<Vec<String>>)> + 'a {
    let begins = move |at: &usize| {
        code[at + first.len()..].starts_with("::")
            && !code[..*at].ends_with(|c: char| is_word(c) || c == ':' || c == '.')
    };
    let places = code.match_indices(first).map(|(at, _)| at).filter(begins);
    places.map(move |at| (at, tree(code, at).0))
}

/// Whether the code here stands in a `pub use`.
fn is_handed_on(code: &str, at: usize) -> bool {
    let item = code[..at].rsplit(';').next().unwrap();
    item.lines().any(|line| line.starts_with("pub") && line.contains(" use "))
}

/// The paths of a tree as in `use`, such as `a::{b, c::d}`, and where it ends.
fn tree(code: &str, mut at: usize) -> (Vec<Vec<String>>, usize) {
    let spaces = |at: usize, also: &str| {
        let rest = &code[at..];
        at + rest.len()
            - rest.trim_start_matches(|c: char| c.is_whitespace() || also.contains(c)).len()
    };
    at = spaces(at, "");
    if code[at..].starts_with('{') {
        let mut paths = Vec::new();
        at = spaces(at + 1, ",");
        while !code[at..].is_empty() && !code[at..].starts_with('}') {
            let (part, mut end) = tree(code, at);
            if code[end..].starts_with(" as ") {
                end = tree(code, end + " as ".len()).1;
            }
            if end == at {
                return (paths, at + 1);
            }
            paths.extend(part);
            at = spaces(end, ",");
        }
        return (paths, (at + 1).min(code.len()));
    }
    let length = code[at..].find(|c| !is_word(c)).unwrap_or(code.len() - at);
    let name = code[at..at + length].to_owned();
    at += length;
    if name.is_empty() || !code[at..].starts_with("::") {
        return (vec![vec![name]], at);
    }
    let (mut paths, end) = tree(code, at + 2);
    for path in &mut paths {
        path.insert(0, name.clone());
    }
    (paths, end)
}

/// A path of a module's code, from the crate's root.
fn absolute(module: &Module, path: Vec<String>) -> Module {
    let mut path = &path[..];
    let mut base = module.clone();
    if path[0] == "crate" {
        return path[1..].to_vec();
    }
    while let Some(first) = path.first().filter(|first| *first == "super" || *first == "self") {
        if first == "super" {
            base.pop();
        }
        path = &path[1..];
    }
    [&base[..], path].concat()
}

/// Whether code defines a name.
fn defines(code: &str, name: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "trait", "const", "type", "static", "mod", "macro_rules!"];
    code.match_indices(name).any(|(at, _)| {
        let after = code[at + name.len()..].starts_with(is_word);
        !after
            && kinds.iter().any(|kind| {
                code[..at].trim_end_matches(' ').ends_with(kind) && code[..at].ends_with(' ')
            })
    })
}
