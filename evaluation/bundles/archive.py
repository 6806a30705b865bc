"""Write a bundle: a whole good run, the project that made it, and what tells others what is what."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import PublishError, UsageError
from evaluation.base.paths import build_dir, write_together
from evaluation.bundles import layout
from evaluation.bundles.contents import check_traces, project_files
from evaluation.bundles.describe import describe, record_of
from evaluation.bundles.layout import PROJECT, RUN, BundleRecord, to_json, zip_bytes
from evaluation.bundles.run_folder import GoodRun, open_good_run
from evaluation.inputs.editions import Edition
from evaluation.statistics.release import check_released


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
    record = record_of(files, absent)
    check_traces(files)
    retail = run.checked[2]
    check_released(files, None if retail is None else retail.dataset)
    files = with_descriptions(files, record)
    if (size := sum(map(len, files.values()))) > layout.MOST_BYTES:
        raise PublishError(f"The bundle would have {size // 10**6} MB; nobody's regiodeal reproduce would open it.")
    content = zip_bytes(files)
    written = Written(target, record, len(content), hashlib.sha256(content).hexdigest())
    write_together({target: content, **_sums(written, run.files["results.csv"])})
    return written


def with_descriptions(files: Mapping[str, bytes], record: BundleRecord) -> dict[str, bytes]:
    """Add what tells about the files: a second copy to lay an altered one beside, descriptions, sums."""
    originals = {name: content for name, content in files.items() if layout.is_copied(name)}
    files = {**files, layout.ORIGINALS: zip_bytes(originals)}
    files |= describe(files, record)
    return {**files, layout.SUMS: layout.write_sums(files)}


def _inputs(run: GoodRun, project: Mapping[str, bytes]) -> bytes:
    """Write what each notebook depended on, without the names of files that stay at the office."""
    inputs = {
        name: {**content, "names": [file for file in content["names"] if file in project]}
        for name, content in run.inputs.items()
    }
    return to_json(inputs).encode()


def _sums(written: Written, results: bytes) -> dict[Path, bytes]:
    """Give the sum of a bundle for the file beside it, as sha256sum does, and where `regiodeal publish` finds it."""
    path, line = written.path.with_name(layout.SUMS), f"{written.sha256}  {written.path.name}"
    there = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    others = [item for item in there if item.partition("  ")[2] != written.path.name]
    known = {"name": written.path.name, "sha256": written.sha256, "results_sha256": hashlib.sha256(results).hexdigest()}
    place = build_dir() / "bundles" / written.record.deal / f"{written.record.edition}.json"
    return {path: "".join(f"{item}\n" for item in [*others, line]).encode(), place: to_json(known).encode()}
