"""The environment in which a bundle is run again: made from its lock file, or the one that is there; what differs."""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import CouldNotRun, ProgramError
from evaluation.base.programs import call
from evaluation.bundles.causes import Cause

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
_LIST = (
    "import importlib.metadata as m, json, platform;"
    "found = {d.metadata['Name']: d.version for d in m.distributions()};"
    "print(json.dumps({**found, 'python': platform.python_version()}))"
)
_LAST_LINES = 12
_LOCKS = ("requirements-uv.lock", "requirements.lock")
_LOCK_LINE = re.compile(
    r"\s*(#.*)?|[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;@]+( ; [^\\#]+)?( \\)?|\s+--hash=sha256:[0-9a-f]{64}( \\)?"
)
_UV_ONLY = re.compile("uv==")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a bundle is run."""

    python: Path  # its interpreter
    is_own: bool  # made from the lock file for this; else the one that was there
    # versions that are not those of the office: of Python and of packages in the lock file
    differences: tuple[Cause, ...]


def locked_versions(lock: str) -> dict[str, str]:
    r"""Return the version of each package that a lock file asks for on this machine, by its name in small letters.

    >>> locked_versions("numpy==2.4.6\nnothing==1.0 ; sys_platform == 'no such system'\n")
    {'numpy': '2.4.6'}
    """
    from packaging.markers import Marker

    found = {}
    try:
        for line in lock.splitlines():
            pin, _, marker = (part.strip() for part in line.strip().removesuffix("\\").partition(";"))
            if (named := _PIN.fullmatch(pin)) and (not marker or Marker(marker).evaluate()):
                found[_normal(named[1])] = named[2]
        return found
    except (ValueError, RecursionError) as error:
        raise CouldNotRun(f"requirements.lock cannot be read: {str(error)[:200]}.") from None


def _version_differences(lock: str, recorded: Mapping[str, str], found: Mapping[str, str]) -> tuple[Cause, ...]:
    """Say which versions are not as the office had them: as recorded in run.json, else as in the lock file."""
    expected = {**locked_versions(lock), **{_normal(name): version for name, version in recorded.items()}}
    there = {_normal(name): version for name, version in found.items()}
    return tuple(
        Cause("version", name, f"{expected[name]} -> {there.get(name, 'not installed')}")
        for name in sorted(expected)
        if there.get(name) != expected[name]
    )


def make_environment(
    project: Path, folder: Path, lock: str, recorded: Mapping[str, str], surroundings: Mapping[str, str]
) -> Environment:
    """Make a virtual environment from the lock files of a project, as its Makefile does; or say what the tool said.

    Packages are fetched with what this machine needs for that (index, proxies, certificates), as wheels only and from
    outside the project, so that no code of the bundle runs before the `surroundings` of its own.
    """
    for name in _LOCKS:
        _check_lock(project / name, _UV_ONLY if name == _LOCKS[0] else None)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = python.with_name("uv.exe" if os.name == "nt" else "uv")
    variables = {**os.environ, "UV_COMPILE_BYTECODE": "1", "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1")}
    if "PIP_INDEX_URL" in os.environ:
        variables.setdefault("UV_DEFAULT_INDEX", os.environ["PIP_INDEX_URL"])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    if not os.access(cache if cache.exists() else cache.parent, os.W_OK):  # a service account
        variables.setdefault("UV_CACHE_DIR", str(folder / "uv-cache"))
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        variables.pop(name, None)
    into = [uv, "pip", "install", "--quiet", "--python", python, "--no-deps"]
    pip = [python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    locks = [project / name for name in _LOCKS]
    _call([sys.executable, "-m", "venv", "--clear", folder], folder.parent, variables)
    if "UV_DEFAULT_INDEX" not in variables and (index := _own_index(python, variables)):
        variables["UV_DEFAULT_INDEX"] = index
    for command in (
        [*pip, "--require-hashes", "-r", locks[0]],
        [*into, "--only-binary", ":all:", "--require-hashes", "-r", locks[1]],
    ):
        _call(command, folder.parent, variables)
    _call([*into, "--offline", "--no-build-isolation", "--editable", project], folder.parent, surroundings)
    return Environment(python, True, _version_differences(lock, recorded, _installed(python, surroundings)))


def _check_lock(path: Path, only: re.Pattern[str] | None) -> None:
    """Refuse a lock file with more than packages, their versions and sums: an index or address of somebody else."""
    if not path.is_file():
        raise CouldNotRun(f"The bundle has no {path.name}.")
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not _LOCK_LINE.fullmatch(line) or (only and "==" in line and not only.match(line)):
            raise CouldNotRun(
                f"{path.name}, row {number}: got {line[:80]!r}; expected a package with its version, or its sum. "
                "Nothing was installed."
            )


def _own_index(python: Path, variables: Mapping[str, str]) -> str:
    """Return the package index of pip.conf, which uv does not read; empty where it names none."""
    command = [python, "-I", "-m", "pip", "config", "list"]
    done = call(command, env=variables, cwd=python.parent, stdout=subprocess.PIPE, text=True)
    found = dict(re.findall(r"^(install|global)\.index-url='(.*)'$", done.stdout, flags=re.MULTILINE))
    return found.get("install") or found.get("global", "")


def use_environment(lock: str, recorded: Mapping[str, str], surroundings: Mapping[str, str]) -> Environment:
    """Use the environment of this process, and say what differs from that of the office."""
    python = Path(sys.executable)
    return Environment(python, False, _version_differences(lock, recorded, _installed(python, surroundings)))


def describe_machine() -> dict[str, str]:
    """Say on what kind of machine this is, without its name: small differences between processors are known."""
    return {"system": platform.system(), "machine": platform.machine(), "python": platform.python_version()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(python: Path, surroundings: Mapping[str, str]) -> dict[str, str]:
    command = [python, "-c", _LIST]
    done = call(command, env=surroundings, cwd=python.parent, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise CouldNotRun(f"The Python of the environment ended with {done.returncode}.")
    return json.loads(done.stdout)


def _call(command: Sequence, folder: Path, variables: Mapping[str, str]) -> None:
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    try:
        done = call(command, cwd=folder, env=variables, **both)
        said = (done.stderr or done.stdout).strip().splitlines()[-_LAST_LINES:]
        problem = None if done.returncode == 0 else "\n  ".join(said)
    except ProgramError as error:
        problem = str(error)
    if problem is not None:
        words = " ".join(Path(str(part)).name if os.sep in str(part) else str(part) for part in command)
        raise CouldNotRun(f"The environment could not be made from the lock file. {words}:\n  {problem}")
