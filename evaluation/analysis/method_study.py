"""The kept outcome of the study of the methods: tables in ``data/methods``, made anew by ``regiodeal study``."""

import io

import pandas as pd

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import load_yaml

FILE = "study.csv"
GRADES_FILE = "study_grades.csv"
COLUMNS = (
    *("estimator", "inference", "scenario", "in_use", "draws"),
    *("bias", "bias_error", "coverage", "size", "power", "power_half", "mc_error"),
)
GRADE_COLUMNS = ("scenario", "factor", "draws", "grade", "share")


def read_study() -> tuple[pd.DataFrame, pd.DataFrame, dict[str, object]]:
    """Read the kept tables and their description.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; `in_use`: whether the package claims 95% intervals and 5% tests with it; bias in offences
        per 1.000 inhabitants, the other numbers shares.
    DataFrame
        Columns `GRADE_COLUMNS`: the share of panels that get each grade, by what was multiplied by `factor`.
    dict
        The content of the description beside them.

    Raises
    ------
    InputError
        When a table is not there or has other columns.
    """
    folder = data_dir() / "methods"
    described = (folder / FILE).with_suffix(".yml")
    missing = [path for path in (folder / FILE, folder / GRADES_FILE, described) if not path.is_file()]
    if missing:
        expected = "the study of the methods; make it with: regiodeal study"
        raise InputError([Fault(shown(path), "no such file", expected) for path in missing])
    study = _read(FILE, COLUMNS)
    return study, _read(GRADES_FILE, GRADE_COLUMNS), load_yaml(read_bytes(described))


def _read(file: str, columns: tuple[str, ...]) -> pd.DataFrame:
    path = data_dir() / "methods" / file
    frame = pd.read_csv(io.BytesIO(read_bytes(path)))
    if tuple(frame.columns) != columns:
        raise InputError([Fault(shown(path), f"columns {', '.join(frame.columns)}", f"columns {', '.join(columns)}")])
    return frame
