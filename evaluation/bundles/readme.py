"""The README of a bundle, after the template of the Social Science Data Editors for replication packages.

References
----------
Vilhuber, Connolly, Koren, Llull and Morrow, A template README for social science replication packages,
https://social-science-data-editors.github.io/template_README/ (its sections and their order; the words are ours).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from evaluation.bundles.layout import CRATE, DATAPACKAGE, ORIGINALS, PROJECT, RUN, SUMS, BundleRecord
from evaluation.bundles.metadata import snapshots_in
from evaluation.statistics.snapshot_schema import SnapshotMetadata

_EXAMPLE = "voorbeeld"
_FLOATS = ("fig-", "tbl-")


def write_readme(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Write the README.

    Parameters
    ----------
    files : mapping
        Name in the bundle to content; without the README and the descriptions for machines.
    """
    tables = list(snapshots_in(files))
    parts = [
        f"# {record.deal_name}: {record.title}",
        _overview(record),
        _availability(record, tables, files),
        _requirements(record, files),
        _programs(files),
        _instructions(record),
        _exhibits(files),
        _references(tables),
    ]
    return "\n\n".join(parts) + "\n"


def _overview(record: BundleRecord) -> str:
    example = (
        "\n\n**The programme records in this bundle are example data (voorbeeld): made up, to show how a report looks. "
        "They say nothing about the programme.** The figures of the statistics are real."
        if record.records == _EXAMPLE
        else ""
    )
    return f"""## Overview

This bundle holds the notebooks, the code and the data behind *{record.title}* of the {record.deal_name}, and what the
office's own run made of them: {record.numbers} numbers in `{RUN}results.csv`. One command makes an environment from the
lock file, runs everything from scratch and compares every number: `regiodeal reproduce BUNDLE`. The replicator should
expect it to take about five minutes, most of it for the environment.{example}"""


def _availability(record: BundleRecord, tables: Sequence[tuple[str, SnapshotMetadata]], files) -> str:
    licences = sorted({(item.licence, item.licence_url) for _, item in tables})
    listed = ", ".join(f"[{name}]({address})" for name, address in licences)
    all_there = "x" if not record.absent else " "
    some_not = " " if not record.absent else "x"
    details = _table(
        ("Data.Name", "Data.Files", "Location", "Provided", "Citation"),
        [
            (
                f"{item.publisher}, {item.title}",
                f"`{PurePosixPath(name).name}`",
                f"`{PurePosixPath(name).parent}/`",
                "TRUE",
                _citation(item),
            )
            for name, item in tables
        ]
        + [
            (
                "Programme records",
                _table_count(record, files),
                f"`{PROJECT}data/programme/{record.deal}/`",
                "TRUE",
                record.deal_name,
            )
        ]
        + [(item.what, "Not available", "", "FALSE", "") for item in record.absent],
    )
    absent = "\n".join(f"- **{item.what}**: {item.why}. Without it {item.effect}." for item in record.absent)
    absent = absent or "Nothing that the run used is absent."
    return f"""## Data Availability and Provenance Statements

The statistics are tables of official publishers, pinned as they were retrieved: each with its origin, its terms, the day
on which it was retrieved (its vintage) and the sha256 of its file, in the `.yml` beside it. Newer figures are a new vintage
beside the old one. The agreement (`{PROJECT}data/deal/`), the indicators and the declared analysis
(`{PROJECT}data/indicators/`) and the register of municipalities and other programmes (`{PROJECT}data/regions/`) were
written by the office from the public sources that they name.

### Statement about Rights

- [x] The authors have legitimate access to and permission to use the data used here.
- [x] The authors have permission to redistribute the data contained in this bundle: each table under the licence that its
  metadata name. What may not be passed on is not in it.

### License for Data

Statistics: {listed or "none"}, with the attribution in the metadata of each table. Agreement, indicators and records: EUPL-1.2,
as the code.

### Summary of Availability

- [{all_there}] All data **are** publicly available.
- [{some_not}] Some data **cannot be made** publicly available.
- [ ] **No data can be made** publicly available.

### What is not in this bundle

{absent}

### Details on each Data Source

{details}

Status of the programme's records: **{record.records}**.

## Dataset list

{_dataset_list(files, tables)}"""


