"""A programme of a few rows for unit tests, with the columns that the reader of the records makes."""

import pandas as pd

from evaluation.inputs.records.programme import Dataset, Programme

_MEANS = dict.fromkeys(("rijk_eur", "provincie_eur", "gemeenten_eur", "corporaties_eur", "private_eur"), 0.0)
_PROJECT = {
    "project_id": "P1", "title": "Proef", "theme": 2, "track": 1, "municipalities": ("Heerlen",), "neighbourhood": "A",
    "approach": ("2a",), "criteria": (1, 2), "lead": "gemeente", "state": "started", "planned_start": None,
    "started_on": "2020-02-01", "completed_on": None, "dropped_on": None, **_MEANS, "note": None,
}  # fmt: skip
_PAYMENT = {
    "payment_id": "B1", "kind": "payment", "date": "2020-06-01", "project_id": "P1", "source": "Rijk",
    "amount_eur": 1000.0, "note": None,
}  # fmt: skip
_OUTPUT = {
    "output_id": "O1", "date": "2020-06-01", "project_id": "P1", "result": "2.1", "target": "woningen-transitie",
    "quantity": 10.0, "unit": "woningen", "municipality": "Heerlen", "note": None,
}  # fmt: skip
_MILESTONE = {
    "milestone_id": "M1", "kind": "milestone", "date_planned": "2020-06-30", "date_done": None, "theme": 1,
    "approach": ("1e",), "deal_milestone": None, "project_id": None, "body": None, "title": "x", "note": None,
}  # fmt: skip
_DATES = {
    "date", "date_planned", "date_done", "planned_start", "started_on", "completed_on", "dropped_on",
}  # fmt: skip


def small_programme(projects=(), payments=(), outputs=(), milestones=(), status="voorbeeld") -> Programme:
    """Make a programme; each row names only what differs from an ordinary one."""
    return Programme(
        dataset=Dataset(title="Proef", status=status, version="1"),
        projects=_frame(_PROJECT, projects),
        payments=_frame(_PAYMENT, payments),
        outputs=_frame(_OUTPUT, outputs),
        milestones=_frame(_MILESTONE, milestones),
    )


def _frame(template: dict, rows) -> pd.DataFrame:
    frame = pd.DataFrame([{**template, **row} for row in rows], columns=list(template))
    for name in _DATES & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name])
    numbers = {name: float for name in frame.columns if name.endswith("_eur") or name == "quantity"}
    return frame.astype(numbers)
