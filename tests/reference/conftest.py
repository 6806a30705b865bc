"""Where data with published results are; a test that needs them skips where they are not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("REGIODEAL_SHARED") or ROOT.parent / "shared") / "data" / "reference"


@pytest.fixture(scope="session")
def reference() -> Callable[..., pd.DataFrame]:
    """Read a table with published results: `reference("basque.csv")`."""

    def read(name: str, **options) -> pd.DataFrame:
        path = FOLDER / name
        if not path.is_file():
            pytest.skip(f"the table with published results is not at {path}")
        return pd.read_csv(path, **options)

    return read
