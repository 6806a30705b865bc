"""The environment variables that a run gives its notebooks; where they are not set, an evaluator works."""

INPUT_LOG_VARIABLE = "REGIODEAL_INPUT_LOG"
"""File in which a notebook notes the data files that it opens."""

RUN_VARIABLE = "REGIODEAL_RUN_DIR"
"""Folder of the run that the notebook is a part of."""

ABOUT_VARIABLE = "REGIODEAL_RUN_ABOUT"
"""The deal, year and edition that the run's chapters are about, and what a copy is about, as JSON."""
