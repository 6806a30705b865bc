"""Run a bundle again from scratch, in a folder of its own, and compare every number with that of the office.

A pinned table that was altered would be refused by a run.  Here the run goes on with the altered figure, in its own
folder, so that the numbers that follow from it can be named; the outcome is never that the bundle is reproduced.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
from evaluation.base.errors import CouldNotRun, UsageError
from evaluation.base.paths import INCOMPLETE, replace_folder
from evaluation.bundles.altered import FileChange
from evaluation.bundles.causes import Cause, Causes
from evaluation.bundles.compare import TOLERANCES, Comparison, Difference, compare, read_tolerances
from evaluation.bundles.environment import Environment, make_environment, use_environment
from evaluation.bundles.layout import PROJECT, BundleRecord
from evaluation.bundles.opened import OpenedBundle, open_bundle
from evaluation.bundles.sides import Side, make_side

REPRODUCED, DIFFERS, COULD_NOT_RUN, ALTERED = 0, 7, 8, 9
"""Exit codes."""

REPORT = "report.json"
_OWN_VARIABLES = ("REGIODEAL_", "PYTHON", "VIRTUAL_ENV", "JUPYTER_", "IPYTHON")
_LAST_LINES = 30
_TABLE = re.compile(r"data/snapshots/.+\.(csv|parquet)")
_SNAPSHOTS = "data/snapshots"
_CORRECTIONS = "data/corrections.yml"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of a bundle that was run again."""

    record: BundleRecord
    sha256: str  # of the bundle, where it is one file
    changes: tuple[FileChange, ...]  # what in the bundle is not as it was made
    environment: Environment | None = None
    comparison: Comparison | None = None  # None when nothing was run
    # numbers that could not be made, for their notebook failed
    not_run: tuple[Difference, ...] = ()
    failed: dict[str, str] | None = None
    problem: str = ""  # why it could not run; empty when it did
    vintages: bool = False  # run on the newest figures of another project

    @property
    def exit_code(self) -> int:
        """0 reproduced, 7 numbers differ, 8 could not run or not in full, 9 reproduced of an altered bundle."""
        if self.comparison is None or self.failed:
            return COULD_NOT_RUN
        if self.comparison.differences:
            return DIFFERS
        if self.not_run:
            return COULD_NOT_RUN
        return ALTERED if any(change.counts for change in self.changes) else REPRODUCED


