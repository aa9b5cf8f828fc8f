"""Finds where Rust code can be changed, and writes changes into it behind a switch at run time.

All changes that are drawn are compiled at once: `a < b` becomes
`if crate::mutants::on(17) { a <= b } else { a < b }`, and the program is told which one is on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_rust.language()))

# What an operator could have been by mistake.
OPERATORS = {
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "&&": ["||"],
    "||": ["&&"],
    "+=": ["-="],
    "-=": ["+="],
}
NUMBER = re.compile(r"([01])(\.0*)?(_?[iuf](?:8|16|32|64|size))?")
# What a function could give whatever it is asked; by the type that is written.
RESULTS = {"bool": ["true", "false"], "f64": ["0.0", "1.0"]}
RESULTS |= {kind: ["0", "1"] for kind in ("i32", "i64", "u32", "u64", "usize")}
# What the compiler itself must be able to tell, and what is no expression.
FIXED = {"const_item", "static_item", "const_block", "attribute_item", "macro_invocation"}
FIXED |= {"macro_definition", "enum_variant", "type_arguments"}
OPERATIONS = ("binary_expression", "compound_assignment_expr")

# The module that a copy of the crate is given. Which changes a test comes by is written down once
# for each, by a process that is asked to.
SWITCH = """//! Which change to the code is on.
#![allow(missing_docs)]

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static CHOSEN: OnceLock<usize> = OnceLock::new();
static SEEN: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
const COUNT: usize = {count};

