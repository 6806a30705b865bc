"""One of two runs that are compared: its numbers, and what is recorded of where they come from."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.base.paths import build_dir
from evaluation.bundles.layout import RUN, RUN_FILES
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import choose_edition
from evaluation.present.results import COLUMNS, read_csv


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

    Raises UsageError when results.csv is missing or has other columns.
    """
    try:
        results = read_csv(files["results.csv"].decode("utf-8"))
        if list(results.columns) != list(COLUMNS):
            raise ValueError(f"its columns are {', '.join(results.columns)}")
        record, inputs = (json.loads(files[part]) if part in files else {} for part in RUN_FILES[1:])
    except (KeyError, ValueError) as error:
        raise UsageError(f"{name} holds no results of a run ({error}).") from None
    return Side(name, results.set_index("result_id"), record, inputs)


def open_side(text: str, deal_id: str) -> Side:
    """Open what a person names: a year or final (of this project), a run's folder, a bundle, or a results.csv.

    Raises UsageError when there is no such thing, or it holds no numbers.
    """
    path = Path(text)
    if text in ("final", "eindevaluatie") or (text.isdigit() and len(text) == 4 and not path.exists()):
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
    if path.is_file() and path.suffix == ".csv":
        return make_side(text, {"results.csv": path.read_bytes()})
    if path.is_file() and zipfile.is_zipfile(path):
        return make_side(text, _from_zip(path.read_bytes()))
    raise UsageError(f"{text}: name a year, final, the folder of a run, a bundle, or a results.csv.")


def _from_folder(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RUN_FILES if (folder / name).is_file()}


def _from_zip(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            return {name: archive.read(RUN + name) for name in RUN_FILES if RUN + name in names}
    except zipfile.BadZipFile as error:
        raise UsageError(f"The archive is damaged: {error}.") from None
