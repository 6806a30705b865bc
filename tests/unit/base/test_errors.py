"""Faults are shown all at once, and of more than a person reads the first of each kind."""

from __future__ import annotations

import signal
import sys

import pytest

from evaluation.base.errors import Fault, InputError
from evaluation.cli import main


def test_of_thousands_of_faults_the_first_of_each_kind_are_shown():
    few = InputError([Fault("x.csv", "a", "a number", row=row) for row in range(40)])
    assert len(str(few).splitlines()) == 41 and not few.is_cut
    numbers = [Fault("x.csv", "a", "a number", column="value", row=row) for row in range(20_000)]
    years = [Fault("x.csv", "b", "a year", column="period", row=20_001)]
    many = InputError([*numbers, *years])
    lines = str(many).splitlines()
    assert lines[0] == "20001 faults in the input:" and len(many.faults) == 20_001 and many.is_cut
    assert lines[-2:] == ["  ... and 19980 more of the same kind", f"  {years[0]}"] and len(lines) == 23
    other = InputError([Fault("x.csv", "a", f"number {kind}") for kind in range(20_000)])
    assert len(str(other).splitlines()) == 42 and str(other).endswith("... and 19960 more of other kinds")


def test_all_of_them_stand_in_a_file(tmp_path, monkeypatch, capsys):
    def refuse():
        raise InputError([Fault("x.csv", "a", "a number", row=row) for row in range(20_000)])

    monkeypatch.setattr(main, "app", refuse)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["regiodeal", "check"])
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == 2 and capsys.readouterr().err.endswith("All of them: build/faults.txt\n")
    assert len((tmp_path / "build" / "faults.txt").read_text().splitlines()) == 20_000
