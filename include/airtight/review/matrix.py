"""The risk matrix as a picture: likelihood x impact, before and after treatment, with the line of the appetite.

One self-contained SVG without scripts. Nothing is told by colour alone: each square has its score, each risk its id,
the line its label; title and description say it all in words, for readers who do not see it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as Xml

from airtight.review.risks import SCALE, Place, RiskReview, RiskRow

_WIDTH, _HEIGHT, _LEFT, _TOP = 122, 74, 92, 128
_GAP, _FOOT = 40, 104
_SHOWN, _LONGEST = 4, 10
_BANDS = ((4, "#eef3f8"), (9, "#fdecc8"), (14, "#f9cf98"), (25, "#f2a37c"))
_DASHES = ("", "9 5", "3 4")
_INK, _SOFT, _LINE = "#1c2430", "#4b5563", "#7a1f3d"
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SVG = "http://www.w3.org/2000/svg"


def matrix(review: RiskReview, organisation: str) -> bytes:
    """The picture, as the bytes of an SVG file."""
    panel = SCALE * _WIDTH
    width, height = 2 * (_LEFT + panel) + _GAP, _TOP + SCALE * _HEIGHT + _FOOT
    root = Xml.Element("svg", xmlns=_SVG, viewBox=f"0 0 {width} {height}", role="img")
    root.set("aria-labelledby", "title description")
    _text_element(root, "title", f"Risk matrix of {organisation}, {review.day.isoformat()}", id="title")
    _text_element(root, "desc", " ".join(_sentences(review)), id="description")
    Xml.SubElement(root, "rect", width=str(width), height=str(height), fill="#ffffff")
    frame = Xml.SubElement(root, "g", {"font-family": "system-ui, 'Segoe UI', sans-serif", "fill": _INK})
    _label(frame, 24, 40, f"Risks of {organisation}", size=22, weight="600")
    _label(frame, 24, 66, f"{review.day.isoformat()}, {len(review.rows)} open risks, likelihood x impact", fill=_SOFT)
    appetites = sorted({row.appetite for row in review.rows if row.appetite is not None})
    for number, (heading, places) in enumerate(_panels(review.rows)):
        group = Xml.SubElement(frame, "g", transform=f"translate({number * (_LEFT + panel + _GAP) + _LEFT} {_TOP})")
        _panel(group, heading, places, appetites)
    _foot(frame, appetites, review, _TOP + SCALE * _HEIGHT + 76)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root)


def _panels(rows: Sequence[RiskRow]) -> Iterator[tuple[str, Mapping[Place, list[str]]]]:
    for heading, residual in (("Inherent: before treatment", False), ("Residual: after treatment", True)):
        places: defaultdict[Place, list[str]] = defaultdict(list)
        for row in sorted(rows, key=lambda each: each.risk_id):
            place = row.residual if residual else row.inherent
            if place:
                places[place].append(row.risk_id)
        yield heading, places


def _panel(group: Xml.Element, heading: str, places: Mapping[Place, list[str]], appetites: Sequence[int]) -> None:
    _label(group, 0, -16, heading, size=16, weight="600")
    for likelihood in range(1, SCALE + 1):
        for impact in range(1, SCALE + 1):
            place = Place(likelihood, impact)
            _square(group, place, places.get(place, []))
    for step in range(1, SCALE + 1):
        middle = (SCALE - step + 0.5) * _HEIGHT
        _label(group, -14, middle + 5, str(step), anchor="end", fill=_SOFT)
        _label(group, (step - 0.5) * _WIDTH, SCALE * _HEIGHT + 20, str(step), anchor="middle", fill=_SOFT)
    _label(group, SCALE * _WIDTH / 2, SCALE * _HEIGHT + 40, "Impact", anchor="middle", fill=_SOFT)
    upright = _label(group, 0, 0, "Likelihood", anchor="middle", fill=_SOFT)
    upright.set("transform", f"translate(-44 {SCALE * _HEIGHT / 2}) rotate(-90)")
    for appetite, dash in zip(appetites, _DASHES, strict=False):
        path = Xml.SubElement(group, "path", d=_border(appetite), fill="none", stroke=_LINE)
        path.set("stroke-width", "4")
        path.set("stroke-dasharray", dash or "none")


def _square(group: Xml.Element, place: Place, names: Sequence[str]) -> None:
    x, y = (place.impact - 1) * _WIDTH, (SCALE - place.likelihood) * _HEIGHT
    colour = next(colour for highest, colour in _BANDS if place.score <= highest)
    cell = Xml.SubElement(group, "g", transform=f"translate({x} {y})")
    box = Xml.SubElement(cell, "rect", width=str(_WIDTH), height=str(_HEIGHT), fill=colour, stroke="#ffffff")
    box.set("stroke-width", "2")
    if names:
        _text_element(cell, "title", f"{', '.join(names)}: {place.likelihood} x {place.impact} = {place.score}")
    _label(cell, _WIDTH - 7, 15, str(place.score), size=11, anchor="end", fill=_SOFT)
    shown = list(names) if len(names) <= _SHOWN else [*names[: _SHOWN - 1], f"and {len(names) - _SHOWN + 1} more"]
    for line, name in enumerate(shown):
        _label(cell, 8, 17 + 16 * line, _short(name), size=13, weight="600")


def _border(appetite: int) -> str:
    """The edges between squares within the appetite and squares above it."""
    parts = []
    for one in range(1, SCALE + 1):
        for step in range(1, SCALE):
            if one * step <= appetite < one * (step + 1):
                y, x = (SCALE - one) * _HEIGHT, step * _WIDTH
                parts.append(f"M{x} {y}v{_HEIGHT}")
                parts.append(f"M{(one - 1) * _WIDTH} {(SCALE - step) * _HEIGHT}h{_WIDTH}")
    return "".join(parts) or "M0 0"


def _foot(frame: Xml.Element, appetites: Sequence[int], review: RiskReview, y: int) -> None:
    x = float(_LEFT)
    for appetite, dash in zip(appetites, _DASHES, strict=False):
        line = Xml.SubElement(frame, "path", d=f"M{x} {y - 5}h44", stroke=_LINE)
        line.set("stroke-width", "4")
        line.set("stroke-dasharray", dash or "none")
        _label(frame, x + 54, y, f"appetite {appetite}")
        x += 170
    left_out = [row.risk_id for row in review.rows if not (row.inherent and row.residual)]
    if left_out:
        told = ", ".join(map(_short, left_out[:_SHOWN])) + (" ..." if len(left_out) > _SHOWN else "")
        _label(frame, x, y, f"not on the scale: {told}", fill="#a3262a", weight="600")


def _sentences(review: RiskReview) -> Iterator[str]:
    for row in review.rows:
        appetite = "no appetite" if row.appetite is None else f"appetite {row.appetite}"
        yield f"{row.risk_id}: {_words(row.inherent)} before treatment, {_words(row.residual)} after it, {appetite}."


def _words(place: Place | None) -> str:
    if place is None:
        return "not on the scale"
    return f"likelihood {place.likelihood} x impact {place.impact} = {place.score}"


def _short(name: str) -> str:
    """An id that fits its square: ids of one kind differ at their ends."""
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def _label(
    parent: Xml.Element,
    x: float,
    y: float,
    text: str,
    *,
    size: int = 14,
    weight: str = "400",
    anchor: str = "start",
    fill: str = _INK,
) -> Xml.Element:
    style = {"font-size": str(size), "font-weight": weight, "text-anchor": anchor, "fill": fill}
    return _text_element(parent, "text", text, x=f"{x:g}", y=f"{y:g}", **style)


def _text_element(parent: Xml.Element, tag: str, text: str, **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, tag, attributes)
    element.text = _CONTROL.sub("", text)
    return element
