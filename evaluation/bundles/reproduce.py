"""Run a bundle again from scratch, in a folder of its own, and compare every number with that of the office.

A pinned table that was altered would be refused by a run.  Here the run goes on with the altered figure, in its own
folder, so that the numbers that follow from it can be named; the outcome is never that the bundle is reproduced.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
from evaluation.base.errors import CouldNotRun, UsageError
from evaluation.base.locks import held
from evaluation.base.paths import INCOMPLETE, INTERIM, draft_folder, replace_folder
from evaluation.base.programs import call
from evaluation.base.today import TODAY_VARIABLE
from evaluation.bundles.altered import FileChange
from evaluation.bundles.causes import Cause, Causes
from evaluation.bundles.compare import Comparison, Difference, compare, own_tolerances
from evaluation.bundles.environment import Environment, make_environment, use_environment
from evaluation.bundles.layout import PROJECT, RUN, BundleRecord
from evaluation.bundles.opened import OpenedBundle, open_read, read_bundle
from evaluation.bundles.remade import check_descriptions, check_notebooks, find_others, read_run
from evaluation.bundles.sides import Side, make_side
from evaluation.bundles.surroundings import clean_surroundings
from evaluation.bundles.trust import SIGNATURE, Trust, establish

REPRODUCED, DIFFERS, COULD_NOT_RUN, ALTERED, UNTRUSTED = 0, 7, 8, 9, 17
"""Exit codes."""

REPORT = "report.json"
_LAST_LINES = 30
_OTHERS_NAMED, _MOST_TOLD, _LONGEST = 5, 100, 300
_TABLE = re.compile(r"data/snapshots/.+\.(csv|parquet)")
_RECORDS = re.compile(r"(data/(?:programme|retail)/[^/]+/)")
_SNAPSHOTS = "data/snapshots"
_CORRECTIONS = "data/corrections.yml"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of a bundle that was run again."""

    record: BundleRecord
    trust: Trust  # what is established of whose bundle it is
    changes: tuple[FileChange, ...]  # what in the bundle is not as it was made
    others: tuple[str, ...] = ()  # files of its project that are others than those of the project and package here
    environment: Environment | None = None
    comparison: Comparison | None = None  # None when nothing was run
    # numbers that could not be made, for their notebook failed
    not_run: tuple[Difference, ...] = ()
    failed: dict[str, str] | None = None
    problem: str = ""  # why it could not run; empty when it did
    vintages: bool = False  # run on the newest figures of another project

    @property
    def exit_code(self) -> int:
        """0 reproduced, 7 numbers differ, 8 could not run (in full), 9 altered, 17 not known whose bundle it is."""
        if self.comparison is None or self.failed:
            return COULD_NOT_RUN
        if self.comparison.differences:
            return DIFFERS
        if self.not_run:
            return COULD_NOT_RUN
        if any(change.counts for change in self.changes):
            return ALTERED
        return REPRODUCED if self.trust.by else UNTRUSTED


