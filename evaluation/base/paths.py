"""Where the project's files are, and which of them a run has read.

A notebook or a module never builds a path of its own: it asks here.  Every data file goes through `read_bytes`, so that
a run can record what its numbers come from (the run key of CONTRIBUTING.md).
"""

import json
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from evaluation.base.errors import UsageError
from evaluation.base.run_variables import INPUT_LOG_VARIABLE

DEFAULT_DEAL = "parkstad-limburg"
FINAL = "eindevaluatie"
"""Folder of the run and the report of the final evaluation."""

INTERIM = "tussenstand"
"""The same while the deal runs: the account until the last year that is over."""
PORTFOLIO = "portfolio"
"""The same of what all Regio Deals together show."""

WHOLE = {FINAL: "final", PORTFOLIO: "portfolio"}
"""Folder of a report that is over no single year, to its kind, which is also what a person types."""

INCOMPLETE = "-onvolledig"
"""Behind the folder of a run or a report of which a notebook failed."""

CHAPTERS = "-hoofdstukken"
"""Behind the folder of a run without its summary."""

REPORT_FOLDER = re.compile("|".join([r"\d{4}", *WHOLE, INTERIM]))
"""Matches the folder of a whole report in full: a year, the final evaluation, its interim account, or the portfolio."""

_MARKER = "_quarto.yml"
ROOT_VARIABLE = "REGIODEAL_ROOT"

_NOTE = ".placing"
_recorders: ContextVar[tuple[list[Path], ...]] = ContextVar("recorders", default=())


def settle_root() -> None:
    """Make a relative REGIODEAL_ROOT absolute, since notebooks run in another folder."""
    if os.environ.get(ROOT_VARIABLE):
        os.environ[ROOT_VARIABLE] = str(Path(os.environ[ROOT_VARIABLE]).resolve())


