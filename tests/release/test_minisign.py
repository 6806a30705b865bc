"""A key of minisign signs a release as one of SSH does: made and checked with the program itself, where it is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from evaluation.base.errors import PublishError, SnapshotError, UsageError
from evaluation.release.candidate import add_signature
from evaluation.release.certificate import FILE, write_certificate
from evaluation.release.kept_certificates import keep_certificate
from evaluation.release.signatures import make_signature
from evaluation.release.signers import load_signers
from evaluation.release.statement import STATEMENT
from tests.bundles.small import DEAL
from tests.release.conftest import Office
from tests.release.test_certificate import reproduction

pytestmark = pytest.mark.skipif(shutil.which("minisign") is None, reason="there is no minisign on PATH")
OWN, OTHER = "programmabureau", "vreemde"


@pytest.fixture
def minisign(tmp_path: Path) -> dict[str, Path]:
    """Keys of minisign, without a password."""
    keys = {name: tmp_path / f"{name}.key" for name in (OWN, OTHER)}
    for path in keys.values():
        subprocess.run(
            ["minisign", "-G", "-W", "-p", path.with_suffix(".pub"), "-s", path], check=True, capture_output=True
        )
    return keys


def list_with(office: Office, key: Path, role: str) -> None:
    """Name a key of minisign in the list, in place of that of SSH of its role."""
    office.list_signers(*({"evaluator", "programmabureau"} - {role}))
    public = key.with_suffix(".pub").read_text(encoding="utf-8").splitlines()[-1]
    path = office.root / "data" / "deal" / f"{DEAL}-signers"
    path.write_text(f"{path.read_text(encoding='utf-8')}{role} minisign {public} Bureau {role}\n", encoding="utf-8")


def test_a_release_is_signed_with_minisign_and_one_byte_voids_it(office: Office, minisign: dict[str, Path]) -> None:
    list_with(office, minisign[OWN], OWN)
    office.report()
    office.release()
    content = (office.candidate / STATEMENT).read_bytes()
    for key, of in ((OTHER, content), (OWN, content.replace(b"1", b"2", 1))):
        with pytest.raises(SnapshotError, match="no good signature of this release by a key of programmabureau"):
            add_signature(
                office.candidate, OWN, make_signature(of, minisign[key], is_minisign=True), load_signers(DEAL)
            )
    office.sign("evaluator")
    with pytest.raises(PublishError, match="not signed by programmabureau"):
        office.place()
    made = make_signature(content, minisign[OWN], is_minisign=True)
    whose = add_signature(office.candidate, OWN, made, load_signers(DEAL))
    assert whose.key.startswith("minisign RW") and whose.holder == f"Bureau {OWN}"
    assert office.place().number == 1
    public = office.publish() / "2021"
    signed = public / "uitgave-1" / "handtekeningen" / f"{OWN}.minisig"
    command = ["minisign", "-V", "-p", minisign[OWN].with_suffix(".pub"), "-x", signed]
    subprocess.run([*command, "-m", public / "uitgave-1" / STATEMENT], check=True, capture_output=True)
    assert f"Bureau {OWN}" in (public / "uitgave.html").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="There is no key"):
        make_signature(content, minisign[OWN].with_name("weg"), is_minisign=True)


def test_a_certificate_is_signed_with_minisign_and_a_forged_one_is_refused(
    office: Office, minisign: dict[str, Path], tmp_path: Path
) -> None:
    office.list_signers("evaluator", "programmabureau")
    made = office.released()
    path = office.root / "data" / "deal" / f"{DEAL}-signers"
    public = minisign[OWN].with_suffix(".pub").read_text(encoding="utf-8").splitlines()[-1]
    path.write_text(f"{path.read_text(encoding='utf-8')}narekenaar minisign {public} Planbureau\n", encoding="utf-8")
    certificate = write_certificate(reproduction(made.bundle_sha256, woningwaarde=9.0)[1], tmp_path / "nagerekend")
    content = certificate.read_bytes()
    for key, of in ((OTHER, content), (OWN, content.replace(b'"different": 1', b'"different": 0', 1))):
        signature = make_signature(of, minisign[key], is_minisign=True)
        certificate.with_name(f"{FILE}.minisig").write_bytes(signature)
        with pytest.raises(SnapshotError, match="is not signed by a key of a narekenaar"):
            keep_certificate(certificate.parent, DEAL, "2021")
    certificate.with_name(f"{FILE}.minisig").write_bytes(make_signature(content, minisign[OWN], is_minisign=True))
    assert keep_certificate(certificate.parent, DEAL, "2021")[1].by == "Planbureau"
