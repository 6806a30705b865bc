"""Write a bundle: a whole good run, the project that made it, and what tells others what is what."""

import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.bundles import layout
from evaluation.bundles.contents import check_traces, project_files
from evaluation.bundles.layout import PROJECT, RUN, Absent, BundleRecord, to_json, zip_bytes
from evaluation.bundles.metadata import crate_json, datapackage_json, dcat_json
from evaluation.bundles.readme import write_readme
from evaluation.bundles.run_folder import GoodRun, open_good_run
from evaluation.inputs.editions import Edition, report_title
from evaluation.statistics.release import check_released
from evaluation.statistics.snapshots import list_snapshots


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle that was written: where, what it is, how many bytes it has and their sha256."""

    path: Path
    record: BundleRecord
    size: int
    sha256: str


def write_bundle(deal_id: str, edition: Edition, target: Path) -> Written:
    """Write the last run of an edition, with everything that others need to run it again, as one archive.

    The same state gives the same bytes (with one version of zlib, which compresses them).  A .zip that is there is
    replaced, whole.

    Raises UsageError when there is no good run, it is not of the present inputs, or something is missing. Raises
    RunError when the run is not as it was recorded. Raises PublishError when the bundle would hold a trace of this
    machine, or a figure that is private. Raises InputError or SnapshotError when the inputs are not in order.
    """
    if target.suffix.lower() != ".zip" or not target.parent.is_dir():
        raise UsageError(f"--to {target}: name a .zip in a folder that is there.")
    run = open_good_run(deal_id, edition)
    project, absent = project_files(run)
    files = {f"{PROJECT}{name}": content for name, content in project.items()}
    files |= {f"{RUN}{name}": content for name, content in run.files.items()}
    files[f"{RUN}inputs.json"] = _inputs(run, project)
    record = _record(run, absent)
    check_traces(files)
    retail = run.checked[2]
    check_released(files, None if retail is None else retail.dataset)
    content = zip_bytes(_with_metadata(files, record))
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Written(target, record, len(content), hashlib.sha256(content).hexdigest())


def _with_metadata(files: dict[str, bytes], record: BundleRecord) -> dict[str, bytes]:
    """Add what tells about the files: a second copy to lay an altered one beside, descriptions, sums."""
    originals = {name: content for name, content in files.items() if not name.endswith(".ipynb") or PROJECT in name}
    files = {
        **files,
        layout.ORIGINALS: zip_bytes(originals),
        layout.RECORD: to_json(asdict(record)).encode(),
        "LICENSE": files[f"{PROJECT}LICENSE"],
    }
    files[layout.README] = write_readme(record, files).encode()
    files[layout.DATAPACKAGE] = datapackage_json(record, files).encode()
    files[layout.DCAT] = dcat_json(record, files).encode()
    files[layout.CRATE] = crate_json(record, files).encode()
    return {**files, layout.SUMS: layout.write_sums(files)}


def _inputs(run: GoodRun, project: Mapping[str, bytes]) -> bytes:
    """Write what each notebook depended on, without the names of files that stay at the office."""
    inputs = {
        name: {**content, "names": [file for file in content["names"] if file in project]}
        for name, content in run.inputs.items()
    }
    return to_json(inputs).encode()


def _record(run: GoodRun, absent: tuple[Absent, ...]) -> BundleRecord:
    edition, record = run.edition, run.record
    days = [item.vintage.isoformat() for item in list_snapshots()]
    return BundleRecord(
        deal=record["deal"],
        deal_name=record["deal_name"],
        edition=edition.id,
        kind=edition.kind,
        title=report_title(edition.kind, edition.year),
        year=edition.year,
        numbers=len(pd.read_csv(io.BytesIO(run.files["results.csv"]), usecols=["result_id"])),
        date=max([record["as_of"], *days]),
        records=record["dataset"]["status"],
        versions=record["versions"],
        absent=absent,
    )
