"""The programme's records as others may have them."""

from __future__ import annotations

from evaluation.base.paths import data_dir
from evaluation.bundles.layout import Absent
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import DATASET_FILE
from evaluation.inputs.records.programme import TABLES, Programme
from evaluation.inputs.records.shared_records import shared_record_files
from evaluation.inputs.records.small_counts import FILE as DISCLOSURE

_AS_AGGREGATES = Absent(
    what="single deliveries of persons, households and firms; notes, leads and neighbourhoods of projects",
    why="small counts could be added up from them, and no report shows them",
    effect="every number can be made again: the report itself starts from the totals that are in counts.csv",
)


def share_records(deal: Deal, programme: Programme) -> tuple[dict[str, bytes], tuple[Absent, ...]]:
    """Return the records that go into a bundle, by the name of the file, and what was left out of them.

    An example holds nothing about anyone and goes as it is; others go as published aggregates
    (`evaluation.inputs.records.shared_records`).

    Parameters
    ----------
    deal : Deal
        Whose records they are.
    programme : Programme
        As `load_programme` gives it.

    Raises
    ------
    InputError
        As of `evaluation.inputs.records.shared_records.shared_record_files`.
    """
    folder = data_dir() / "programme" / deal.id
    names = [DATASET_FILE, *(f"{name}.csv" for name in TABLES)]
    if programme.is_example and not programme.dataset.protected and all((folder / name).is_file() for name in names):
        names += [DISCLOSURE] if (folder / DISCLOSURE).is_file() else []
        return {name: (folder / name).read_bytes() for name in names}, ()
    files = {name: text.encode() for name, text in shared_record_files(deal).items()}
    return files, () if programme.dataset.protected else (_AS_AGGREGATES,)
