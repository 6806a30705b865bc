"""The errors that a person can cause, each with its exit code, shown without a traceback."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.base.text import printable

_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file that a person wrote.

    Attributes
    ----------
    file : str    Path as the person knows it (relative to the project where possible).
    found : str    What stands there now, in words.
    expected : str    What is expected or allowed there.
    sheet, row, column : str | int | None    The place; `row` counts as a spreadsheet does, the header being row 1.
    key : str | None    The place in a YAML file, dotted: ``themes.3.results.3.1.title``.
    hint : str | None    A likely correction ("did you mean ...").
    """

    file: str
    found: str
    expected: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """Write the place, what stands there and what is expected as one sentence, and the hint behind it."""
        parts = (("sheet", self.sheet), ("row", self.row), ("column", self.column))
        named = [f"{word} {value}" for word, value in parts if value not in (None, "")]
        place = [self.file, *named, *([self.key] if self.key else [])]
        text = f"{', '.join(place)}: got {self.found}; expected {self.expected}."
        return printable(f"{text} {self.hint}" if self.hint else text)


class RegioDealError(Exception):
    """Base of all errors that are told in words; itself a fault of the program that nobody foresaw (exit code 1)."""

    exit_code = 1


class InputError(RegioDealError):
    """What a person wrote cannot be used: every fault at once (exit code 2)."""

    exit_code = 2

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        head = "1 fault in the input:" if count == 1 else f"{count} faults in the input:"
        super().__init__("\n".join([head, *(f"  {line}" for line in _shown(self.faults))]))

    @property
    def is_cut(self) -> bool:
        """Whether the message does not show every fault."""
        return len(self.faults) > _MOST_SHOWN


def _shown(faults: Sequence[Fault]) -> Iterator[str]:
    """Write the faults; of more than a person reads the first of each kind, and how many there are more of it."""
    kinds: dict[tuple, list[Fault]] = {}
    for fault in faults:
        kind = (fault.file, fault.sheet, fault.column, fault.expected) if len(faults) > _MOST_SHOWN else ()
        kinds.setdefault(kind, []).append(fault)
    each = max(1, _MOST_SHOWN // max(1, len(kinds)))
    for alike in [*kinds.values()][:_MOST_SHOWN]:
        yield from map(str, alike[:each])
        if len(alike) > each:
            yield f"... and {len(alike) - each} more of the same kind"
    if rest := sum(map(len, [*kinds.values()][_MOST_SHOWN:])):
        yield f"... and {rest} more of other kinds"


class UsageError(RegioDealError):
    """What was asked cannot be done; the message says what can be (exit code 2)."""

    exit_code = 2


class RunError(RegioDealError):
    """One or more notebooks failed; the others ran (exit code 3)."""

    exit_code = 3


class PublishError(RegioDealError):
    """The report could not be made; what was published stays (exit code 4)."""

    exit_code = 4


class SnapshotError(RegioDealError):
    """A pinned table or a registered plan is missing, damaged or not what its metadata or sum say (exit code 5)."""

    exit_code = 5


class SourceError(RegioDealError):
    """A publisher's answer is absent or not what was expected; nothing was written (exit code 6).

    The message is one line, whatever the publisher sent: the table (``cbs/83625NED``), the path of the address that was
    asked, without the host, and what was found and expected.
    """

    exit_code = 6

    def __init__(self, found: str, *, table: str, address: str = "") -> None:
        self.found, self.table, self.address = found, table, address
        place = f"{table}, {address}" if address else table
        super().__init__(" ".join(f"{place}: {found}".split()))


class UnreachableError(SourceError):
    """No connection with the publisher's host: it is down, or there is no network (exit code 18)."""

    exit_code = 18


class ClusterError(RegioDealError):
    """The cluster does not answer, or was lost during a run; the last good run stays (exit code 10)."""

    exit_code = 10


class CouldNotRun(RegioDealError):
    """A bundle could not be run on this machine (exit code 8; 7, 9 and 17 are outcomes of `regiodeal reproduce`)."""

    exit_code = 8


class BusyError(RegioDealError):
    """Another command is at the same thing; wait until it is done (exit code 11)."""

    exit_code = 11


class NoRoomError(RegioDealError):
    """The disk, the quota or the largest size of a file is reached; what was there stays (exit code 12)."""

    exit_code = 12


class NotAllowedError(RegioDealError):
    """A file or folder may not be read or written by this user, or the drive is read-only (exit code 13)."""

    exit_code = 13


class MachineError(RegioDealError):
    """The drive or the machine cannot do what is needed: locks, names, open files, memory (exit code 14)."""

    exit_code = 14


class ProgramError(RegioDealError):
    """A program that was started is not there, may not run, or was ended (exit code 15)."""

    exit_code = 15


class SettingError(RegioDealError):
    """A variable of the environment (proxy, certificates, temporary folder) cannot be used (exit code 16)."""

    exit_code = 16


def did_you_mean(word: str, allowed: Sequence[str]) -> str | None:
    """Suggest the allowed word nearest to `word`, or None.

    >>> did_you_mean("lower", ["lower_is_better", "increase"])
    "Did you mean 'lower_is_better'?"
    """
    from difflib import get_close_matches  # here, as the help of a command needs none of it

    near = get_close_matches(str(word), list(allowed), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else None
