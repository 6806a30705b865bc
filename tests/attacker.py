"""One attacker who has every published number of any number of editions, and adds, subtracts and divides.

The attacker knows the algorithm, every shop, every booking and every unit that was delivered, and which of them an
edition corrected; not how large they are.  The readers below say what a row of a CSV tells about them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence

import highspy
import numpy as np
import pandas as pd

from evaluation.analysis.retail_measures import (
    BRANCHES,
    INSIDE,
    OPENINGS,
    OUTSIDE,
    REGION,
    SINCE,
    count_cells,
    list_units,
)
from evaluation.analysis.retail_monitor import _is_judged
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.protected_sums import _needed_width

Weights = Mapping[Hashable, float]
Told = tuple[Weights, float, float]
Found = tuple[str, float, float]
"""What was attacked, how wide its range has to be, and how wide it is."""

MARGIN = 2.0
"""How far rounding to 5 may have moved a whole number."""

_ABOUT_OTHER_THINGS = {"target", "path", "paid", "corporations_paid", "shared_projects"}

Fact = tuple[int, float, float]
"""Until the end of a year, at least, at most."""


class Attacker:
    """Has the CSVs of any number of editions, in their order, and knows the algorithm; one linear programme.

    What is unknown (a size, a booking, a count) has a name, and is at least 0.  It is the same in every edition but
    those that corrected it: what was corrected the attacker knows, and not by how much.
    """

    def __init__(self, corrected: Mapping[int, Collection[Hashable]] | None = None):
        self.corrected = corrected or {}
        self.column: dict[Hashable, int] = {}
        self.told: list[tuple[dict[int, float], float, float]] = []
        self.model: tuple[tuple[int, int], highspy.Highs] | None = None

    def learn(self, edition: int, weights: Weights, low: float, high: float | None = None) -> None:
        """Note that a weighted sum, as it was when an edition was made, lies between two numbers, or is one."""
        self.told.append((self._place(edition, weights), low, low if high is None else high))

    def read(self, editions: Sequence[Iterable[Mapping]], facts: Callable[[int, Mapping], Iterable[Told]]) -> None:
        """Read the rows of every edition; what an edition shows again is what the earlier one knew."""
        seen: dict[tuple[str, float], None] = {}
        for edition, rows in enumerate(editions):
            for row in rows:
                value = row["value"]
                if value is not None and not math.isnan(value) and (row["result_id"], value) not in seen:
                    seen[row["result_id"], value] = None
                    for told in facts(edition, row):
                        self.learn(edition, *told)

    def place(self, *wanted: tuple[int, Weights]) -> tuple[float, float]:
        """Find the smallest and the largest value of a sum of weighted sums, each of an edition."""
        objective: dict[int, float] = {}
        for edition, weights in wanted:
            for column, weight in self._place(edition, weights).items():
                objective[column] = objective.get(column, 0.0) + weight
        low, high = (
            sign * self._least({column: sign * weight for column, weight in objective.items()}) for sign in (1, -1)
        )
        return low, high

    def _least(self, objective: Mapping[int, float]) -> float:
        """Find the smallest value of a sum; the solver starts from what it found for the last one."""
        solver = self._model()
        cost = np.zeros(len(self.column))
        cost[list(objective)] = list(objective.values())
        solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            return -math.inf
        assert status == highspy.HighsModelStatus.kOptimal, solver.modelStatusToString(status)
        return float(solver.getInfo().objective_function_value)

    def _model(self) -> highspy.Highs:
        """Write down all that was told, once."""
        size = len(self.column), len(self.told)
        if self.model is None or self.model[0] != size:
            solver, model = highspy.Highs(), highspy.HighsLp()
            model.num_col_, model.num_row_ = size
            model.col_cost_ = model.col_lower_ = np.zeros(size[0])
            model.col_upper_ = np.full(size[0], math.inf)
            model.row_lower_, model.row_upper_ = (np.array([told[end] for told in self.told]) for end in (1, 2))
            model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
            model.a_matrix_.start_ = np.cumsum([0, *(len(told[0]) for told in self.told)])
            model.a_matrix_.index_ = np.array([column for told in self.told for column in told[0]], dtype=np.int32)
            model.a_matrix_.value_ = np.array(
                [weight for told in self.told for weight in told[0].values()], dtype=float
            )
            solver.setOptionValue("output_flag", False)
            solver.setOptionValue("presolve", "off")  # it would not know an unbounded sum from a contradiction
            solver.setOptionValue("simplex_strategy", 4)  # primal: what was found for one sum fits for the next
            solver.passModel(model)
            self.model = size, solver
        return self.model[1]

    def _place(self, edition: int, weights: Weights) -> dict[int, float]:
        found: dict[int, float] = {}
        for name, weight in weights.items():
            since = max((e for e, names in self.corrected.items() if e <= edition and name in names), default=0)
            column = self.column.setdefault((name, since), len(self.column))
            found[column] = found.get(column, 0.0) + weight
        return {column: weight for column, weight in found.items() if weight}


def facts_about(numbers: pd.DataFrame, subject: str, deal: Deal) -> Iterator[Fact]:
    """Say what the published numbers about a unit tell of how many were delivered.

    Parameters
    ----------
    numbers : DataFrame
        Columns as of results.csv.
    subject : str
        How their identities begin: ``4.ondernemers``, ``1.prestatie-1-7.begeleide-ouders``.
    """
    mine = numbers[numbers["result_id"].str.startswith(f"{subject}.") & numbers["value"].notna()]
    targets = {target.id: target for target in deal.targets}
    for row in mine.itertuples():
        year, target = int(row.period), targets.get(row.indicator)
        if row.measure == "projects":
            yield year, float(row.value), math.inf
        elif row.measure == "change_year":
            now = mine.loc[(mine["measure"] == "value") & (mine["period"] == row.period), "value"]
            count = float(now.iloc[0] - row.value)
            reach = MARGIN if abs(count) > 1e-9 else 0.0
            yield year - 1, count - reach, count + reach
        elif row.measure not in _ABOUT_OTHER_THINGS and not (row.measure == "per_unit" and row.value == 0):
            count = _count_behind(row, mine, target, deal)
            reach = MARGIN if abs(count) > 1e-9 else 0.0
            yield year, count - reach, count + reach


def _count_behind(row, mine: pd.DataFrame, target, deal: Deal) -> float:
    match row.measure:
        case "value":
            return float(row.value)
        case "distance":
            return float(target.quantity - row.value)
        case "projection":
            start = deal.term.path_from
            gone = (pd.Timestamp(int(row.period), 12, 31) - pd.Timestamp(start)).days
            return float(row.value * min(gone / (target.by - start).days, 1.0))
        case "per_unit":
            paid = mine.loc[(mine["measure"] == "paid") & (mine["period"] == row.period), "value"].iloc[0]
            return float(paid / row.value)
    raise AssertionError(f"{row.result_id}: the attacker does not know what {row.measure} tells")


def attack(
    editions: Sequence[pd.DataFrame], kept: Sequence[Mapping[str, Mapping[int, float]]], deal: Deal, *, threshold: int
) -> Iterator[tuple[str, float, float, float]]:
    """Place every small count of each edition, of each year and of all years until it: what, how many, least, most.

    `kept` has what was really delivered, as the records said when each edition was made.
    """
    for subject in kept[-1]:
        series = [dict(by_subject.get(subject, {})) for by_subject in kept]
        changed = {e: _differing(*series[e - 1 : e + 1]) for e in range(1, len(series))}
        attacker = Attacker(changed)
        seen: set[Fact] = set()
        for edition, numbers in enumerate(editions):
            years, facts = list(series[edition]), set(facts_about(numbers, subject, deal))
            for last, low, high in facts - seen:
                attacker.learn(edition, {year: 1.0 for year in years if year <= last}, low, high)
            seen |= facts
        for edition, by_year in enumerate(series):
            for last in by_year:
                for wanted in ([last], [year for year in by_year if year <= last]):
                    count = sum(by_year[year] for year in wanted)
                    if 0 < count < threshold:
                        low, high = attacker.place((edition, dict.fromkeys(wanted, 1.0)))
                        yield f"edition {edition + 1}: {subject} {wanted}", count, low, high


def _differing(before: Mapping[Hashable, float], after: Mapping[Hashable, float]) -> set[Hashable]:
    return {name for name in before if abs(before[name] - after.get(name, math.nan)) > 1e-9 or name not in after}


class AmountAttacker:
    """Knows every booking of a private party but its amount."""

    def __init__(self, made: Sequence, editions: Sequence[pd.DataFrame]):
        """Take the records of each edition (for what is true, and which were corrected), and what it shows."""
        self.bookings = [self._bookings(programme) for programme in made]
        changed = {e: _differing(*self.bookings[e - 1 : e + 1]) for e in range(1, len(made))}
        self.attacker, self.years = Attacker(changed), []
        seen: set[tuple] = set()
        for edition, amounts in enumerate(editions):
            self.years.append(sorted(amounts["year"]))
            for row in amounts.dropna(subset="total").itertuples():
                fact = (None if pd.isna(row.theme) else int(row.theme), row.kind, int(row.year), float(row.total))
                if fact not in seen:
                    self.attacker.learn(edition, self.sum_of(edition, *fact[:2], 0, fact[2]), fact[3], fact[3])
                seen.add(fact)

    @staticmethod
    def _bookings(programme) -> dict[tuple, float]:
        rows = programme.payments[programme.payments["source"] == "private"]
        rows = rows.merge(programme.projects[["project_id", "theme"]], on="project_id")
        keys = [rows["theme"].astype(int), rows["kind"], rows["project_id"], rows["date"].dt.year]
        return rows.groupby(keys)["amount_eur"].sum().to_dict()

    def sum_of(self, edition: int, theme: int | None, kind: str, low: int, high: int) -> dict[Hashable, float]:
        """Say which bookings a sum is made of."""
        return {
            name: 1.0
            for name in self.bookings[edition]
            if name[1] == kind and low <= name[3] <= high and theme in (None, name[0])
        }

    def attack(self) -> Iterator[Found]:
        """Place every sum that gives a party away, within an edition and between two of them."""
        themes = [None, *sorted({name[0] for name in self.bookings[-1]})]
        for edition, years in enumerate(self.years):
            for theme, kind in itertools.product(themes, ("commitment", "payment")):
                span = range(years[0], years[-1] + 1)
                for low, high in itertools.combinations_with_replacement(span, 2):
                    mine = self.sum_of(edition, theme, kind, low, high)
                    yield from self._place(f"{edition} {theme} {kind} {low}-{high}", (edition, mine, 1))
                for then, now in itertools.product(self.years[0] if edition else (), span):
                    if now > max(self.years[0]):
                        pair = [(edition, self.sum_of(edition, theme, kind, 0, now), 1)]
                        pair += [(0, self.sum_of(0, theme, kind, 0, then), -1)]
                        yield from self._place(f"{theme} {kind} {then} corrected {now}", *pair)

    def _place(self, name: str, *parts: tuple[int, Weights, int]) -> Iterator[Found]:
        brought: dict[str, float] = {}
        for edition, weights, sign in parts:
            for booking in weights:
                party = booking[2]
                brought[party] = brought.get(party, 0.0) + sign * self.bookings[edition][booking]
        needed = _needed_width(brought.values())
        if needed is not None:
            needed = min(needed, self._as_corrected(parts) or needed)
            signed = [(edition, {b: sign * w for b, w in weights.items()}) for edition, weights, sign in parts]
            low, high = self.attacker.place(*signed)
            assert low - 1e-2 <= sum(brought.values()) <= high + 1e-2, f"the attacker is wrong about {name}"
            yield name, needed, high - low

    def _as_corrected(self, parts: Sequence[tuple[int, Weights, int]]) -> float | None:
        """Say what a sum of one edition needs as the last records have it: how it was before nobody remembers."""
        last = self.bookings[-1]
        brought: dict[str, float] = {}
        for booking in parts[0][1] if len(parts) == 1 else ():
            brought[booking[2]] = brought.get(booking[2], 0.0) + last.get(booking, 0.0)
        return _needed_width(brought.values())


class ShopCountAttacker:
    """Knows the areas, what is counted and how it adds up; every count of an area that is no sum is unknown."""

    def __init__(self, tables: Sequence, editions: Sequence[Iterable[Mapping]], municipalities, region: str):
        """Take the tables of each edition (for what is true, and where it was corrected), and all rows of its CSVs."""
        self.units, self.region = list_units(tables[-1], municipalities), region
        self.years = [table.years for table in tables]
        cells = [count_cells(table, list_units(table, municipalities)) for table in tables]
        self.true = [part.set_index(["unit", "year", "measure"])["count"].dropna().to_dict() for part in cells]
        changed = {e: _differing(*self.true[e - 1 : e + 1]) for e in range(1, len(tables))}
        self.attacker = Attacker(changed)
        for edition in range(len(tables)):
            self._learn_definitions(edition)
        self.attacker.read(editions, self._facts)

    def weights(self, unit: str, year: int, measure: str) -> dict[Hashable, float]:
        """Say which counts a count is the sum of."""
        parts = self.units.parts[unit]
        if parts:
            return {name: 1.0 for part in parts for name in self.weights(part, year, measure)}
        flow = {name: of for of, name in SINCE.items()}.get(measure)
        if flow:
            first = min(self.years[-1])
            return {name: 1.0 for other in range(first + 1, year + 1) for name in self.weights(unit, other, flow)}
        made_of = {"premises": ("vacant", "occupied"), "opened": OPENINGS}.get(measure, (measure,))
        return {(unit, year, name): 1.0 for name in made_of}

    def _learn_definitions(self, edition: int) -> None:
        true = self.true[edition]
        for unit, year in itertools.product(self.units.base, self.years[edition]):
            branches = [(unit, year, f"branch_{branch}") for branch in BRANCHES]
            sums = [{(unit, year, "occupied"): 1.0, **dict.fromkeys(branches, -1.0)}]
            flow = {(unit, year, "occupied"): 1.0, (unit, year - 1, "occupied"): -1.0, (unit, year, "left"): 1.0}
            sums.append({**flow, **{(unit, year, kind): -1.0 for kind in OPENINGS}})
            for weights in sums:
                if weights.keys() <= true.keys():
                    self.attacker.learn(edition, weights, 0.0)

    def _facts(self, edition: int, row: Mapping) -> Iterator[Told]:
        if row["indicator"] != "winkelmonitor-panden":
            return
        unit = REGION if row["unit"] == self.region else row["unit"]
        year, measure, value = int(row["period"]), row["measure"], float(row["value"])
        pair = {
            "vacancy": (unit, "vacant", unit, "premises"),
            "concentration": (INSIDE, "occupied", REGION, "occupied"),
        }
        if measure == "net_opened":
            return  # the difference of two counts that stand beside it, each of its own edition
        if measure in pair:
            part, of, whole, all_of = pair[measure]
            weights = {name: -value / 100 for name in self.weights(whole, year, all_of)}
            for name in self.weights(part, year, of):
                weights[name] = weights.get(name, 0.0) + 1.0
            yield weights, -1e-9, 1e-9
        else:
            yield self.weights(unit, year, measure), value, value

    def attack(self, minimum: int, wanted: Callable[[Hashable], bool] = lambda key: True) -> Iterator[Found]:
        """Place every count from 1 to below the minimum, as each edition had it."""
        for edition, true in enumerate(self.true):
            for key, count in true.items():
                # who opened or left in one cluster, or in part of a municipality, is not promised: it is a difference
                if 0 < count < minimum and wanted(key) and _is_judged(key[0], self.units.level[key[0]], key[2]):
                    low, high = self.attacker.place((edition, self.weights(*key)))
                    assert low - 1e-6 <= count <= high + 1e-6, f"the attacker is wrong about {key}"
                    yield f"{edition} {key}", float(minimum), high - low


_AREAS = {"winkelmonitor-wvo": "wvo_m2", "winkelmonitor-bvo": "bvo_m2"}


class FloorAttacker:
    """Walked through every street every year: knows which premises were a shop where, and vacant; not their sizes.

    Premises that were the same all years are one unknown, the sum of their sizes, as no sum has one without the other.
    """

    def __init__(self, premises: Sequence[pd.DataFrame], editions: Sequence[Iterable[Mapping]], region: str = "regio"):
        """Take the roster of each edition (sizes only for what is true, and which were corrected), and its rows."""
        self.region, self._known = region, {}
        self.by_year = [
            {int(year): part.set_index("premises_id") for year, part in roster.groupby("year")} for roster in premises
        ]
        sizes = [roster.groupby("premises_id")[list(_AREAS.values())].first() for roster in premises]
        self.sizes = [frame.stack().to_dict() for frame in sizes]
        changed = {e: _differing(*self.sizes[e - 1 : e + 1]) for e in range(1, len(premises))}
        corrected = {name for names in changed.values() for name in names}
        self.alike = self._alike({name for name, _ in corrected})
        self.attacker = Attacker({e: {(self.alike[n], area) for n, area in names} for e, names in changed.items()})
        for edition, of in itertools.product(range(len(premises)), set(self.alike.values())):
            self.attacker.learn(edition, {(of, "bvo_m2"): 1.0, (of, "wvo_m2"): -1.0}, 0.0, math.inf)
        self.attacker.read(editions, self._facts)

    def _alike(self, alone: Collection[str]) -> dict[str, Hashable]:
        """Say of each premises which unknown it is in: those with the same state in every edition and year."""
        states: dict[str, list] = {}
        for edition, years in enumerate(self.by_year):
            for year, part in years.items():
                for row in part[["cluster", "function", "is_vacant"]].itertuples():
                    cluster = None if pd.isna(row.cluster) else row.cluster
                    states.setdefault(row.Index, []).append((edition, year, cluster, row.function, row.is_vacant))
        return {name: name if name in alone else tuple(state) for name, state in states.items()}

    def members(self, *of) -> dict[str, float]:
        """Say which premises a sum is made of: its edition, unit, year and measure."""
        if of not in self._known:
            self._known[of] = self._members(*of)
        return self._known[of]

    def _members(self, edition: int, unit: str, year: int, measure: str) -> dict[str, float]:
        years = self.by_year[edition]
        if measure == "transformed_since":
            parts = [self.members(edition, unit, y, "transformed") for y in years if min(years) < y <= year]
            return {name: float(sum(part.get(name, 0.0) for part in parts)) for part in parts for name in part}
        now = years[year]
        shops = now[now["function"] == "retail"]
        if measure == "transformed":
            before = years[year - 1]
            former = before[before["function"] == "retail"]
            chosen = former[former.index.isin(now.index) & ~former.index.isin(shops.index)]
        else:
            parts = {"premises": shops, "vacant": shops[shops["is_vacant"]], "occupied": shops[~shops["is_vacant"]]}
            chosen = parts[measure]
        inside = chosen["cluster"].notna()
        zones = {INSIDE: inside, OUTSIDE: ~inside, REGION: inside | True, self.region: inside | True}
        return dict.fromkeys(chosen[zones.get(unit, chosen["cluster"] == unit)].index, 1.0)

    def _unknowns(self, members: Mapping[str, float], area: str) -> dict[Hashable, float]:
        return {(self.alike[name], area): weight for name, weight in members.items()}

    def _facts(self, edition: int, row: Mapping) -> Iterator[Told]:
        if row["indicator"] not in _AREAS:
            return
        area, unit, year, value = _AREAS[row["indicator"]], row["unit"], int(row["period"]), float(row["value"])
        pair = {"vacancy": ("vacant", unit, "premises"), "concentration": ("occupied", self.region, "occupied")}
        if row["measure"] not in pair:
            yield self._unknowns(self.members(edition, unit, year, row["measure"]), area), value, value
            return
        part, whole, of = pair[row["measure"]]
        weights = {n: -value / 100 for n in self._unknowns(self.members(edition, whole, year, of), area)}
        for name in self._unknowns(self.members(edition, unit, year, part), area):
            weights[name] = weights.get(name, 0.0) + 1.0
        yield weights, 0.0, 0.0

    def attack(self, units: Iterable[str], minimum: int, chosen: Collection[int] = ()) -> Iterator[Found]:
        """Place every sum and difference of two (chosen) years that few or dominant premises make, also of editions."""
        for unit, measure in itertools.product(units, ("premises", "vacant", "occupied")):
            for edition, years in enumerate(self.by_year):
                for now in (year for year in years if not chosen or year in chosen):
                    sums = [(edition, 1, unit, now, measure)]
                    yield from self._place(f"{edition} {unit} {measure} {now}", minimum, *sums)
                    pairs = [(edition, then) for then in years if then < now]
                    pairs += [(0, then) for then in self.by_year[0] if edition and now > max(self.by_year[0])]
                    for of, then in (pair for pair in pairs if not chosen or pair[1] in chosen):
                        name = f"{edition} {unit} {measure} {of}/{then}-{now}"
                        yield from self._place(name, minimum, *sums, (of, -1, unit, then, measure))

    def _place(self, name: str, minimum: int, *parts: tuple) -> Iterator[Found]:
        for area in _AREAS.values():
            brought: dict[str, float] = {}
            signed = []
            for edition, sign, *of in parts:
                members = self.members(edition, *of)
                for premises in members:
                    brought[premises] = brought.get(premises, 0.0) + sign * self.sizes[edition][premises, area]
                signed.append((edition, {n: sign * w for n, w in self._unknowns(members, area).items()}))
            needed = _needed_width(brought.values(), minimum=minimum)
            if needed is not None:
                low, high = self.attacker.place(*signed)
                assert low - 1e-2 <= sum(brought.values()) <= high + 1e-2, f"the attacker is wrong about {name}"
                yield f"{name} {area}", needed, high - low
