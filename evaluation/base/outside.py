"""Say in a sentence what the world outside refused: a disk, a drive, a lock, the network, a program, a damaged file.

Commands do their work as if the disk has room and files are whole; what goes wrong comes up as the exception that it
is, and `explain` makes of it an error of `base.errors` with the place and what to do.  So every command tells it alike.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from types import FrameType

from evaluation.base.errors import (
    MachineError,
    NoRoomError,
    NotAllowedError,
    ProgramError,
    RegioDealError,
    SettingError,
    UnreachableError,
    UsageError,
)
from evaluation.base.paths import build_dir, project_root, shown, write_text

_LITTLE = 20_000_000
_IN_HAND = ("self", "path", "target", "partial", "file", "source", "src", "dst", "folder", "to", "name")
"""How functions, also those of the standard library, name the file that they are at."""

_STAYS = "What was there is as it was."
_Told = tuple[type[RegioDealError], str, str]


def _by_number() -> dict[int, _Told]:
    """Give for each number of the system its error, what it means, and what to do; not every system has them all."""
    table: dict[_Told, str] = {
        (NoRoomError, "the disk is full", "Make room and give the command again."): "ENOSPC",
        (NoRoomError, "the quota of this user is used up", "Make room, or ask for more."): "EDQUOT",
        (NoRoomError, "a file may not become so large here", "Raise the limit (ulimit -f)."): "EFBIG",
        (
            NotAllowedError,
            "this user may not read or write it, or another program has it open",
            "Give the user the right to it, or close the other program.",
        ): "EACCES EPERM",
        (NotAllowedError, "the drive is read-only", "Put the project, or what is written, on another drive."): "EROFS",
        (
            MachineError,
            "the drive keeps no locks, so that two commands could spoil each other's work",
            "Put the project on a drive that does, such as a local disk.",
        ): "ENOLCK ENOSYS ENOTSUP EOPNOTSUPP",
        (MachineError, "the name or the path is too long", "Put the project in a folder higher up."): "ENAMETOOLONG",
        (MachineError, "the drive cannot have a file of this name", "Name it otherwise."): "EINVAL EILSEQ",
        (MachineError, "links lead back to themselves", "Remove the link."): "ELOOP",
        (MachineError, "too many files are open", "Raise the limit (ulimit -n), or give --jobs 1."): "EMFILE ENFILE",
        (
            MachineError,
            "the machine has no memory or processes left",
            "Close other programs, or give --jobs 1.",
        ): "ENOMEM EAGAIN",
        (MachineError, "it is in use", "Close what uses it and give the command again."): "EBUSY ETXTBSY",
        (
            MachineError,
            "the drive does not answer or is damaged",
            "Look at the drive, or at the connection with it, and give the command again.",
        ): "EIO ESTALE ENXIO ENODEV EREMOTEIO",
        (MachineError, "it lies on two drives", "Let build/ be a folder of the project's own drive."): "EXDEV",
        (UsageError, "it is not there", "Put it back; git status tells what is gone."): "ENOENT",
        (UsageError, "a file stands where a folder is needed", "Remove or rename it."): "ENOTDIR EEXIST",
        (UsageError, "a folder stands where a file is needed", "Remove or rename it."): "EISDIR ENOTEMPTY",
    }
    return {
        getattr(errno, name): told for told, names in table.items() for name in names.split() if hasattr(errno, name)
    }


_NUMBERS = _by_number()

_DAMAGED = (UsageError, "it is damaged, or of another kind", "Get it again from where it came from.")
_BY_NAME: dict[str, _Told] = {
    "RecursionError": (UsageError, "it is nested too deep", "Get it again from where it came from."),
    "UnicodeDecodeError": (UsageError, "it is not text in UTF-8", "Save it as UTF-8."),
    "UnicodeEncodeError": (
        MachineError,
        "a name or a text has characters that this system cannot write",
        "Rename it, or set LC_ALL=C.UTF-8.",
    ),
    "MemoryError": (MachineError, "the machine has no memory left", "Close other programs, or give --jobs 1."),
    "NotImplementedError": (UsageError, "it is made in a way that is not read", "Make it again with common settings."),
    **dict.fromkeys(("zipfile.BadZipFile", "zlib.error", "lzma.LZMAError", "EOFError", "gzip.BadGzipFile"), _DAMAGED),
    **dict.fromkeys(("json.decoder.JSONDecodeError", "yaml.error.YAMLError", "_csv.Error"), _DAMAGED),
}
"""By the name of the class: what was never imported cannot have been raised, and need not be imported to be known."""


def explain(error: BaseException) -> RegioDealError:
    """Make of any exception an error with a sentence: what, where, why, and what to do.

    Parameters
    ----------
    error : BaseException
        As it was raised; its traceback tells which file a function was at where it does not say so itself.

    Returns
    -------
    RegioDealError
        Itself where it is one; a bare `RegioDealError` (exit code 1) for what only a fault of the program can be.
    """
    if isinstance(error, RegioDealError):
        return error
    names = [f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.") for kind in type(error).__mro__]
    if "subprocess.SubprocessError" in names:
        return _program(error)
    if isinstance(error, OSError):
        if isinstance(error, FileNotFoundError) and "temporary directory" in str(error.strerror):
            return SettingError("No temporary folder can be written. Make room in /tmp, or set TMPDIR to a folder.")
        if isinstance(error, ConnectionError | TimeoutError) or {"socket.gaierror", "ssl.SSLError"} & set(names):
            return UnreachableError(f"the connection failed ({_reason(error)}). Try again", table="The network")
        if (told := _NUMBERS.get(error.errno or 0)) is not None:
            return _sentence(told, error)
    told = next((_BY_NAME[name] for name in names if name in _BY_NAME), None) or _told_inside(str(error))
    return _unforeseen(error) if told is None else _sentence(told, error)


def _told_inside(text: str) -> _Told | None:
    """Find what the system said in the words of a package that has errors of its own (lxml, duckdb, shutil)."""
    for number, told in _NUMBERS.items():
        words = (f"[Errno {number}]", os.strerror(number))
        if number != errno.EINVAL and (any(map(text.__contains__, words)) or text == f"IO_{errno.errorcode[number]}"):
            return told
    return None


def _sentence(told: _Told, error: BaseException) -> RegioDealError:
    kind, why, remedy = told
    place = ", ".join(_places(error, is_full=kind is NoRoomError)) or "A file or folder"
    return kind(f"{place}: {why}. {remedy} {_STAYS}")


def _places(error: BaseException, *, is_full: bool) -> Iterator[str]:
    """Name the file that it is about; where nothing tells that, the drives that are full."""
    named = [getattr(error, name, None) for name in ("filename", "filename2")]
    found = [str(name) for name in named if isinstance(name, str | bytes | PurePath)] or _in_hand(error)
    yield from (_safe(shown(Path(name))) for name in found)
    if is_full and not found:
        for folder in {tempfile.gettempdir(), str(project_root())}:
            with suppress(OSError):
                if shutil.disk_usage(folder).free < _LITTLE:
                    yield _safe(folder)


def _in_hand(error: BaseException) -> list[str]:
    """Return the path that the innermost function had in hand when it failed: a write does not name its file."""
    frames: list[FrameType] = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        for name in _IN_HAND:
            value = frame.f_locals.get(name)
            if isinstance(value, PurePath) or (isinstance(value, str) and name in ("src", "dst")):
                return [str(value)]
    return []


def _program(error: BaseException) -> ProgramError:
    """Tell of a program that was started: by its name, without the paths of this machine."""
    command = getattr(error, "cmd", None) or ["a program"]
    name = PurePath(command if isinstance(command, str) else str(command[0])).name
    code = getattr(error, "returncode", None)
    how = "took too long" if code is None else f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    said = getattr(error, "stderr", None) or getattr(error, "stdout", None) or b""
    lines = (said.decode(errors="replace") if isinstance(said, bytes) else said).strip().splitlines()[-1:]
    return ProgramError(" ".join([f"{name} {how}.", *lines, "Give the command again.", _STAYS]))


def _unforeseen(error: BaseException) -> RegioDealError:
    """Tell a fault of the program itself, with the details in a file for who mends it."""
    details = "".join(traceback.format_exception(error))
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({Path(item.filename).name}, line {item.lineno})" for item in where)
    told = f"This is a fault of the program itself: {_reason(error)}{place}."
    try:
        write_text(build_dir() / "fault.txt", details)
    except (OSError, RegioDealError):
        return RegioDealError(f"{told} Please report it with these details:\n{details}")
    return RegioDealError(f"{told} Please report it with {shown(build_dir() / 'fault.txt')}. {_STAYS}")


def _reason(error: BaseException) -> str:
    text = " ".join(_safe(str(getattr(error, "strerror", None) or error)).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__


def _safe(text: str) -> str:
    """Write a name that is not UTF-8 so that every terminal and log can show it."""
    return text.encode("utf-8", "backslashreplace").decode()
