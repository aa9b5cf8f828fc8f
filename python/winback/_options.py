"""Options of an analysis: their documentation, and how the core takes them."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from winback import _core
from winback._time import is_instant, to_text

_Documented = TypeVar("_Documented", bound=Callable[..., Any])

OPTIONS: dict[Callable[..., Any], dict[str, tuple[str, Any]]] = {}
"""Of each documented function or class its options, with their comments and defaults."""


def documented(*options: str, **renamed: str) -> Callable[[_Documented], _Documented]:
    """Adds the comments of these types of options of the core to the ``Args`` of a docstring.

    An argument that the docstring itself describes keeps its text. An option that has another name
    in Python is given by both names.
    """
    fields = {name: field for of in options for name, field in _core.option_fields(of).items()}
    fields |= {argument: fields.pop(name) for argument, name in renamed.items()}

    def document(of: _Documented) -> _Documented:
        OPTIONS[of] = fields
        if of.__doc__:  # there is none under python -OO
            of.__doc__ = _filled(of.__doc__, inspect.signature(of).parameters, fields)
        return of

    return document


def _filled(doc: str, arguments: Iterable[str], fields: dict[str, tuple[str, Any]]) -> str:
    """The docstring with a description of every argument, in the order of the arguments."""
    doc = inspect.cleandoc(doc)
    if "\nArgs:" not in doc:
        doc = re.sub(r"\n(?=(Returns|Raises|Examples):)", "\nArgs:\n\n", doc, count=1)
    before, args, after = re.split(r"(?<=\nArgs:)((?:\n [^\n]*)*)", doc, maxsplit=1)
    described = {name: _described(name, comment) for name, (comment, _) in fields.items()}
    described |= {text.split(":")[0].strip(): text for text in re.split(r"\n(?=    \w)", args)}
    filled = [described[name] for name in arguments if name in described]
    return "\n".join([before, *filled]) + after


def _described(name: str, comment: str) -> str:
    text = " ".join(f"{name}: {comment}".split()).replace("`", "``")
    return textwrap.fill(
        f"{text}.",
        92,  # and at most two levels of indentation
        initial_indent=" " * 4,
        subsequent_indent=" " * 8,
        break_on_hyphens=False,
    )


def to_options(**options: Any) -> dict[str, Any]:
    """The options by name, instants as text; the core checks the rest."""
    return {
        name: to_text(name, value) if is_instant(value) else value
        for name, value in options.items()
    }
