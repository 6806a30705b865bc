"""Read what was agreed: ``data/deal/<deal>.yml`` as an immutable `Deal`, with every fault of the file told at once.

Another deal is another file; a change of a deal is a new dated entry in its file (`Deal.as_of`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evaluation.base.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.base.paths import DEFAULT_DEAL, data_dir, read_bytes, shown
from evaluation.base.text import normalised
from evaluation.base.today import today
from evaluation.base.yaml_entries import load_yaml, shape_fault
from evaluation.inputs.deal_schema import USUAL_SOURCES, Deal

YEARS_AFTER_THE_TERM = 10
"""A date further beyond the end of the deal than this is taken for a slip of the pen."""

_EXPECTED = {
    "date_type": "a date such as 2025-12-31, without quotes",
    "string_type": "a text, in quotes where it looks like a number or a date",
    "int_type": "a whole number such as 16000: no quotes, no thousands sign",
    "float_type": "a number such as 16000 or 11.2: no quotes, no thousands sign",
}
_SAME_OVER_TIME = ("result", "unit_of_measure", "unit_label", "direction", "counted_from")


def load_deal(deal_id: str = DEFAULT_DEAL, *, folder: Path | None = None) -> Deal:
    """Read a deal file.

    Parameters
    ----------
    deal_id, folder : str, Path or None
        Name of the file without ``.yml``, and where it is; the project's ``data/deal`` by default.

    Returns
    -------
    Deal
        Checked as a whole: what one part says of another holds.

    Raises
    ------
    UsageError
        For an unknown deal; names the deals there are.
    InputError
        With every fault in the file: its dotted key (list items by their id), what stands there, what is expected.
    """
    folder = data_dir() / "deal" if folder is None else folder
    known = sorted(file.stem for file in folder.glob("*.yml"))
    if deal_id not in known:
        hint = did_you_mean(deal_id, known)
        there_are = f"There are: {', '.join(known)}." if known else f"There are no deals in {shown(folder)}."
        make = f"Make it: regiodeal new deal {deal_id}" if is_on_record(deal_id) else None
        raise UsageError(" ".join(filter(None, [f"There is no deal {deal_id!r}.", there_are, make or hint])))
    path = folder / f"{deal_id}.yml"
    file = shown(path)
    raw = _read_yaml(path, file)
    faults = _relation_faults(raw, file)
    if raw.get("id") != deal_id:
        faults.insert(0, Fault(file, repr(raw.get("id")), f"the name of the file, {deal_id!r}", key="id"))
    try:
        deal = Deal.model_validate(raw)
    except ValidationError as error:
        raise InputError([*_shape_faults(error, raw, file), *faults]) from None
    if faults:
        raise InputError(faults)
    return deal


def is_on_record(deal_id: str) -> bool:
    """Tell whether the register of Regio Deals has a deal, without reading all of it.

    Parameters
    ----------
    deal_id : str
        Any.

    Returns
    -------
    bool
    """
    path = data_dir() / "regions" / "deals.yml"
    return path.is_file() and f"\n  {deal_id}:\n" in path.read_text(encoding="utf-8").partition("\ndeals:")[2]


def check_year(deal: Deal, year: int) -> None:
    """Refuse a year over which there is no annual report.

    Parameters
    ----------
    deal, year : Deal, int
        The year is one that somebody asks a report over.

    Raises
    ------
    UsageError
        Unless the year lies in the deal's term and has ended (or the term has, in its last year); says what is
        possible instead.
    """
    term = deal.term
    if isinstance(year, bool) or not isinstance(year, int):
        raise UsageError(f"year must be a whole number from {term.first_year} to {term.last_year}, not {year!r}.")
    ended = last_ended_year(deal)
    if term.first_year <= year <= ended:
        return
    possible = f"Reports are possible over {term.first_year} to {ended}."
    if ended < term.first_year:
        possible = f"The first report is possible after {deal.last_day(term.first_year)}."
    if year == term.base_year:
        why = f"{year} is the base year: it has no report of its own, each report shows it as the starting point."
    elif year < term.first_year:
        why = f"{deal.name} begins in {term.first_year}."
    elif year <= term.last_year:
        why = f"What it is about runs until {deal.last_day(year)}, and today is {today()}."
    else:
        why = f"{deal.name} ends on {term.ends_on}: what came later belongs in the final evaluation, and "
        why += "statistics on later years come with later vintages of the data."
    raise UsageError(f"There is no progress report over {year}. {why} {possible}")


def last_ended_year(deal: Deal) -> int:
    """Return the last year of the deal's term that is over.

    Parameters
    ----------
    deal : Deal
        Whose term; its last year is over when the deal is.

    Returns
    -------
    int
        A year before the first one where none is over yet.
    """
    term = deal.term
    return max(
        (year for year in range(term.first_year, term.last_year + 1) if deal.last_day(year) < today()),
        default=term.first_year - 1,
    )


def list_deals() -> list[str]:
    """List the deals that there are.

    Returns
    -------
    list[str]
        Their ids, in alphabetical order.
    """
    return sorted(path.stem for path in (data_dir() / "deal").glob("*.yml"))


def _read_yaml(path: Path, file: str) -> dict:
    try:
        content = load_yaml(normalised(read_bytes(path).decode("utf-8-sig")))
    except yaml.MarkedYAMLError as error:
        row = error.problem_mark.line + 1 if error.problem_mark else None
        raise InputError([Fault(file, str(error.problem), "YAML with each key once", row=row)]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError([Fault(file, str(error).replace("\n", " "), "YAML in UTF-8")]) from None
    if not isinstance(content, dict):
        raise InputError([Fault(file, type(content).__name__, "a mapping with the keys of a deal")])
    return content


def _shape_faults(error: ValidationError, raw: dict, file: str) -> list[Fault]:
    """Tell pydantic's errors as faults: one for each place, also where a number may be of two types.

    A list whose items have faults counts as too short to pydantic: only an empty one is.
    """
    items = [item for item in error.errors() if not (item["type"] == "too_short" and item["input"])]
    return list({_dotted(item["loc"], raw): _shape_fault(item, raw, file) for item in items}.values())


def _shape_fault(item: ErrorDetails, raw: dict, file: str) -> Fault:
    fault = shape_fault(item, Deal, file, _dotted(item["loc"], raw))
    if item["type"] == "extra_forbidden":
        return replace(fault, found=f"unknown key {item['loc'][-1]!r}")
    return replace(fault, expected=_EXPECTED.get(item["type"], fault.expected))


def _dotted(where: tuple, raw: object) -> str:
    """Write a place as a person finds it: a list item by its id, number, code or date where it has one."""
    words: list[str] = []
    node = raw
    for step in where:
        if isinstance(node, list) and isinstance(step, int) and step < len(node):
            words.append(_label(node, step))
            node = node[step]
        else:
            words.append(str(step))
            node = node.get(step) if isinstance(node, dict) else None
    return ".".join(word for word in words if word not in ("int", "float"))


def _label(items: list, position: int) -> str:
    item = items[position]
    keys = [key for key in ("id", "number", "code", "in_force_from") if isinstance(item, dict) and key in item]
    if not keys:
        return str(position + 1)
    same = sum(isinstance(other, dict) and other.get("id") == item.get("id") for other in items)
    dated = "id" in item and "in_force_from" in item and same > 1
    return f"{item[keys[0]]} ({item['in_force_from']})" if dated else str(item[keys[0]])


def _relation_faults(raw: dict, file: str) -> list[Fault]:
    """Check what one part of the file says of another.

    Works on the file as read, so that these faults are told together with those of the shape; what has another shape
    than expected is passed over here.
    """
    checks = (_order_faults, _reference_faults, _uniqueness_faults)
    return [*(fault for check in checks for fault in check(raw, file)), *_date_faults(raw, raw, (), file)]


def _order_faults(raw: dict, file: str) -> Iterator[Fault]:
    """Numbered things stand in order, each once, under their own theme."""
    for section, key in (("themes", "id"), ("tracks", "id"), ("criteria", "number"), ("parties", "number")):
        rows = _rows(raw, section)
        yield from _sequence(rows, key, list(range(1, len(rows) + 1)), section, file)
    duties = _rows(raw, "duties")
    ordered = sorted((str(row.get("id")) for row in duties), key=_numbers)
    yield from _sequence([{"id": str(row.get("id"))} for row in duties], "id", ordered, "duties", file)
    for number, theme in enumerate(_rows(raw, "themes"), 1):
        place = f"themes.{theme.get('id')}"
        for section, mark in (("goals", "-"), ("results", ".")):
            rows = _rows(theme, section)
            names = [f"{number}{mark}{n}" for n in range(1, len(rows) + 1)]
            yield from _sequence(rows, "id", names, f"{place}.{section}", file)
        rows = _rows(theme, "approach")
        names = [f"{number}{_letter(n)}" for n in range(len(rows))]
        yield from _sequence(rows, "id", names, f"{place}.approach", file)
        if not str(theme.get("slug")).startswith(f"{number}-"):
            yield Fault(file, repr(theme.get("slug")), f"a slug that begins with {number}-", key=f"{place}.slug")


def _sequence(rows: list[dict], key: str, names: list, place: str, file: str) -> Iterator[Fault]:
    """Tell the first one that is out of place; those after it follow from it."""
    for row, name in zip(rows, names, strict=True):
        if key in row and row[key] != name:
            yield Fault(file, repr(row[key]), f"{name!r} here: each once and in order", key=f"{place}.{row[key]}.{key}")
            return


def _numbers(name: str) -> tuple[int, ...]:
    """Read the numbers in a name, so that 7.10 comes behind 7.9."""
    return tuple(int(part) for part in name.split(".") if part.isdigit())


def _letter(place: int) -> str:
    """Return the letter of an element by its place; after z come aa, ab."""
    first, last = divmod(place, 26)
    return (chr(ord("a") + first - 1) if first else "") + chr(ord("a") + last)


def _reference_faults(raw: dict, file: str) -> Iterator[Fault]:
    """Targets, milestones and budget name results, elements and themes that the file has."""
    themes = _rows(raw, "themes")
    theme_ids = [theme.get("id") for theme in themes]
    results = [row.get("id") for theme in themes for row in _rows(theme, "results")]
    elements = [row.get("id") for theme in themes for row in _rows(theme, "approach")]
    for section in ("targets", "milestones"):
        for row in _rows(raw, section):
            place = f"{section}.{_label(raw[section], raw[section].index(row))}"
            for key, known in (("result", results), ("element", elements), ("theme", theme_ids)):
                if row.get(key) is not None and row[key] not in known:
                    expected = f"one of {', '.join(map(str, known))}"
                    hint = did_you_mean(str(row[key]), [str(name) for name in known])
                    yield Fault(file, repr(row[key]), expected, key=f"{place}.{key}", hint=hint)
            own = str(row.get("result") if section == "targets" else row.get("theme")).split(".")[0]
            element = row.get("element")
            if element in elements and str(element).rstrip("abcdefghijklmnopqrstuvwxyz") != own:
                yield Fault(file, repr(element), f"an element of theme {own}", key=f"{place}.element")
    path_from = _part(raw, "term").get("path_from")
    for row in _rows(raw, "targets"):
        by = row.get("by")
        if type(by) is date and type(path_from) is date and by <= path_from:
            place = f"targets.{_label(raw['targets'], raw['targets'].index(row))}.by"
            yield Fault(file, str(by), f"a day after {path_from}, where the paths to targets begin", key=place)
    for row in _rows(raw, "budget"):
        split = row.get("themes")
        if isinstance(split, dict) and sorted(map(repr, split)) != sorted(map(repr, theme_ids)):
            expected = f"an amount for each theme: {', '.join(map(str, theme_ids))}"
            found = f"amounts for {', '.join(map(str, split))}"
            yield Fault(file, found, expected, key=f"budget.{row.get('in_force_from')}.themes")


def _uniqueness_faults(raw: dict, file: str) -> Iterator[Fault]:
    """Each id once; dated entries of one id on different days, of one unit and direction."""
    region = _part(raw, "region")
    members = [str(row.get("code")) for row in _rows(region, "municipalities")]
    for section in ("milestones", "tranches", "governance", "duties"):
        yield from _twice([str(row.get("id")) for row in _rows(raw, section)], section, "id", file)
    funders = [str(row.get("id")) for row in _rows(raw, "funders")]
    yield from _twice([*funders, *({source.lower() for source in USUAL_SOURCES} & set(funders))], "funders", "id", file)
    yield from _twice(members, "region.municipalities", "code", file)
    for section in ("targets", "budget"):
        moments = [(str(row.get("id", "")), str(row.get("in_force_from"))) for row in _rows(raw, section)]
        for (name, day), count in Counter(moments).items():
            if count > 1:
                place = ".".join(filter(None, [section, name]))
                yield Fault(file, f"{count} entries from {day}", "one entry a day", key=f"{place}.in_force_from")
    first: dict[str, dict] = {}
    for row in _rows(raw, "targets"):
        begin = first.setdefault(str(row.get("id")), row)
        for key in _SAME_OVER_TIME:
            if row.get(key) != begin.get(key):
                place = f"targets.{row.get('id')} ({row.get('in_force_from')}).{key}"
                expected = f"{begin.get(key)!r}, as in its first entry: an amendment changes quantity or date"
                yield Fault(file, repr(row.get(key)), expected, key=place)
    formed, formed_on = region.get("formed_from"), region.get("formed_on")
    if isinstance(formed, dict) and isinstance(formed_on, dict):
        merged = set(map(str, formed)), set(map(str, formed_on))
        for code in sorted((merged[0] ^ merged[1]) | (merged[0].difference(members))):
            expected = "a municipality of the deal that is in both formed_from and formed_on"
            yield Fault(file, repr(code), expected, key=f"region.formed_from.{code}")


def _twice(names: list[str], section: str, key: str, file: str) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault(file, f"{name!r} {count} times", "each once", key=f"{section}.{name}.{key}")


def _date_faults(node: object, raw: dict, where: tuple, file: str) -> Iterator[Fault]:
    """Every date lies between the base year and some years after the term."""
    base, end = (_part(raw, "term").get(key) for key in ("base_year", "ends_on"))
    if type(base) is not int or type(end) is not date or not 1990 <= base <= end.year <= 2100:
        return
    low, high = date(base, 1, 1), date(end.year + YEARS_AFTER_THE_TERM, 12, 31)
    if type(node) is date and not low <= node <= high:
        yield Fault(file, str(node), f"a date from {low} to {high}", key=_dotted(where, raw))
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in steps:
        yield from _date_faults(child, raw, (*where, step), file)


def _part(node: dict, section: str) -> dict:
    part = node.get(section)
    return part if isinstance(part, dict) else {}


def _rows(node: dict, section: str) -> list[dict]:
    rows = node.get(section)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
