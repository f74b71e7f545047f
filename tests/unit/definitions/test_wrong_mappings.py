"""An organisation's control that maps to a label is refused, with the ids that are real."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from airtight.definitions.controls import load_control
from airtight.definitions.frameworks import load_frameworks
from airtight.definitions.populations import load_populations
from airtight.errors import DefinitionError

CATALOG = Path(__file__).resolve().parents[3] / "include" / "catalog"


@pytest.mark.parametrize(
    ("framework", "name", "real"),
    [
        ("soc2", "CC1.0", "CC1.1, CC1.2, CC1.3, CC1.4, CC1.5"),
        ("soc2", "CC1", "CC1.1, CC1.2, CC1.3, CC1.4, CC1.5"),
        ("iso42001", "A.6.1", "A.6.1.2, A.6.1.3"),
        ("iso42001", "A.7.1", "A.7.2, A.7.3, A.7.4, A.7.5, A.7.6"),
        ("iso42001", '"9.3"', "9.3.1, 9.3.2, 9.3.3"),
        ("iso42001", "B.8.4", "A.8.4"),
        ("soc2", "PP1.1", "PI1.1"),
    ],
)
def test_mapping_to_a_label_is_refused_with_the_real_ids(tmp_path, framework, name, real):
    file = tmp_path / "CF-01.yaml"
    shutil.copy(CATALOG / "controls" / "CF-01.yaml", file)
    lines = file.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{framework}:"))
    lines[place] = f"  {framework}: [{name}]"
    file.write_text("\n".join(lines))
    with pytest.raises(DefinitionError) as refused:
        load_control(file, load_populations(CATALOG / "populations"), load_frameworks(CATALOG / "frameworks"))
    assert f"CF-01.yaml:{place + 1} requirements.{framework}[0]" in str(refused.value)
    assert name.strip('"') in refused.value.message
    assert real in (refused.value.remedy or "")