def reproduce(
    path: Path,
    to: Path,
    *,
    here: bool = False,
    with_vintages: Path | None = None,
    sha256: str | None = None,
    signature: Path | None = None,
    key: str | None = None,
    cache: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
    write: Callable[[Reproduction, Path], object] = lambda outcome, folder: None,
) -> Reproduction:
    """Run a bundle again and compare every number.

    It uses the environment that is there (`here`) or one made for it; the pinned statistics and corrections of the
    project `with_vintages`, where named, take the place of those of the bundle. Before anything of it is opened, the
    archive is held to its published `sha256`, and to its `signature` with the public `key`. What was made before is not
    used, unless its `cache` is named.  An earlier reproduction in `to` is replaced, once what is to be read of this one
    is written beside it (`write`).

    Raises UsageError when there is no bundle, or `to` holds something else; NotTheBundle when its sum or signature is
    another.
    """
    content = read_bundle(path)
    trust = _establish(path, content, sha256=sha256, signature=signature, key=key, report=report)
    bundle = open_read(path, content)
    del content
    _check_target(to)
    if with_vintages is not None and not (with_vintages / _SNAPSHOTS).is_dir():
        raise UsageError(f"{with_vintages} is no project: it has no {_SNAPSHOTS}.")
    make_side(str(path), bundle.expected_run)  # what is no record of a run is told before anything of it runs
    others = find_others(bundle.files)
    is_older = bool(trust.by) and any(name.startswith(f"{PROJECT}evaluation/") for name in others)
    described = check_descriptions(bundle.record, bundle.files, is_older=is_older)
    bundle = replace(bundle, changes=(*bundle.changes, *described))
    _tell(bundle, trust, others, report)
    to = to.resolve()  # commands are called in other folders
    to.parent.mkdir(parents=True, exist_ok=True)
    lock = to.with_name(f".{to.name}.lock")
    with held(lock, f"Another command reproduces a bundle in {to.name}"), draft_folder(to.parent, to.name) as work:
        try:
            found = _run_again(bundle, work, here=here, with_vintages=with_vintages, cache=cache, report=report)
            changes = (*bundle.changes, *found.pop("unlike", ()))
            outcome = Reproduction(bundle.record, trust, changes, others, vintages=with_vintages is not None, **found)
            (work / REPORT).write_text("{}\n", encoding="utf-8")  # so that it is known as a reproduction
            write(outcome, work)
            replace_folder(work, to)
        finally:
            with suppress(OSError):
                lock.unlink()  # nothing but the reproduction stays; who has it open is told that this is under way
    return outcome


def _establish(path: Path, content: bytes | None, *, report: Callable[[str], None], **given) -> Trust:
    if content is None:
        if any(value is not None for value in given.values()):
            raise UsageError(f"{path} is a folder, of which no sum was published: give the .zip.")
        return Trust()
    report(f"sha256 of {path.name}: {hashlib.sha256(content).hexdigest()}")
    if not any(given.values()):
        report("Compare it with the sum on the account page of the published report; give that sum as --sha256.")
        if path.with_name(path.name + SIGNATURE).is_file():
            report("A signature stands beside it: it says something with the public key of the office, as --key.")
    return establish(path, content, **given)


def _tell(bundle: OpenedBundle, trust: Trust, others: Sequence[str], report: Callable[[str], None]) -> None:
    """Say what the bundle is, what in it is not as it was made, and what is not established."""
    told = "; ".join(f"{quoted(change.name)}: {change.words[:_LONGEST]}" for change in bundle.altered[:_MOST_TOLD])
    told += f"; and {len(bundle.altered) - _MOST_TOLD} files more" if len(bundle.altered) > _MOST_TOLD else ""
    if not told and trust.by:
        told = "every file is as it was made"
    elif not told:
        told = "its files fit the sums that are in it, which whoever alters a file can write anew"
    report(f"Bundle: {bundle.record.deal_name!r}, {bundle.record.title!r}; {told}")
    report(f"Trust: {trust.words}.")
    if others:
        named = ", ".join(map(quoted, others[:_OTHERS_NAMED])) + (", ..." if len(others) > _OTHERS_NAMED else "")
        report(f"Other than in the project here: {len(others)} files of the bundle ({named})")


def quoted(name: str) -> str:
    """Write a name that somebody else gave so that it cannot be read as words of this command."""
    return name if is_one_word(name) else repr(name)


def is_one_word(name: str) -> bool:
    """Tell whether nobody can read a sentence in it: no space, also none that only looks like one."""
    return re.fullmatch(r"[!-+.-9<-~-]*", name) is not None


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
    report("The code in this bundle is run now, by you: without your home folder, tokens and proxies, not locked in.")
    report("Environment: " + ("that of this command" if here else "made from the lock file"))
    found: dict[str, object] = {}
    with clean_surroundings() as surroundings:
        if cache and "XDG_CONFIG_HOME" in os.environ:  # what signs the values in it
            surroundings["XDG_CONFIG_HOME"] = os.environ["XDG_CONFIG_HOME"]
        known = (bundle.expected_lock, bundle.record.versions, surroundings)
        try:
            environment = use_environment(*known) if here else make_environment(project, work / "environment", *known)
            found["environment"] = environment
            report("Run: every notebook, with nothing kept from before")
            _run(bundle.record, project, environment, cache or work / "cache", work / "run.log", surroundings)
            found |= _compare(bundle, project, environment)
            if with_vintages is not None:  # then every notebook may be another
                found.pop("unlike")
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
            digest = hashlib.sha256(files[name]).hexdigest().encode()
            metadata.write_bytes(re.sub(rb"(?m)^sha256: \S+$", b"sha256: " + digest, metadata.read_bytes()))


