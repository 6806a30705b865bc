"""A certificate says what came out, exhibit by exhibit; a forged one is refused; the site says what changed since."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdf
import pytest

from evaluation.base.errors import SnapshotError, UsageError
from evaluation.bundles.causes import Cause, Causes
from evaluation.bundles.compare import Tolerance, compare
from evaluation.bundles.environment import Environment
from evaluation.bundles.layout import NotTheBundle, read_record
from evaluation.bundles.reproduce import Reproduction
from evaluation.bundles.sides import make_side
from evaluation.bundles.trust import Trust
from evaluation.publish.pages.html import parse_page
from evaluation.release.certificate import FILE, Certificate, make_certificate, write_certificate
from evaluation.release.kept_certificates import keep_certificate
from evaluation.release.reproduced import establish_release
from evaluation.release.signatures import CERTIFICATE, RELEASE, make_signature
from evaluation.release.statement import STATEMENT, Release
from tests.bundles.small import DEAL, described, small_files, small_run
from tests.release.conftest import Office

ROLES = ("evaluator", "programmabureau", "narekenaar")


def reproduction(bundle_sha256: str, **numbers: float) -> tuple[Reproduction, Certificate]:
    """What reproducing the small bundle gives when some numbers come out otherwise, and its certificate."""
    sides = [make_side(name, small_run(**given)) for name, given in (("bundle", {}), ("run", numbers))]
    environment = Environment(Path("python"), True, (Cause("version", "numpy", "2.4.6 -> 2.5.0"),))
    outcome = Reproduction(
        record=read_record(described(small_files())["bundle.json"]),
        trust=Trust(bundle_sha256, "sum"),
        changes=(),
        environment=environment,
        comparison=compare(Causes(*sides), {"ci_low": Tolerance(1e-6, 0.0, "processor")}),
    )
    made = make_certificate(outcome, sides[0].results, by="Planbureau", day=date(2027, 1, 5))
    return outcome, made


def signed(office: Office, certificate: Certificate, folder: Path, *, key: str = "narekenaar", name: str = CERTIFICATE):
    path = write_certificate(certificate, folder)
    path.with_name(f"{FILE}.sig").write_bytes(make_signature(path.read_bytes(), office.keys[key], namespace=name))
    return folder


@pytest.fixture
def released(office: Office) -> Release:
    office.list_signers(*ROLES)
    return office.released()


def test_a_certificate_counts_by_exhibit_in_json_page_and_pdf(office: Office, tmp_path: Path) -> None:
    _, made = reproduction("a" * 64, woninginbraak=12.5000001, woningwaarde=9.0)
    assert made.numbers.model_dump() == {
        "expected": 3, "equal": 1, "within_tolerance": 1, "different": 1, "not_made": 0,
    }  # fmt: skip
    assert {item.cell: item.numbers.different for item in made.exhibits} == {
        "fig-verschil": 0, "fig-woninginbraak": 0, "fig-woningwaarde": 1,
    }  # fmt: skip
    assert made.words == "1 van 3 getallen gelijk, 1 binnen de afgesproken marge, 1 anders"
    write_certificate(made, tmp_path)
    content = json.loads((tmp_path / FILE).read_bytes())
    assert content["by"] == "Planbureau" and content["other_versions"] == ["numpy: 2.4.6 -> 2.5.0"]
    assert set(content["machine"]) == {"system", "machine", "python"}
    page = " ".join(parse_page(tmp_path / "certificaat.html").itertext())
    pdf = pypdf.PdfReader(tmp_path / "certificaat.pdf")
    text = " ".join(part.extract_text() for part in pdf.pages)
    for told in (page, text):
        assert "fig-woningwaarde" in told and "1 binnen de afgesproken marge" in told and "5 januari 2027" in told
    assert bool(pdf.trailer["/Root"]["/MarkInfo"]["/Marked"])


def test_what_cannot_be_certified_is_refused(office: Office) -> None:
    outcome, _ = reproduction("a" * 64)
    results = make_side("bundle", small_run()).results
    for spoilt, told in (
        (replace(outcome, comparison=None), "nothing to certify"),
        (replace(outcome, trust=Trust("a" * 64)), "of a published bundle"),
    ):
        with pytest.raises(UsageError, match=told):
            make_certificate(spoilt, results, by="Planbureau", day=date(2027, 1, 5))
    with pytest.raises(UsageError, match="--by"):
        make_certificate(outcome, results, by=" \n", day=date(2027, 1, 5))


def test_a_kept_certificate_is_a_badge_that_says_what_changed_since(
    office: Office, released: Release, tmp_path
) -> None:
    folder = signed(office, reproduction(released.bundle_sha256)[1], tmp_path / "reproduction")
    release, certified = keep_certificate(folder, DEAL, "2021")
    assert release.number == 1 and certified.words == "alle 3 getallen gelijk"
    public = office.publish() / "2021"
    badge = "Nagerekend door Bureau narekenaar op 5 januari 2027: alle 3 getallen gelijk"
    for page in ("index.html", "uitgave-1/3-veiligheid.html"):
        told = " ".join(parse_page(public / page).itertext())
        assert badge in told and "gewijzigd" not in told
    links = parse_page(public / "uitgave.html").xpath("//a/@href")
    certificate = next(link for link in links if link.endswith("certificaat.html"))
    assert (public / certificate).is_file() and (public / certificate).with_suffix(".pdf").is_file()
    office.numbers = {"woninginbraak": 14.5}
    office.released(day="2027-03-02")
    public = office.publish() / "2021"
    since = "dat was uitgave 1, het verslag is gewijzigd op 2 maart 2027"
    assert since in " ".join(parse_page(public / "index.html").itertext())
    assert since not in " ".join(parse_page(public / "uitgave-1" / "index.html").itertext())
    with pytest.raises(UsageError, match="kept already"):
        keep_certificate(folder, DEAL, "2021")


@pytest.mark.parametrize("forge", ["numbers", "key", "release", "bundle", "vintages", "shape"])
def test_a_forged_certificate_is_refused(office: Office, released: Release, tmp_path: Path, forge: str) -> None:
    _, made = reproduction(released.bundle_sha256, woningwaarde=9.0)
    options = {"key": {"key": "vreemde"}, "release": {"name": RELEASE}}.get(forge, {})
    if forge == "bundle":
        made = made.model_copy(update={"bundle_sha256": "b" * 64})
    elif forge == "vintages":
        made = made.model_copy(update={"newer_vintages": True})
    folder = signed(office, made, tmp_path / "reproduction", **options)
    path = folder / FILE
    if forge == "numbers":
        path.write_bytes(path.read_bytes().replace(b'"different": 1', b'"different": 0'))
    elif forge == "shape":
        path.write_bytes(path.read_bytes().replace(b'"by"', b'"door"'))
        sign = make_signature(path.read_bytes(), office.keys["narekenaar"], namespace=CERTIFICATE)
        path.with_name(f"{FILE}.sig").write_bytes(sign)
    with pytest.raises(SnapshotError, match=r"not signed by a key|no release of 2021|newer statistics|another form"):
        keep_certificate(folder, DEAL, "2021")
    assert not list((office.archive / "uitgave-1" / "certificaten").iterdir())


def test_a_certificate_that_is_changed_in_the_archive_is_not_published(office: Office, released: Release, tmp_path):
    keep_certificate(signed(office, reproduction(released.bundle_sha256)[1], tmp_path / "r"), DEAL, "2021")
    path = next((office.archive / "uitgave-1" / "certificaten").rglob(FILE))
    path.write_bytes(path.read_bytes().replace(b"Planbureau", b"Iemand"))
    with pytest.raises(SnapshotError, match="was changed after it"):
        office.publish()


def test_the_statement_establishes_the_bundle_for_who_reproduces_it(office: Office, released: Release) -> None:
    folder = office.archive / "uitgave-1"
    bundle, statement = folder / released.bundle, folder / STATEMENT
    told: list[str] = []
    given = {"signers": None, "sha256": None, "report": told.append}
    assert establish_release(bundle, statement, **given) == released.bundle_sha256
    assert "signed by evaluator (Bureau evaluator), programmabureau (Bureau programmabureau)" in told[-1]
    list_of_others = office.root / "others"
    keys = [" ".join(office.public(name).split()[:2]) for name in ("vreemde", "narekenaar")]
    list_of_others.write_text(f"evaluator {keys[0]}\nprogrammabureau {keys[1]}\n", encoding="utf-8")
    with pytest.raises(SnapshotError, match="no good signature"):
        establish_release(bundle, statement, **{**given, "signers": list_of_others})
    (folder / "handtekeningen" / "evaluator.sig").unlink()
    with pytest.raises(NotTheBundle, match="not signed by evaluator"):
        establish_release(bundle, statement, **given)
    bundle.write_bytes(bundle.read_bytes() + b"x")
    with pytest.raises(NotTheBundle, match="is not the bundle of release 1"):
        establish_release(bundle, statement, **given)
    with pytest.raises(UsageError, match="there is no"):
        establish_release(bundle, folder / "no.json", **given)


def test_an_unsigned_statement_establishes_nothing(office: Office) -> None:
    made = office.released()
    folder, told = office.archive / "uitgave-1", []
    found = establish_release(folder / made.bundle, folder / STATEMENT, signers=None, sha256=None, report=told.append)
    assert found is None and "it was released unsigned" in told[-1]
