"""How results show themselves in a notebook.

Styles stand in the elements themselves: notebooks take out style sheets, and their own would show
aligned text in a proportional font and break rows of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from winback._core import for_html as escape

_REPORT = (
    "font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; "
    "font-size: 0.85em; line-height: 1.4; white-space: pre; overflow-x: auto"
)
_LONG_CELL = 30
"""From so many characters on a cell may be broken into lines."""


def report(text: str) -> str:
    """A text whose columns are aligned, as it would be printed; wide ones scroll."""
    return f'<pre style="{_REPORT}">{escape(text)}</pre>'


def table(
    title: str, names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """A table; numbers stand on the right, all else on the left."""
    sides = ["right" if kind in ("integer", "number") else "left" for kind in types]
    head = "".join(
        f'<th style="text-align: {side}; white-space: nowrap">{escape(name)}'
        f"<br><small>{escape(kind)}</small></th>"
        for name, kind, side in zip(names, types, sides, strict=True)
    )
    body = "".join("<tr>" + "".join(map(_cell, row, sides)) + "</tr>" for row in rows)
    return (
        f'<p>{escape(title)}</p><div style="overflow-x: auto"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(text: str, side: str) -> str:
    room = "min-width: 22em" if len(text) > _LONG_CELL else "white-space: nowrap"
    return f'<td style="text-align: {side}; {room}">{escape(text)}</td>'
