"""The frame of every page and how it looks: one column, quiet colours, light and dark, ready to print."""

LAYOUT = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<title>{% block title %}{% endblock %}</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --soft: #56606e; --line: #d9dee5; --paper: #fff; --band: #f4f6f9;
  --good: #0b6b3a; --bad: #a3262a; --unsure: #7a5200; --accent: #1f4e8c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3adba; --line: #343c48; --paper: #14181f;
  --band: #1c222b; --good: #6fd19c; --bad: #ff9a94; --unsure: #f0c36a; --accent: #8fb8f0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
main { max-width: 84rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
p.lead { color: var(--soft); margin: 0 0 1.4rem; max-width: 60rem; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; margin: 0 0 1.4rem; }
dl.facts div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
dl.facts dt { color: var(--soft); font-size: .8rem; }
dl.facts dd { margin: 0; font-size: 1.2rem; font-weight: 600; overflow-wrap: anywhere; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
caption { text-align: left; color: var(--soft); padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .7rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--band); font-weight: 600; position: sticky; top: 0; }
tbody th { font-weight: 600; white-space: nowrap; }
tr.group th { background: var(--band); color: var(--soft); font-weight: 600; }
td.text { min-width: 16rem; max-width: 26rem; overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); }
.soft { color: var(--soft); }
.word { font-weight: 600; white-space: nowrap; }
.date { white-space: nowrap; }
ul { margin: 0; padding-left: 1.1rem; } ul.plain { list-style: none; padding: 0; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
details summary { color: var(--accent); cursor: pointer; }
@media print { main { max-width: none; padding: 0; } body { font-size: 10px; } thead th { position: static; }
  tr { break-inside: avoid; } @page { size: A4 landscape; margin: 12mm; } }
</style>
</head>
<body>
<main>
{% block main %}{% endblock %}
</main>
</body>
</html>
"""
