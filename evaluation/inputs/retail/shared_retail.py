"""The retail tables as they may be handed on: what reports show of the premises, and not a single one of those."""

from collections.abc import Callable, Iterable, Mapping

from evaluation.inputs.records.checked_rows import DATASET_FILE, dataset_text, to_csv, to_text
from evaluation.inputs.retail.tables import HANDED_ON, RetailTables

_UNTOLD = "niet openbaar"
_WORDS = ("title", "version", "source", "licence", "vacancy_definition")


def shared_retail_files(tables: RetailTables, figures: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Write retail tables without their premises.

    Names of clusters and words about the count go along where figures may be published, plan capacity where that may.

    Parameters
    ----------
    tables, figures : RetailTables, iterable of mapping
        As read, and what reports show, with the columns of `ShownFigure`.

    Returns
    -------
    dict[str, str]
        Name of each file to its text.  `load_retail` reads them; a run on them shows what one on the premises does.
    """
    dataset, clusters = tables.dataset, tables.clusters.assign(note="")
    said: dict[str, object] = {"handed_on": "private" if tables.is_private else "public", "note": "", "made_by": ""}
    said |= {} if dataset.may_publish else dict.fromkeys(_WORDS, _UNTOLD)
    for column in ("is_main_centre", "is_priority"):
        clusters[column] = clusters[column].map({True: "ja", False: "nee"})
    kept = {
        "clusters": clusters if dataset.may_publish else clusters[:0],
        "plan_capacity": tables.plan_capacity if dataset.may_publish_plans else tables.plan_capacity[:0],
    }
    rows = {name: [_cells(row, to_text) for row in frame.to_dict("records")] for name, frame in kept.items()}
    rows["figures"] = [_cells(row, str) for row in figures]  # to the last digit
    files = {f"{name}.csv": to_csv(tuple(model.model_fields), rows[name]) for name, model in HANDED_ON.items()}
    return {DATASET_FILE: dataset_text(dataset.model_copy(update=said)), **files}


def _cells(row: Mapping[str, object], write: Callable[[object], str]) -> dict[str, str]:
    return {name: "" if value is None else write(value) for name, value in row.items()}
