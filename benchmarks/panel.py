"""The panel of neighbourhoods, built and read by the package and by plain pandas: time, memory, and the same content.

Generated figures (seeded): 17,000 units x 12 years x 100 measures = 20.4 million, 15 % of them withheld, missing or
provisional, as one long table per year, as they are pinned: the package reads parquet snapshots, pandas the same
figures in CSV, the only one of the two forms that it reads by itself.

Both do the same work: read the twelve tables, refuse double rows, add level, municipality, source, vintage and whether
the unit is comparable with the year before, sort by indicator, municipality, unit and period, and write the panel.
The pandas side is written to be fast and frugal (categories instead of strings, 16-bit years, one sort); it writes the
panel as CSV, what plain pandas writes and reads without another package.  `panel_time_ratio_unwritten` is the stricter
one: our whole build against pandas until its panel stands sorted in memory, not written at all.

Then both read one indicator of the seven municipalities of a region from what they built: the package with
`read_neighbourhoods`, pandas with `read_csv` of its panel and a filter.  Each side runs in a process of its own, with
the libraries that it uses imported before the clock starts; its peak memory is that of `getrusage`.  The contents are
compared: a checksum over every column of all rows per indicator and year, and each row of what was read.

    python benchmarks/panel.py                           two to four minutes, 2.9 GB of disk in a temporary folder
    python benchmarks/panel.py --scale 0.06 --measures 5

The last line is ``ratio: X``, our time of building divided by that of pandas.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20190715
YEARS = range(2013, 2025)
MEASURES = 100
UNITS = 17_000
REGION = [f"GM{number:04d}" for number in (11, 52, 90, 133, 200, 277, 301)]
STATUSES = ["final", "provisional", "withheld", "missing"]
CHANGE = "boundary_change"
INDICATOR = "measure_002"
KEYS = ["indicator", "municipality", "unit", "period"]
COLUMNS = ["unit", "level", "municipality", "period", "indicator", "value", "status", "source", "vintage"]
TYPES = {name: "VARCHAR" for name in COLUMNS} | {"period": "SMALLINT", "value": "DOUBLE", "is_comparable": "BOOLEAN"}
LEVELS = {"BU": "neighbourhood", "WK": "district", "GM": "municipality"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="Share of the units; 1 for all 17,000.")
    parser.add_argument("--measures", type=int, default=MEASURES)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(measured(given)))
        return
    with tempfile.TemporaryDirectory(prefix="regiodeal-panel-") as folder:
        found = {step: run(step, Path(folder), given) for step in STEPS}
    if found["read_ours"]["figures"] != found["read_pandas"]["figures"]:
        raise SystemExit("The region as read by the package and by pandas is not the same.")
    report(found)


def run(step: str, folder: Path, given: argparse.Namespace) -> dict:
    """Do a step in a process of its own, and return what it measured."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    command += ["--scale", str(given.scale), "--measures", str(given.measures)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{step} failed.")
    return json.loads(done.stdout.splitlines()[-1])


