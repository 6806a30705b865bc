"""The programme's counts of persons, households and firms, and the money of firms: what is shown, decided beforehand.

A report, a page or a bundle starts from the records as `protect` returns them, so that no sum, difference, share, pace
or cost that it makes can tell more than those records do.  Of a protected unit they hold one number per year: how many
were delivered up to and including that year, rounded, or withheld; of the money of private parties the sums that
`firm_amounts` gives, and nothing of a single project.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, shown
from evaluation.base.text import identity_slug
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.inputs.deal import Deal
from evaluation.inputs.published_before import Published, read_published
from evaluation.inputs.records.cell_suppression import LEAST_MINIMUM, MINIMUM_COUNT, Relation, find_hidden
from evaluation.inputs.records.checked_rows import to_frame
from evaluation.inputs.records.firm_amounts import FIRMS, account_years, sum_firm_amounts
from evaluation.inputs.records.programme import Programme, Protection, load_programme
from evaluation.inputs.records.row_models import Count

FILE = "disclosure.yml"
CountedThing = Literal["personen", "huishoudens", "bedrijven", "overig"]
_UNPROTECTED: CountedThing = "overig"
_SERIES = ["result", "target", "unit"]


class DisclosureRules(BaseModel):
    """How counts of persons, households and firms are protected (data/programme/disclosure.yml).

    Attributes
    ----------
    threshold : int    A count from 1 to below this is withheld.
    rounding_base : int    What is shown is rounded to the nearest multiple of this; 1: not rounded.
    source : str    Where the two come from, in Dutch.
    counts_of : mapping    What is counted to its units, as the records write them; ``overig`` is not protected.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: StrictInt = Field(MINIMUM_COUNT, ge=LEAST_MINIMUM)
    rounding_base: StrictInt = Field(5, ge=1)
    source: str = Field(min_length=1)
    counts_of: dict[CountedThing, tuple[str, ...]]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.rounding_base > self.threshold:
            raise ValueError("a rounding_base of at most the threshold: what is shown is not rounded to 0")
        units = [identity_slug(unit).casefold() for names in self.counts_of.values() for unit in names]
        twice = sorted({unit for unit in units if units.count(unit) > 1})
        if twice:
            raise ValueError(f"each unit once; {', '.join(twice)} stands twice")
        return self

    @property
    def protection(self) -> Protection:
        """The threshold and the rounding alone."""
        return Protection(self.threshold, self.rounding_base)

    @property
    def units(self) -> tuple[str, ...]:
        """All units that are named, in their order."""
        return tuple(unit for names in self.counts_of.values() for unit in names)

    def protects(self, unit: str) -> bool:
        """Tell whether counts of a unit are protected: not where it is named as neither persons, households nor firms.

        Parameters
        ----------
        unit : str
            As the records write it; one that is not named is protected, since it may be of persons.

        Returns
        -------
        bool
        """
        return not _among(unit, self.counts_of.get(_UNPROTECTED, ()))

    def _round(self, count: float) -> float:
        """Round a count to the nearest multiple of the base, half of it upwards."""
        return float(self.rounding_base * ((count + self.rounding_base / 2) // self.rounding_base))


def _among(unit: str, units: Iterable[str]) -> bool:
    return identity_slug(unit).casefold() in {identity_slug(name).casefold() for name in units}


def load_rules(deal_id: str, *, folder: Path | None = None) -> DisclosureRules:
    """Read how the counts of a deal are protected.

    Parameters
    ----------
    deal_id, folder : str, Path | None
        Units of this deal only may stand in a disclosure.yml beside its records; ``data/programme`` by default.

    Returns
    -------
    DisclosureRules
        With the units of the deal itself.

    Raises
    ------
    InputError
        With every fault; also when there is no such file.
    """
    folder = folder or data_dir() / "programme"
    shared, own = folder / FILE, folder / deal_id / FILE
    faults: list[Fault] = []
    content = read_mapping(shared, set(DisclosureRules.model_fields), faults)
    raise_faults(faults)
    rules = build_entry(DisclosureRules, content, {}, shared, "", faults)
    raise_faults(faults)
    if not own.is_file():
        return rules
    added = mapping_under(read_mapping(own, {"counts_of"}, faults), "counts_of", own, faults)
    raise_faults(faults)
    together = {kind: list(units) for kind, units in rules.counts_of.items()}
    for kind, units in added.items():
        together[kind] = [*together.get(kind, ()), *(units if isinstance(units, list) else [units])]
    rules = build_entry(DisclosureRules, {**content, "counts_of": together}, {}, own, "", faults)
    raise_faults(faults)
    return rules


def tell_unnamed_units(programme: Programme, rules: DisclosureRules) -> tuple[str, ...]:
    """Tell which units the records count and the rules do not name.

    Parameters
    ----------
    programme, rules : Programme, DisclosureRules
        The records, and what is known of their units.

    Returns
    -------
    tuple[str, ...]
        A sentence for each, that it is protected until it is named, and where to do that.
    """
    return tuple(
        f"data/programme/{FILE} does not say what {unit!r} counts; it is protected as if it counts persons."
        for unit in sorted(programme.outputs["unit"].unique())
        if not _among(unit, rules.units)
    )


def load_shown_programme(deal: Deal) -> Programme:
    """Read the records of a deal as everything that is published starts from them.

    Parameters
    ----------
    deal : Deal
        Its records are those in data/programme.

    Returns
    -------
    Programme
        As of `protect`, with its errors and those of `load_programme` and `load_rules`.
    """
    programme = load_programme(deal)
    published = {} if programme.is_example else read_published(deal)
    return protect(programme, load_rules(deal.id), last_year=deal.term.records_until.year, published=published)


def protect(
    programme: Programme, rules: DisclosureRules, *, last_year: int, published: Published | None = None
) -> Programme:
    """Replace deliveries of persons, households and firms, and money of private parties, by what may be shown of them.

    Of each small count, of a year or of all years until then, two values that differ by the threshold or more fit what
    is shown; also for a reader who has the figures of all years, before rounding, and who knows that something was
    delivered in the first year.  A year is judged without the years after it, so that a new year does not change what
    was published before, and neither does a correction of an earlier year: it counts from the first year that no report
    shows.

    Parameters
    ----------
    programme, rules : Programme, DisclosureRules
        The records as they were kept; what is protected already is returned with its rounding.
    last_year, published : int, Published | None
        The last year of the records, also where nothing was delivered in it; what reports show already, it stays so.

    Returns
    -------
    Programme
        Without the protected rows of ``outputs`` and ``payments``, and without what private parties would bring to a
        project; ``counts`` and ``amounts`` have what is shown in their place.

    Raises
    ------
    InputError
        When records that were protected before still have rows of a protected unit, or of private parties.
    """
    outputs, published = programme.outputs, published or {}
    is_protected = outputs["unit"].map(rules.protects).astype(bool)
    is_of_firms = programme.payments["source"] == FIRMS
    if programme.dataset.protected:
        _check_protected(outputs[is_protected], is_of_firms.any() or programme.projects["private_eur"].any())
        return replace(programme, protection=rules.protection)
    rows = [
        row
        for series in _series(outputs[is_protected])
        for row in _counts_of(series, rules, last_year, _shown_of(series, published), programme.ends_on)
    ]
    return replace(
        programme,
        outputs=outputs[~is_protected].reset_index(drop=True),
        payments=programme.payments[~is_of_firms].reset_index(drop=True),
        projects=programme.projects.assign(private_eur=0.0),
        counts=to_frame(Count, rows),
        amounts=sum_firm_amounts(
            programme.payments,
            programme.projects,
            last_year=last_year,
            published=_shown_amounts(published),
            ends_on=programme.ends_on,
        ),
        dataset=programme.dataset.model_copy(update={"protected": True}),
        protection=rules.protection,
    )


def _check_protected(outputs: pd.DataFrame, has_private_money: bool) -> None:
    """Refuse records that were protected before and still have what is protected."""
    if len(outputs):
        found, place = ", ".join(sorted(outputs["unit"].unique())), shown(data_dir() / "programme" / FILE)
        expected = f"these in the table counts, as {place} protects them"
        raise InputError([Fault("outputs", f"counts of {found}", expected)])
    if has_private_money:
        raise InputError([Fault("payments", "money of private parties", "their sums in the table amounts")])


@dataclass(frozen=True, slots=True)
class _Series:
    """The deliveries of one protected unit towards one result."""

    identity: Mapping[str, Any]
    rows: pd.DataFrame


def _series(outputs: pd.DataFrame) -> Iterator[_Series]:
    """Group deliveries as reports add them up: by result, by target and by unit, spellings of a unit together."""
    slugs = outputs["unit"].map(lambda unit: identity_slug(unit).casefold())
    keys = outputs[["result", "target"]].fillna("").assign(unit=slugs)
    for (result, target, _), rows in outputs.groupby([keys[name] for name in _SERIES]):
        yield _Series({"result": result, "target": target or None, "unit": rows["unit"].iloc[0]}, rows)


def _shown_of(series: _Series, published: Published) -> dict[int, float]:
    """Return what reports show of a series, by year (NaN: withheld)."""
    unit = identity_slug(series.identity["unit"])
    subject = f"{series.identity['target']}.geleverd" if series.identity["target"] else None
    subject = subject or f"prestatie-{series.identity['result'].replace('.', '-')}.{unit}"
    start = f"{series.identity['result'].split('.')[0]}.{subject}."
    cells = {identity.removeprefix(start): value for identity, value in published.items() if identity.startswith(start)}
    return {int(name.removesuffix(".value")): value for name, value in cells.items() if name.endswith(".value")}


def _shown_amounts(published: Published) -> dict[tuple[int | None, str, int], float]:
    """Return what reports show of private parties, by theme (None: all together), kind and year."""
    kinds = {"committed": "commitment", "paid": "payment"}
    found = {}
    for identity, value in published.items():
        theme, indicator, unit, year, measure = identity.split(".")
        if (indicator, unit) == ("bron", FIRMS) and measure in kinds:
            found[None if theme == "programma" else int(theme), kinds[measure], int(year)] = value
    return found


def _floor(counts: Mapping[tuple[str, int], float], first: int) -> dict[Hashable, float]:
    """Say what a reader knows at least: something in the first year; a corrected year may seem to lose some."""
    start = min(1.0, counts["until", first])
    is_corrected = any(count < 0 for count in counts.values())
    low: dict[Hashable, float] = {key: -math.inf for key in counts if key[0] == "in" and is_corrected}
    return low | {("in", first): start, ("until", first): start}


def _counts_of(
    series: _Series, rules: DisclosureRules, last_year: int, before: Mapping[int, float], ends_on: date | None
) -> Iterator[Count]:
    """Decide what is shown at the end of each year, from the first in which something was delivered.

    What was shown before (`before`) stays; where that is not what the records say now, a reader subtracts from it.
    """
    year_of = account_years(series.rows["date"], ends_on)
    years = range(int(year_of.min()), max(int(year_of.max()), last_year) + 1)
    counts: dict[Any, float] = {}
    relations, known = [], 0.0
    for year in years:
        total = round(float(series.rows.loc[year_of <= year, "quantity"].sum()), 2)
        shown_before = before.get(year, math.nan)
        total = total if rules._round(total) == shown_before or math.isnan(shown_before) else shown_before
        counts |= {("in", year): round(total - known, 2), ("until", year): total}
        relation: Relation = {("until", year): 1, ("in", year): -1}
        relations.append(relation if year == years[0] else {**relation, ("until", year - 1): -1})
        known = total
    hidden = find_hidden(
        counts,
        relations,
        needed={key: float(rules.threshold) for key, count in counts.items() if 0 < abs(count) < rules.threshold},
        unpublished={("in", year) for year in years} | {("until", year) for year in before if math.isnan(before[year])},
        stage={(kind, year): year for kind in ("in", "until") for year in years},
        floor=_floor(counts, years[0]),
        settled=before.keys() & set(years),
    )
    for year in years:
        is_shown = ("until", year) not in hidden
        until = series.rows[year_of <= year]
        yield Count.model_construct(  # without its checks: they read the text of cells, and these are values
            **series.identity,
            year=year,
            total=rules._round(counts["until", year]) if is_shown else None,
            projects=tuple(sorted(set(until["project_id"]))) if is_shown else (),
        )
