"""What came of a reproduction, as files: a page for people (Dutch), and JSON and CSV for machines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from evaluation.base.paths import write_text
from evaluation.base.text import csv_text
from evaluation.bundles.compare import Comparison, Difference, count_by_cause
from evaluation.bundles.environment import describe_machine
from evaluation.bundles.layout import to_json
from evaluation.bundles.reproduce import (
    ALTERED,
    COULD_NOT_RUN,
    DIFFERS,
    REPORT,
    REPRODUCED,
    UNTRUSTED,
    Reproduction,
    is_one_word,
)
from evaluation.publish.pages.policy import POLICY_TAG

PAGE = "verslag.html"
NUMBERS = "numbers.csv"
_NUMBER_COLUMNS = (
    *("result_id", "outcome", "expected", "got", "unit_of_measure", "expected_status", "got_status"),
    *("notebook", "cell", "causes"),
)
_OUTCOMES = {
    REPRODUCED: "reproduced", DIFFERS: "differs", COULD_NOT_RUN: "could not run", ALTERED: "altered",
    UNTRUSTED: "reproduced, not trusted",
}  # fmt: skip
_TEMPLATE = "verslag.html.j2"
_PLAIN_MARKS = str.maketrans("“”„‟", '""""')
_NOTHING = Comparison((), (), ())


def summarise(outcome: Reproduction) -> str:
    """Say in one English sentence what came of it."""
    if outcome.comparison is None:
        return f"Could not run: {outcome.problem}"
    same, differ = len(outcome.comparison.same), len(outcome.comparison.differences)
    parts = [f"{same} of {outcome.record.numbers} numbers are reproduced"]
    if outcome.comparison.within:
        parts.append(f"{len(outcome.comparison.within)} of them within their declared tolerance")
    if differ:
        parts.append(f"{differ} differ")
    if outcome.not_run:
        parts.append(f"{len(outcome.not_run)} could not be made")
    told = "; ".join(parts) + "."
    return told if outcome.trust.by else f"{told} Not established: whose bundle this is (compare its sha256)."


def write_verdict(outcome: Reproduction, folder: Path) -> Path:
    """Write the page, the JSON and the CSV into the folder of the reproduction; return the page."""
    write_text(folder / NUMBERS, _numbers(outcome))
    write_text(folder / REPORT, to_json(_content(outcome)))
    write_text(folder / PAGE, _page(outcome))
    return folder / PAGE


def write_differences(differences: Sequence[Difference], path: Path) -> Path:
    """Write every changed number as a CSV."""
    write_text(path, _csv([_row(item, item.kind) for item in differences]))
    return path


def _csv(rows: Iterable[dict[str, str]]) -> str:
    return csv_text([_NUMBER_COLUMNS, *([row.get(name, "") for name in _NUMBER_COLUMNS] for row in rows)])


def _numbers(outcome: Reproduction) -> str:
    """List every number with its outcome; one that is the same to the last digit without its value."""
    if outcome.comparison is None:
        return _csv(())
    rows = {identity: {"result_id": identity, "outcome": "reproduced"} for identity in outcome.comparison.same}
    for identity, expected, got in outcome.comparison.within:
        rows[identity] |= {"outcome": "within tolerance", "expected": _shown(expected), "got": _shown(got)}
    for item in outcome.comparison.differences:
        rows[item.result_id] = _row(item, item.kind if item.kind in ("new", "gone") else "differs")
    for item in outcome.not_run:
        rows[item.result_id] = _row(item, "could not run")
    return _csv(rows[identity] for identity in sorted(rows))


def _row(item: Difference, outcome: str) -> dict[str, str]:
    names = ("result_id", "unit_of_measure", "expected_status", "got_status", "notebook", "cell")
    return {
        **{name: getattr(item, name) for name in names},
        "outcome": outcome,
        "expected": _shown(item.expected),
        "got": _shown(item.got),
        "causes": "; ".join(map(str, item.causes)),
    }


def _content(outcome: Reproduction) -> dict[str, object]:
    record, comparison = outcome.record, outcome.comparison or _NOTHING
    return {
        "outcome": _OUTCOMES[outcome.exit_code],
        "exit_code": outcome.exit_code,
        "summary": summarise(outcome),
        "deal": record.deal,
        "edition": record.edition,
        "bundle_sha256": outcome.trust.sha256,
        "trusted_by": outcome.trust.by,
        "other_than_here": list(outcome.others),
        "with_newer_vintages": outcome.vintages,
        "numbers": {
            "expected": record.numbers,
            "reproduced": len(comparison.same),
            "within_tolerance": len(comparison.within),
            "differ": len(comparison.differences),
            "could_not_run": len(outcome.not_run),
        },
        "bundle_changes": [
            {
                "file": item.name,
                "state": item.state,
                "count": item.count,
                "words": item.words,
                "is_harmless": not item.counts,
                "places": [asdict(place) for place in item.places],
            }
            for item in outcome.changes
        ],
        "versions": [
            {"name": item.name, "change": item.change}
            for item in (outcome.environment.differences if outcome.environment else ())
        ],
        "machine": describe_machine(),
        "failed_notebooks": outcome.failed or {},
        "problem": outcome.problem,
        "absent": [item.what for item in record.absent],
        "causes": {str(cause): count for cause, count in count_by_cause(comparison.differences).items()},
    }


def _page(outcome: Reproduction) -> str:
    comparison = outcome.comparison or _NOTHING
    tables = {
        "Getallen die verschillen": comparison.differences,
        "Getallen die niet konden worden gemaakt": outcome.not_run,
    }
    text = (resources.files("evaluation.bundles") / _TEMPLATE).read_text(encoding="utf-8")
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page.filters["quoted"] = _quoted
    template = page.from_string(text)
    return template.render(
        policy=Markup(POLICY_TAG),
        code="now" if outcome.vintages and outcome.comparison else _OUTCOMES[outcome.exit_code],
        comparison=outcome.comparison,
        not_run=outcome.not_run,
        record=outcome.record,
        trust=outcome.trust,
        others=outcome.others,
        vintages=outcome.vintages,
        problem=outcome.problem,
        failed=outcome.failed,
        changes=list(_change_rows(outcome)),
        absent=outcome.record.absent,
        versions=outcome.environment.differences if outcome.environment else (),
        environment=outcome.environment,
        tables=[(title, rows) for title, rows in tables.items() if rows],
        by_cause=count_by_cause(comparison.differences),
        within=comparison.within,
        shown=_shown,
        statuses=lambda row: " → ".join(dict.fromkeys(filter(None, (row.expected_status, row.got_status)))),
    )


def _change_rows(outcome: Reproduction) -> Iterator[tuple[object, ...]]:
    states = {"altered": "gewijzigd", "missing": "ontbreekt", "added": "hoort er niet bij; niet gebruikt"}
    states["unlike"] = "niet zoals het hier wordt gemaakt"
    for change in outcome.changes:
        name, blank = _quoted(change.name), ("", "", "", "")
        if not change.places:
            yield name, *blank, f"{states[change.state]}{': ' if change.note else ''}{change.note}"
        for place in change.places:
            was, now = ("(geen)" if value is None else _quoted(value) for value in (place.expected, place.got))
            yield name, place.row, _quoted(place.column), _quoted(place.key), was, now
        if change.count > len(change.places) > 0:
            yield name, *blank, f"en nog {change.count - len(change.places)} plaatsen"


def _quoted(text: str) -> str:
    """Set what is of the bundle between quotation marks that it cannot close, so that it is no word of this page."""
    return text if is_one_word(text) else f"“{text.translate(_PLAIN_MARKS)}”"


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
