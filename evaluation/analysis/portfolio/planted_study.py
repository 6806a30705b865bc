"""The kept outcome of the study with planted effects: ``data/methods/portfolio_study.csv``."""

import io

import pandas as pd

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, read_bytes, shown

FILE = "portfolio_study.csv"
COLUMNS = ["outcome", "estimator", "shape", "effect", "draws", "bias", "bias_error", "coverage", "truth", "detected"]


def read_planted_study() -> pd.DataFrame:
    """Read the kept table of the study with planted effects.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: effect as planted (percent), bias, its error and truth in 100 times a logarithm
        (of participation in points), coverage of the 95% interval and the share of draws in which zero is excluded.

    Raises
    ------
    InputError
        When the table is not there or has other columns.
    """
    path = data_dir() / "methods" / FILE
    if not path.is_file():
        expected = "the study of the portfolio; make it with: python -m studies.portfolio_study"
        raise InputError([Fault(shown(path), "no such file", expected)])
    frame = pd.read_csv(io.BytesIO(read_bytes(path)))
    if list(frame.columns) != COLUMNS:
        raise InputError([Fault(shown(path), f"columns {', '.join(frame.columns)}", f"columns {', '.join(COLUMNS)}")])
    return frame
