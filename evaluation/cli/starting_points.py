"""Correct starting points: a notebook that is a chapter, an indicator in its theme's file.  Nothing is overwritten."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import nbformat
import yaml
from nbformat import v4

from evaluation.base import dutch
from evaluation.base.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.base.paths import project_root, shown, write_text
from evaluation.base.text import literal, page_slug
from evaluation.base.yaml_entries import build_entry, load_yaml, raise_faults
from evaluation.inputs.deal import Deal
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.inputs.indicators import PLAN, Indicator, load_indicators, register_dir
from evaluation.run.notebook_files import KERNEL, notebook_path, own_year
from evaluation.run.notebook_lint import TO_WRITE
from evaluation.statistics.snapshots import open_snapshot

OPENED = {"annual": "open_theme", "final": "open_evaluation"}
"""What a new chapter without figures opens, by the kind of report."""

_OF_KIND = {"annual": "deal=deal, year=year", "final": "deal=deal, year=year, final=True"}

POPULATION = [
    {"source": "cbs", "table": "70072ned-population", "last": 2018},
    {"source": "cbs", "table": "03759ned", "measure": "population_average", "first": 2019},
]
"""Inhabitants by year, as the rates of the other indicators have them."""


def new_notebook(
    deal: Deal, *, title: str, theme: int, kind: Literal["annual", "final"] = "annual", indicator: str | None = None
) -> tuple[Path, Path]:
    """Write a notebook that is a chapter, and name it in the report's profile behind the others; return both paths.

    The first figure shows the indicator, by default the one that stands for the theme.

    Raises UsageError when the title gives no name, the theme or indicator is not there, or the file is.
    """
    if theme not in (known := [item.id for item in deal.themes]):
        raise UsageError(f"There is no theme {theme}; choose one of {', '.join(map(str, known))}.")
    name = _chapter_name(title, kind)
    path, profile = notebook_path(name), project_root() / f"_quarto-{kind}.yml"
    if path.exists():
        raise UsageError(f"{shown(path)} is there already; nothing was written.")
    before = profile.read_text(encoding="utf-8")
    after = _with_chapter(before, f"{name}.ipynb", profile)
    notebook = _chapter(deal, name, title, theme, kind, _chosen(deal, theme, indicator))
    write_text(path, nbformat.writes(notebook) + "\n")
    try:
        write_text(profile, after)
    except BaseException:
        path.unlink()
        raise
    return path, profile


def new_indicator(fields: Mapping[str, object], *, theme: int, deal: Deal) -> Path:
    """Write an indicator at the end of those in its theme's file; comments and layout of the file stay.

    Raises InputError with everything that is wrong with the fields; then nothing was written. Raises UsageError when
    the theme has no file, or the id is taken.
    """
    path, text = plan_indicator(fields, theme=theme, deal=deal)
    write_text(path, text)
    return path


def plan_indicator(fields: Mapping[str, object], *, theme: int, deal: Deal) -> tuple[Path, str]:
    """Return the file that an indicator belongs in, and what that holds with it; errors as of `new_indicator`."""
    folder, identity = register_dir(deal.id), str(fields["id"])
    path = _theme_file(theme, folder)
    if identity in (known := load_indicators(folder=folder)):
        raise UsageError(f"There is an indicator {identity!r} already ({known[identity].title}); nothing was written.")
    rest = {name: value for name, value in fields.items() if name != "id"}
    faults: list[Fault] = []
    build_entry(Indicator, rest, {"id": identity, "theme": theme}, path, f"indicators.{identity}", faults)
    for name in fields.get("results") or ():
        if name not in deal.result_ids:
            expected = f"one of {', '.join(item for item in deal.result_ids if item.startswith(f'{theme}.'))}"
            faults.append(Fault(shown(path), repr(name), expected, key=f"indicators.{identity}.results",
                                hint=did_you_mean(str(name), deal.result_ids)))  # fmt: skip
    raise_faults(faults)
    before = path.read_text(encoding="utf-8")
    entry = yaml.dump({identity: rest}, Dumper=Plain, allow_unicode=True, sort_keys=False, width=10_000)
    after = _with_entry(before, "".join(f"  {line}\n" for line in entry.splitlines()))
    old, new = (load_yaml(text) for text in (before, after))
    expected = {**old, "indicators": {**(old.get("indicators") or {}), identity: rest}}
    if new != expected:
        raise InputError([Fault(shown(path), "a layout that cannot be added to", "a part 'indicators:' with entries")])
    return path, after


def figures_from(table: str, measure: str | None, unit_of_measure: str) -> dict[str, object]:
    """Return the fields of an indicator that has one measure of a pinned table: source and calculation.

    A count is summed, a number per 1,000 is divided by inhabitants, all else is taken as it is published.

    Raises UsageError when the table is not written as SOURCE/TABLE. Raises SnapshotError when it is not pinned, or has
    no such measure.
    """
    source, slash, name = table.partition("/")
    if not (source and slash and name):
        raise UsageError(f"Table {table!r}; write SOURCE/TABLE, such as cbs/83625NED.")
    snapshot = open_snapshot(source, name)
    snapshot.series(measure)
    series = {"source": source, "table": name, **({"measure": measure} if measure else {})}
    kind = {"per_1000": "ratio", "count": "count"}.get(unit_of_measure, "published")
    ratio = {"denominator": POPULATION, "per": 1000} if kind == "ratio" else {}
    own = snapshot.metadata
    origin = {"publisher": own.publisher, "table": name, "title": own.title, "url": own.url, "licence": own.licence}
    return {"source": {**origin, "verified": True}, "calculation": {"kind": kind, "numerator": [series], **ratio}}


def no_figures_yet(publisher: str, title: str, reason: str) -> dict[str, object]:
    """Return the fields of an indicator whose source is not pinned yet."""
    source = {"publisher": publisher, "table": None, "title": title, "url": None, "licence": "onbekend"}
    return {"source": {**source, "verified": False}, "calculation": None, "no_figures_reason": reason}


def _chapter_name(title: str, kind: str) -> str:
    if not page_slug(title):
        raise UsageError(f"The title {title!r} has no letters to name a file after.")
    numbers = [re.match(r"e?(\d+)", name) for name in NOTEBOOKS[kind]]
    number = max((int(match.group(1)) for match in numbers if match), default=0) + 1
    return f"{'e' if kind == 'final' else ''}{number}-{page_slug(title)}"


def _chosen(deal: Deal, theme: int, name: str | None) -> Indicator | None:
    """Return the indicator for the first figure; None where the theme has none with figures."""
    found = load_indicators(folder=register_dir(deal.id))
    if name is not None:
        if name not in found:
            raise UsageError(f"There is no indicator {name!r}. {did_you_mean(name, list(found)) or ''}".strip())
        if found[name].theme != theme:
            raise UsageError(f"The indicator {name!r} is of theme {found[name].theme}, the chapter of theme {theme}.")
        if not found[name].has_figures:
            raise UsageError(f"The indicator {name!r} has no figures yet; leave it out, or name another.")
        return found[name]
    own = [item for item in found.values() if item.theme == theme and item.has_figures]
    return next((item for item in own if item.headline), own[0] if own else None)


def _chapter(deal: Deal, name: str, title: str, theme: int, kind: str, indicator: Indicator | None):
    """Make the notebook: title, parameters, chapter, one step, and what it does not tell."""
    year = own_year(notebook_path(NOTEBOOKS[kind][0])) or deal.term.last_year
    parameters = f'#| include: false\ndeal = "{deal.id}"\nyear = {year}'
    opened = "#| include: false\n"
    if indicator is not None:
        opened += f"from evaluation import lines, open_year, show\n\ne = open_year({_OF_KIND[kind]})"
        compared = f"{deal.region.short_name} naast {deal.region.benchmark.name}"
        caption = f"{dutch.capital(indicator.wording)}: {compared}".replace('"', "'")
        lines = (
            f"#| label: fig-{name}-{indicator.id}",
            f'#| fig-cap: "{caption}"',
            f'cijfers = e.figures("{indicator.id}", units=["regio", "provincie", "rest", "nederland"])',
            'show(lines(cijfers), numbers=cijfers, value="value", measure="value")',
        )
        step = ("cijfer", "\n".join(lines))
    else:
        opened += f"from evaluation.chapters import {OPENED[kind]}\n\n"
        opened += f"hoofdstuk = {OPENED[kind]}(deal=deal, year=year, theme={theme})"
        step = ("kanttekeningen", "#| echo: false\nhoofdstuk.caveats()")
    cells = [
        v4.new_markdown_cell(f"# {literal(title)} {{#sec-{name}}}", id="titel"),
        v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
        v4.new_code_cell(opened, id="openen"),
        v4.new_markdown_cell(f"## Wat de cijfers laten zien\n\n{TO_WRITE} in een paar zinnen wat hier te zien is.]",
                             id="inleiding"),
        v4.new_code_cell(step[1], id=step[0]),
        v4.new_markdown_cell(f"## Wat deze cijfers niet zeggen\n\n{TO_WRITE} wat hier niet uit volgt.]", id="grenzen"),
    ]  # fmt: skip
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}, "regiodeal": {"deal": deal.id}}
    return v4.new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)


def _with_chapter(profile: str, file: str, path: Path) -> str:
    """Add a chapter behind the last notebook of a profile's main part, as the lines around it are written."""
    lines = profile.splitlines(keepends=True)
    places = [index for index, line in enumerate(lines) if re.match(r"\s*- (?:file: )?\S+\.ipynb\b", line)]
    depth = min((lines[index].index("-") for index in places), default=0)
    places = [index for index in places if lines[index].index("-") == depth]  # those in a part lie deeper
    if not places:
        raise InputError([Fault(shown(path), "no notebooks under book.chapters", "a list with the chapters")])
    last = places[-1]
    indent = re.match(r"\s*", lines[last]).group(0)
    while last + 1 < len(lines) and re.match(rf"{indent}\s+\S", lines[last + 1]):
        last += 1  # what belongs to that chapter, such as its text
    end = "" if lines[last].endswith("\n") else "\n"
    added = "".join([*lines[: last + 1], f"{end}{indent}- {file}\n", *lines[last + 1 :]])
    before, after = (load_yaml(text)["book"]["chapters"] for text in (profile, added))
    if [item for item in after if item != file] != before or file not in after:
        raise InputError([Fault(shown(path), "chapters in a layout that cannot be added to", "one chapter on a line")])
    return added


