"""The statement of applicability: each control of Annex A, and what is out of order at a quarter's end."""

from __future__ import annotations

from datetime import date, timedelta

from samples.answers import Plant
from samples.governance_data import quarter_ends
from samples.timeline import at, iso
from samples.world import World
from samples.writers import Cell

COLUMNS = (
    "annex_id", "version", "applicable", "justification", "implementation", "controls", "risks", "approved_by",
    "approved_at",
)  # fmt: skip
#: control of Annex A of ISO/IEC 42001 -> our controls, and the risks that ask for it
_STATED: dict[str, tuple[str, str]] = {
    "A.2.2": ("PO-01 PO-02 AC-01", "R-17"),
    "A.2.3": ("PO-01", "R-17"),
    "A.2.4": ("PO-01", "R-17"),
    "A.3.2": ("GV-01 GV-03", "R-17"),
    "A.3.3": ("GV-07 IR-01", "R-10"),
    "A.4.2": ("IN-01", "R-20"),
    "A.4.3": ("IN-01 CF-01 AC-01", "R-03 R-15"),
    "A.4.4": ("IN-01 AC-05", "R-04"),
    "A.4.5": ("OP-04 OP-03 IN-01", "R-18"),
    "A.4.6": ("GV-03 TN-02", "R-10"),
    "A.5.2": ("IA-01", "R-01"),
    "A.5.3": ("IA-01", "R-01"),
    "A.5.4": ("IA-01 MO-03", "R-01 R-05"),
    "A.5.5": ("IA-01", "R-10"),
    "A.6.1.2": ("GV-06 DV-01", "R-17"),
    "A.6.1.3": ("DV-04 DV-01 DV-06", "R-04"),
    "A.6.2.2": ("DV-01", "R-04"),
    "A.6.2.3": ("IN-02 DV-02", "R-04"),
    "A.6.2.4": ("DV-03 MO-03", "R-01 R-05"),
    "A.6.2.5": ("DV-05 PO-03 CH-01", "R-04"),
    "A.6.2.6": ("MO-01 MO-02 MO-07 DV-04", "R-02 R-06"),
    "A.6.2.7": ("DV-02", "R-14"),
    "A.6.2.8": ("MO-06 OP-03", "R-11"),
    "A.7.2": ("DT-02 DT-03", "R-03"),
    "A.7.3": ("DT-02 DT-03", "R-03"),
    "A.7.4": ("DT-01", "R-21"),
    "A.7.5": ("IN-02 DT-02", "R-03"),
    "A.7.6": ("DT-01", "R-14"),
    "A.8.2": ("TR-01", "R-10"),
    "A.8.3": ("TR-01", "R-12"),
    "A.8.4": ("IR-01", "R-12"),
    "A.8.5": ("TR-01", "R-17"),
    "A.9.2": ("DV-04 PO-03 GA-01", "R-16"),
    "A.9.3": ("GV-06 GA-01", "R-16"),
    "A.9.4": ("PO-03 TR-01 GA-01", "R-16"),
    "A.10.2": ("TP-02", "R-13 R-19"),
    "A.10.3": ("TP-01", "R-13"),
    "A.10.4": ("TP-02", "R-13"),
}
#: those that are wholly in place
_IMPLEMENTED = ("A.2.2", "A.3.3", "A.4.3", "A.4.5", "A.6.1.3", "A.6.2.5", "A.6.2.6", "A.6.2.8", "A.8.4", "A.9.2")
_UNJUSTIFIED, _WITHOUT_CONTROL = "A.9.3", "A.10.2"


def statement(world: World, day: date) -> list[dict[str, Cell]]:
    """The statement as it was on a day."""
    spoilt = any(abs(day - end) <= timedelta(days=1) for end in _spoilt_ends(world))
    approved = day - timedelta(days=366) if spoilt else world.timeline.first - timedelta(days=20)
    return [
        {
            "annex_id": annex,
            "version": "1",
            "applicable": "yes",
            "justification": None if spoilt and annex == _UNJUSTIFIED else "Lumen Lending develops and uses AI systems",
            "implementation": "implemented" if annex in _IMPLEMENTED else "partial",
            "controls": None if spoilt and annex == _WITHOUT_CONTROL else controls,
            "risks": risks,
            "approved_by": "E1000",
            "approved_at": iso(at(approved, "09:00:00")),
        }
        for annex, (controls, risks) in _STATED.items()
    ]


def _spoilt_ends(world: World) -> list[date]:
    """The quarter's end at which a statement of long ago, with gaps, stands in the register: the last but one."""
    return quarter_ends(world.timeline)[-2:-1]


def plants(world: World) -> list[Plant]:
    """An old statement, a row without a reason and one without a control."""
    found = []
    for end in _spoilt_ends(world):
        old = {"subject": "statement"}
        found += [
            Plant("A row lacks its justification", "RM-03.T1", {"annex_id": _UNJUSTIFIED}, end, end),
            Plant("A row names no control", "RM-03.T2", {"annex_id": _WITHOUT_CONTROL}, end, end),
            Plant("The statement was approved more than a year ago", "RM-03.T3", old, end, end),
        ]
    return found