def settle_packages() -> None:
    """Leave out what PYTHONPATH names beside this project: a package there would run in the place of the locked one.

    Raises UsageError when something of it ran already, such as a sitecustomize.py.
    """
    own = {package_dir().parent, *(Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib"))}
    named = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    others = {os.path.abspath(part) for part in named if Path(part).resolve() not in own}
    for name, module in list(sys.modules.items() if others else ()):
        file = os.path.abspath(getattr(module, "__file__", None) or sys.executable)
        folder = os.path.dirname(os.path.dirname(file) if os.path.basename(file) == "__init__.py" else file)
        if folder in others and name != "__main__":
            raise UsageError(f"PYTHONPATH has {name} in {folder}, which runs in the place of ours: unset PYTHONPATH.")
    if others:
        sys.path[:] = [part for part in sys.path if os.path.abspath(part) not in others]
        os.environ["PYTHONPATH"] = os.pathsep.join(part for part in named if os.path.abspath(part) not in others)


def package_dir() -> Path:
    """Return the folder of this package, as it was imported."""
    return Path(__file__).resolve().parents[1]


def project_root() -> Path:
    """Return the folder of the project: REGIODEAL_ROOT, or the nearest folder upwards with a _quarto.yml.

    Raises UsageError when neither the working directory nor the package stands in a project.
    """
    if named := os.environ.get(ROOT_VARIABLE):
        return _resolved(named, os.getcwd())
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UsageError("The folder in which this runs is gone; go to that of the project.") from None
    for start in (here, package_dir()):
        for folder in (start, *start.parents):
            if (folder / _MARKER).is_file() and (folder / "data").is_dir():
                return folder
    raise UsageError("This is not a folder of a Regio Deal evaluation: no _quarto.yml with a data folder beside it.")


@lru_cache(maxsize=16)
def _resolved(named: str, working: str) -> Path:
    """Follow links once: this is asked for thousands of times."""
    return Path(working, named).resolve()


def data_dir() -> Path:
    """Return the folder with the deal, the indicators, the programme's records and the snapshots."""
    return project_root() / "data"


def build_dir() -> Path:
    """Return the folder for everything that is made (ignored by git)."""
    return project_root() / "build"


def site_dir(deal_id: str) -> Path:
    """Return the folder in which the reports of a deal are published, with the pages around them at its root."""
    site = build_dir() / "site"
    return site if deal_id == DEFAULT_DEAL else site / deal_id


def shown(path: Path) -> str:
    """Write a path as a person knows it: relative to the project where it lies in it."""
    try:
        return path.resolve().relative_to(project_root()).as_posix()
    except (ValueError, UsageError):
        return path.as_posix()


def read_bytes(path: Path) -> bytes:
    """Read a data file and note in the run's input log that it was read."""
    content = path.read_bytes()
    note_read(path)
    return content


def note_read(path: Path) -> None:
    """Note in the run's input log that numbers come from a data file, also where they were taken from it before."""
    for recorder in _recorders.get():
        recorder.append(path)
    if log := os.environ.get(INPUT_LOG_VARIABLE):
        with open(log, "a", encoding="utf-8") as file:
            file.write(shown(path) + "\n")


@contextmanager
def recorded_reads() -> Iterator[list[Path]]:
    """List the data files that are read meanwhile, in order, as often as they are."""
    reads: list[Path] = []
    token = _recorders.set((*_recorders.get(), reads))
    try:
        yield reads
    finally:
        _recorders.reset(token)


def write_text(path: Path, text: str) -> None:
    """Write a text file at once, with the same bytes on every system."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file at once: a reader finds the old or the new one, also where the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files at once: all of them, or none."""
    drafts = [(path.with_name(f".{path.name}.partial"), path) for path in contents]
    try:
        for draft, path in drafts:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(contents[path])
        with place_all() as place:
            place(drafts)
    finally:
        for draft, _ in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def link_or_copy(source: str | Path, target: str | Path) -> None:
    """Put a file that is only ever replaced as a whole in a second place too; as a copy where a disk has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@contextmanager
def draft_folder(parent: Path, name: str) -> Iterator[Path]:
    """Give an empty folder to build in, gone afterwards; what a command that was killed left is cleared first.

    Only one command at a time may build under one name: who calls this holds a lock.
    """
    import tempfile  # here, as the help of a command needs none of it

    finish_placing()
    own = re.compile(rf"\.{re.escape(name)}-[a-z0-9_]{{8}}")  # as mkdtemp names them; of `2021-other` none is of `2021`
    for left in [entry for entry in parent.iterdir() if own.fullmatch(entry.name)]:
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def replace_folder(new: Path, target: Path) -> None:
    """Put a finished folder in the place of another on the same file system: a reader finds the old or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new.chmod(0o755)
    with place_all() as place:
        place([(new, target)])


@contextmanager
def place_all() -> Iterator[Callable[[Sequence[tuple[Path, Path]]], None]]:
    """Let nobody else place anything meanwhile, and give what moves files and folders to their places: all, or none.

    What is to be moved is noted first, so that the next command finishes what a kill left half done
    (`finish_placing`); moves in the data are noted there, as build/ is anybody's to remove.  A folder that stands in a
    place is removed, a file replaced.
    """
    with _placing():

        def place(moves: Sequence[tuple[Path, Path]]) -> None:
            noted = [[_noted(path) for path in move] for move in moves]
            note = _notes()[any(Path(_noted(data_dir())) in Path(target).parents for _, target in noted)]
            write_text(note, json.dumps(noted))
            try:
                _move(moves)
            except BaseException:
                _take_back(moves)
                note.unlink()
                raise
            _clear(note, moves)

        yield place


def finish_placing() -> None:
    """Finish what was being placed when a command was killed; each command begins with this."""
    with suppress(OSError, ValueError, UsageError):
        if any(note.exists() for note in _notes()):
            with _placing():
                pass


@contextmanager
def _placing() -> Iterator[None]:
    """Wait until nobody places anything, and finish what was broken off."""
    from evaluation.base.locks import LONGEST_WAIT, held  # here, as the help of a command needs none of it

    busy = "Another command puts what it made in its place"
    with held(build_dir() / f"{_NOTE}.lock", busy, wait=LONGEST_WAIT):
        for note in filter(Path.exists, _notes()):
            noted = json.loads(note.read_text(encoding="utf-8"))
            moves = [(project_root() / source, project_root() / target) for source, target in noted]
            _move(moves)
            _clear(note, moves)
        yield


def _notes() -> tuple[Path, Path]:
    """Return where it is noted what is being placed: in what is made, and in the data."""
    return build_dir() / _NOTE, data_dir() / _NOTE


def _move(moves: Sequence[tuple[Path, Path]]) -> None:
    """Make the moves that are not made yet; what is gone cannot come in the place of what was set aside for it."""
    for source, target in moves:
        if source.exists():
            if target.is_dir():
                os.replace(target, _aside(source))
            elif target.exists() and not _aside(source).exists():
                link_or_copy(target, _aside(source))  # to come back; a reader finds one or the other all the time
            os.replace(source, target)
        elif _aside(source).exists() and not target.exists():
            os.replace(_aside(source), target)


def _clear(note: Path, moves: Sequence[tuple[Path, Path]]) -> None:
    for source, _ in moves:
        _remove(_aside(source))
    note.unlink()


def _remove(aside: Path) -> None:
    if aside.is_file():
        aside.unlink()
    shutil.rmtree(aside, ignore_errors=True)


def _take_back(moves: Sequence[tuple[Path, Path]]) -> None:
    """Make moves undone of which one failed."""
    for source, target in reversed(moves):
        if not source.exists() and target.exists():
            os.replace(target, source)
        if _aside(source).exists() and not target.exists():
            os.replace(_aside(source), target)
        _remove(_aside(source))


def _noted(path: Path) -> str:
    """Write a path for a note: relative in the project, which may have moved when it is read."""
    whole = Path(os.path.abspath(path))
    return str(whole.relative_to(project_root()) if whole.is_relative_to(project_root()) else whole)


def _aside(source: Path) -> Path:
    return source.with_name(f".{source.name.lstrip('.')}-old")
