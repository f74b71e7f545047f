"""The catalog as pages that people read: every control with its tests, and the matrix of requirements.

Written from the definitions alone, so that the same catalog gives the same bytes, and a stale page can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from airtight.domain.control import DUE_TIERS, Control, ControlTest, ParameterValue
from airtight.domain.framework import Framework, Requirement

_HOW = "<!-- Written by 'airtight docs' from the catalog. Change the definitions, not this page. -->"
Texts = Mapping[tuple[str, str], str]


def control_list(controls: Mapping[str, Control], frameworks: Mapping[str, Framework]) -> str:
    """Every control with objective, owner, depth, requirements, design and tests, in Markdown."""
    tests = [test for control in controls.values() for test in control.tests]
    counted = f"{len(controls)} controls, {len(tests)} tests, {sum(len(test.cases) for test in tests)} worked examples."
    head = (_HOW, "", "# Controls", "", counted, "", *_table(_INDEX, (_index_row(each) for each in _ordered(controls))))
    body = (line for control in _ordered(controls) for line in _control(control, frameworks))
    return _joined((*head, *body))


def requirement_list(
    controls: Mapping[str, Control], frameworks: Mapping[str, Framework], texts: Texts | None = None
) -> str:
    """Every requirement of every framework with the controls that answer it and those that help, in Markdown.

    Args:
        texts: (framework, requirement) -> the organisation's licensed text, quoted where present.
    """
    lines = [_HOW, "", "# Requirements and the controls that answer them", ""]
    lines += ["*Direct*: the control is primary evidence. *Supporting*: it helps, and would not stand alone.", ""]
    for framework in sorted(frameworks.values(), key=lambda each: each.id):
        lines += _framework(framework, controls, texts or {})
    return _joined(lines)


_INDEX = ("Id", "Control", "Owner", "Frequency", "Tests")


def _ordered(controls: Mapping[str, Control]) -> list[Control]:
    return [control for _, control in sorted(controls.items())]


def _index_row(control: Control) -> tuple[str, ...]:
    link = f"[{control.id}](#{control.id.lower()})"
    return link, control.title, control.owner, control.frequency.value, str(len(control.tests))


def _control(control: Control, frameworks: Mapping[str, Framework]) -> Iterator[str]:
    yield from ("", f'<a id="{control.id.lower()}"></a>', "", f"## {control.id} {_plain(control.title)}", "")
    yield from (_plain(control.objective), "")
    yield from _table(("", ""), [(f"**{name}**", value) for name, value in _facts(control, frameworks)])
    for test in control.tests:
        yield from _test(test)


def _facts(control: Control, frameworks: Mapping[str, Framework]) -> Iterator[tuple[str, str]]:
    yield "Owner", control.owner
    depth = ", ".join(f"{tier} {frequency.value}" for tier, frequency in control.depth.items())
    yield "Frequency", f"{control.frequency.value} ({depth})" if depth else control.frequency.value
    yield "Tiers", ", ".join(control.tiers)
    for name in sorted(frameworks):
        if ids := control.requirements.get(name):
            yield f"{name}, direct", ", ".join(ids)
        if ids := control.supports.get(name):
            yield f"{name}, supporting", ", ".join(ids)
    if design := control.design:
        yield "Risk", design.risk
        yield "Design", f"{design.nature.value}, {design.operation.value}"
        yield "Precision", design.precision
        yield "Design judged by", design.evaluator


def _test(test: ControlTest) -> Iterator[str]:
    yield from ("", f"### {test.id} {_plain(test.title)}", "", _plain(filled(test)), "")
    for name, value in _test_facts(test):
        yield f"- {name}: {value}"


def filled(test: ControlTest) -> str:
    """The procedure with its parameters written in."""
    text = test.procedure
    for name, value in test.parameters.items():
        text = text.replace(f"{{{name}}}", _value(value))
    return " ".join(text.split())


def _test_facts(test: ControlTest) -> Iterator[tuple[str, str]]:
    yield "kind", test.kind
    yield "window", test.window
    if test.populations:
        yield "populations", ", ".join(f"`{name}`" for name in test.populations)
    if own := [name for name in test.parameters if name != DUE_TIERS]:
        yield "parameters", ", ".join(_parameter(name, test) for name in own)
    if test.tolerance:
        yield "tolerance", f"{test.tolerance:g} of the items tested"
    if test.untested_reason:
        yield "not tested", _plain(" ".join(test.untested_reason.split()))
    if test.awaits:
        yield "awaits", _plain(" ".join(test.awaits.split()))
    if test.cases:
        yield "worked examples", "; ".join(_plain(case.name) for case in test.cases)


def _parameter(name: str, test: ControlTest) -> str:
    written = f"`{name}` = {_plain(_value(test.parameters[name]))}"
    return f"{written} (or the charter's `{test.chartered[name].key}`)" if name in test.chartered else written


def _value(value: ParameterValue) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _framework(framework: Framework, controls: Mapping[str, Control], texts: Texts) -> Iterator[str]:
    nodes = framework.assessable()
    answered = sum(bool(_names(node, controls, direct=True)) for node in nodes)
    yield from (f"## {_plain(framework.name)} ({framework.edition})", "")
    yield from (f"`{framework.id}`: {len(nodes)} requirements, {answered} with a direct control.", "")
    rows = (_requirement(node, controls, texts) for node in framework.requirements)
    yield from _table(("Id", "Requirement", "Direct", "Supporting"), rows)
    yield ""


def _requirement(node: Requirement, controls: Mapping[str, Control], texts: Texts) -> tuple[str, ...]:
    if not node.assessable:
        return f"**{node.id}**", f"**{node.title}**", "", ""
    text = texts.get((node.framework, node.id), "")
    title = f"{node.title}: {text}" if text else node.title
    direct, helping = _names(node, controls, direct=True), _names(node, controls, direct=False)
    return node.id, title, ", ".join(map(_link, direct)), ", ".join(map(_link, helping))


def _link(name: str) -> str:
    return f"[{name}](controls.md#{name.lower()})"


def _names(node: Requirement, controls: Mapping[str, Control], *, direct: bool) -> list[str]:
    return [
        control.id
        for control in _ordered(controls)
        if node.id in (control.requirements if direct else control.supports).get(node.framework, ())
    ]


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = tuple(columns)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    return _plain(" ".join(text.split())).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text that Markdown does not take for HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").strip()


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
