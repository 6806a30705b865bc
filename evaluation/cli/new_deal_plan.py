"""Indicators and plan of a new deal: chosen by the words of its themes, with designs that figures can decide."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from evaluation.analysis.effects.estimate import ALPHA, INDICATION
from evaluation.analysis.effects.placebo import smallest_p
from evaluation.analysis.plan_reach import Reach, reach_faults, reach_of_plan
from evaluation.base import dutch
from evaluation.base.paths import data_dir, read_bytes
from evaluation.base.yaml_entries import load_yaml
from evaluation.cli.new_deal_draft import OPEN
from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.indicators import Design, Indicator, register_dir
from evaluation.inputs.subjects import Subject, SubjectDesign, load_subjects

_POOLS = ("every", "corop", "lenient")
_COVID = (2020, 2021)
_LONGEST_BEFORE = 10
_SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-Z])")


@dataclass(slots=True)
class Chosen:
    """What is chosen for a deal.

    Attributes
    ----------
    files : dict of int to dict    Number of a theme to its file of indicators.
    subjects : dict of int to list    Number of a theme to the subjects that its words point to.
    plan : dict    As plan.yml has it.
    """

    files: dict[int, dict] = field(default_factory=dict)
    subjects: dict[int, list[Subject]] = field(default_factory=dict)
    plan: dict = field(default_factory=dict)


def choose_indicators(deal: Deal, wanted: Mapping[int, Sequence[str] | None]) -> Chosen:
    """Choose the indicators of each theme from the library.

    An indicator is of the first theme that its subject fits; of the results it informs those that name the subject.  A
    result that none informs is told as not measured yet.

    Parameters
    ----------
    deal, wanted : Deal, mapping of theme to ids of subjects
        Subjects that somebody chose himself; None: those that the words of the theme point to.

    Returns
    -------
    Chosen
        Without a plan.
    """
    subjects, library, years = load_subjects(), _library(), _years_of_tables()
    chosen, taken = Chosen(), set()
    for theme in deal.themes:
        own = wanted.get(theme.id)
        found = [subjects[name] for name in own] if own is not None else _subjects_of(theme, subjects.values())
        entries: dict[str, dict] = {}
        for subject in found:
            informs = [row.id for row in theme.results if subject.is_named_in(f"{row.title} {row.text}")]
            for name in (name for name in subject.indicators if name not in taken):
                entries[name] = _fitted(library[name], deal, informs, years)
                taken.add(name)
        chosen.subjects[theme.id] = [item for item in found if any(name in entries for name in item.indicators)]
        for entry in entries.values():
            if entry.get("companion") not in entries:
                entry.pop("companion", None)
        informed = {name for entry in entries.values() for name in entry["results"]}
        open_results = [_not_measured(row.id, row.title) for row in theme.results if row.id not in informed]
        parts = {"indicators": entries, "not_measured": open_results}
        chosen.files[theme.id] = {"theme": theme.id, **{key: part for key, part in parts.items() if part}}
    return chosen


def choose_plan(deal: Deal, chosen: Chosen, indicators: Mapping[str, Indicator], declared_on: date) -> dict:
    """Make a plan with a design per theme that has an outcome: one of which figures can decide the grade.

    The regions are settled without the outcome of the region itself (`plan_reach`).

    Parameters
    ----------
    deal, chosen, indicators, declared_on
        The deal, what was chosen for it, the same as objects, and the day.

    Returns
    -------
    dict
        As plan.yml has it: notes, designs, and per theme without a design why there is none.
    """
    designs: dict[str, dict] = {}
    without: dict[int, tuple[str, str]] = {}
    candidates: dict[int, tuple[Subject, dict]] = {}
    for theme in deal.themes:
        outcomes = [item for item in chosen.subjects[theme.id] if item.design is not None]
        reasons = {item.id: _no_window(deal, item.design) for item in outcomes}
        for item in outcomes:
            if (before := _before_after(deal, item.design, declared_on)) is not None:
                designs.setdefault(f"{item.design.indicator}-voor-na", before)
        usable = [item for item in outcomes if reasons[item.id] is None]
        if usable:
            candidates[theme.id] = (usable[0], _fields(deal, usable[0].design, declared_on))
        else:
            subject = outcomes[0].id if outcomes else theme.short_title.lower()
            without[theme.id] = (subject, (reasons[outcomes[0].id] if outcomes else None) or _NO_OUTCOME)
    placed = _decidable(deal, candidates, indicators)
    for theme_id, (subject, fields) in candidates.items():
        if theme_id in placed:
            designs[f"{fields['indicator']}-regio"] = placed[theme_id]
        else:
            without[theme_id] = (subject.id, _TOO_FEW)
    rows = [{"theme": key, "subject": subject, "reason": reason} for key, (subject, reason) in sorted(without.items())]
    notes = (
        f"Begin van een plan, gemaakt met regiodeal new deal op {dutch.day(declared_on)} uit de vaste "
        f"instellingen van dit pakket "
        "(data/subjects.yml). De cijfers tot dan toe waren openbaar: dit is geen registratie vooraf. "
        "Kijk na of deze vergelijkingen bij "
        "de afspraken passen, en leg een wijziging vast met de dag en de reden."
    )
    return {"notes": notes, **({"designs": designs} if designs else {}), **({"without_design": rows} if rows else {})}


_NO_OUTCOME = (
    f"Van dit thema heeft het pakket geen uitkomst van elk jaar en elke gemeente; {OPEN} wat er te vergelijken is."
)
_TOO_FEW = "Er zijn te weinig vergelijkbare regio's met alle cijfers: geen uitkomst zou een oordeel kunnen geven."


def _subjects_of(theme, subjects: Iterable[Subject]) -> list[Subject]:
    """Return the subjects that the title of a theme points to, or else those that its results point to."""
    listed = list(subjects)
    found = [item for item in listed if item.is_named_in(theme.title)]
    return found or [item for item in listed if any(item.is_named_in(row.title) for row in theme.results)]


def _library() -> dict[str, dict]:
    """Return the indicators of data/indicators as they are written, by id, in words that belong to no deal."""
    shared = register_dir("")
    return {
        name: entry
        for path in sorted(shared.glob("[0-9]*.yml"))
        for name, entry in load_yaml(path.read_text(encoding="utf-8")).get("indicators", {}).items()
    }


def _fitted(entry: Mapping, deal: Deal, informs: Sequence[str], years: Mapping[tuple[str, str], set[int]]) -> dict:
    """Write an indicator of the library for another deal: its region in the texts, its base year, its results."""
    words = _Renamed(deal)
    made = {**entry, "results": list(informs)}
    made |= {key: words.text(str(made[key])) or made[key] for key in ("title", "definition", "wording")}
    caveats = [text for text in (words.text(text) for text in made.pop("caveats", ())) if text]
    breaks = [{**item, "note": note} for item in made.pop("breaks", ()) if (note := words.text(item["note"]))]
    made |= {key: part for key, part in (("caveats", caveats), ("breaks", breaks)) if part}
    series = made["calculation"]["numerator"]
    of_tables = [years.get((item["source"], item["table"]), set()) for item in series if not item.get("only")]
    known = {year for found in of_tables for year in found}
    base = max((year for year in known if year <= deal.term.base_year), default=min(known, default=deal.term.base_year))
    return {**made, "baseline_year": base}


class _Renamed:
    """Texts of the library for another region, without the sentences about places and promises of its own deal."""

    def __init__(self, deal: Deal) -> None:
        own = load_deal()
        places = "|".join(re.escape(name) for name in own.municipality_names)
        self._left_out = re.compile(
            rf"\b(?:{places})\b|\b[Dd]eal\b|Zuid-Limburg|Limburgs|\bproject\w*|\binponden\b", re.IGNORECASE
        )
        pairs = (
            (own.region.name, deal.region.name), (own.region.short_name, deal.region.name),
            (own.region.rest_name, deal.region.rest_name), (own.region.benchmark.name, deal.region.benchmark.name),
        )  # fmt: skip
        self._names = {old: new for old, new in pairs}
        self._pattern = re.compile("|".join(re.escape(old) for old, _ in pairs))

    def text(self, words: str) -> str:
        """Return a text for the other deal; empty where nothing of it is left."""
        kept = [part for part in _SENTENCE.split(words) if not self._left_out.search(part)]
        return self._pattern.sub(lambda found: self._names[found[0]], " ".join(kept))


def _years_of_tables() -> dict[tuple[str, str], set[int]]:
    """Return the years of which each pinned table has rows."""
    text = read_bytes(data_dir() / "snapshots" / "row_counts.csv").decode()
    found: dict[tuple[str, str], set[int]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["period"][:4].isdigit():
            found.setdefault((row["source"], row["table"]), set()).add(int(row["period"][:4]))
    return found


def _not_measured(result: str, title: str) -> dict:
    return {
        "result": result,
        "subject": dutch.uncapital(title),
        "reason": f"{dutch.capital(OPEN)}: bij het maken van deze map is geen cijfer gekozen dat dit resultaat volgt.",
        "would_measure": f"{dutch.capital(OPEN)}.",
    }


def _no_window(deal: Deal, design: SubjectDesign) -> str | None:
    """Say why the years of the figures allow no comparison with other regions; None where they do."""
    base, first = deal.term.base_year, deal.term.first_year
    if base - design.first + 1 < design.minimum_pre_years:
        return f"De cijfers beginnen in {design.first}: te kort vóór het begin van de deal in {first}."
    if design.last <= base or set(range(base + 1, min(design.last, deal.term.last_year) + 1)) <= set(_excluded(deal)):
        return (
            f"De cijfers lopen tot en met {design.last}: nog geen heel jaar na het begin van de deal in "
            f"{first}. Leg de vergelijking vast "
            "voordat die cijfers er zijn (regiodeal plan register)."
        )
    return None


def _excluded(deal: Deal) -> list[int]:
    """Return the year in which the deal began, where that is not a whole one."""
    return [deal.term.partial_year] if deal.term.partial_year is not None else []


def _window(deal: Deal, design: SubjectDesign) -> list[int]:
    base = deal.term.base_year
    return [max(design.first, base - _LONGEST_BEFORE + 1), base]


def _before_after(deal: Deal, design: SubjectDesign, declared_on: date) -> dict | None:
    """Compare with the rest of the yardstick, before and after, in each annual report."""
    pre = _window(deal, design)
    if not design.is_before_after or pre[1] - pre[0] + 1 < design.minimum_pre_years or pre[1] > design.last:
        return None
    return {
        "indicator": design.indicator, "primary": True, "method": "before_after", "unit": deal.region.unit_id,
        "comparison": deal.region.rest_id, "pre": pre, "excluded": _excluded(deal),
        "minimum_pre_years": design.minimum_pre_years, "declared_on": declared_on, "reason": design.reason,
    }  # fmt: skip


def _fields(deal: Deal, design: SubjectDesign, declared_on: date) -> dict:
    """Make a design with placebo regions, still without its pool and its variants."""
    last = min(design.last, deal.term.last_year)
    made = {
        "indicator": design.indicator, "primary": False, "method": design.method, "unit": deal.region.unit_id,
        "scale": design.scale, "statistic": "studentised", "pre": _window(deal, design),
        "excluded": _excluded(deal), "last": last,
        "minimum_pre_years": design.minimum_pre_years, "plausible_effect": design.plausible_effect,
        "plausible_reason": design.plausible_reason, "declared_on": declared_on, "reason": design.reason,
    }  # fmt: skip
    if design.effects:
        made["effects"] = list(design.effects)
    return {**made, "after_term": design.last} if design.last > last else made


def _variants(fields: Mapping, pool: str) -> list[dict]:
    """Return the other ways to put the question: another method, other pools, without the years of corona."""
    other = "sdid" if fields["method"] == "ancova" else "ancova"
    after = set(range(fields["pre"][1] + 1, fields["last"] + 1)) - set(fields["excluded"])
    listed: list[dict] = [{"method": other}, *({"pool": name} for name in ("lenient", "corop") if name != pool)]
    return listed + ([{"without": list(_COVID)}] if set(_COVID) <= after and after - set(_COVID) else [])


def _decidable(
    deal: Deal, candidates: Mapping[int, tuple[Subject, dict]], indicators: Mapping[str, Indicator]
) -> dict[int, dict]:
    """Find for each theme the first pool with which figures can decide, and as many main questions as regions bear."""
    asked: dict[str, tuple[int, str, list[dict]]] = {}
    designs = []
    for theme_id, (_, fields) in candidates.items():
        for pool in _POOLS:
            variants = _variants(fields, pool)
            name = f"t{theme_id}-{pool}"
            asked[name] = (theme_id, pool, variants)
            designs.append(Design.model_validate({"id": name, **fields, "pool": pool, "robustness": variants}))
    reach = reach_of_plan(deal, designs, indicators)
    placed: dict[int, dict] = {}
    for name, (theme_id, pool, variants) in asked.items():
        found = reach[name]
        if theme_id in placed or found.refusal is not None or found.p_smallest > ALPHA:
            continue
        strong = [item for place, item in enumerate(variants) if smallest_p(found.variants[str(place)]) <= INDICATION]
        placed[theme_id] = {**candidates[theme_id][1], "pool": pool, **({"robustness": strong} if strong else {})}
    return _with_mains(deal, placed, indicators)


def _with_mains(deal: Deal, placed: Mapping[int, dict], indicators: Mapping[str, Indicator]) -> dict[int, dict]:
    """Make main questions of the first designs, as many as leave every grade attainable."""
    for mains in range(min(2, len(placed)), -1, -1):
        tried = {key: {**fields, "primary": place < mains} for place, (key, fields) in enumerate(placed.items())}
        designs = [Design.model_validate({"id": f"t{key}", **fields}) for key, fields in tried.items()]
        found: Mapping[str, Reach] = reach_of_plan(deal, designs, indicators)
        if not reach_faults(found, "plan.yml"):
            return tried
    good = [key for key in placed if f"designs.t{key}" not in {fault.key for fault in reach_faults(found, "plan.yml")}]
    return {key: {**placed[key], "primary": False} for key in good}
