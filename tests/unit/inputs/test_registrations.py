"""A registration is what was registered, to the last byte; anything else is refused with its place."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from evaluation.base.errors import InputError, RegioDealError, SnapshotError, UsageError
from evaluation.base.ssh_signatures import check, sign
from evaluation.inputs import registrations
from evaluation.inputs.registrations import (
    Registered,
    choose_registration,
    list_registrations,
    read_registration,
    write_registration,
)
from tests.unit.small_plan import DAY, DEAL, made_up_plan, written_plan

ROOT = Path(__file__).resolve().parents[3]
CONTENT = made_up_plan()


@pytest.fixture
def plan(tmp_path: Path) -> Registered:
    return written_plan(tmp_path, CONTENT)


def rewritten(plan: Registered, **changes: object) -> Path:
    """Change the content of a registration, and give it the sum that belongs to it."""
    content = yaml.safe_load(plan.path.read_bytes())
    del content["sha256"]
    plan.path.write_bytes(write_registration(content | changes)[0])
    return plan.path


def test_the_sum_in_the_last_line_is_that_of_all_before_it(plan: Registered):
    body, _, last = plan.path.read_bytes().rstrip(b"\n").rpartition(b"\n")
    assert hashlib.sha256(body + b"\n").hexdigest() == plan.sha256 and plan.sha256 in last.decode()


@pytest.mark.parametrize("place", [0.0, 0.1, 0.5, 0.9])
def test_a_changed_byte_is_refused(plan: Registered, place: float):
    content = bytearray(plan.path.read_bytes())
    content[int(place * (len(content) - 80))] ^= 1
    plan.path.write_bytes(bytes(content))
    with pytest.raises(SnapshotError, match=r"got content with the sha256 \w{64}; expected") as refusal:
        read_registration(plan.path, today=DAY)
    assert refusal.value.exit_code == 5 and "\n" not in str(refusal.value)


@pytest.mark.parametrize("change", [lambda text: text[:-40], lambda text: text + b"\n", lambda text: b""])
def test_a_file_without_its_sum_is_refused(plan: Registered, change):
    plan.path.write_bytes(change(plan.path.read_bytes()))
    with pytest.raises(SnapshotError, match="no sum in the last line"):
        read_registration(plan.path, today=DAY)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "red"}, "unknown key"),
        ({"format": 2}, "registration.format"),
        ({"forecasts": {}}, "registration.forecasts"),
        ({"years": ["soon"]}, "registration.years"),
        ({"registered_on": DAY + timedelta(days=1)}, "a day until today, 2026-11-30"),
        ({"deal": "foodvalley"}, "data/plans/foodvalley/2026-11-30.yml"),
    ],
)
def test_content_that_is_no_registration_is_refused_with_its_key(plan: Registered, changes, said):
    with pytest.raises(InputError, match=re.escape(said)) as refusal:
        read_registration(rewritten(plan, **changes), today=DAY)
    assert refusal.value.exit_code == 2


def test_what_is_no_yaml_or_no_mapping_is_refused(plan: Registered):
    for body in (b"a: [1\n", b"- 1\n", b"\xff\xfe\n"):
        plan.path.write_bytes(body + f"sha256: '{hashlib.sha256(body).hexdigest()}'\n".encode())
        with pytest.raises(InputError):
            read_registration(plan.path, today=DAY)


def test_other_numbers_in_it_are_refused(plan: Registered):
    told = yaml.safe_load(plan.path.read_bytes())["forecasts"]
    told["woninginbraak"]["own_trend"][2026]["low80"] = 99.0
    with pytest.raises(InputError, match="the forecast within its 80% interval"):
        read_registration(rewritten(plan, forecasts=told), today=DAY)


def test_the_words_beside_it_are_those_that_were_registered(plan: Registered):
    words = plan.printed.read_text(encoding="utf-8")
    for changed in (words.replace("2029", "2028", 1), words.replace(plan.sha256, "0" * 64), ""):
        plan.printed.write_text(changed, encoding="utf-8")
        with pytest.raises(SnapshotError, match="got other words"):
            read_registration(plan.path, today=DAY)
    plan.printed.unlink()
    with pytest.raises(SnapshotError, match="no such file"):
        read_registration(plan.path, today=DAY)


def test_every_registration_of_a_project_is_checked_before_a_run(plan: Registered, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(registrations, "data_dir", lambda: tmp_path)
    registrations.verify_registrations()
    plan.path.write_bytes(plan.path.read_bytes().replace(b"2029", b"2028", 1))
    with pytest.raises(SnapshotError, match="as registered"):
        registrations.verify_registrations()


def test_the_first_is_chosen_or_that_of_a_day(plan: Registered, tmp_path: Path):
    second = plan.path.with_name("2027-11-30.yml")
    shutil.copy(plan.path, second)
    assert list_registrations(DEAL, folder=tmp_path) == [plan.path, second]
    assert choose_registration(DEAL, folder=tmp_path) == plan.path
    assert choose_registration(DEAL, "2027-11-30", folder=tmp_path) == second
    for deal, day, said in (
        (DEAL, "2025-01-01", "there are those of 2026-11-30"),
        ("x", None, "plan register --deal x"),
        ("..", None, "No plan"),
    ):
        with pytest.raises(UsageError, match=said):
            choose_registration(deal, day, folder=tmp_path)


def test_the_words_are_dutch_with_an_english_summary_and_have_every_forecast(plan: Registered):
    words = plan.printed.read_text(encoding="utf-8")
    assert words.startswith("# Vooraf vastgelegd: Regio Deal Parkstad Limburg III") and "*English summary.*" in words
    for item in plan.content.forecasts.values():
        assert f"### {item.title}" in words
    assert words.count("| 2029 |") == len(plan.content.forecasts) and plan.sha256 in words.splitlines()[-1]
    assert " effect van de deal" not in words


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen on this machine")
def test_a_signature_is_that_of_the_content_and_of_who_may_sign(plan: Registered, tmp_path: Path):
    key, content = tmp_path / "key", plan.path.read_bytes()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "office", "-f", key], check=True)
    plan.signature.write_bytes(sign(content, key))
    public = key.with_suffix(".pub").read_text(encoding="utf-8")
    signers, others = tmp_path / "signers", tmp_path / "others"
    signers.write_text(f"office@example.org {public}", encoding="utf-8")
    others.write_text(f"x@example.org {public.replace('AAAAI', 'AAAAJ')}", encoding="utf-8")
    assert "of office@example.org" in check(content, plan.signature, signers)
    assert "not established" in check(content, plan.signature, None)
    refused = ((content + b"x", signers, "no good signature"), (content + b"x", None, "no good signature"),
               (content, others, "does not name"))  # fmt: skip
    for text, listed, said in refused:
        with pytest.raises(SnapshotError, match=said):
            check(text, plan.signature, listed)
    for wrong in (tmp_path / "nothing", signers):
        with pytest.raises(UsageError) as refusal:
            sign(content, wrong)
        assert isinstance(refusal.value, RegioDealError) and "\n" not in str(refusal.value)


def test_the_registered_plan_of_parkstad_is_whole():
    """It was written before the figures of 2026 to 2029, and never changes."""
    found = read_registration(choose_registration(DEAL), today=date.max)
    content = found.content
    assert content.registered_on == date(2026, 11, 30) and content.years == (2026, 2027, 2028, 2029)
    assert all(tuple(item.own_trend) == content.years for item in content.forecasts.values())
    assert len(content.forecasts) >= 38 and {"woninginbraak", "verkoopprijs"} <= content.designs.keys()
    pinned = {item.file: item.sha256 for item in content.data if item.file.startswith("data/snapshots/")}
    assert pinned and not any(item.file.startswith("data/private") for item in content.data)
    for name, digest in pinned.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, name
