"""The commands `regiodeal plan`, on made-up figures: registered once, verified, and scored."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from evaluation.analysis import registration
from evaluation.cli import plan
from tests.conftest import Project, copy_project
from tests.unit.small_plan import DAY, DEAL, made_up_figures


class Today(date):
    """The day of the made-up registration."""

    @classmethod
    def today(cls) -> date:
        return DAY


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("plan") / "project")
    shutil.rmtree(project.root / "data/plans")
    return project


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch):
    """Let the commands read made-up figures, until a year."""

    def until(year: int, day: type[date] = Today) -> None:
        monkeypatch.setattr(registration, "plan_panel", lambda *_: made_up_figures(year))
        monkeypatch.setattr(plan, "date", day)

    until(2025)
    return until


def place(project: Project) -> Path:
    return project.root / "data/plans" / DEAL / f"{DAY}.yml"


def test_a_plan_is_registered_once_verified_and_scored(made: Project, figures):
    done = made.regiodeal_here("plan", "register")
    assert done.returncode == 0, done.stderr
    assert "forecasts of 4 indicators for 2026-2029, 3 designs" in done.stdout and "not signed" in done.stdout
    kept = {path: path.read_bytes() for path in place(made).parent.iterdir()}
    assert {path.suffix for path in kept} == {".yml", ".md"}
    again = made.regiodeal_here("plan", "register")
    assert again.returncode == 2 and "registered already" in again.stderr and len(again.stderr.splitlines()) == 1
    verified = made.regiodeal_here("plan", "verify")
    assert verified.returncode == 0 and "as registered, sha256" in verified.stdout and "not signed" in verified.stdout
    nothing = made.regiodeal_here("plan", "score")
    assert nothing.returncode == 0 and "Nothing to score yet" in nothing.stdout
    figures(2029)
    scored = made.regiodeal_here("plan", "score")
    assert scored.returncode == 0, scored.stderr
    assert "Scored: 32 forecasts of 2026, 2027, 2028, 2029" in scored.stdout and "Brier score" in scored.stdout
    assert "woninginbraak: " in scored.stdout and "interim" not in scored.stdout
    table = made.root / f"build/plans/{DEAL}/{DAY}-scores.csv"
    assert len(table.read_text(encoding="utf-8").splitlines()) > 32
    assert {path: path.read_bytes() for path in place(made).parent.iterdir()} == kept


def test_what_was_half_removed_is_not_written_over_either(made: Project, figures):
    place(made).parent.mkdir(parents=True, exist_ok=True)
    words = place(made).with_suffix(".md")
    place(made).unlink(missing_ok=True)
    words.write_text("kept", encoding="utf-8")
    done = made.regiodeal_here("plan", "register")
    assert done.returncode == 2 and words.read_text(encoding="utf-8") == "kept"
    shutil.rmtree(made.root / "data/plans")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen on this machine")
def test_a_plan_is_signed_where_a_key_is_named(made: Project, figures, tmp_path: Path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    absent = made.regiodeal_here("plan", "register", "--key", str(tmp_path / "nothing"))
    assert absent.returncode == 2 and "There is no key" in absent.stderr and not place(made).exists()
    done = made.regiodeal_here("plan", "register", "--key", str(key))
    assert done.returncode == 0 and "; signed" in done.stdout, done.stderr
    verified = made.regiodeal_here("plan", "verify")
    assert "signed with SHA256:" in verified.stdout and "not established" in verified.stdout
    signers = made.root / "data/plans/allowed_signers"
    signers.write_text(f"office@example.org {key.with_suffix('.pub').read_text()}", encoding="utf-8")
    assert "of office@example.org" in made.regiodeal_here("plan", "verify").stdout
    signature = place(made).with_name(f"{place(made).name}.sig")
    signature.write_text("no signature", encoding="utf-8")
    for options in ((), ("--registered", str(DAY))):
        broken = made.regiodeal_here("plan", "verify", *options)
        assert broken.returncode == 5 and len(broken.stderr.splitlines()) == 1, broken.stderr
    shutil.rmtree(made.root / "data/plans")


def test_a_plan_of_another_day_stands_beside_the_first(made: Project, figures):
    class Later(Today):
        @classmethod
        def today(cls) -> date:
            return date(2027, 3, 1)

    assert made.regiodeal_here("plan", "register").returncode == 0
    figures(2026, Later)
    done = made.regiodeal_here("plan", "register")
    assert done.returncode == 0 and "After the figures" in done.stdout, done.stderr
    assert len(made.regiodeal_here("plan", "verify").stdout.splitlines()) == 2
    later = made.regiodeal_here("plan", "score", "--registered", "2027-03-01")
    assert "Known when it was registered" in later.stdout and "Nothing to score yet" in later.stdout
    figures(2026, Today)
    early = made.regiodeal_here("plan", "verify")
    assert early.returncode == 2 and "a day until today, 2026-11-30" in early.stderr
    shutil.rmtree(made.root / "data/plans")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("register --deal parkstad", "There is no deal 'parkstad'"),
        ("register --deal parkstad-limburg", "ended on 2022-12-31"),
        ("verify --deal foodvalley", "No plan of 'foodvalley' is registered"),
        ("score --registered 2020-01-01", "No plan of 'parkstad-limburg-3'"),
        ("verify --signers nothing", "No plan of"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(made: Project, figures, words, said):
    shutil.rmtree(made.root / "data/plans", ignore_errors=True)
    done = made.regiodeal_here("plan", *words.split())
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
