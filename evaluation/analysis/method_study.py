"""The kept outcome of the study of the methods: ``data/methods/study.csv``, made anew by ``regiodeal study``."""

import io

import pandas as pd

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import load_yaml

FILE = "study.csv"
COLUMNS = (
    *("estimator", "inference", "scenario", "in_use", "draws"),
    *("bias", "bias_error", "coverage", "size", "power", "mc_error"),
)


def read_study() -> tuple[pd.DataFrame, dict[str, object]]:
    """Read the kept table and its description.

    Returns
    -------
    DataFrame, dict
        Columns `COLUMNS`; `in_use`: whether the package claims 95% intervals and 5% tests with it; bias in offences
        per 1.000 inhabitants, the other numbers shares.  And the content of the description beside it.

    Raises
    ------
    InputError
        When the table is not there or has other columns.
    """
    path = data_dir() / "methods" / FILE
    if not path.is_file() or not path.with_suffix(".yml").is_file():
        expected = "the study of the methods; make it with: regiodeal study"
        raise InputError([Fault(shown(path), "no such file", expected)])
    frame = pd.read_csv(io.BytesIO(read_bytes(path)))
    if tuple(frame.columns) != COLUMNS:
        raise InputError([Fault(shown(path), f"columns {', '.join(frame.columns)}", f"columns {', '.join(COLUMNS)}")])
    return frame, load_yaml(read_bytes(path.with_suffix(".yml")))