def measured(given: argparse.Namespace) -> dict:
    """Do a step in this process: seconds after its imports, and the peak of its memory."""
    steps = STEPS[given.step](given.folder, given)
    next(steps)
    started = time.perf_counter()
    found = next(steps)
    seconds = time.perf_counter() - started
    return {**found, "seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def report(found: dict[str, dict]) -> None:
    """Print what was measured, the ratios last."""
    ours, theirs = found["build_ours"], found["build_pandas"]
    ratio = ours["seconds"] / theirs["seconds"]
    lines = {
        "panel_rows": found["check"]["rows"],
        "panel_seconds": ours["seconds"],
        "panel_seconds_pandas": theirs["seconds"],
        "panel_seconds_pandas_unwritten": theirs["unwritten_seconds"],
        "panel_peak_mb": ours["peak_mb"],
        "panel_peak_mb_pandas": theirs["peak_mb"],
        "panel_file_mb": ours["file_mb"],
        "panel_file_mb_pandas": theirs["file_mb"],
        "panel_read_seconds": found["read_ours"]["seconds"],
        "panel_read_seconds_pandas": found["read_pandas"]["seconds"],
        "panel_time_ratio": ratio,
        "panel_time_ratio_unwritten": ours["seconds"] / theirs["unwritten_seconds"],
        "panel_memory_ratio": ours["peak_mb"] / theirs["peak_mb"],
        "panel_read_ratio": found["read_ours"]["seconds"] / found["read_pandas"]["seconds"],
        "panel_ratio": ratio,
        "ratio": ratio,
    }
    for name, value in lines.items():
        print(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")


def generate(folder: Path, given: argparse.Namespace) -> Iterator[dict]:
    """Write the yearly tables in both forms."""
    import duckdb

    from evaluation.statistics.snapshot_writer import add_snapshot

    yield {}
    rng = np.random.default_rng(SEED)
    codes = make_codes(max(1000, round(UNITS * given.scale)))
    names = [CHANGE, *(f"measure_{number:03d}" for number in range(given.measures))]
    is_told = np.array([not code.startswith("GM") for code in codes])
    (folder / "csv").mkdir()
    for year in YEARS:
        size = len(codes) * len(names)
        status = rng.choice(4, size=size, p=[0.85, 0.05, 0.05, 0.05])
        value = np.round(rng.gamma(2, 200, size=size), 1)
        status[: len(codes)] = np.where(is_told, 0, 3)
        value[: len(codes)] = rng.choice([1, 2, 3], size=len(codes), p=[0.94, 0.01, 0.05])
        value[status >= 2] = np.nan
        columns = {
            "region": pd.Categorical.from_codes(np.tile(np.arange(len(codes)), len(names)), codes),
            "period": year,
            "measure": pd.Categorical.from_codes(np.repeat(np.arange(len(names)), len(codes)), names),
            "value": value,
            "status": pd.Categorical.from_codes(status, STATUSES),
        }
        made = add_snapshot(pd.DataFrame(columns), describe(year, names), folder=folder / "made" / str(year))
        duckdb.execute(f"COPY (FROM '{made}') TO '{folder / 'csv' / f'{year}.csv'}' (HEADER)")
    gather(folder)
    yield {}


def gather(folder: Path) -> None:
    """Put the tables, each made in a folder of its own (adding one checks all that are there), in one."""
    (folder / "snapshots" / "cbs").mkdir(parents=True)
    for year in YEARS:
        (made,) = (folder / "made" / str(year) / "cbs").iterdir()
        made.rename(folder / "snapshots" / "cbs" / made.name)


def make_codes(units: int) -> list[str]:
    """Make codes of municipalities, their districts and neighbourhoods, in alphabetical order."""
    codes = []
    for number in range(345):
        codes += [f"GM{number:04d}"]
    for number in range(units - len(codes)):
        municipality, rest = number % 345, number // 345
        codes.append(f"WK{municipality:04d}{rest // 6:02d}" if rest % 6 == 0 else f"BU{municipality:04d}{rest:04d}")
    return sorted(codes)


def table_of(year: int) -> tuple[str, str]:
    """Return the source and vintage of a year."""
    return f"cbs/8{year}NED", f"{year + 1}-07-01"


def describe(year: int, measures: list[str]) -> dict[str, object]:
    """Write the metadata of a generated table."""
    name, vintage = table_of(year)
    source, _, table = name.partition("/")
    columns = [
        {"name": "region", "role": "region", "meaning": "Gebied"},
        {"name": "period", "role": "period", "meaning": "Jaar"},
        {"name": "measure", "role": "measure", "meaning": "Kenmerk", "codes": dict.fromkeys(measures, "verzonnen")},
        {"name": "value", "role": "value", "meaning": "Verzonnen", "unit": "aantal"},
        {"name": "status", "role": "status", "meaning": "Status"},
    ]
    texts = ("title", "publisher", "publisher_table", "url", "licence", "licence_url", "attribution", "origin")
    return {
        **dict.fromkeys((*texts, "provisional_rule", "made_by"), "verzonnen"),
        **{"source": source, "table": table, "vintage": vintage, "retrieved": vintage, "modified_at_source": None},
        **{"boundaries": year, "change_measure": CHANGE, "columns": columns, "format": "parquet"},
    }


def build_ours(folder: Path, given: argparse.Namespace) -> Iterator[dict]:
    """Build the panel with the package."""
    import duckdb  # noqa: F401

    from evaluation.statistics.neighbourhood_panel import build_neighbourhood_panel

    yield {}
    panel = build_neighbourhood_panel(folder=folder / "snapshots", target=folder / "panels")
    yield {"file_mb": sum(path.stat().st_size for path in panel.iterdir()) / 1e6}


def build_pandas(folder: Path, given: argparse.Namespace) -> Iterator[dict]:
    """Build the panel with pandas alone."""
    yield {}
    started = time.perf_counter()
    types = {"region": "category", "period": "int16", "measure": "category", "status": "category"}
    parts = []
    for year in YEARS:
        part = pd.read_csv(folder / "csv" / f"{year}.csv", dtype=types)
        if part.duplicated(["measure", "region", "period"]).any():
            raise SystemExit(f"double rows in {year}")
        change = part[part["measure"] == CHANGE].set_index("region")["value"]
        part = part[part["measure"] != CHANGE]
        comparable = change.eq(1).astype("boolean").where(change.notna())
        by_code = comparable.reindex(part["region"].cat.categories).array
        source, vintage = table_of(year)
        parts.append(
            part.assign(
                source=pd.Categorical([source]).repeat(len(part)),
                vintage=pd.Categorical([vintage]).repeat(len(part)),
                is_comparable=by_code[part["region"].cat.codes.to_numpy()],
            )
        )
        del part
    for name in ("region", "measure", "status", "source", "vintage"):
        kind = pd.CategoricalDtype(sorted(set().union(*(part[name].cat.categories for part in parts))))
        for part in parts:
            part[name] = part[name].astype(kind)
    panel = pd.concat(parts, ignore_index=True)
    del parts
    regions = panel["region"].cat.categories
    for name, words in (("level", regions.str[:2].map(LEVELS)), ("municipality", "GM" + regions.str[2:6])):
        kinds = pd.Index(sorted(set(words)))
        panel[name] = pd.Categorical.from_codes(kinds.get_indexer(words)[panel["region"].cat.codes], kinds)
    panel = panel.rename(columns={"region": "unit", "measure": "indicator"})
    panel = panel.sort_values(KEYS, ignore_index=True)[[*COLUMNS, "is_comparable"]]
    unwritten = time.perf_counter() - started
    panel.to_csv(folder / "pandas.csv", index=False)
    yield {"unwritten_seconds": unwritten, "file_mb": (folder / "pandas.csv").stat().st_size / 1e6}


def check(folder: Path, given: argparse.Namespace) -> Iterator[dict]:
    """Check that both panels hold the same rows, every column of them, and that ours is in its order."""
    import duckdb

    yield {}
    (panel,) = (folder / "panels").glob("neighbourhoods-*")
    parts = [str(path) for path in sorted(panel.glob("*.parquet"))]
    duckdb.execute("SET memory_limit = '1500MB'; SET enable_progress_bar = false")
    duckdb.execute(f"SET temp_directory = '{folder / 'spill'}'")
    row = ", ".join(f"{name}::VARCHAR" for name in (*COLUMNS, "is_comparable") if name != "value")
    sums = f"SELECT indicator, period, count(*) AS rows, bit_xor(hash({row}, value)) AS content, sum(value) AS total"
    read = f"read_csv('{folder / 'pandas.csv'}', header = true, types = {TYPES})"
    ours, theirs = (
        duckdb.execute(f"{sums} FROM {source} GROUP BY ALL ORDER BY ALL").df()
        for source in (f"read_parquet({parts})", read)
    )
    same = ["indicator", "period", "rows", "content"]
    if not ours[same].equals(theirs[same]) or not np.allclose(ours["total"], theirs["total"], rtol=1e-9):
        raise SystemExit("The panels of the package and of pandas are not the same.")
    yield {"rows": int(ours["rows"].sum())}


def read_ours(folder: Path, given: argparse.Namespace) -> Iterator[dict]:
    """Read one indicator of one region with the package."""
    import duckdb  # noqa: F401

    from evaluation.statistics.neighbourhoods import read_neighbourhoods

    yield {}
    rows = read_neighbourhoods(INDICATOR, REGION, folder=folder / "snapshots", target=folder / "panels")
    yield {"figures": figures(rows)}


def read_pandas(folder: Path, given: argparse.Namespace) -> Iterator[dict]:
    """Read one indicator of one region from the panel that pandas wrote."""
    yield {}
    kinds = {name: "category" for name in COLUMNS if name not in ("period", "value")}
    panel = pd.read_csv(folder / "pandas.csv", dtype=kinds | {"period": "int16"})
    rows = panel[(panel["indicator"] == INDICATOR) & panel["municipality"].isin(REGION)]
    yield {"figures": figures(rows)}


def figures(rows: pd.DataFrame) -> list[list]:
    """Return every row that was read, in the form of JSON."""
    if rows.empty:
        raise SystemExit("No rows of the region.")
    return json.loads(rows[[*COLUMNS, "is_comparable"]].to_json(orient="values"))


STEPS = {
    "generate": generate,
    "build_ours": build_ours,
    "build_pandas": build_pandas,
    "check": check,
    "read_ours": read_ours,
    "read_pandas": read_pandas,
}

if __name__ == "__main__":
    main()
