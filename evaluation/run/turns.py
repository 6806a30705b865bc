"""Threads that take what waits in the order of its turn, not in the order in which it came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from heapq import heappop, heappush
from itertools import count


class TurnExecutor:
    """Runs calls in threads, as ThreadPoolExecutor does; of those that wait the one with the smallest turn goes first.

    Parameters
    ----------
    workers : int
        Calls at a time.
    """

    def __init__(self, workers: int) -> None:
        self._waiting: list[tuple] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._is_closed = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, turn: tuple[int, ...], call: Callable, *arguments: object) -> Future:
        """Let a call wait for its turn; among equal turns those that came first go first."""
        future: Future = Future()
        with self._changed:
            if self._is_closed:
                raise RuntimeError("no calls are taken after shutdown")
            heappush(self._waiting, (turn, next(self._numbers), future, call, arguments))
            self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; `cancel_futures` drops those that have not begun."""
        with self._changed:
            self._is_closed = True
            if cancel_futures:
                for _, _, future, _, _ in self._waiting:
                    future.cancel()
                    future.set_running_or_notify_cancel()
                self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads if wait else ():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                _, _, future, call, arguments = heappop(self._waiting)
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call(*arguments))
            except BaseException as error:
                future.set_exception(error)
