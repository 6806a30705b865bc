"""Where a write is refused, each command of a release says so in one sentence and leaves what was there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_outside import refuse_writes, state
from tests.conftest import Project
from tests.release.conftest import Office
from tests.release.test_certificate import ROLES, reproduction, signed


def a_report(office: Office, _: Path) -> list[str]:
    office.report()
    return ["release", "2021"]


def a_candidate(office: Office, _: Path) -> list[str]:
    office.list_signers(*ROLES)
    office.report()
    office.release()
    return ["approve", "2021", "--role", "evaluator", "--key", str(office.keys["evaluator"])]


def a_certificate(office: Office, folder: Path) -> list[str]:
    office.list_signers(*ROLES)
    certified = reproduction(office.released().bundle_sha256)[1]
    return ["certify", str(signed(office, certified, folder)), "--release", "2021"]


@pytest.mark.parametrize("prepare", [a_report, a_candidate, a_certificate])
def test_wherever_a_write_is_refused_it_is_told_and_everything_is_as_it_was(prepare, office: Office, tmp_path: Path):
    arguments = prepare(office, tmp_path / "nagerekend")

    def outcomes() -> dict[str, bytes]:
        # before a release can be made there is its bundle, whole
        return {name: text for name, text in state(office.root).items() if not name.startswith("build/bundles/")}

    refuse_writes(Project(office.root), arguments, outcomes)
