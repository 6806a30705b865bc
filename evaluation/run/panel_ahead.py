"""The panel, computed in a process of its own while the inputs are checked and the kernels get ready."""

import multiprocessing
import os
import signal
from contextlib import suppress

from evaluation.base.programs import end_with_parent
from evaluation.inputs.deal import load_deal
from evaluation.run.kernels.fork_server import can_fork
from evaluation.statistics.panels import region_panel


def compute_ahead(deal_id: str) -> None:
    """Begin to compute the panel of a deal; it ends up in the cache, where whoever asks for it waits for it.

    Nothing depends on its success: what goes wrong is told to who asks for the panel and computes it again.  Call it
    before other threads begin, which a fork would leave behind.
    """
    # All first notebooks need it, and computing it fills one processor for seconds in which the others only import.  A
    # thread would hold up those imports; a new process would first import pandas itself, which a fork has already.
    if can_fork():
        multiprocessing.get_context("fork").Process(target=_compute, args=(deal_id,), daemon=True).start()


def _compute(deal_id: str) -> None:
    end_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    with suppress(Exception):
        region_panel(load_deal(deal_id))
