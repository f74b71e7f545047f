"""The statement of applicability in the forms that people exchange: a page and a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from airtight.domain.result import ResultState
from airtight.review.pages import render
from airtight.review.sheets import sheet
from airtight.review.statement import Answer, Statement, StatementRow
from airtight.wire import timestamp

COLUMNS = (
    *("annex_id", "title", "applicable", "justification", "implementation", "controls", "supporting", "risks"),
    *("treatments", "version", "approved_by", "approved_at", "notes"),
)
_CLASSES = {ResultState.PASS: "good", ResultState.FAIL: "bad"}
_PAGE = """\
{% extends "layout" %}
{% block title %}Statement of applicability: {{ statement.organisation }}, {{ statement.day }}{% endblock %}
{% block main %}
<h1>Statement of applicability</h1>
<p class="lead">{{ statement.organisation }} &middot; {{ statement.framework }}, Annex A
 &middot; as of {{ statement.day }}.
 Decisions of people, beside the controls that answer them and what those controls' tests last found.</p>
<dl class="facts">
<div><dt>Annex A controls</dt><dd>{{ statement.rows | length }}</dd></div>
<div><dt>Included</dt><dd>{{ included }}</dd></div>
<div><dt>Excluded</dt><dd>{{ statement.rows | length - included }}</dd></div>
<div><dt>Implemented</dt><dd>{{ implemented }}</dd></div>
<div><dt>Version</dt><dd>{{ statement.versions | join(", ") }}</dd></div>
</dl>
<div class="wide"><table>
<caption>{{ statement.rows | length }} Annex A controls, by control objective</caption>
<thead><tr><th scope="col">Id</th><th scope="col">Control of Annex A</th><th scope="col">Applies</th>
<th scope="col">Justification</th><th scope="col">Implementation</th><th scope="col">Answered by</th>
<th scope="col">Risks</th><th scope="col">Approved</th></tr></thead>
{% for area, rows in areas %}
<tbody>
<tr class="group"><th colspan="8" scope="rowgroup">{{ area }}</th></tr>
{% for row in rows %}
<tr>
<th scope="row">{{ row.annex_id }}</th>
<td>{{ row.title }}
{% if row.annex_id in texts %}<details><summary>text</summary>{{ texts[row.annex_id] }}</details>{% endif %}</td>
<td><span class="word {{ 'good' if row.applicable else 'soft' }}">
{{ "included" if row.applicable else "excluded" }}</span></td>
<td class="text">{{ row.justification }}
{% for note in row.notes %}<div class="unsure">Note: {{ note }}.</div>{% endfor %}</td>
<td>{{ row.implementation or "" }}</td>
<td>{% if row.answers %}<ul class="plain">{% for answer in row.answers %}
<li><span title="{{ answer.title }}">{{ answer.control }}</span>
<span class="word {{ classes.get(answer.state, 'unsure') }}">{{ word(answer) }}</span></li>
{% endfor %}</ul>{% endif %}
{% if row.supporting %}<div class="soft">helped by {{ row.supporting | join(", ") }}</div>{% endif %}</td>
<td>{{ row.risks | join(", ") }}
{% if row.treatments %}<div class="soft">treated by {{ row.treatments | join(", ") }}</div>{% endif %}</td>
<td>{% if row.approved_at %}{{ row.approved_by }}
<div class="soft date">{{ row.approved_at.date() }}</div>{% endif %}</td>
</tr>
{% endfor %}
</tbody>
{% endfor %}
</table></div>
{% if statement.pending %}
<h2>Decisions that wait for approval</h2>
<ul>{% for entry in statement.pending %}<li>{{ entry }}</li>{% endfor %}</ul>
{% endif %}
<h2>Approval</h2>
<ul>{% for by, at in statement.approvals %}<li>{{ by }}, {{ stamp(at) }}</li>{% endfor %}</ul>
<h2>What this rests on</h2>
<ul>{% for name, digests in statement.bundles.items() %}
<li>{{ name }}: {% for digest in digests %}<code>{{ digest }}</code> {% endfor %}</li>
{% endfor %}</ul>
<p class="soft">Each is the identity of a signed evidence bundle: <code>airtight verify</code> checks it. A result says
that deviations were noted or not noted in the tests of a control; it is no opinion of an auditor.
{% if texts %} Texts of the standard are the organisation's licensed copy: not to be passed on.{% endif %}</p>
{% endblock %}
"""


def page(statement: Statement, texts: Mapping[str, str]) -> str:
    """The statement as an HTML page.

    Args:
        texts: Annex A id -> the organisation's licensed text of it, shown where present.
    """
    values = {
        "statement": statement,
        "areas": [(area, list(rows)) for area, rows in groupby(statement.rows, key=lambda row: row.area)],
        "included": sum(row.applicable is True for row in statement.rows),
        "implemented": sum(bool(row.applicable) and row.implementation == "implemented" for row in statement.rows),
        "texts": texts,
        "classes": _CLASSES,
        "word": _word,
        "stamp": timestamp,
    }
    return render(_PAGE, values)


def as_sheet(statement: Statement) -> bytes:
    """The statement as a CSV file."""
    return sheet(COLUMNS, (_cells(row) for row in statement.rows))


def _cells(row: StatementRow) -> tuple[str, ...]:
    return (
        row.annex_id,
        row.title,
        "" if row.applicable is None else "yes" if row.applicable else "no",
        row.justification,
        row.implementation,
        " ".join(f"{answer.control}:{_word(answer)}" for answer in row.answers),
        " ".join(row.supporting),
        " ".join(row.risks),
        " ".join(row.treatments),
        row.version,
        row.approved_by or "",
        timestamp(row.approved_at) if row.approved_at else "",
        "; ".join(row.notes),
    )


def _word(answer: Answer) -> str:
    return answer.state.value if answer.state else "not judged"