def _take_vintages(source: Path, project: Path) -> None:
    """Put the public statistics of another project, and the corrections that go with them, in the place of the own."""
    shutil.rmtree(project / _SNAPSHOTS)
    shutil.copytree(source / _SNAPSHOTS, project / _SNAPSHOTS, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(source / _CORRECTIONS, project / _CORRECTIONS)


def _run(
    record: BundleRecord,
    project: Path,
    environment: Environment,
    cache: Path,
    log: Path,
    surroundings: Mapping[str, str],
) -> None:
    """Run the notebooks with the package of the bundle; a notebook that fails is told in its run.json."""
    variables = {**surroundings, "REGIODEAL_ROOT": str(project), "PYTHONPATH": str(project)}
    if record.edition == INTERIM:  # the account of a deal that ran is made again as it was, also when the deal is over
        variables[TODAY_VARIABLE] = f"{record.year + 1}-01-01"
    variables |= {CACHE_VARIABLE: str(cache), OWN_VARIABLE: str(cache)}
    what = ["--year", str(record.year)] if record.kind == "annual" else [record.kind]
    command = [str(environment.python), "-m", "evaluation.cli", "run", *what, "--deal", record.deal]
    with log.open("w", encoding="utf-8") as file:
        done = call(command, cwd=project, env=variables, stdout=file, stderr=subprocess.STDOUT)
    if _run_folder(record, project) is None:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LAST_LINES:]
        raise CouldNotRun(
            "\n".join([f"regiodeal run ended with exit code {done.returncode}:", *(f"  | {line}" for line in said)])
        )


def _run_folder(record: BundleRecord, project: Path) -> Path | None:
    runs = project / "build" / "runs" / record.deal
    folders = (runs / record.edition, runs / f"{record.edition}{INCOMPLETE}")
    return next((folder for folder in folders if (folder / "results.csv").is_file()), None)


def _compare(bundle: OpenedBundle, project: Path, environment: Environment) -> dict[str, object]:
    """Compare every number, and set those apart that could not be made."""
    expected = make_side("The bundle", bundle.expected_run)
    made = read_run(_run_folder(bundle.record, project))
    try:
        got = make_side("The run", made)
    except UsageError as error:
        raise CouldNotRun(str(error)) from None
    details = {change.name.removeprefix(PROJECT): change.words for change in bundle.altered}
    places = tuple({found[1] for name in bundle.part(PROJECT) if (found := _RECORDS.match(name))})
    records = [name for name in details if name.startswith(places)]
    expected, got = (
        _with_handed_on(side, places, dict.fromkeys(records, mark))
        for side, mark in ((expected, "as it was made"), (got, "altered"))
    )
    recorded = {cause.name for cause in _recorded(expected, got)}
    extra = [cause for cause in environment.differences if cause.name not in recorded]
    causes = Causes(expected, got, extra=extra, details=details)
    comparison = compare(causes, own_tolerances())
    failed = {
        name: "{name}: {message}".format_map({"name": "", "message": "", **(entry.get("error") or {})})
        for name, entry in got.record.get("notebooks", {}).items()
        if entry["status"] != "ok"
    }
    unlike = tuple(
        change
        for change in check_notebooks(bundle.part(RUN), made, harmless=_harmless(bundle, environment, comparison))
        if change.name.removeprefix(RUN).removesuffix(".ipynb") not in failed
    )
    gone = tuple(item for item in comparison.differences if item.kind == "gone" and item.notebook in failed)
    rest = tuple(item for item in comparison.differences if item not in gone)
    found = {"comparison": replace(comparison, differences=rest), "not_run": gone, "failed": failed}
    return {**found, "unlike": unlike}


def _harmless(bundle: OpenedBundle, environment: Environment, comparison: Comparison) -> str:
    """Say why an executed notebook may be another than that of the office without anybody's doing."""
    if environment.differences:
        return "other versions of packages"
    if comparison.within:
        return "numbers are equal within their tolerance only"
    return "made of less than the office has" if bundle.record.absent else ""


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
