"""What a command took, in the process that ran it: of a machine that is busy with other things nothing counts."""

from __future__ import annotations

import os
import resource
from pathlib import Path


def peak_mb() -> float:
    """Return the most memory of this process and of those it ended; one that is started has that of its starter."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status")
    if status.exists():
        own = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def processor_seconds() -> float:
    """Return the seconds of processor of this process and of those it ended."""
    return sum(os.times()[:4])