def _table_count(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    place = f"{PROJECT}data/programme/{record.deal}/"
    return f"{sum(name.startswith(place) and name.endswith('.csv') for name in files)} tables"


def _dataset_list(files: Mapping[str, bytes], tables: Sequence[tuple[str, SnapshotMetadata]]) -> str:
    known = dict(tables)
    rows = []
    for name in sorted(files):
        if not name.startswith(f"{PROJECT}data/") or not name.endswith((".csv", ".parquet")):
            continue
        item = known.get(name)
        notes = f"{item.first_period}-{item.last_period}, {item.rows} rows; {item.licence}" if item else ""
        source = f"{item.publisher} {item.publisher_table}" if item else "the office"
        rows.append((f"`{name}`", source, notes, "Yes"))
    rows.append((f"`{RUN}results.csv`", "All listed", "every number of the report", "Yes"))
    return _table(("Data file", "Source", "Notes", "Provided"), rows)


def _requirements(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    versions = "\n".join(f"  - `{name}` {version}" for name, version in record.versions.items() if name != "python")
    size = sum(map(len, files.values())) / 1e6
    return f"""## Computational requirements

### Software Requirements

- [x] The bundle contains a program that installs all dependencies and sets up the folders: `regiodeal reproduce`.

- Python {record.versions["python"]} (3.11 or newer), with its `venv` module
{versions}
  - all {_count_locked(files)} packages with their versions and hashes are in `{PROJECT}requirements.lock`; for conda users
    `{PROJECT}environment.yml` names the same packages without pinning them

No other program is needed: no LaTeX, no browser, no database. The first time needs a network, for the packages only; the run
itself uses none.

### Controlled Randomness

- [x] Where draws are made (placebo studies, simulations) numpy's `default_rng` gets a seed that is a constant in the code, so
  that every run draws the same.

### Memory, Runtime, Storage Requirements

Approximate time needed to reproduce the analyses on a standard desktop machine:

- [x] <10 minutes

Approximate storage space needed:

- [x] 250 MB - 2 GB (the environment; what is unpacked of the bundle takes {size:.0f} MB)

It was run on a machine with two cores and needs less than 2 GB of memory."""


def _count_locked(files: Mapping[str, bytes]) -> int:
    lines = files[f"{PROJECT}requirements.lock"].decode("utf-8").splitlines()
    return sum("==" in line and not line.startswith((" ", "#")) for line in lines)


def _programs(files: Mapping[str, bytes]) -> str:
    return f"""## Description of programs/code

- `{PROJECT}notebooks/` is the analysis: one notebook per chapter, a list of named steps. `{RUN}` has them as the office ran
  them, with outputs.
- `{PROJECT}evaluation/` is the package that the steps call; `{PROJECT}CONTRIBUTING.md` says which module does what.
- `{PROJECT}data/` is everything that is read; `{PROJECT}data/indicators/plan.yml` is the declared analysis plan.
- `{PROJECT}reports/` is the prose and the style of the report; `{PROJECT}reports/codeboek.csv` is the codebook (Dutch) of the columns and
  codes of `{RUN}results.csv`.
- `{RUN}run.json` says what ran on what; `{RUN}inputs.json` has per notebook every file, module and cell that it depended
  on, with its sha256.
- `{DATAPACKAGE}` (Data Package) describes every table, `{CRATE}` (RO-Crate 1.1) every file, for machines.
- `{SUMS}` has the sha256 of every file (`sha256sum -c {SUMS}`); `{ORIGINALS}` is a second copy, beside which an altered
  file is laid to name the altered figure.

### License for Code

The code is licensed under the EUPL-1.2; see `LICENSE`."""


def _instructions(record: BundleRecord) -> str:
    return f"""## Instructions to Replicators

With the package installed (any machine where `regiodeal --help` works):

    regiodeal reproduce BUNDLE.zip --to reproduction

Without it, from the unpacked bundle itself:

    cd project
    make setup                                   # Python 3.11 or newer; makes .venv from the lock file
    .venv/bin/regiodeal reproduce .. --to ../../reproduction

It checks every sum, makes an environment of its own from the lock file, runs all notebooks in a folder of its own with nothing
kept from before, and compares every number. `reproduction/verslag.html` is the report for people, `report.json` and
`numbers.csv` are for machines.

| exit code | what it means |
| --- | --- |
| 0 | every number is reproduced |
| 7 | one or more numbers differ; each is named with the input that differs |
| 8 | it could not run, or not in full |
| 9 | every number is reproduced, and the bundle is not as it was made: the altered file, and where it can be the figure, is named |

`--here` uses the environment that is there and says which versions differ. `--with-vintages PROJECT` runs the same report on
the newest figures of another project.

### Details

To run one year by hand after `make setup`: `.venv/bin/regiodeal run {_command(record)}`; the numbers are then in
`build/runs/{record.deal}/{record.edition}/results.csv`. A number counts as the same when it is equal to the last digit, or
within the tolerance that `{PROJECT}reports/toleranties.csv` declares for its measure, with the reason."""


def _command(record: BundleRecord) -> str:
    deal = "" if record.deal == "parkstad-limburg" else f"--deal {record.deal} "
    return f"{deal}{'final' if record.kind == 'final' else f'--year {record.year}'}"


def _exhibits(files: Mapping[str, bytes]) -> str:
    """List which notebook makes which figures and tables."""
    cells: dict[str, dict[str, int]] = {}
    for row in csv.DictReader(io.StringIO(files[f"{RUN}results.csv"].decode("utf-8"))):
        shown = cells.setdefault(row["notebook"], {})
        shown[row["cell"]] = shown.get(row["cell"], 0) + 1
    rows = [
        (
            f"`{RUN}{notebook}.ipynb`",
            ", ".join(f"`{cell}`" for cell in sorted(shown) if cell.startswith(_FLOATS)) or "text only",
            str(sum(shown.values())),
        )
        for notebook, shown in sorted(cells.items())
    ]
    return f"""## List of tables and programs

The provided code reproduces all numbers, tables and figures of the report. A figure or table has the label of the cell that
makes it; numbers in the running text stand in `results.csv` with their cell too.

{_table(("Program", "Figures and tables", "Numbers"), rows)}"""


def _references(tables: Sequence[tuple[str, SnapshotMetadata]]) -> str:
    lines = dict.fromkeys(
        f"- {_citation(item)}. {item.title}. Table {item.publisher_table}. {item.url}" for _, item in tables
    )
    return "## References\n\n" + "\n".join(sorted(lines))


def _citation(item: SnapshotMetadata) -> str:
    return f"{item.publisher} ({item.vintage.year})"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_table_lines(header, rows))


def _table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"| {' | '.join('---' for _ in header)} |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
