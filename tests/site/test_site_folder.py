"""The folder for a host: whole, checked, swapped at once, and never over somebody's files."""

import hashlib
import json
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from rdflib import DCAT

from evaluation.base.errors import PublishError
from evaluation.present.results import COLUMNS
from evaluation.publish.account import NO_SUM
from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.publish.site import site_folder
from evaluation.publish.site.bundle_sums import show_sums
from evaluation.publish.site.packed_results import PACKED, pack_results
from evaluation.publish.site.site_folder import MARKER, draw_share_image, publish_site, site_faults
from tests.catalogues import read_catalogue
from tests.conftest import ROOT

ADDRESS = "https://example.org/deal"
PAGE = (
    f'<!doctype html><html lang="nl"><head>{POLICY_TAG}<title>{{0}}</title></head><body><main><h1>{{0}}</h1>{{1}}'
    "</main></body></html>"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a site of a front page and two reports, with one that is not whole and one half made."""
    folder = tmp_path / "build" / "site"
    for name in ("2020", "2021", "2021-onvolledig", ".2022-draft"):
        (folder / name).mkdir(parents=True)
        (folder / name / "index.html").write_text(PAGE.format(name, '<a href="../index.html">x</a>'), encoding="utf-8")
        year = int(name.strip(".")[:4])
        record = {"as_of": f"{year}-12-31", "deal_name": "Regio Deal X & Y", "kind": "annual", "year": year}
        record |= {"deal": "parkstad-limburg", "edition": str(year), "snapshots": [{"attribution": "Bron: CBS"}]}
        (folder / name / "results.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        (folder / name / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(PAGE.format("Voor", '<a href="2021/index.html">2021</a>'), encoding="utf-8")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_published_site_is_whole(site, tmp_path):
    target = publish_site(site, tmp_path / "public", address=ADDRESS)
    made = files(target)
    assert {".nojekyll", "404.html", "sitemap.xml", "feed.xml", MARKER, "assets/deel.png"} <= set(made)
    assert not [name for name in made if "onvolledig" in name or "draft" in name]
    places = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "a": "http://www.w3.org/2005/Atom"}
    found = [tag.text for tag in ElementTree.fromstring(made["sitemap.xml"]).iterfind("s:url/s:loc", places)]
    assert found == [f"{ADDRESS}/{name}" for name in ("2020/", "2021/", "")]
    feed = ElementTree.fromstring(made["feed.xml"])
    assert [tag.text for tag in feed.iterfind("a:entry/a:title", places)] == [
        "Voortgangsrapportage over 2021, Regio Deal X & Y",
        "Voortgangsrapportage over 2020, Regio Deal X & Y",
    ]
    numbers = read_catalogue(made["dcat.jsonld"], f"{ADDRESS}/").objects(None, DCAT.downloadURL)
    assert sorted(map(str, numbers)) == [f"{ADDRESS}/2020/results.zip", f"{ADDRESS}/2021/results.zip"]
    page = BeautifulSoup(made["2021/index.html"], "html.parser")
    assert page.select_one('link[rel="canonical"]')["href"] == f"{ADDRESS}/2021/"
    assert page.select_one('meta[property="og:image"]')["content"] == f"{ADDRESS}/assets/deel.png"
    assert "og:" not in (site / "2021" / "index.html").read_text(encoding="utf-8")
    publish_site(site, target, address=ADDRESS)
    assert files(target) == made


def test_without_an_address_no_host_is_made_up(site, tmp_path):
    made = files(publish_site(site, tmp_path / "public"))
    assert "sitemap.xml" not in made and "feed.xml" not in made
    assert not [name for name, content in made.items() if name.endswith(".html") and b"://" in content]


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "https://", "https://example.org/?a=b"])
def test_what_is_no_address_is_refused(site, tmp_path, address):
    with pytest.raises(PublishError, match="The address of the site"):
        publish_site(site, tmp_path / "public", address=address)
    assert not (tmp_path / "public").exists()


def test_files_of_somebody_else_stay(site, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for target in (tmp_path / "mine", tmp_path / "file", site, site.parent, site / "2021"):
        with pytest.raises(PublishError):
            publish_site(site, target)
    assert files(tmp_path / "mine") == {"letter.txt": b"dear"} and (site / "2021" / "index.html").is_file()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ('<a href="weg.html">x</a>', "2021/index.html: weg.html is not there"),
        ('<a href="#weg">x</a>', "2021/index.html: #weg leads to no place"),
        ('<img src="https://example.org/x.png">', "https://example.org/x.png would load from another host"),
        ("x" * 300_001, "2021/index.html has 3"),
    ],
)
def test_a_site_with_a_fault_leaves_the_published_one(site, tmp_path, fault, told):
    target = publish_site(site, tmp_path / "public")
    before = files(target)
    (site / "2021" / "index.html").write_text(PAGE.format("2021", fault), encoding="utf-8")
    with pytest.raises(PublishError, match=told.replace("/", ".")):
        publish_site(site, target)
    assert files(target) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build", "public"]


def test_a_draft_of_a_publication_that_was_killed_goes_and_folders_of_others_stay(site, tmp_path):
    for name in (f".public{site_folder._DRAFT}-a1b2c3d4", ".public-eigen"):
        (tmp_path / name).mkdir()
    publish_site(site, tmp_path / "public")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".public-eigen", "build", "public"]


def test_a_swap_that_fails_leaves_the_published_one(site, tmp_path, monkeypatch):
    target = publish_site(site, tmp_path / "public")
    before = files(target)

    def fail(new, old):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site_folder, "replace_folder", fail)
    with pytest.raises(OSError, match="No space left"):
        publish_site(site, target)
    assert files(target) == before


def test_a_site_without_a_front_page_is_refused(site, tmp_path):
    (site / "index.html").unlink()
    with pytest.raises(PublishError, match="regiodeal site"):
        publish_site(site, tmp_path / "public")


def test_the_image_of_a_link_is_a_png_and_always_the_same():
    image = draw_share_image()
    assert image[:8] == b"\x89PNG\r\n\x1a\n" and image[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")
    assert image == draw_share_image() and len(image) < 20_000


def test_the_site_of_four_years_and_the_final_evaluation_keeps_to_the_sizes(portal, tmp_path):
    assert sorted(path.name for path in portal.site.iterdir() if path.is_dir())[:4] == ["2019", "2020", "2021", "2022"]
    assert (portal.site / "eindevaluatie" / "index.html").is_file() and (portal.site / "index.html").is_file()
    published = shutil.copytree(portal.site, tmp_path / "site")
    pack_results(published)
    assert [fault for fault in site_faults(published) if "would load" in fault or "bytes" in fault] == []


def test_numbers_are_packed_and_led_to_but_for_those_of_an_archive(portal, tmp_path):
    site = tmp_path / "site"
    for name in ("2021", "2021/uitgave-1"):
        (site / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(portal.site / "2021" / "results.csv", site / name)
    (site / "index.html").write_text(
        '<a href="2021/results.csv" download>alle cijfers (CSV)</a> <a href="2021/uitgave-1/results.csv">toen</a>'
    )
    pack_results(site)
    assert (site / "index.html").read_text() == (
        '<a href="2021/results.zip" download>alle cijfers (CSV in zip)</a> '
        '<a href="2021/uitgave-1/results.csv">toen</a>'
    )
    assert not (site / "2021" / "results.csv").exists() and (site / "2021" / "uitgave-1" / "results.csv").is_file()
    packed, plain = (
        pd.read_csv(place / "2021" / name) for place, name in ((site, PACKED), (portal.site, "results.csv"))
    )
    assert packed.equals(plain) and len(packed) > 1000


@pytest.mark.parametrize("name", ["tests", "publish"])
def test_a_workflow_is_yaml_and_pins_what_it_uses(name):
    content = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    used = {step["uses"]: step.get("with", {}) for step in steps if "uses" in step}
    assert all("@v" in action for action in used)
    assert used["quarto-dev/quarto-actions/setup@v2"]["version"] == "1.9.38"
    assert any(step.get("run", "").startswith("make ") for step in steps)


def test_a_published_report_has_its_description_and_preview(reported, tmp_path):
    copied = tmp_path / "site"
    shutil.copytree(reported.site / "2021", copied / "2021")
    page = BeautifulSoup((copied / "2021" / "3-veiligheid.html").read_text(encoding="utf-8"), "html.parser")
    description = page.select_one('meta[name="description"]')["content"]
    assert 40 < len(description) < 160
    assert page.select_one('meta[property="og:description"]')["content"] == description
    assert page.select_one('link[rel="icon"]')["href"] == "reports/style/icoon.svg"


def test_a_report_shows_the_sum_of_the_bundle_of_its_own_run(site, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    sums = {}
    for name, results in (("2020", "of another run"), ("2021", "of this run")):
        folder = site / name
        (folder / "results.csv").write_text("of this run", encoding="utf-8")
        (folder / "run.json").write_text(json.dumps({"deal": "x", "edition": name}), encoding="utf-8")
        (folder / "verantwoording.html").write_text(PAGE.format("V", f"<td>{NO_SUM}</td>"), encoding="utf-8")
        known = {"name": f"{name}.zip", "results_sha256": hashlib.sha256(results.encode()).hexdigest()}
        sums[name] = hashlib.sha256(name.encode()).hexdigest()
        place = tmp_path / "build" / "bundles" / "x" / f"{name}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({**known, "sha256": sums[name]}), encoding="utf-8")
    show_sums(site)
    pages = {name: (site / name / "verantwoording.html").read_text(encoding="utf-8") for name in sums}
    assert f"<td><code>{sums['2021']}</code></td>" in pages["2021"]
    assert "<td>van dit verslag is geen bundel gemaakt</td>" in pages["2020"]
    assert (site / "2021" / "SHA256SUMS").read_text(encoding="utf-8") == f"{sums['2021']}  2021.zip\n"
    assert not (site / "2020" / "SHA256SUMS").exists()
