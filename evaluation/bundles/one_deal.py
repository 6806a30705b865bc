"""What the bundle of a deal with indicators of its own does without: what only other deals of the project have."""

import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from evaluation.inputs.chapter_list import CLUSTER_NOTEBOOK, deal_of
from evaluation.statistics.row_counts import ROW_COUNTS

COUNTS = f"data/snapshots/{ROW_COUNTS}"

_SNAPSHOTS = "data/snapshots/"
_PROGRAM = b"""# The program behind this bundle

The README one folder up says what the bundle holds and how to run it again: `make setup` makes the environment, and
`.venv/bin/regiodeal --help` names the commands.
"""
# The project's own README leads to manuals, whose examples are of the deal that the project began with.


def leave_others_out(
    files: Mapping[str, bytes], read: Collection[str], deal: str, *, has_retail: bool
) -> dict[str, bytes]:
    """Leave out the notebooks and chapters of other deals, and the statistics that the run did not read.

    Parameters
    ----------
    files, read : mapping of str to bytes, collection of str
        The project as it would go out, by the path in it; and what the run read of it.
    deal, has_retail : str, bool
        Id of the deal, and whether it has the records of shops that a chapter is made of.

    Returns
    -------
    dict[str, bytes]
        What is left.  The books name no chapter that is not there, and the counts of rows no table.
    """
    stems = {name: PurePosixPath(name).stem for name in files if re.fullmatch(r"notebooks/[^/]+\.ipynb", name)}
    unused = {
        name: stem
        for name, stem in stems.items()
        if deal_of(stem) not in (None, deal) or (stem == CLUSTER_NOTEBOOK and not has_retail)
    }
    tables = {name.rpartition(".")[0] for name in read if name.startswith(_SNAPSHOTS) and name != COUNTS}
    kept = {
        name: content
        for name, content in files.items()
        if name not in unused
        and (name == COUNTS or not name.startswith(_SNAPSHOTS) or name.rpartition(".")[0] in tables)
    }
    chapters = re.compile(rf"^ *- (?:{'|'.join(map(re.escape, unused.values()))})\.ipynb\b.*\n", re.MULTILINE)
    books = [name for name in kept if name.startswith("_quarto-")] if unused else []
    kept |= {name: chapters.sub("", kept[name].decode("utf-8")).encode() for name in books}
    return kept | {COUNTS: _counts_of(tables, files[COUNTS].decode("utf-8")), "README.md": _PROGRAM}


def _counts_of(tables: Collection[str], text: str) -> bytes:
    """Keep the rows that count those tables: of source, table, vintage, period and rows."""
    counted = {tuple(PurePosixPath(name).parts[-3:]) for name in tables}  # source, vintage, table
    head, *rows = text.splitlines(keepends=True)
    found = (row for row in rows if tuple(row.split(",")[at] for at in (0, 2, 1)) in counted)
    return "".join((head, *found)).encode()
