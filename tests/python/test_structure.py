"""Modules of the package import in one direction: no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import winback as wb

PACKAGE = Path(wb.__file__).parent


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def named(node: ast.AST) -> Iterator[str]:
    """The modules of the package that an import names."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
    if isinstance(node, ast.ImportFrom) and node.module in MODULES:
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in MODULES else node.module


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(node: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """What is imported, and whether inside a function; not what only types need."""
    for child in ast.iter_child_nodes(node):
        if is_for_types(child):
            continue
        yield from ((name, inside) for name in named(child))
        is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield from imports(child, inside or is_function)


USES = {
    module: set(imports(ast.parse(path.read_text(encoding="utf-8"))))
    for module, path in MODULES.items()
}


def circle(uses: dict[str, set[str]]) -> list[str]:
    """A circle of modules, or nothing."""
    done: set[str] = set()

    def search(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module not in done:
            for used in sorted(uses[module]):
                if found := search(used, [*way, module]):
                    return found
            done.add(module)
        return []

    for module in sorted(uses):
        if found := search(module, []):
            return found
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    above = {
        module: {name for name, inside in uses if not inside and name != module}
        for module, uses in USES.items()
    }
    # The package itself hands on what its modules have; that is where a user begins.
    for uses in above.values():
        uses.discard("winback")
    assert sum(map(len, above.values())) > 150
    assert circle(above) == []


def test_a_circle_would_be_found() -> None:
    uses = {"a": {"b"}, "b": {"c"}, "c": {"b"}}
    assert circle(uses) == ["b", "c", "b"]


def test_the_core_knows_nothing_of_the_package() -> None:
    low = {"winback._arguments", "winback._time", "winback._options", "winback._frames"}
    for module in low & MODULES.keys():
        used = {name for name, _ in USES[module]}
        assert used <= low | {"winback"}, module
