"""A release is approved by its roles, kept at its address, compared with the last, and void after one byte."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from evaluation.base.errors import InputError, PublishError, SnapshotError, UsageError
from evaluation.base.fingerprints import data_names
from evaluation.inputs.deal import load_deal
from evaluation.publish.pages.html import parse_page
from evaluation.publish.site.site_folder import site_faults
from evaluation.release import candidate as candidates
from evaluation.release.signers import read_signers
from evaluation.release.statement import STATEMENT, hash_files, read_statement
from tests.bundles.small import DEAL
from tests.release.conftest import Office

ROLES = ("evaluator", "programmabureau")


def words_of(path: Path) -> str:
    return " ".join(" ".join(parse_page(path).itertext()).split())


def test_a_release_needs_both_roles_and_then_stands_at_its_address(office: Office) -> None:
    office.list_signers(*ROLES, "narekenaar")
    office.report()
    made = office.release()
    assert (made.number, made.roles, made.changes) == (1, ROLES, 0)
    for signed in ((), ("evaluator",)):
        office.sign(*signed)
        with pytest.raises(PublishError, match=r"not signed by .*programmabureau"):
            office.place()
        assert not office.archive.exists()
    office.sign("programmabureau")
    assert office.place().sha256 == made.sha256
    public = office.publish()
    for page in ("2021/index.html", "2021/uitgave-1/index.html"):
        assert (public / page).is_file()
    told = words_of(public / "2021" / "uitgave.html")
    assert "uitgave 1 van 1 december 2026" in told and "niet ondertekend" not in told and made.sha256 in told
    assert all(f"Bureau {role}" in told for role in ROLES) and "DOI: nog niet toegekend" in told
    assert "eerste uitgave" in words_of(public / "2021" / "wijzigingen.html")
    assert "Bundel: zie SHA256SUMS" not in words_of(public / "2021" / "verantwoording.html")
    assert site_faults(public) == []


def test_the_statement_is_one_of_in_toto_with_every_file(office: Office) -> None:
    office.report()
    made = office.release()
    content = json.loads((office.candidate / STATEMENT).read_bytes())
    assert content["_type"] == "https://in-toto.io/Statement/v1"
    assert content["predicateType"] == "https://slsa.dev/provenance/v1"
    assert {item["name"]: item["digest"]["sha256"] for item in content["subject"]} == hash_files(office.candidate)
    build = content["predicate"]["buildDefinition"]
    assert {"name": "package", "digest": {"sha256": "1" * 64}} in build["resolvedDependencies"]
    assert content["predicate"]["runDetails"]["builder"]["version"]["python"] == "3.11.7"
    assert made.bundle in made.files and "site/index.html" in made.files
    for spoilt in (b"{}", b"no", (office.candidate / STATEMENT).read_bytes().replace(b"/v1", b"/v9", 1)):
        with pytest.raises(UsageError, match="no statement of a release"):
            read_statement(spoilt)


@pytest.mark.parametrize("spoil", ["change", "add", "remove", "statement"])
def test_one_byte_more_or_less_makes_the_signatures_void(office: Office, spoil: str) -> None:
    office.list_signers(*ROLES)
    office.report()
    office.release()
    office.sign(*ROLES)
    page = office.candidate / "site" / "3-veiligheid.html"
    if spoil == "change":
        page.write_bytes(page.read_bytes().replace(b"cijfer", b"cijver", 1))
    elif spoil == "add":
        (office.candidate / "site" / "extra.html").write_text("x", encoding="utf-8")
    elif spoil == "remove":
        page.unlink()
    else:  # whoever changes a file and makes its sum fit
        text = page.read_bytes()
        page.write_bytes(text.replace(b"cijfer", b"cijver", 1))
        statement = office.candidate / STATEMENT
        sums = hash_files(office.candidate)
        content = json.loads(statement.read_bytes())
        for item in content["subject"]:
            item["digest"]["sha256"] = sums[item["name"]]
        statement.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"not what was released|no good signature"):
        office.place()
    assert not office.archive.exists()


def test_a_key_of_another_role_or_of_nobody_signs_nothing(office: Office) -> None:
    office.list_signers(*ROLES)
    office.report()
    office.release()
    for key in ("programmabureau", "vreemde"):
        office.keys["evaluator"], kept = office.keys[key], office.keys["evaluator"]
        with pytest.raises(SnapshotError, match="no good signature"):
            office.sign("evaluator")
        office.keys["evaluator"] = kept
    shutil.copytree(office.candidate, office.root / "copy")
    office.sign("evaluator")
    signed = office.candidate / "handtekeningen" / "evaluator.sig"
    signed.rename(signed.with_name("programmabureau.sig"))
    with pytest.raises(SnapshotError, match=r"programmabureau.sig: got no good signature"):
        office.place()


def test_a_released_byte_that_changes_in_the_archive_stops_the_publication(office: Office) -> None:
    office.list_signers(*ROLES)
    office.released()
    public = office.publish()
    before = (public / "2021" / "index.html").read_bytes()
    page = office.archive / "uitgave-1" / "site" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"Alle", b"alle", 1))
    with pytest.raises(SnapshotError, match=r"site/index.html was changed"):
        office.publish()
    assert (public / "2021" / "index.html").read_bytes() == before


def test_a_signature_or_a_release_that_leaves_the_archive_stops_the_publication(office: Office) -> None:
    office.list_signers(*ROLES)
    office.released()
    office.numbers = {"woninginbraak": 14.5}
    office.released(day="2027-03-02")
    first, second = office.archive / "uitgave-1", office.archive / "uitgave-2"
    signed = first / "handtekeningen" / "evaluator.sig"
    kept = signed.read_bytes()
    signed.unlink()
    with pytest.raises(SnapshotError, match="uitgave-1 has lost the signature of evaluator"):
        office.publish()
    signed.write_bytes(kept)
    shutil.move(first, office.root / "aside")
    shutil.copytree(second, first)
    with pytest.raises(SnapshotError, match="uitgave-1 does not follow on"):
        office.publish()


def test_who_reproduces_approves_nothing(office: Office) -> None:
    office.list_signers(*ROLES, "narekenaar")
    office.report()
    office.release()
    with pytest.raises(UsageError, match="roles with a key: evaluator, programmabureau"):
        office.sign("narekenaar")


def test_without_signers_everything_works_and_says_that_nobody_signed(office: Office) -> None:
    office.report()
    public = office.publish()
    assert "niet ondertekend" in words_of(public / "2021" / "verantwoording.html")
    assert not (public / "2021" / "uitgave.html").exists()
    office.released()
    told = words_of(office.publish() / "2021" / "uitgave.html")
    assert "Deze uitgave is niet ondertekend" in told


def test_what_changed_is_told_with_its_cause_marked_and_the_old_release_stays(office: Office) -> None:
    office.list_signers(*ROLES)
    office.released()
    first = hash_files(office.archive / "uitgave-1")
    office.numbers = {"woninginbraak": 14.5, "woningwaarde": 201001.0}
    second = office.released(day="2027-03-02", erratum="Figuur 3 telde <dubbel>.")
    assert (second.number, second.changes) == (2, 2) and hash_files(office.archive / "uitgave-1") == first
    public = office.publish() / "2021"
    page = parse_page(public / "wijzigingen.html")
    rows = [row for row in page.iter("tr") if row.get("id")]
    assert [row.get("id") for row in rows] == ["3.woninginbraak.GM0917.2021.value", "3.woningwaarde.GM0917.2021.value"]
    cells = [" ".join(cell.itertext()) for cell in rows[0]]
    assert cells[1:] == ["12,5", "14,5", "+2,00"]
    assert cells[0].startswith("Woninginbraak per 1.000 inwoners, Heerlen, 2021: waarde"), "in words, not as an id"
    told = words_of(public / "wijzigingen.html")
    assert "Oorzaak van elk getal hieronder: geen vastgelegde invoer verschilt." in told
    assert "Figuur 3 telde <dubbel>." in told
    numbers = (public / "cijfers-3-veiligheid.html").read_text(encoding="utf-8")
    assert re.findall(r"<td>([\d.]+) <a href=\"wijzigingen.html#[^\"]+\">herzien</a>", numbers) == ["14.5", "201001.0"]
    chapter = parse_page(public / "3-veiligheid.html")
    marked = {figure.get("id"): "herzien" in " ".join(figure.itertext()) for figure in chapter.iter("figure")}
    assert marked == {"fig-woninginbraak": True, "fig-woningwaarde": True, "fig-verschil": False}
    old = words_of(public / "uitgave-1" / "index.html")
    assert "Dit is uitgave 1 van 1 december 2026. Er is een nieuwere: uitgave 2." in old
    assert "In deze uitgave zat een fout: Figuur 3 telde <dubbel>." in old
    assert "nieuwere" not in words_of(public / "index.html")
    assert "Er is een nieuwere" not in words_of(public / "uitgave-2" / "index.html")
    assert "12.5" in (public / "uitgave-1" / "cijfers-3-veiligheid.html").read_text(encoding="utf-8")
    assert site_faults(public.parent) == []


def test_every_address_and_every_number_of_the_last_release_still_leads_somewhere(office: Office) -> None:
    office.released()
    before = {
        (path.relative_to(office.archive / "uitgave-1" / "site").as_posix(), str(name))
        for path in (office.archive / "uitgave-1" / "site").rglob("*.html")  # those for reuse stay where they are
        if path.parent.name != "hergebruik"
        for name in ["", *parse_page(path).xpath("//@id")]
    }
    old = {line.partition(",")[0] for line in office.run()["results.csv"].decode().splitlines()[1:]}
    office.left_out = ("verschil",)
    office.released(day="2027-03-02")
    office.report()
    (office.site / "2021" / "3-veiligheid.html").unlink()
    text = (office.site / "2021" / "cijfers-3-veiligheid.html").read_text(encoding="utf-8")
    (office.site / "2021" / "cijfers-3-veiligheid.html").write_text(text, encoding="utf-8")
    office.release(day="2027-04-02")
    office.place()
    public = office.publish() / "2021"
    for release in ("", "uitgave-1", "uitgave-2", "uitgave-3"):
        assert (public / release / "index.html").is_file()
    missing = {
        (page, name) for page, name in before
        if not (public / page).is_file() or (name and name not in parse_page(public / page).xpath("//@id"))
    }  # fmt: skip
    assert missing == set() and len(before) > 15
    assert (public / "uitgave-1" / "hergebruik" / "fig-verschil.html").is_file()
    places = {str(name) for path in public.glob("*.html") for name in parse_page(path).xpath("//@id")}
    assert old <= places and "3.verschil.GM0917.2021.value" in old
    assert (public / "downloads" / "fig-verschil.csv").is_file()
    stub = parse_page(public / "3-veiligheid.html")
    assert "uitgave-2/3-veiligheid.html" in stub.xpath("//a/@href") and site_faults(public.parent) == []


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("number", "cijfers-3-veiligheid.html#3.verschil.GM0917.2021.value"),
        ("page", "3-veiligheid.html"),
        ("file", "downloads/fig-verschil.csv"),
    ],
)
def test_a_release_that_loses_an_address_of_the_last_one_is_refused(office: Office, monkeypatch, lost, told) -> None:
    office.released()
    before = {path.name for path in office.archive.iterdir()}
    office.left_out = ("verschil",) if lost != "page" else ()
    office.report()
    if lost == "page":
        (office.site / "2021" / "3-veiligheid.html").unlink()
    kept = candidates.keep_addresses

    def keep_all_but_one(old: Path, site: Path, *rest: str) -> None:
        kept(old, site, *rest)
        page = site / told.partition("#")[0]
        if lost == "number":
            text = page.read_text(encoding="utf-8")
            page.write_text(text.replace(f'id="{told.partition("#")[2]}"', "", 1), encoding="utf-8")
        else:
            page.unlink()

    monkeypatch.setattr(candidates, "keep_addresses", keep_all_but_one)
    office.release(day="2027-03-02")
    with pytest.raises(PublishError, match=f"1 addresses of release 1 lead nowhere in this candidate: {told}"):
        office.place()
    assert {path.name for path in office.archive.iterdir()} == before


def test_a_release_without_its_comparison_or_out_of_turn_is_refused(office: Office, monkeypatch) -> None:
    office.released()
    office.numbers = {"woninginbraak": 14.5}
    office.report()
    office.release(day="2027-03-02")
    statement = office.candidate / STATEMENT
    content = json.loads(statement.read_bytes())

    def spoilt(**parameters: object) -> None:
        made = json.loads(json.dumps(content))
        made["predicate"]["buildDefinition"]["externalParameters"] |= parameters
        statement.write_text(json.dumps(made), encoding="utf-8")

    spoilt(changes=0)
    with pytest.raises(PublishError, match="does not have the changes that there are"):
        office.place()
    spoilt(previous="0" * 64)
    with pytest.raises(PublishError, match="does not follow on the last release"):
        office.place()
    (office.candidate / "site" / "wijzigingen.html").unlink()
    content["subject"] = [item for item in content["subject"] if item["name"] != "site/wijzigingen.html"]
    spoilt()
    with pytest.raises(PublishError, match="no page of what changed"):
        office.place()
    assert [path.name for path in office.archive.iterdir()] == ["uitgave-1"]


def test_a_report_made_anew_does_not_take_the_place_of_what_was_released(office: Office) -> None:
    office.released()
    office.numbers = {"woninginbraak": 14.5}
    office.report()
    with pytest.raises(PublishError, match="was made anew after release 1"):
        office.publish()
    with pytest.raises(UsageError, match="--doi"):
        office.release(doi="zenodo")
    with pytest.raises(UsageError, match="cannot be of 2025-01-01"):
        office.release(day="2025-01-01")
    shutil.rmtree(office.archive / "uitgave-1")
    (office.archive / "uitgave-2").mkdir()
    with pytest.raises(UsageError, match="has no uitgave-1"):
        office.publish()


def test_a_list_of_signers_makes_no_report_out_of_date(office: Office) -> None:
    before = data_names()
    office.list_signers(*ROLES)
    assert data_names() == before and f"data/deal/{DEAL}.yml" in before


def test_a_release_needs_the_roles_that_the_deal_names(office: Office) -> None:
    deal = office.root / "data" / "deal" / f"{DEAL}.yml"
    text = deal.read_text(encoding="utf-8")
    roles = ("evaluator", "programmabureau", "vreemde")
    deal.write_text(f"{text}\nrelease:\n  roles: [{', '.join(roles)}]\n", encoding="utf-8")
    office.report()
    with pytest.raises(InputError, match=r"no such list.*a key for each role of the deal"):
        office.release()
    office.list_signers(*ROLES)
    with pytest.raises(InputError, match="no key of vreemde"):
        office.release()
    office.list_signers(*roles)
    assert office.release().roles == roles
    office.sign(*ROLES)
    with pytest.raises(PublishError, match="not signed by vreemde"):
        office.place()
    office.sign("vreemde")
    assert office.place().roles == roles
    signers = office.root / "data" / "deal" / f"{DEAL}-signers"
    signers.write_text(f"roles evaluator\n{signers.read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(InputError, match="the roles of the deal: evaluator programmabureau vreemde"):
        office.publish()
    for wrong in ("[]", "[evaluator, evaluator]", "[narekenaar]", "[De baas]"):
        deal.write_text(f"{text}\nrelease:\n  roles: {wrong}\n", encoding="utf-8")
        with pytest.raises(InputError, match="release"):
            load_deal(DEAL)


def test_every_fault_of_a_list_of_signers_is_told(office: Office) -> None:
    key = " ".join(office.public("evaluator").split()[:2])
    text = f"roles narekenaar\nevaluator {key} Bureau\nprogrammabureau {key}\nWie weet\nevaluator rsa AAAA\n"
    with pytest.raises(InputError) as told:
        read_signers(text, f"data/deal/{DEAL}-signers")
    assert [(fault.row, fault.expected.partition(":")[0]) for fault in told.value.faults] == [
        (1, "one role or more, each once and none narekenaar, as in"),
        (3, "a key of its own for each role"),
        (4, "a role, a key (ssh-ed25519 AAAA... or minisign RW...) and who holds it"),
        (5, "a role, a key (ssh-ed25519 AAAA... or minisign RW...) and who holds it"),
    ]
    with pytest.raises(InputError, match="no key of programmabureau"):
        read_signers(f"evaluator {key}\n", "signers")
    assert read_signers(f"roles evaluator\nevaluator {key} Bureau X # van 2026\n", "signers").roles == ("evaluator",)
