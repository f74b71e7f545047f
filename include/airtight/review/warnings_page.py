"""The four common failures as a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from airtight.review.failures import Failure
from airtight.review.pages import render

_PAGE = """\
{% extends "layout" %}
{% block title %}Warnings: {{ organisation }}, {{ day }}{% endblock %}
{% block main %}
<h1>How such programmes fail, and whether this one does</h1>
<p class="lead">{{ organisation }} &middot; as of {{ day }}. Each verdict is computed from sealed registers, results and
 definitions; every fact that led to it stands below it.</p>
<dl class="facts">
{% for failure in failures %}
<div><dt>{{ failure.title }}</dt><dd class="{{ classes[failure.verdict] }}">{{ failure.verdict }}</dd></div>
{% endfor %}
</dl>
{% for failure in failures %}
<h2 id="{{ failure.id }}">{{ failure.title }}: <span class="{{ classes[failure.verdict] }}">{{ failure.verdict }}</span>
</h2>
<div class="wide"><table>
<thead><tr><th scope="col">Sign</th><th scope="col">Fact</th></tr></thead>
<tbody>
{% for sign in failure.signs %}
<tr><th scope="row"><span class="{{ 'unsure' if sign.present is none else 'bad' if sign.present else 'good' }}">
{{ "not known" if sign.present is none else "present" if sign.present else "absent" }}</span></th>
<td>{{ sign.fact }}</td></tr>
{% endfor %}
</tbody></table></div>
{% if failure.verdict != "clear" %}<p>{{ failure.remedy }}</p>{% endif %}
{% endfor %}
{% endblock %}
"""


def page(organisation: str, day: date, failures: Sequence[Failure]) -> str:
    """The failures as an HTML page."""
    classes = {"warning": "bad", "clear": "good", "unknown": "unsure"}
    return render(_PAGE, {"organisation": organisation, "day": day, "failures": failures, "classes": classes})
