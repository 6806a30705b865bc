"""The last gate before anything goes out: no number of a private table or of a licensed extract of shops has a value.

Private figures are withheld where they are read (`statistics.snapshots`, `analysis.retail_monitor`).
A run from before that, or of tables that became private since, is refused here, by a bundle and by every publication.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping

from evaluation.base.errors import PublishError
from evaluation.inputs.retail.records import RetailDataset
from evaluation.statistics.snapshots import list_snapshots
from evaluation.statistics.withheld import PRIVATE, names_private_source

SHOPS = "winkelmonitor-"
"""How the indicators begin that are counted from the premises of the retail monitor."""

PLANS = f"{SHOPS}plancapaciteit"
CLUSTER_PAGE = "4a-winkelcluster-"
_SHOWN = 3


def check_released(files: Mapping[str, bytes], retail: RetailDataset | None) -> None:
    """Refuse what goes out when it would tell something private.

    Parameters
    ----------
    files : Mapping[str, bytes]
        Of a run, a bundle or a report, by name.  Judged are results.csv, run.json, inputs.json and executed notebooks.
    retail : RetailDataset | None
        What the retail tables of the deal are now; None where there are none.

    Raises
    ------
    PublishError
        With the first numbers or files of each.
    """
    faults = [fault for name, content in sorted(files.items()) for fault in _faults(name, content, retail)]
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise PublishError(
            f"Nothing was written, for it would tell what is private: {'; '.join(faults[:_SHOWN])}{more}. "
            "Make the report anew: regiodeal report"
        )


def _faults(name: str, content: bytes, retail: RetailDataset | None) -> Iterator[str]:
    part = name.rpartition("/")[2]
    if part in ("run.json", "inputs.json") and f'"data/{PRIVATE}/'.encode() in content:
        yield f"{name} names a file of data/{PRIVATE}"
    if part == "run.json" and retail is not None and not retail.may_publish:
        pages = [page for page in json.loads(content).get("notebooks", {}) if page.startswith(CLUSTER_PAGE)]
        yield from (f"{name} names a page of a licensed cluster" for _ in pages[:1])
    if part == "results.csv":
        known = list_snapshots(include_private=True)
        public = {item.place for item in known if not item.private}  # a public vintage takes the place of a private one
        private = [item for item in known if item.private and item.place not in public]
        for row in csv.DictReader(io.StringIO(content.decode("utf-8"))):
            if not row["value"]:
                continue
            if names_private_source(row, private):
                yield f"{name}: {row['result_id']} has a value of a private table"
            elif row["indicator"].startswith(SHOPS) and not _may_tell(row["indicator"], retail):
                yield f"{name}: {row['result_id']} has a value that the licence of the shops does not let out"


def _may_tell(indicator: str, retail: RetailDataset | None) -> bool:
    """Tell whether a number of the retail monitor may go out; plan capacity has a flag of its own."""
    return retail is None or (retail.may_publish_plans if indicator == PLANS else retail.may_publish)
