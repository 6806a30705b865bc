"""The pandoc of the locked wheel, and no other: what it made before stands, while that very program would run again."""

import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from evaluation.base.cache import cache_dir, read_entry, write_entry
from evaluation.base.errors import PublishError
from evaluation.base.fingerprints import text_hash

_PACKAGE = "pypandoc_binary"
_FILES = ("pypandoc/files/pandoc", "pypandoc/files/pandoc.exe")
_INSTALL = "Install the packages of requirements.lock again: make setup"
_finding = threading.Lock()


@dataclass(frozen=True, slots=True)
class Pandoc:
    """The program: where it is, what it says of itself, the version of its documents, and the sha256 of its file."""

    path: Path
    version: str
    api: tuple[int, ...]
    sha256: str


def own_pandoc() -> Pandoc:
    """Return the pandoc of the wheel, looked at once for all threads.

    PATH has no say in it: another pandoc than the one that is locked writes other pages, or documents that this one
    cannot read.

    Raises PublishError when the wheel has none, or it does not run here.
    """
    with _finding:
        return _find()


@lru_cache(maxsize=1)
def _find() -> Pandoc:
    try:
        files = [Path(str(distribution(_PACKAGE).locate_file(name))) for name in _FILES]
    except PackageNotFoundError:
        files = []
    if (path := next((file for file in files if file.is_file()), None)) is None:
        raise PublishError(f"The package {_PACKAGE} is not installed with its own pandoc. {_INSTALL}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        told = _call(path, ["--version"]).stdout.decode(errors="replace")
        api = tuple(json.loads(_call(path, ["-f", "markdown", "-t", "json"]).stdout)["pandoc-api-version"])
        return Pandoc(path, told.split()[1], api, digest)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise PublishError(f"The pandoc of {_PACKAGE} does not run here ({type(error).__name__}). {_INSTALL}") from None


def run_pandoc(options: Sequence[str], text: str, page: str) -> str:
    """Run pandoc without access to files or network; what it warns of is a fault, and what it made before stands."""
    pandoc = own_pandoc()
    made = cache_dir() / "pandoc" / text_hash([pandoc.version, pandoc.sha256, *options, text])
    stored = read_entry(made)
    if stored is not None and _is_of(pandoc, options, stored):
        return stored.decode()
    output = run_pandoc_bytes(options, text, page)
    if not _is_of(pandoc, options, output):
        raise PublishError(f"{Path(page).name}: pandoc wrote a document of another version than its own. {_INSTALL}")
    write_entry(made, output)
    return output.decode()


def run_pandoc_bytes(options: Sequence[str], text: str, page: str) -> bytes:
    """Run pandoc as `run_pandoc` does, each time, for a format that is not text.

    Raises PublishError when it fails or warns; says what it said.
    """
    done = _call(own_pandoc().path, ["--sandbox", "--fail-if-warnings", *options], text)
    if done.returncode:
        message = re.sub(r"\s+", " ", done.stderr.decode(errors="replace")).strip()
        raise PublishError(f"{Path(page).name}: pandoc could not read the chapter: {message}")
    return done.stdout


def _call(path: Path, options: Sequence[str], text: str = "") -> subprocess.CompletedProcess[bytes]:
    # Not by pypandoc, which searches PATH, starts pandoc once more for its formats and only logs what it warns of.  In
    # the place of the user's own data folder (abbreviations, templates) that of the wheel, which has nothing.
    command = [path, f"--data-dir={path.parent}", *options]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=False)


def _is_of(pandoc: Pandoc, options: Sequence[str], output: bytes) -> bool:
    """Tell whether output is what this pandoc writes: of a document, the version that it says in front."""
    if "json" not in options[options.index("-t") + 1 :][:1]:
        return True
    try:
        return tuple(json.loads(output)["pandoc-api-version"]) == pandoc.api
    except (ValueError, LookupError, TypeError):
        return False