def reproduce(
    path: Path,
    to: Path,
    *,
    here: bool = False,
    with_vintages: Path | None = None,
    cache: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Reproduction:
    """Run a bundle again and compare every number.

    It uses the environment that is there (`here`) or one made for it; the pinned statistics and corrections of the
    project `with_vintages`, where named, take the place of those of the bundle. What was made before is not used,
    unless its `cache` is named.  An earlier reproduction in `to` is replaced.

    Raises UsageError when there is no bundle, or `to` holds something else.
    """
    bundle = open_bundle(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    _check_target(to)
    if with_vintages is not None and not (with_vintages / _SNAPSHOTS).is_dir():
        raise UsageError(f"{with_vintages} is no project: it has no {_SNAPSHOTS}.")
    told = "; ".join(f"{change.name}: {change.words}" for change in bundle.altered) or "every file is as it was made"
    report(f"Bundle: {bundle.record.deal_name}, {bundle.record.title}; {told}")
    to = to.resolve()  # commands are called in other folders
    to.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        found = _run_again(bundle, work, here=here, with_vintages=with_vintages, cache=cache, report=report)
        (work / REPORT).write_text("{}\n", encoding="utf-8")  # so that it is known as a reproduction
        replace_folder(work, to)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Reproduction(bundle.record, sha256, bundle.changes, vintages=with_vintages is not None, **found)


def _run_again(
    bundle: OpenedBundle,
    work: Path,
    *,
    here: bool,
    with_vintages: Path | None,
    cache: Path | None,
    report: Callable[[str], None],
) -> dict[str, object]:
    """Run the notebooks in an empty folder and compare; return the fields of `Reproduction` that come of it."""
    project = work / "project"
    _unpack(bundle, project)
    if with_vintages is not None:
        _take_vintages(with_vintages, project)
    report("Environment: " + ("that of this command" if here else "made from the lock file"))
    known = (bundle.expected_lock, bundle.record.versions)
    found: dict[str, object] = {}
    try:
        environment = use_environment(*known) if here else make_environment(project, work / "environment", *known)
        found["environment"] = environment
        report("Run: every notebook, with nothing kept from before")
        _run(bundle.record, project, environment, cache or work / "cache", work / "run.log")
        found |= _compare(bundle, project, environment)
    except CouldNotRun as error:
        found["problem"] = str(error).replace(f"{work}{os.sep}", "").replace(str(work), "")
    for part in ("environment", "cache"):
        shutil.rmtree(work / part, ignore_errors=True)
    return found


def _check_target(to: Path) -> None:
    if to.exists() and not (to.is_dir() and ((to / REPORT).is_file() or not any(to.iterdir()))):
        raise UsageError(f"{to} holds something else than a reproduction; name another folder with --to.")


def _unpack(bundle: OpenedBundle, project: Path) -> None:
    """Write the project, and let the metadata of an altered table fit, so that what follows from it can be seen."""
    files = bundle.part(PROJECT)
    for name, content in files.items():
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for change in bundle.changes:
        name = change.name.removeprefix(PROJECT)
        metadata = (project / name).with_suffix(".yml")
        if _TABLE.fullmatch(name) and name in files and metadata.is_file():
            digest = hashlib.sha256(files[name]).hexdigest()
            text = metadata.read_text(encoding="utf-8")
            metadata.write_text(re.sub(r"(?m)^sha256: \S+$", f"sha256: {digest}", text), encoding="utf-8")


def _take_vintages(source: Path, project: Path) -> None:
    """Put the public statistics of another project, and the corrections that go with them, in the place of the own."""
    shutil.rmtree(project / _SNAPSHOTS)
    shutil.copytree(source / _SNAPSHOTS, project / _SNAPSHOTS, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(source / _CORRECTIONS, project / _CORRECTIONS)


def _run(record: BundleRecord, project: Path, environment: Environment, cache: Path, log: Path) -> None:
    """Run the notebooks with the package of the bundle; a notebook that fails is told in its run.json."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith(_OWN_VARIABLES)}
    variables |= {"REGIODEAL_ROOT": str(project), "PYTHONPATH": str(project)}
    variables |= {CACHE_VARIABLE: str(cache), OWN_VARIABLE: str(cache)}
    what = ["final"] if record.kind == "final" else ["--year", str(record.year)]
    command = [str(environment.python), "-m", "evaluation.cli", "run", *what, "--deal", record.deal]
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run(command, cwd=project, env=variables, stdout=file, stderr=subprocess.STDOUT, check=False)
    if _run_folder(record, project) is None:
        said = log.read_text(encoding="utf-8").strip().splitlines()[-_LAST_LINES:]
        raise CouldNotRun("\n".join([f"regiodeal run ended with exit code {done.returncode}:", *said]))


def _run_folder(record: BundleRecord, project: Path) -> Path | None:
    runs = project / "build" / "runs" / record.deal
    folders = (runs / record.edition, runs / f"{record.edition}{INCOMPLETE}")
    return next((folder for folder in folders if (folder / "results.csv").is_file()), None)


def _compare(bundle: OpenedBundle, project: Path, environment: Environment) -> dict[str, object]:
    """Compare every number, and set those apart that could not be made."""
    expected = make_side("the office", bundle.expected_run)
    folder = _run_folder(bundle.record, project)
    got = make_side("here", {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})
    details = {change.name.removeprefix(PROJECT): change.words for change in bundle.altered}
    places = tuple(f"data/{part}/{bundle.record.deal}/" for part in ("programme", "retail"))
    records = [name for name in details if name.startswith(places)]
    expected, got = (
        _with_handed_on(side, places, dict.fromkeys(records, mark))
        for side, mark in ((expected, "as it was made"), (got, "altered"))
    )
    recorded = {cause.name for cause in _recorded(expected, got)}
    extra = [cause for cause in environment.differences if cause.name not in recorded]
    tolerances = bundle.originals.get(f"{PROJECT}{TOLERANCES}") or bundle.files.get(f"{PROJECT}{TOLERANCES}", b"")
    causes = Causes(expected, got, extra=extra, details=details)
    comparison = compare(causes, read_tolerances(tolerances.decode("utf-8")))
    failed = {
        name: f"{entry['error']['name']}: {entry['error']['message']}"
        for name, entry in got.record["notebooks"].items()
        if entry["status"] != "ok"
    }
    gone = tuple(item for item in comparison.differences if item.kind == "gone" and item.notebook in failed)
    rest = tuple(item for item in comparison.differences if item not in gone)
    return {"comparison": replace(comparison, differences=rest), "not_run": gone, "failed": failed}


def _with_handed_on(side: Side, places: tuple[str, ...], records: Mapping[str, str]) -> Side:
    """Leave records and retail tables out of what a run read, but for those that were altered in the bundle.

    The office has them in another form than the bundle: that is why no number may differ, and not why one does.
    """
    inputs = {}
    for name, content in side.inputs.items():
        files = {file: digest for file, digest in content["files"].items() if not file.startswith(places)}
        reads = records if len(files) < len(content["files"]) else {}
        names = [file for file in content["names"] if not file.startswith(places)]
        inputs[name] = {**content, "files": {**files, **reads}, "names": names}
    return replace(side, inputs=inputs)


def _recorded(expected: Side, got: Side) -> list[Cause]:
    """Versions that both runs record, and that differ: each notebook has them already."""
    old, new = expected.record.get("versions", {}), got.record.get("versions", {})
    return [Cause("version", name) for name in {*old, *new} if old.get(name) != new.get(name)]
