"""A run that may be given to others: whole, as it was recorded, and made from what stands in the project now."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import RunError, UsageError
from evaluation.base.fingerprints import changed_inputs, hash_files
from evaluation.base.paths import DEFAULT_DEAL, build_dir, shown
from evaluation.bundles.layout import RUN_FILES
from evaluation.inputs.chapter_list import list_chapters
from evaluation.inputs.editions import Edition
from evaluation.run.checks import check_inputs
from evaluation.run.execute import notebook_inputs
from evaluation.run.pipeline import Checked

_CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GoodRun:
    """A run of which every file is as recorded."""

    checked: Checked  # deal, programme and retail tables as `check_inputs` gives them
    edition: Edition
    record: dict  # its run.json
    inputs: dict[str, dict]  # its inputs.json: notebook to what it depended on
    files: dict[str, bytes]  # everything in its folder, by name


def open_good_run(deal_id: str, edition: Edition) -> GoodRun:
    """Open the last run of an edition, and stop unless it is whole, unspoilt and of the present inputs.

    Raises UsageError when there is no such run, or an input changed since; says what to run. Raises RunError when a
    file of the run is not the one that was recorded. Raises InputError or SnapshotError when the inputs themselves are
    not in order.
    """
    folder = build_dir() / "runs" / deal_id / edition.id
    again = f"regiodeal run {'' if deal_id == DEFAULT_DEAL else f'--deal {deal_id} '}{edition.command}"
    if not all((folder / name).is_file() for name in RUN_FILES):
        raise UsageError(f"There is no whole run of {deal_id} {edition.id} in {shown(folder)}. Make one first: {again}")
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    record, inputs = json.loads(files["run.json"]), json.loads(files["inputs.json"])
    if spoilt := list(_spoilt(record, files)):
        raise RunError(f"{shown(folder)} is not as it was recorded: {'; '.join(spoilt)}. Run it anew: {again} --force")
    run = GoodRun(check_inputs(deal_id, edition.notebooks), edition, record, inputs, files)
    if changes := _changes(run, folder):
        more = f" (and {len(changes) - _CHANGES_SHOWN} more)" if len(changes) > _CHANGES_SHOWN else ""
        raise UsageError(
            f"The run of {deal_id} {edition.id} is not of what stands here now: "
            f"{'; '.join(changes[:_CHANGES_SHOWN])}{more}. Run it anew: {again}"
        )
    return run


def _spoilt(record: dict, files: dict[str, bytes]) -> Iterator[str]:
    """Name what is not as run.json says."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    if record["status"] != "ok":
        yield "its status is not ok"
    if digests["results.csv"] != record["results_sha256"]:
        yield "results.csv is another file"
    for name, entry in record["notebooks"].items():
        if digests.get(f"{name}.ipynb") != entry["output_sha256"] or entry["status"] != "ok":
            yield f"{name}.ipynb is missing or another file"
    known = {*RUN_FILES, *(f"{name}.ipynb" for name in record["notebooks"])}
    for name in sorted(files.keys() - known):
        yield f"{name} is no part of it"


def _changes(run: GoodRun, folder: Path) -> list[str]:
    """List what changed since the run, each change once, with the first notebook that it touches."""
    deal, _, retail = run.checked
    chapters = list_chapters(run.edition.notebooks, deal, retail, run.edition.kind)
    names = [chapter.name for chapter in chapters]
    if names != list(run.record["notebooks"]):
        return ["it has other chapters"]
    parameters = {"deal": deal.id, "year": run.edition.year}
    changes: dict[str, str] = {}
    for chapter in chapters:
        before = run.inputs[chapter.name]
        now = notebook_inputs(chapter, parameters, folder) | {
            "files": hash_files(before["files"]),
            "names": before["names"],  # which of those count, the contents of the bundle tell
            "results": before["results"],  # those of the other chapters follow from their own inputs
        }
        for change in changed_inputs(before, now):
            changes.setdefault(change, chapter.name)
    return [f"{change} ({name})" for change, name in changes.items()]
