"""Programs that are started: told when they are not there, and gone with who started them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluation.base.errors import ProgramError
from evaluation.base.programs import call
from tests.conftest import ROOT


def test_a_program_that_is_not_there_or_may_not_run_is_told(tmp_path):
    (tmp_path / "tool").write_text("", encoding="utf-8")
    for path in ("/no/such/tool", tmp_path / "tool"):
        with pytest.raises(ProgramError, match="tool cannot be started"):
            call([path])


def test_a_program_that_takes_too_long_is_killed():
    with pytest.raises(subprocess.TimeoutExpired):
        call(["sleep", "600"], timeout=0.1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends it with its parent")
def test_a_program_ends_when_who_started_it_is_killed():
    code = "from evaluation.base.programs import start; p = start(['sleep', '600']); print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        pid = int(starter.stdout.readline())
        starter.kill()
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and "Z" not in (state := Path(f"/proc/{pid}/stat").read_text()).split()[2]:
        assert time.monotonic() < until, state
        time.sleep(0.05)
    assert os.getpid() != pid
