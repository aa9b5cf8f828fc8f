"""Every public name says all that it should: arguments, result, errors, and an example."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import winback as wb

_SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Examples")


def public_modules() -> dict[str, Any]:
    """The package and those of its modules that are public."""
    found = {"winback": wb}
    modules = [name for name in wb.__all__ if inspect.ismodule(getattr(wb, name))]
    spark = ("spark", "spark.campaign", "spark.retention", "spark.segments")
    for name in (*modules, "sklearn", *spark):
        try:
            found[f"winback.{name}"] = __import__(f"winback.{name}", fromlist=["__all__"])
        except ImportError:
            continue
    return found


def public_objects() -> Iterator[tuple[str, Any]]:
    """Classes and functions with their full names, and the classes' own public methods."""
    for module_name, module in public_modules().items():
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.ismodule(value) or isinstance(value, str):  # the version
                continue
            yield f"{module_name}.{name}", value
            if inspect.isclass(value):
                for method, member in members(value):
                    yield f"{module_name}.{name}.{method}", member


def members(of: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that the package itself defines, inherited ones too."""
    for base in of.__mro__:
        if not base.__module__.startswith("winback"):
            continue
        for name, member in vars(base).items():
            if name.startswith("_") or getattr(of, name, None) is None:
                continue
            if isinstance(member, (classmethod, staticmethod)):
                member = member.__func__
            if inspect.isfunction(member) or isinstance(member, property):
                yield name, member


def unique_objects() -> dict[str, Any]:
    """Each object under the first of its names: a method that is inherited is looked at once."""
    found: dict[str, Any] = {}
    seen = set()
    for name, value in public_objects():
        if id(value) not in seen:
            seen.add(id(value))
            found[name] = value
    return found


OBJECTS = unique_objects()


def sections(doc: str) -> dict[str, str]:
    """The text of each section of a docstring in Google's style; "" is what stands before."""
    parts = re.split(rf"^({'|'.join(_SECTIONS)}):\n", inspect.cleandoc(doc), flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def arguments(text: str) -> list[str]:
    """Names described in a section of arguments or attributes."""
    return re.findall(r"^ {4}\*{0,2}(\w+)(?: \(.*?\))?: ", text, re.M)


def problems(value: Any) -> Iterator[str]:
    """What a docstring lacks."""
    doc = inspect.getdoc(value)
    if not doc:
        yield "no docstring"
        return
    found = sections(doc)
    summary = found[""].strip().split("\n\n")[0]
    if not summary.endswith((".", ":", "?")) or len(summary.splitlines()) > 1:
        yield f"a summary in one line, with a full stop: {summary!r}"
    if isinstance(value, property):
        return
    is_class = inspect.isclass(value)
    is_error = is_class and issubclass(value, Exception)
    signature = inspect.Signature() if is_error else inspect.signature(value)
    wanted = [name for name in signature.parameters if name not in ("self", "cls")]
    # Results are made by the package: their constructor's arguments are not for users.
    made_here = is_class and wanted and "Args" not in found
    described = arguments(found.get("Args", ""))
    if made_here:
        if "Attributes" not in found and not has_public_members(value):
            yield "neither arguments nor attributes"
    elif described != wanted:
        yield f"Args are {described} and not {wanted}"
    result = signature.return_annotation
    nothing = is_class or result in (None, "None", inspect.Signature.empty)
    if not nothing and "Returns" not in found:
        yield f"no Returns for {result}"
    if not is_class and "Raises" not in found and can_raise(value):
        yield "no Raises"
    if ">>> " not in found.get("Examples", ""):
        yield "no example"


def has_public_members(value: type) -> bool:
    return any(True for _ in members(value))


def can_raise(value: Any) -> bool:
    """Whether a function refuses something itself, checks arguments, or needs a fitted model."""
    source = inspect.getsource(value)
    return re.search(r"\braise\b|(?<!def )(?<!\.)\bto_\w+\(|_fitted\(\)", source) is not None


def test_the_walk_finds_the_public_names() -> None:
    assert len(OBJECTS) > 110
    for name in ("winback.retention.rates", "winback.metrics.mpc", "winback.ChurnModel.profit"):
        assert name in OBJECTS


@pytest.mark.parametrize("name", OBJECTS)
def test_a_docstring_is_complete(name: str) -> None:
    assert list(problems(OBJECTS[name])) == []


def test_what_is_missing_is_noticed() -> None:
    def silent(a: int) -> int:
        """Says nothing of its argument"""
        raise ValueError(a)

    def good(a: int) -> int:
        """Says all.

        Args:
            a: A number.

        Returns:
            The number.

        Raises:
            ValueError: Never.

        Examples:
            >>> 1
            1
        """
        if a:
            raise ValueError(a)
        return a

    assert len(list(problems(silent))) == 5
    assert list(problems(good)) == []


def test_module_docstrings() -> None:
    for module in public_modules().values():
        assert module.__doc__ and ">>> " in module.__doc__
