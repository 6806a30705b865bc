"""Files of an evaluator's own in ``data/own``, each with its origin beside it: what no register of this project has."""

import io
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import build_entry, raise_faults, read_mapping

_READERS = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".ods": pd.read_excel, ".parquet": pd.read_parquet}


class OwnOrigin(BaseModel):
    """Where a file of an evaluator's own comes from (``name.csv.yml``).

    Attributes
    ----------
    title, publisher, licence : str    As a reader should see them.
    url, retrieved : str | None    Where it can be found, and the day it was taken from there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    url: str | None = None
    retrieved: str | None = None


_OPEN_LICENCE = re.compile(r"^(CC BY( \d\.\d)?|CC BY-SA( \d\.\d)?|CC0.*|PDM.*)$", re.IGNORECASE)


def is_open_licence(licence: str) -> bool:
    """Tell whether terms of use let figures into a public repository.

    Parameters
    ----------
    licence : str
        As a person wrote it.

    Returns
    -------
    bool
    """
    return bool(_OPEN_LICENCE.match(licence.strip()))


def read_own_file(name: str, options: Mapping[str, object]) -> pd.DataFrame:
    """Read a file of ``data/own``.

    Parameters
    ----------
    name, options : str, mapping of str to object
        Of the file, and of pandas' reader of that kind.

    Returns
    -------
    DataFrame
        As it is, with a column source (str) unless it has one.

    Raises
    ------
    UsageError
        For a name that leaves the folder, a kind that is not read, and a file that is not there.
    InputError
        Without a complete origin, or with a licence that is not open.
    """
    folder, kind = data_dir() / "own", PurePosixPath(name).suffix.lower()
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or kind not in _READERS:
        raise UsageError(f"{name!r} is no file of data/own: a name that ends in {', '.join(_READERS)}.")
    path = folder / name
    if not path.is_file():
        known = sorted(item.name for item in folder.glob("*") if item.suffix in _READERS)
        raise UsageError(f"There is no {shown(path)}. There are: {', '.join(known) or 'none'}.")
    place = path.with_name(f"{path.name}.yml")
    if not place.is_file():
        expected = "its origin: title, publisher, licence, and url and retrieved where it has them"
        raise InputError([Fault(shown(place), "no file", expected)])
    faults: list[Fault] = []
    origin = build_entry(OwnOrigin, read_mapping(place, set(OwnOrigin.model_fields), faults), {}, place, "", faults)
    if origin is not None and not is_open_licence(origin.licence):
        expected = "an open licence (CC BY, CC BY-SA, CC0, PDM), as data/own goes along in git and bundles"
        hint = "Other figures: regiodeal data add --private"
        faults.append(Fault(shown(place), repr(origin.licence), expected, key="licence", hint=hint))
    raise_faults(faults)
    frame = _READERS[kind](io.BytesIO(read_bytes(path)), **options)
    return frame if "source" in frame else frame.assign(source=f"{origin.publisher}, {origin.title}")
