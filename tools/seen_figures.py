"""Pin figures that were seen in public repositories as snapshots of our own: ``python -m tools.seen_figures FOLDER``.

The folder holds the figures as ``tools/seen_figures.yml`` names them; what is there stays there.  Each table becomes
region, period, measure, value and status, with where it was seen.  A snapshot that exists already is held to what would
be made now, and never overwritten.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from evaluation.base.errors import SnapshotError
from evaluation.base.yaml_entries import load_yaml
from evaluation.statistics.areas.boundary_tables import load_municipalities
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import open_snapshot

RECIPES = Path(__file__).with_suffix(".yml")
COUNTRY = "NL01"
_AREAS = ("cbs", "84799NED")
"""The pinned table that gives the districts and neighbourhoods of Heerlen their codes."""

_MUNICIPALITY = "GM0917"
_NAMES = {"Limburg (PV)": "PV31", "Nederland": COUNTRY}
_MEANINGS = {
    "region": (
        "CBS-code van het gebied: gemeente (GM), wijk (WK), buurt (BU), COROP-gebied (CR), provincie (PV) of Nederland "
        "(NL01)"
    ),
    "period": "Kalenderjaar",
    "measure": "Wat is geteld of gemeten",
    "status": (
        "Status van het cijfer: final (definitief), provisional (voorlopig), withheld (niet vrijgegeven) of missing "
        "(ontbreekt)"
    ),
}
Row = tuple[str, int, str, float | None]
"""Region, period, measure and value."""


def make_frame(recipe: Mapping, folder: Path) -> pd.DataFrame:
    """Read one table of figures and give it the columns of a snapshot.

    Parameters
    ----------
    recipe, folder : Mapping, Path
        An entry of ``tables`` in the recipes, and the folder with the figures.

    Returns
    -------
    DataFrame
        Columns region, period, measure, value and status, ordered by region, period and measure; without the measure
        where there is one.  A year of a measure without any figure is left out.
    """
    rows = list(_READERS[recipe["reader"]](recipe, folder))
    frame = pd.DataFrame(rows, columns=["region", "period", "measure", "value"])
    frame["value"] = frame["value"].astype(float)
    if recipe.get("never_zero"):
        frame["value"] = frame["value"].mask(frame["value"] == 0)
    known = frame.groupby(["measure", "period"])["value"].transform("count") > 0
    frame = frame[known].sort_values(["region", "period", "measure"], ignore_index=True)
    frame["status"] = frame["value"].isna().map({True: "missing", False: "final"})
    return frame if frame["measure"].nunique() > 1 else frame.drop(columns="measure")


def describe(name: str, recipe: Mapping, frame: pd.DataFrame, vintage: str) -> dict[str, object]:
    """Write the metadata of a table.

    Parameters
    ----------
    name, recipe, frame, vintage : str, Mapping, DataFrame, str
        Of the table, its recipe, what `make_frame` gave, and the day on which it is pinned.

    Returns
    -------
    dict[str, object]
        As `add_snapshot` takes them.
    """
    copied = (
        "source",
        "title",
        "publisher",
        "publisher_table",
        "url",
        "licence",
        "licence_url",
        "attribution",
        "origin",
    )
    copied += ("modified_at_source", "modified_note", "boundaries", "provisional_rule", "made_by", "notes")
    optional = ("change_measure", "edition", "medians", "constant_prices")
    kinds = list(frame["measure"].unique()) if "measure" in frame else []
    codes = {kind: recipe["measures"][kind]["label"] for kind in recipe["measures"] if kind in kinds}
    columns = []
    for column in frame.columns:
        told: dict[str, object] = {"name": column, "role": column, "meaning": _MEANINGS.get(column, "")}
        if column == "measure":
            told["codes"] = codes
        if column == "value":
            told |= {"meaning": recipe["value_meaning"], "unit": recipe["unit"]}
        if column == "region" and recipe["reader"] == "named_areas":
            told["codes"] = {code: title for title, code in _area_codes() if code != _MUNICIPALITY}
        columns.append(told)
    described = {key: recipe[key] for key in copied} | {key: recipe[key] for key in optional if key in recipe}
    if recipe.get("never_zero") == "all":
        described["never_zero"] = kinds
    return {"table": name, "vintage": vintage, "retrieved": str(recipe["retrieved"]), "columns": columns, **described}


def _long(recipe: Mapping, folder: Path) -> Iterator[Row]:
    for row in _read(folder / recipe["file"]):
        if row["measure"] in recipe["measures"]:
            yield row["region"], int(row["year"]), row["measure"], _number(row["value"])


def _wide(recipe: Mapping, folder: Path) -> Iterator[Row]:
    """Take a row for each municipality; the country is the sum of what can be counted."""
    total: dict[str, float] = defaultdict(float)
    for row in _read(folder / recipe["file"]):
        for measure, told in recipe["measures"].items():
            columns = [told["from"]] if isinstance(told["from"], str) else told["from"]
            found = [_number(row[column], told) for column in columns]
            value = None if None in found else sum(found)
            total[measure] += float("nan") if value is None else value
            yield row[recipe["code"]], recipe["period"], measure, value
    for measure in recipe["countable"]:
        if measure in total and total[measure] == total[measure]:
            yield COUNTRY, recipe["period"], measure, total[measure]


def _named_areas(recipe: Mapping, folder: Path) -> Iterator[Row]:
    """Take one year of a municipality with its districts and neighbourhoods, which have names in a known order."""
    codes = _area_codes()
    wanted = {told["from"]: measure for measure, told in recipe["measures"].items()}
    for row in _read(folder / recipe["file"]):
        if int(row["year"]) == recipe["period"] and row["measure"] in wanted:
            name, code = codes[int(row["order"])]
            if row["name"].removeprefix("Wijk 41 ") != name.removeprefix("Wijk 42 ") and row["name"] != name:
                raise SnapshotError(f"area {row['order']} is {row['name']!r}; expected {name!r} ({code})")
            measure = wanted[row["measure"]]
            value = _number(row["value"], recipe["measures"][measure])
            yield code, recipe["period"], measure, value
    yield _MUNICIPALITY, recipe["period"], recipe["change_measure"], None


def _area_codes() -> list[tuple[str, str]]:
    """List the municipality, then each district followed by its neighbourhoods: name and code."""
    columns = open_snapshot(*_AREAS).metadata.columns
    names = next(column.codes for column in columns if column.role == "region")
    mine = [code for code in names if code[2:6] == _MUNICIPALITY[2:]]
    ordered = sorted(mine, key=lambda code: (code[2:8], code.startswith("BU"), code))
    return [("Heerlen", _MUNICIPALITY), *((names[code], code) for code in ordered)]


def _by_name(recipe: Mapping, folder: Path) -> Iterator[Row]:
    """Take rows that have the name of a municipality and no code; what did not exist in a year has no figure."""
    municipalities, columns = load_municipalities(), recipe["columns"]
    for row in _read(folder / recipe["file"], delimiter=recipe["delimiter"]):
        name, year = row[columns["region"]], int(row[columns["period"]])
        if year < recipe["first"] or any(row[key] != value for key, value in recipe.get("rows", {}).items()):
            continue
        found = {item.code for item in municipalities if item.exists_in(year) and item.name == name}
        code = _NAMES.get(name) or (found.pop() if len(found) == 1 else None)
        for measure, told in recipe["measures"].items():
            value = _number(row[told["from"]].replace(",", "."), told)
            if code is not None and (value is not None or code.startswith("GM")):
                yield code, year, measure, value


def _flows(recipe: Mapping, folder: Path) -> Iterator[Row]:
    """Add up what moved between areas: one row for each pair and year."""
    codes = {row["corop_name"]: row["corop"] for row in _read(Path("data/regions/corop.csv"))}
    totals: dict[tuple[str, int], list[float]] = defaultdict(lambda: [0, 0])
    for year, to, origin, count in _quoted(folder / recipe["file"]):
        if to != origin:
            totals[codes[_area(to)], int(year)][0] += int(count)
            totals[codes[_area(origin)], int(year)][1] += int(count)
    for (code, year), (moved_in, moved_out) in totals.items():
        yield code, year, "moved_in", moved_in
        yield code, year, "moved_out", moved_out
        yield code, year, "migration_balance", moved_in - moved_out
    for _, age, status, year, area, count in _quoted(folder / recipe["population"]):
        if (age, status) == ("Totaal", "Totaal burgerlijke staat"):
            yield codes[_area(area)], int(year), "inhabitants_1_january", int(count)


def _area(name: str) -> str:
    return name.removesuffix(" (CR)")


def _quoted(path: Path) -> Iterator[list[str]]:
    """Read rows of which each is one quoted cell, with the cells in it."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = [row[0] for row in csv.reader(file) if row]
    yield from csv.reader(lines[1:], delimiter=";")


def _read(path: Path, *, delimiter: str = ",") -> Iterable[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _number(text: str, told: Mapping | None = None) -> float | None:
    """Read a figure, times what brings it to our unit; None for an empty cell."""
    return round(float(text) * (told or {}).get("times", 1), 6) if text.strip() else None


_READERS: dict[str, Callable[[Mapping, Path], Iterator[Row]]] = {
    "long": _long,
    "wide": _wide,
    "named_areas": _named_areas,
    "by_name": _by_name,
    "flows": _flows,
}


def main() -> None:
    """Pin every table of the recipes that is not there yet, and tell of each what was done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="with the figures, as tools/seen_figures.yml names them")
    folder = parser.parse_args().folder
    recipes = load_yaml(RECIPES.read_bytes())
    for name, recipe in recipes["tables"].items():
        frame = make_frame(recipe, folder)
        try:
            pinned = open_snapshot(recipe["source"], name)
        except SnapshotError:
            path = add_snapshot(frame, describe(name, recipe, frame, str(recipes["vintage"])))
            print(f"{name}: {len(frame)} rows, {path.stat().st_size} bytes")
            continue
        print(f"{name}: {'as pinned' if pinned.holds(frame) else 'NOT as pinned'}")


if __name__ == "__main__":
    main()
