"""Pages for people: one self-contained HTML file each, that loads nothing and runs no script.

Every value is escaped. A page reads on paper, on a small screen and by ear: tables have headings, states are words.
"""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import DictLoader, Environment, StrictUndefined

from airtight.review.layout import LAYOUT

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render(body: str, values: Mapping[str, object]) -> str:
    """A page.

    Args:
        body: a Jinja template that extends ``layout`` and fills its blocks ``title`` and ``main``.
        values: what it may name.
    """
    templates = Environment(
        loader=DictLoader({"layout": LAYOUT, "page": body}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("page").render(policy=_POLICY, **values)
