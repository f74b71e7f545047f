"""Lists that stand in a control's parameters name what the catalog holds, all of it and nothing else."""

from __future__ import annotations

from shipped_controls import CONTROLS, FRAMEWORKS, SCHEMAS, SQL_TESTS


def _listed(test: str, parameter: str) -> list[str]:
    found = next(each for each in SQL_TESTS if each.id == test).parameters[parameter]
    assert isinstance(found, tuple)
    return list(found)


def test_quality_is_asked_of_every_population_with_personal_data() -> None:
    personal = sorted(name for name, schema in SCHEMAS.items() if schema.sensitivity.endswith("-pii"))
    assert _listed("PV-01.T3", "personal") == personal


def test_the_audit_programme_covers_every_clause() -> None:
    clauses = [each.id for each in FRAMEWORKS["iso42001"].requirements if each.kind == "clause" and each.assessable]
    assert _listed("AU-02.T1", "clauses") == clauses


def test_maturity_is_scored_for_every_group_of_controls() -> None:
    assert _listed("AU-06.T1", "domains") == sorted({control.id.partition("-")[0] for control in CONTROLS})
