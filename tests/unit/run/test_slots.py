"""Calls that wait go in the order of their turn."""

from __future__ import annotations

import threading

import pytest

from evaluation.run.slots import TurnExecutor


def held(turns: TurnExecutor) -> tuple[threading.Event, threading.Event]:
    """Keep the only thread busy until the event is set; return that event, and the one that tells it is busy."""
    go, busy = threading.Event(), threading.Event()

    def wait() -> None:
        busy.set()
        go.wait(10)

    turns.submit((0,), wait)
    busy.wait(10)
    return go, busy


def test_the_smallest_turn_goes_first_and_equal_ones_in_order() -> None:
    turns, order = TurnExecutor(1), []
    go, _ = held(turns)
    for turn, name in (((2, 2019), "later"), ((1, 2020), "second"), ((1, 2019), "first"), ((1, 2020), "third")):
        turns.submit(turn, order.append, name)
    go.set()
    turns.shutdown()
    assert order == ["first", "second", "third", "later"]


def test_an_error_stays_with_its_call() -> None:
    turns = TurnExecutor(1)
    failed, fine = turns.submit((1,), int, "x"), turns.submit((1,), int, "7")
    with pytest.raises(ValueError, match="invalid literal"):
        failed.result(10)
    assert fine.result(10) == 7
    turns.shutdown()


def test_what_has_not_begun_is_dropped_on_request() -> None:
    turns, order = TurnExecutor(1), []
    go, _ = held(turns)
    waiting = turns.submit((1,), order.append, "dropped")
    turns.shutdown(wait=False, cancel_futures=True)
    go.set()
    turns.shutdown()
    assert waiting.cancelled()
    assert order == []
    with pytest.raises(RuntimeError, match="after shutdown"):
        turns.submit((1,), order.append, "too late")