#[inline]
pub(crate) fn on(number: usize) -> bool {
    let chosen = *CHOSEN.get_or_init(|| {
        std::env::var("WINBACK_MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX)
    });
    if chosen == COUNT && !SEEN[number].swap(true, Ordering::Relaxed) {
        let path = std::env::var("WINBACK_MUTANTS_SEEN").expect("a file for what is seen");
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(format!("{number}\\n").as_bytes()).unwrap();
    }
    chosen == number
}
"""


@dataclass(frozen=True)
class Change:
    """One change to a piece of code, in the file at a path below the project."""

    file: str
    function: str
    line: int
    start: int
    end: int
    before: str
    after: str
    # What stands in place of the code, or None where a function gives this at once.
    code: str | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is, wherever in the file it stands."""
        return self.file, self.function, self.before, self.after


def text(node: Node) -> str:
    return (node.text or b"").decode()


def changes(root: Path, file: str) -> list[Change]:
    """All changes to a file, in the order of its text."""
    tree = PARSER.parse((root / file).read_bytes())
    return list(in_node(file, tree.root_node, "", True))


def in_node(file: str, node: Node, function: str, fixed: bool) -> Iterator[Change]:
    """Those in a node; where it is `fixed` its own expressions are left alone."""
    if node.type == "function_item":
        function = text(named(node, "name"))
        fixed = any("const" in text(child) for child in node.children if "modifiers" in child.type)
        if not fixed:
            yield from of_result(file, node, function)
    elif node.type == "closure_expression":
        fixed = False
    elif node.type in FIXED or node.type.endswith(("_type", "_pattern")):
        fixed = True
    if not fixed:
        yield from of_expression(file, node, function)
    for place, child in enumerate(node.children):
        if is_test(child):
            continue
        field = node.field_name_for_child(place)
        condition = node.type == "match_pattern" and field == "condition"
        length = field == "length" or (node.type == "match_arm" and field == "pattern")
        inner = (fixed and not condition) or length
        yield from in_node(file, child, function, inner)


def named(node: Node, field: str) -> Node:
    child = node.child_by_field_name(field)
    assert child is not None, f"{node.type} has no {field}"
    return child


def is_test(node: Node) -> bool:
    """Whether an item is for tests only: what stands before it says so."""
    before = node.prev_sibling
    while before is not None and before.type in ("attribute_item", "line_comment"):
        if text(before).replace(" ", "") in ("#[cfg(test)]", "#[test]"):
            return True
        before = before.prev_sibling
    return False


def of_result(file: str, node: Node, function: str) -> Iterator[Change]:
    given = node.child_by_field_name("return_type")
    body = node.child_by_field_name("body")
    if given is None or body is None:
        return
    kind = text(given)
    for result in ["None"] if kind.startswith("Option<") else RESULTS.get(kind, []):
        signature = f"fn {function} -> {kind}"
        place = node.start_point.row + 1
        yield Change(file, function, place, body.start_byte, body.end_byte, signature, result, None)


def of_expression(file: str, node: Node, function: str) -> Iterator[Change]:
    def change(code: str, whole: Node, after: str) -> Change:
        line = node.start_point.row + 1
        before, after = (" ".join(words.split()) for words in (text(whole), after))
        return Change(file, function, line, node.start_byte, node.end_byte, before, after, code)

    if node.type in OPERATIONS:
        left, sign, right = (text(named(node, part)) for part in ("left", "operator", "right"))
        for other in OPERATORS.get(sign, []):
            # In brackets: `a as i64 >= b` may be written so, `a as i64 < b` may not.
            yield change(f"({left}) {other} ({right})", node, f"{left} {other} {right}")
    elif node.type == "unary_expression" and text(node.children[0]) == "!":
        yield change(text(node.children[1]), node, text(node.children[1]))
    elif node.type in ("integer_literal", "float_literal"):
        number, parent = NUMBER.fullmatch(text(node)), node.parent
        if number and parent is not None and parent.type in OPERATIONS:
            other = f"{1 - int(number[1])}{number[2] or ''}{number[3] or ''}"
            start, end = node.start_byte - parent.start_byte, node.end_byte - parent.start_byte
            whole = text(parent).encode()
            yield change(other, parent, (whole[:start] + other.encode() + whole[end:]).decode())


def written(source: bytes, drawn: list[tuple[int, Change]]) -> bytes:
    """A file with changes, each with its number, behind switches.

    Comments say where the code of each begins and ends, for errors of the compiler.
    """
    at: dict[tuple[int, int], list[tuple[int, Change]]] = {}
    for number, change in drawn:
        at.setdefault((change.start, change.end), []).append((number, change))
    spans = sorted(at, key=lambda span: (span[0], -span[1]))

    def render(start: int, end: int, inner: list[tuple[int, int]]) -> bytes:
        out, place = b"", start
        while inner:
            span, *rest = inner
            within = [other for other in rest if other[1] <= span[1]]
            inner = [other for other in rest if other[1] > span[1]]
            out += source[place : span[0]] + switched(span, within)
            place = span[1]
        return out + source[place:end]

    def switched(span: tuple[int, int], within: list[tuple[int, int]]) -> bytes:
        code = render(*span, within)
        for number, change in at[span]:
            test = f"if crate::mutants::on({number})"
            begin, end = f"/*<{number}*/", f"/*{number}>*/"
            if change.code is None:
                body = code.removeprefix(b"{")
                early = f"{{ {begin}{test} {{ return {change.after}; }}{end} "
                code = early.encode() + body
            else:
                head = f"{begin}({test} {{ {change.code} }} else {{ "
                code = head.encode() + code + f" }}){end}".encode()
        return code

    return render(0, len(source), spans)


def at_byte(code: bytes, place: int) -> int | None:
    """The number of the innermost change of the written code at a byte, or of the nearest."""
    spans = []
    for begin in re.finditer(rb"/\*<(\d+)\*/", code):
        end = code.index(b"/*%s>*/" % begin[1])
        spans.append((begin.start(), end, int(begin[1])))
    around = [span for span in spans if span[0] <= place < span[1]]
    if around:
        return min(around, key=lambda span: span[1] - span[0])[2]
    away = [(min(abs(place - span[0]), abs(place - span[1])), span[2]) for span in spans]
    return min(away)[1] if away else None
