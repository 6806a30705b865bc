"""The file of a new deal, from the register and from what was answered: nothing stands in it that neither says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from evaluation.base import dutch
from evaluation.base.errors import Fault
from evaluation.base.text import page_slug
from evaluation.cli.new_deal_agreed import agreed_besides, budget_of
from evaluation.cli.new_deal_draft import OPEN, Draft, unique
from evaluation.inputs.deal_answers import Answer, DealAnswers, TargetAnswer, ThemeAnswer, Words
from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.municipalities import Municipality
from evaluation.statistics.areas.treatment_schema import RegioDeal
from evaluation.statistics.areas.treatments import Register

_PROVINCES = {
    "PV20": "Groningen", "PV21": "Fryslân", "PV22": "Drenthe", "PV23": "Overijssel", "PV24": "Flevoland",
    "PV25": "Gelderland", "PV26": "Utrecht", "PV27": "Noord-Holland", "PV28": "Zuid-Holland", "PV29": "Zeeland",
    "PV30": "Noord-Brabant", "PV31": "Limburg", "NL01": "Nederland",
}  # fmt: skip


def draft_deal(known: RegioDeal, register: Register, answers: DealAnswers, *, source: str) -> Draft:
    """Make the fields of a deal file.

    Parameters
    ----------
    known, register : RegioDeal, Register
        What is on record of the deal.
    answers, source : DealAnswers, str
        What was answered, and where: the name of a file, or words such as "de antwoorden".

    Returns
    -------
    Draft
        With every fault; its fields are to be checked by the schema only where it has none.
    """
    draft = Draft()
    themes = [item for item in answers.themes if item.counts]
    if not themes:
        draft.faults.append(Fault(source, "geen thema's", "ten minste één thema met een titel", key="themes"))
    term = _term(known, register, answers, draft, source)
    draft.fields = {
        "id": known.id,
        "name": known.name,
        "citation": f"{known.name}; {OPEN} wie de deal sloten, wanneer, en waar de tekst staat",
        "region": _region(known, register, answers, term, draft),
        "term": term,
        "parties": _parties(answers, draft),
        "text_notes": [],
        "themes": [_theme(number, item, draft, source) for number, item in enumerate(themes, 1)],
    }
    order = _places(answers.themes)
    draft.fields["targets"] = _targets(answers, order, term, draft, source)
    draft.fields["budget"] = budget_of(known, answers, order, term["records_from"], draft, source)
    draft.fields |= agreed_besides(answers, order)
    draft.fields["text_notes"] = [*draft.open_points]
    return draft


def _places(items: Sequence[Answer]) -> dict[int, int]:
    """Give what counts its place in the deal, by its place in the answers; both from 1."""
    counted = [number for number, item in enumerate(items, 1) if item.counts]
    return {number: place for place, number in enumerate(counted, 1)}


def _term(known: RegioDeal, register: Register, answers: DealAnswers, draft: Draft, source: str) -> dict:
    """Make the term of the register and the answers; the last day is asked where the register has none."""
    given = answers.term if answers.term is not None and answers.term.counts else None
    starts = given.starts_on if given and given.starts_on else known.starts.first
    is_exact = bool(given and given.starts_on) or known.starts.precision == "day"
    exact_end = known.ends.day if known.ends and known.ends.precision == "day" else None
    ends = (given.ends_on if given else None) or exact_end
    if ends is None:
        hint = f"In het register staat: {known.ends.day.year}." if known.ends else None
        draft.faults.append(
            Fault(
                source, "geen laatste dag van de looptijd", "een dag, zoals 2027-12-31", key="term.ends_on", hint=hint
            )
        )
        ends = date(starts.year + 4, 12, 31)
    elif ends <= starts:
        draft.faults.append(Fault(source, f"{ends}", f"een dag na het begin ({starts})", key="term.ends_on"))
    tranche = register.tranches.get(known.tranche)
    selected = tranche.selected.day if tranche and tranche.selected and tranche.selected.day <= starts else None
    notes = [
        f"De looptijd is die van {dutch.day(starts) if is_exact else _about(known)} tot en met "
        f"{dutch.day(ends)}. Het pad naar een doel is "
        f"een rechte lijn vanaf {dutch.day(starts)}: een aanname van deze rapportage, geen afspraak uit de deal."
    ]
    if not is_exact:
        draft.open_points.append(
            f"De eerste dag van de looptijd is {OPEN}; bekend is {_about(known)} (term.path_from)."
        )
    if not known.starts.verified and not (given and given.starts_on):
        draft.open_points.append("Het begin van de looptijd komt uit het register en is nog niet nagezien (term).")
    latest = max([ends, *(item.by for item in answers.targets if item.counts and item.by is not None)])
    return {
        "first_year": starts.year, "last_year": ends.year,
        **({"starts_on": starts} if is_exact else {}),
        "ends_on": ends, "selected_on": selected, "sent_to_parliament_on": None,
        "base_year": starts.year - 1, "partial_year": starts.year if (starts.month, starts.day) != (1, 1) else None,
        "path_from": starts, "records_from": date(starts.year, 1, 1), "records_until": date(latest.year + 1, 12, 31),
        "notes": notes,
    }  # fmt: skip


def _about(known: RegioDeal) -> str:
    """Write the moment of the register as far as it is known."""
    words = dutch.day(known.starts.day).split()
    return {"day": " ".join(words), "month": " ".join(words[1:]), "year": f"het jaar {words[-1]}"}[
        known.starts.precision
    ]


def _region(known: RegioDeal, register: Register, answers: DealAnswers, term: Mapping, draft: Draft) -> dict:
    """Make the region: its municipalities of today, its yardstick, and what was merged since the base year."""
    today = register.municipalities
    name = region_name(known)
    rows = []
    for member in known.members:
        row = {"code": member.code, "name": today[member.code].name}
        if member.exposure == "partial":
            named = known.districts.names.get(member.code) if known.districts is not None else None
            row["part"] = dutch.listing(named) if named else f"{OPEN} welk deel"
        if row.get("part", "").startswith(OPEN):
            draft.open_points.append(f"Van {row['name']} doet een deel mee; {OPEN} welk deel (region.municipalities).")
        rows.append(row)
    if not known.extent.verified:
        draft.open_points.append(
            "De gemeenten zijn die van de regio waar de deal naar heet, en zijn nog niet nagezien "
            "(region.municipalities)."
        )
    code = answers.benchmark or yardstick(known, today)
    region = {"name": name, "short_name": name, "municipalities": rows}
    merged = _merged([member.code for member in known.members], int(term["base_year"]))
    if merged:
        region["formed_from"] = {code: sorted(sources) for code, (_, sources) in merged.items()}
        region["formed_on"] = {code: day for code, (day, _) in merged.items()}
    return {
        **region,
        "benchmark": {"code": code, "name": _PROVINCES[code]},
        "rest_name": f"rest van {_PROVINCES[code]}",
    }


def region_name(known: RegioDeal) -> str:
    """Return the name of a deal without the words that all deals have.

    Parameters
    ----------
    known : RegioDeal
        Of the register.

    Returns
    -------
    str
    """
    name = known.name.replace("Regio Deal", "").strip(" -:")
    return dutch.capital(" ".join(name.split())) or known.name


def yardstick(known: RegioDeal, today: Mapping[str, Municipality]) -> str:
    """Return the code of what a region is compared with: its province, or the country where that is not possible.

    Parameters
    ----------
    known, today : RegioDeal, mapping of code to Municipality
        A region in more provinces, or all of one, has the country.

    Returns
    -------
    str
    """
    own = {member.code for member in known.members}
    provinces = {today[code].province for code in own}
    province = next(iter(provinces)) if len(provinces) == 1 else None
    is_whole = province is not None and own >= {code for code, item in today.items() if item.province == province}
    return "NL01" if province is None or is_whole else province


def _merged(codes: Iterable[str], base_year: int) -> dict[str, tuple[date, list[str]]]:
    """Return what was merged from whole municipalities since the base year, and nothing that took in a part of one."""
    _, changes = load_boundaries()
    found: dict[str, tuple[date, list[str]]] = {}
    for code in codes:
        own = [
            item
            for item in changes
            if item.target == code and item.kind in ("merger", "split") and item.day.year >= base_year
        ]
        if (
            own
            and len({item.day for item in own}) == 1
            and all(item.kind == "merger" and item.share == 1 for item in own)
        ):
            found[code] = (own[0].day, [item.source for item in own])
    return found


def _parties(answers: DealAnswers, draft: Draft) -> list[dict]:
    """Make the numbered parties; without any the two sides stand there, as they are in every Regio Deal."""
    given = [item for item in answers.parties if item.counts]
    if not given:
        draft.open_points.append(f"De partijen zijn {OPEN}; hier staan alleen het Rijk en de Regio (parties).")
        return [
            {"number": 1, "name": "Rijk", "abbreviation": "Rijk", "side": "rijk"},
            {"number": 2, "name": "Regio", "abbreviation": "Regio", "side": "regio"},
        ]
    return [
        {"number": number, "name": item.name, "abbreviation": item.abbreviation or item.name, "side": item.side}
        for number, item in enumerate(given, 1)
    ]


def _theme(number: int, item: ThemeAnswer, draft: Draft, source: str) -> dict:
    title = item.title
    short = item.short_title or (title if len(title) <= 40 else dutch.first_words(title, 38))
    results = [row for row in item.results if row.counts]
    if not results:
        draft.faults.append(
            Fault(
                source,
                f"geen resultaten bij '{title}'",
                "ten minste één beoogd resultaat",
                key=f"themes.{number}.results",
            )
        )
    missing = [
        word
        for word, rows in (("doelen", item.goals), ("aanpak", item.approach))
        if not any(row.counts for row in rows)
    ]
    if missing:
        draft.open_points.append(f"Van thema {number} ({title}) zijn {' en '.join(missing)} {OPEN} (themes.{number}).")
    return {
        "id": number,
        "slug": f"{number}-{page_slug(short)[:40].strip('-')}",
        "title": title,
        "short_title": short,
        "goals": [{"id": f"{number}-{place}", "text": row.text} for place, row in enumerate(_counting(item.goals), 1)],
        "results": [_result(f"{number}.{place}", row) for place, row in enumerate(results, 1)],
        "approach": [
            {
                "id": f"{number}{_letters(place)}",
                "title": _cut(row.title or row.text),
                "text": row.text,
                "kind": "process",
            }
            for place, row in enumerate(_counting(item.approach))
        ],
    }


def _counting(rows: Iterable[Words]) -> list[Words]:
    return [row for row in rows if row.counts]


def _letters(place: int) -> str:
    """Name an element as the articles do: a to z, and then aa.

    >>> _letters(0), _letters(25), _letters(26)
    ('a', 'z', 'aa')
    """
    first, last = divmod(place, 26)
    return (chr(ord("a") + first - 1) if first else "") + chr(ord("a") + last)


def _cut(title: str) -> str:
    return title if len(title) <= 80 else dutch.first_words(title, 78)


def _result(name: str, row: Words) -> dict:
    made = {
        "id": name,
        "title": row.title or _cut(row.text),
        "text": row.text,
        "reference": row.reference or OPEN,
        "measured_by": f"{dutch.capital(OPEN)} wat dit resultaat meet.",
    }
    if row.by is not None:
        made["by"] = row.by
    return {**made, "towards_benchmark": True} if row.towards_benchmark else made


def _targets(answers: DealAnswers, order: Mapping[int, int], term: Mapping, draft: Draft, source: str) -> list[dict]:
    """Make the targets; one that belongs to a refused theme or result, or to none, is a fault."""
    made: list[dict] = []
    names: set[str] = set()
    for place, item in enumerate(answers.targets, 1):
        if not item.counts:
            continue
        key = f"targets.{place}"
        theme = answers.themes[item.theme - 1] if item.theme <= len(answers.themes) else None
        results = _places(theme.results) if theme is not None else {}
        number = item.result if item.result is not None else next(iter(results)) if len(results) == 1 else None
        if item.theme not in order or number not in results:
            expected = "een thema en een resultaat die meedoen (theme en result), of confirmed: no"
            draft.faults.append(
                Fault(
                    source, f"'{item.title}' bij thema {item.theme}, resultaat {item.result or OPEN}", expected, key=key
                )
            )
            continue
        elements = _places(theme.approach) if theme is not None else {}
        if item.element is not None and item.element not in elements:
            draft.faults.append(
                Fault(
                    source, f"onderdeel {item.element}", "een onderdeel van de aanpak dat meedoet", key=f"{key}.element"
                )
            )
            continue
        name = unique(page_slug(item.title)[:40].strip("-") or "doel", names)
        is_level = item.unit_of_measure == "pct" or item.direction == "decrease" or item.baseline is not None
        if item.direction == "decrease" and item.baseline is None:
            draft.faults.append(Fault(source, "een daling zonder beginniveau", "baseline en baseline_year", key=key))
            continue
        where = {"result": f"{order[item.theme]}.{results[number]}"}
        if item.element is not None:
            where["element"] = f"{order[item.theme]}{_letters(elements[item.element] - 1)}"
        made.append({"id": name, **where, **_target(item, term, is_level=is_level)})
    return made


def _target(item: TargetAnswer, term: Mapping, *, is_level: bool) -> dict:
    quantity = _whole(item.quantity)
    made = {
        "kind": "promise" if item.element is not None else "result",
        "title": item.title, "quantity": quantity,
        "unit_of_measure": item.unit_of_measure, "unit_label": item.unit_label,
        "by": item.by or term["ends_on"],
        "by_note": item.by_note or ("Zoals opgegeven." if item.by else f"Een datum is {OPEN}; hier het einde van de "
            f"looptijd."),
        "direction": item.direction, "counted_from": "indicator" if is_level else "outputs",
        "reference": item.reference or OPEN, "in_force_from": term["records_from"],
    }  # fmt: skip
    if item.baseline is not None:
        made["baseline"] = {"value": item.baseline, "year": item.baseline_year or term["base_year"]}
    if item.quantity_to is not None:
        made["quantity_to"] = _whole(item.quantity_to)
    for name in ("at_least", "approximate"):
        if getattr(item, name):
            made[name] = True
    return {**made, "group": item.group} if item.group and not is_level else made


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
