"""Procurement's list of vendors, in German: who supplies what, and how they were assessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from samples.answers import Plant
from samples.world import World
from samples.writers import Cell

COLUMNS = (
    "Nr", "Name", "Stufe", "KI", "Datenklassen", "Unterauftragnehmer", "Verantwortlich", "Erstprüfung", "Genutzt seit",
    "Zuletzt geprüft", "Ergebnis", "Bericht", "Bericht bis", "Bridge Letter bis", "Abweichungen bewertet",
    "CUEC zugeordnet", "KI-Fragen", "Nächste Prüfung", "Status",
)  # fmt: skip
_VENDORS: tuple[tuple[str, str, str, bool, str, str], ...] = (
    ("V-01", "Amazon Web Services", "kritisch", False, "restricted,confidential", "E1007"),
    ("V-02", "Okta", "kritisch", False, "confidential", "E1006"),
    ("V-03", "Assistenzmodelle GmbH", "hoch", True, "confidential", "E1019"),
    ("V-04", "GitHub", "hoch", False, "confidential", "E1010"),
    ("V-05", "Bürobedarf Köhler", "niedrig", False, "internal", "E1040"),
)
_SHADOW = ("V-06", "Textwerk KI", "mittel", True, "internal", "E1041")
_ANSWERS = "training-on-our-data,sub-processors,evaluation,change-notice"
#: days on which procurement lists a supplier of AI that no AI system of the inventory names
_UNNAMED = (116, 147)
#: days on which the assessments lag, so that whenever the year ends at the beginning of the sample it shows
_LAGGING = (0, 9)


def vendors(world: World, day: date) -> list[Mapping[str, Cell]]:
    """The vendors of a day."""
    known = [*_VENDORS, _SHADOW] if _within(world, day, _UNNAMED) else _VENDORS
    rows = [_row(world, *vendor) for vendor in known]
    return [_lagging(world, row) for row in rows] if _within(world, day, _LAGGING) else rows


def _within(world: World, day: date, days: tuple[int, int]) -> bool:
    return world.timeline.day(days[0]) <= day <= world.timeline.day(days[1])


def _row(
    world: World, number: str, name: str, tier: str, provides_ai: bool, classes: str, owner: str
) -> Mapping[str, Cell]:
    first = world.timeline.first
    assessed, reported = first - timedelta(days=100), tier in ("kritisch", "hoch")
    return {
        "Nr": number,
        "Name": name,
        "Stufe": tier,
        "KI": "ja" if provides_ai else "nein",
        "Datenklassen": classes,
        "Unterauftragnehmer": "ja" if "restricted" in classes or provides_ai else "nein",
        "Verantwortlich": owner,
        "Erstprüfung": _german(first - timedelta(days=800)),
        "Genutzt seit": _german(first - timedelta(days=790)),
        "Zuletzt geprüft": _german(assessed),
        "Ergebnis": "freigegeben",
        "Bericht": "SOC 2 Type 2" if reported else None,
        "Bericht bis": _german(assessed - timedelta(days=30)) if reported else None,
        "Bridge Letter bis": None,
        "Abweichungen bewertet": "ja" if reported else "nein",
        "CUEC zugeordnet": "ja" if reported else "nein",
        "KI-Fragen": _ANSWERS if provides_ai else None,
        "Nächste Prüfung": _german(assessed + timedelta(days=365)),
        "Status": "aktiv",
    }


def _lagging(world: World, row: Mapping[str, Cell]) -> Mapping[str, Cell]:
    """A vendor with what is planted, or stands at a limit, at the beginning of the sample."""
    first = world.timeline.first
    different: dict[str, Mapping[str, Cell]] = {
        # the period of the report is long over, and a bridge letter speaks for what follows
        "V-01": {
            "Bericht bis": _german(first - timedelta(days=400)),
            "Bridge Letter bis": _german(world.timeline.day(20)),
        },
        "V-02": {"Abweichungen bewertet": "nein"},
        "V-03": {"KI-Fragen": "training-on-our-data,sub-processors,evaluation"},
        "V-04": {"Zuletzt geprüft": _german(first - timedelta(days=400))},
        "V-05": {"Genutzt seit": _german(first - timedelta(days=801))},
    }
    return {**row, **different.get(str(row["Nr"]), {})}


def _german(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def plants(world: World) -> list[Plant]:
    """Assessments that lag where the year ends, and a supplier of AI that the inventory does not know."""
    return [
        _plant(world, "TP-01.T1", _LAGGING, "A supplier was not assessed for more than a year", vendor_id="V-04"),
        _plant(world, "TP-01.T1", _LAGGING, "Supplies came before the first assessment", vendor_id="V-05"),
        _plant(world, "TP-01.T3", _LAGGING, "Nobody evaluated the exceptions of a report", vendor_id="V-02"),
        _plant(
            world, "TP-01.T4", _LAGGING, "A supplier of AI does not say how it announces changes",
            vendor_id="V-03", question="change-notice",
        ),
        _plant(
            world, "IN-01.T2", _UNNAMED, "Procurement buys AI that the inventory does not know",
            seen_in="suppliers", item="V-06",
        ),
    ]  # fmt: skip


def _plant(world: World, test: str, days: tuple[int, int], story: str, **key: str) -> Plant:
    return Plant(story, test, key, world.timeline.day(days[0]), world.timeline.day(days[1]))
