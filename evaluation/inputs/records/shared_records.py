"""The programme's records as they may be handed on: tables that load again and give the same results as the records."""

from collections.abc import Mapping

from evaluation.base.paths import data_dir, read_bytes
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import DATASET_FILE, dataset_text, to_csv, to_text
from evaluation.inputs.records.programme import PROTECTED_TABLES, TABLES, Programme, columns_in
from evaluation.inputs.records.small_counts import FILE as DISCLOSURE
from evaluation.inputs.records.small_counts import load_shown_programme

_NOT_SHOWN = {"projects": {"lead": "niet vrijgegeven"}}
_UNUSED = ("note", "neighbourhood")
_CORRECTION = "correctie"


def share_records(deal: Deal, programme: Programme) -> tuple[dict[str, bytes], bool]:
    """Return the records that may leave the office, and whether something is left out of them.

    An example holds nothing about anyone and goes as it is; others go as published aggregates.

    Parameters
    ----------
    deal, programme : Deal, Programme
        The deal, and its records as `load_programme` gives them.

    Returns
    -------
    dict[str, bytes]
        Name of each file of a folder data/programme/<deal> to its content, the deal's own disclosure.yml among them.
    bool
        Whether they were open and go as aggregates; False of an example, and of what came as aggregates.

    Raises
    ------
    InputError
        As of `load_shown_programme`.
    """
    folder = data_dir() / "programme" / deal.id
    rules = [DISCLOSURE] if (folder / DISCLOSURE).is_file() else []
    names = [DATASET_FILE, *(f"{name}.csv" for name in TABLES)]
    if programme.is_example and not programme.dataset.protected and all((folder / name).is_file() for name in names):
        return {name: (folder / name).read_bytes() for name in names + rules}, False
    files = {name: text.encode() for name, text in shared_record_files(load_shown_programme(deal)).items()}
    return files | {name: read_bytes(folder / name) for name in rules}, not programme.dataset.protected


def shared_record_files(programme: Programme) -> dict[str, str]:
    """Write protected records as published aggregates.

    Counts of persons, households and firms stand in ``counts.csv`` as reports show them, what private parties committed
    and paid in ``amounts.csv``, and neither anywhere else.  What no report shows is left out: notes, who made the
    records or leads a project, and its neighbourhood.

    Parameters
    ----------
    programme : Programme
        As of `load_shown_programme`.

    Returns
    -------
    dict[str, str]
        Name of each file to its text: dataset.yml (with ``protected: true``) and the six tables.  `load_programme`
        reads them, and a run on them has the numbers of a run on the records, as long as disclosure.yml is the same.

    Raises
    ------
    ValueError
        When the records are not protected: a mistake of the caller, not of a person.
    """
    if not programme.dataset.protected:
        raise ValueError("records that are not protected are not handed on")
    layout = {name: columns_in(programme, name) for name in (*TABLES, *PROTECTED_TABLES)}
    files = {DATASET_FILE: dataset_text(programme.dataset.model_copy(update={"made_by": "", "note": ""}))}
    for name, columns in layout.items():
        rows = getattr(programme, name)[list(columns)].to_dict("records")
        files[f"{name}.csv"] = to_csv(columns, [_shared(name, row) for row in rows])
    return files


def _shared(table: str, row: Mapping[str, object]) -> dict[str, str]:
    cells = {name: to_text(value) for name, value in row.items()}
    cells |= {name: "" for name in _UNUSED if name in cells}
    if table == "payments" and cells["amount_eur"].startswith("-"):
        cells["note"] = _CORRECTION
    return cells | _NOT_SHOWN.get(table, {})