def _theme_file(theme: int, folder: Path) -> Path:
    for path in sorted(folder.glob("*.yml")):
        if path.name != PLAN and (load_yaml(path.read_text(encoding="utf-8")) or {}).get("theme") == theme:
            return path
    raise UsageError(f"There is no file for theme {theme} in {shown(folder)}.")


class Plain(yaml.SafeDumper):
    """Writes short lists on one line, and everything in full: no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        """Write the same value twice where it stands twice."""
        return True

    def represent_sequence(self, tag: str, sequence: Sequence, flow_style: bool | None = None):
        """Write a list of plain values on one line."""
        is_short = all(not isinstance(item, (dict, list)) for item in sequence)
        return super().represent_sequence(tag, sequence, flow_style=is_short or None)


def _with_entry(text: str, entry: str) -> str:
    """Put an entry behind the last one under ``indicators:``, with an empty line between them."""
    lines = text.splitlines(keepends=True)
    if not (starts := [index for index, line in enumerate(lines) if line.startswith("indicators:")]):
        return text
    end = next((i for i in range(starts[0] + 1, len(lines)) if re.match(r"[^\s#]", lines[i])), len(lines))
    while end > starts[0] + 1 and not lines[end - 1].startswith("  "):
        end -= 1  # empty lines and comments before the next part stay with it
    before = "".join(lines[:end])
    gap = "" if end == starts[0] + 1 else "\n"
    return f"{before}{'' if before.endswith(chr(10)) else chr(10)}{gap}{entry}{''.join(lines[end:])}"


Plain.add_representer(tuple, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data))
