"""Say nothing when who asked for a kernel is gone, or memory is; importing this module arranges it for the process.

For the process that kernels are forked from: who was killed meanwhile left half a question, which is no fault to tell,
and where memory ran out the command itself tells so.
"""

import pickle
import sys
from types import TracebackType

_SILENT = (EOFError, ConnectionError, pickle.UnpicklingError, MemoryError)


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, _SILENT):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell
