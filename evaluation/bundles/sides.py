"""One of two runs that are compared: its numbers, and what is recorded of where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired

import pandas as pd
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from evaluation.base.errors import UsageError
from evaluation.base.paths import INTERIM, WHOLE, build_dir
from evaluation.base.text import without_controls
from evaluation.base.zips import Unreadable, is_heavy, read_json, unzip
from evaluation.bundles.layout import MOST_BYTES, RUN, RUN_FILES
from evaluation.bundles.opened import read_bundle
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import choose_edition
from evaluation.present.results import COLUMNS, read_csv


class _Titled(TypedDict):
    title: str


class _Retail(TypedDict, total=False):
    """Without a title where the shops are private."""

    title: str


class _Table(TypedDict):
    source: str
    table: str
    publisher: str
    publisher_table: str


class _Notebook(TypedDict):
    status: str
    error: NotRequired[dict[str, Any] | None]


class _Run(TypedDict, total=False):
    """What is used of run.json."""

    deal_name: str
    dataset: _Titled
    retail: _Retail | None
    versions: dict[str, str]
    snapshots: list[_Table]
    notebooks: dict[str, _Notebook]


class _Inputs(TypedDict):
    """What is used of a notebook in inputs.json."""

    files: dict[str, str | None]
    names: list[str]
    modules: dict[str, str]
    cells: dict[str, str]
    parameters: dict[str, Any]
    versions: dict[str, str]
    order: list[str]
    format: Any
    chapter: Any
    lock: Any


_RUN, _INPUTS = TypeAdapter(_Run), TypeAdapter(dict[str, _Inputs])
_MOST_NUMBERS, _MOST_NAMES = 20_000, 2_000
"""Of a run, and of a list in what is recorded of it: more than ten times those of a report."""


@dataclass(frozen=True, slots=True)
class Side:
    """The numbers of a run."""

    name: str  # as a person called it
    results: pd.DataFrame  # indexed by result_id, with the other columns of results.csv
    record: dict = field(default_factory=dict)  # its run.json; empty where only the numbers are known
    # its inputs.json: notebook to what it depended on; empty where only the numbers are known
    inputs: dict[str, dict] = field(default_factory=dict)


def make_side(name: str, files: Mapping[str, bytes]) -> Side:
    """Make a side of the files of a run, or of its results.csv alone.

    Raises UsageError when results.csv is missing or has other columns, or what is recorded has another form.
    """
    try:
        content = files["results.csv"]
        if is_heavy(content) or content.count(b"\n") + content.count(b"\r") > _MOST_NUMBERS:
            raise ValueError("results.csv is too large")
        results = read_csv(content.decode("utf-8"))
        if list(results.columns) != list(COLUMNS):
            raise ValueError(f"its columns are {', '.join(map(str, results.columns))[:200]}")
        if results["result_id"].duplicated().any() or not results.map(_is_shown).all(axis=None):
            raise ValueError("it has two numbers under one id, or text that cannot be shown")
        record, inputs = (read_json(files[part], part) if part in files else {} for part in RUN_FILES[1:])
        if any(map(_is_long, (record, inputs))):
            raise ValueError(f"what is recorded has a list of more than {_MOST_NAMES}")
        _RUN.validate_python(record)
        _INPUTS.validate_python(inputs)
    except KeyError:
        raise UsageError(f"{name} holds no results of a run: there is no results.csv.") from None
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))[:80]
        raise UsageError(f"{name} holds no record of a run: {place} has another form.") from None
    except ValueError as error:
        raise UsageError(f"{name} holds no results of a run ({str(error)[:200]}).") from None
    return Side(name, results.set_index("result_id"), record, inputs)


def _is_long(content: object) -> bool:
    """Tell whether there is a list in it that is longer than those of any report."""
    waiting = [content]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            if len(part) > _MOST_NAMES:
                return True
            waiting.extend(part.values() if isinstance(part, dict) else part)
    return False


def _is_shown(cell: object) -> bool:
    return not isinstance(cell, str) or cell == without_controls(cell)


def open_side(text: str, deal_id: str) -> Side:
    """Open what a person names: a year, final or portfolio (of this project), a run's folder, a bundle, a results.csv.

    Raises UsageError when there is no such thing, or it holds no numbers.
    """
    path = Path(text)
    if text in {*WHOLE, *WHOLE.values(), INTERIM} or (text.isdigit() and len(text) == 4 and not path.exists()):
        edition = choose_edition(load_deal(deal_id), text, None)
        folder = build_dir() / "runs" / deal_id / edition.id
        if not (folder / "results.csv").is_file():
            raise UsageError(
                f"There is no whole run of {deal_id} {edition.id}. Make one: regiodeal run {edition.command}"
            )
        return make_side(text, _from_folder(folder))
    if path.is_dir():
        folder = path / RUN if (path / RUN / "results.csv").is_file() else path
        return make_side(text, _from_folder(folder))
    if path.is_file() and path.suffix in (".csv", ".zip"):
        content = read_bundle(path)
        return make_side(text, {"results.csv": content} if path.suffix == ".csv" else _from_zip(text, content))
    raise UsageError(f"{text}: name a year, final, portfolio, the folder of a run, a bundle, or a results.csv.")


def _from_folder(folder: Path) -> dict[str, bytes]:
    return {name: read_bundle(folder / name) for name in RUN_FILES if (folder / name).is_file()}


def _from_zip(name: str, content: bytes) -> dict[str, bytes]:
    try:
        found = unzip(content, most_bytes=MOST_BYTES, names=[RUN + part for part in RUN_FILES])
    except Unreadable as error:
        raise UsageError(f"{name} cannot be read: {error}.") from None
    return {part.removeprefix(RUN): text for part, text in found.items()}
