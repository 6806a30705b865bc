"""A small project whose report can be released in a second: two chapters, a small bundle, keys of three offices."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import pytest

from evaluation.bundles.layout import read_record, zip_bytes
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import Edition, choose_edition
from evaluation.publish.account import NO_SUM
from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.publish.site.site_folder import publish_site
from evaluation.release import candidate as candidates
from evaluation.release.on_site import place_releases
from evaluation.release.signatures import make_signature
from evaluation.release.signers import load_signers
from evaluation.release.statement import STATEMENT, Release
from tests.bundles.small import DEAL, NUMBERS, described, small_files, small_run
from tests.conftest import ROOT

KEYS = ("evaluator", "programmabureau", "narekenaar", "vreemde")
SITE_BODY = '<a href="2021/index.html">2021</a>'
PAGE = (
    f'<!doctype html><html lang="nl"><head><meta charset="utf-8">{POLICY_TAG}<title>{{title}} – Verslag</title>\n'
    '<meta name="description" content="x"></head><body><header class="kop"><nav class="jaren"></nav></header>\n'
    '<main id="inhoud"><h1>{title}</h1>\n{body}\n<nav class="verder"></nav></main>\n'
    '<footer class="voet">\n  <p>\n    <a href="verantwoording.html">Verantwoording</a>\n  </p>\n</footer>'
    "</body></html>"
)
ROW = '<tr id="3.{0}.GM0917.2021.value"><th>GM0917.2021.value<td>waarde<td>{1}<td>aantal<td>definitief<td>1'


@dataclass
class Office:
    """Where a deal is released, and the keys of its offices."""

    root: Path
    keys: dict[str, Path]
    numbers: dict[str, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()  # indicators that the report no longer has

    @cached_property
    def edition(self) -> Edition:
        return choose_edition(load_deal(DEAL), "2021", None)

    @property
    def site(self) -> Path:
        return self.root / "build" / "site"

    @property
    def candidate(self) -> Path:
        return self.root / "build" / "release" / DEAL / "2021"

    @property
    def archive(self) -> Path:
        return self.root / "releases" / DEAL / "2021"

    def list_signers(self, *roles: str) -> None:
        lines = [f"{role} {' '.join(self.public(role).split()[:2])} Bureau {role}" for role in roles]
        (self.root / "data" / "deal" / f"{DEAL}-signers").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def public(self, role: str) -> str:
        return self.keys[role].with_suffix(".pub").read_text(encoding="utf-8")

    def run(self) -> dict[str, bytes]:
        """The files of the run as they are now."""
        files = small_run(**self.numbers)
        rows = files["results.csv"].decode().splitlines(keepends=True)
        kept = [row for row in rows if not any(f"3.{name}." in row for name in self.left_out)]
        files["results.csv"] = "".join(kept).encode()
        record = json.loads(files["run.json"])
        record |= {"results_sha256": hashlib.sha256(files["results.csv"]).hexdigest(), "package_sha256": "1" * 64}
        return {**files, "run.json": json.dumps(record).encode()}

    def report(self) -> None:
        """Make the run and the report as they are now."""
        files = self.run()
        run = self.root / "build" / "runs" / DEAL / "2021"
        report = self.site / "2021"
        for folder in (run, report):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        (run / "run.json").write_bytes(files["run.json"])
        for name in ("run.json", "results.csv"):
            (report / name).write_bytes(files[name])
        values = {name: value for name, value in {**NUMBERS, **self.numbers}.items() if name not in self.left_out}
        (report / "downloads").mkdir()
        shown = []
        for name, value in values.items():
            (report / "downloads" / f"fig-{name}.csv").write_text(f"naam;waarde\n{name};{value}\n", encoding="utf-8")
            trail = f'<a href="cijfers-3-veiligheid.html#fig-{name}">1 cijfer met herkomst</a>'
            download = f'<a href="downloads/fig-{name}.csv" download>Download (CSV)</a>'
            shown.append(f'<figure id="fig-{name}"><p class="herleiding">{trail} {download}</p></figure>')
        rows = [
            f'<h2 id="fig-{name}">{name}</h2>\n<table><tbody><tr><th colspan="6" scope="rowgroup">3.{name}: {name}'
            f"{ROW.format(name, value)}</table>"
            for name, value in values.items()
        ]
        account = f"<p>Bundel: {NO_SUM}</p>"
        pages = {
            "index": '<p class="herleiding"><a href="cijfers.html">Alle cijfers met herkomst</a></p>',
            "cijfers": "<p>Alle</p>", "3-veiligheid": "\n".join(shown), "cijfers-3-veiligheid": "\n".join(rows),
            "verantwoording": account,
        }  # fmt: skip
        for name, body in pages.items():
            (report / f"{name}.html").write_text(PAGE.format(title=name, body=body), encoding="utf-8")
        front = PAGE.format(title="Voor", body=SITE_BODY).replace("verantwoording", "index")
        (self.site / "index.html").write_text(front, encoding="utf-8")

    def release(self, *, day: str = "2026-12-01", **words: str) -> Release:
        return candidates.make_candidate(DEAL, self.edition, day=date.fromisoformat(day), **words)

    def sign(self, *roles: str) -> None:
        for role in roles:
            content = (self.candidate / STATEMENT).read_bytes()
            made = make_signature(content, self.keys[role])
            candidates.add_signature(self.candidate, role, made, load_signers(DEAL))

    def place(self) -> Release:
        return candidates.place_candidate(DEAL, self.edition)[0]

    def publish(self) -> Path:
        return publish_site(self.site, self.root / "public", prepare=place_releases)

    def released(self, *, day: str = "2026-12-01", **words: str) -> Release:
        """Make, sign and place a release of the report as it is now."""
        self.report()
        made = self.release(day=day, **words)
        self.sign(*made.roles)
        return self.place()


def make_keys(folder: Path) -> dict[str, Path]:
    """Make keys of SSH, each of an office."""
    for name in KEYS:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name], check=True)
    return {name: folder / name for name in KEYS}


def bundle_writer(made: Office) -> Callable[..., SimpleNamespace]:
    """Give what writes a bundle of a few files, with the run of an office, in place of the whole project's."""

    def write_bundle(deal: str, edition: Edition, target: Path) -> SimpleNamespace:
        files = {name: text for name, text in small_files().items() if not name.startswith("run/")}
        files |= {f"run/{name}": text for name, text in made.run().items()}
        whole = described(files)
        content = zip_bytes(whole)
        target.write_bytes(content)
        known = {"name": target.name, "sha256": hashlib.sha256(content).hexdigest()}
        known["results_sha256"] = hashlib.sha256(files["run/results.csv"]).hexdigest()
        place = made.root / "build" / "bundles" / deal / f"{edition.id}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(known), encoding="utf-8")
        return SimpleNamespace(record=read_record(whole["bundle.json"]))

    return write_bundle


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Keys of SSH, each of an office."""
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def office(tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Office:
    """A project without signers, in which bundles are made of a few files."""
    root = tmp_path / "project"
    for name in ("data/deal", "data/indicators", "data/retail", "data/programme", "reports"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "_quarto.yml", root)
    (root / "data" / "deal" / f"{DEAL}-signers").unlink(missing_ok=True)
    monkeypatch.setenv("REGIODEAL_ROOT", str(root))
    made = Office(root, keys)

    monkeypatch.setattr(candidates, "write_bundle", bundle_writer(made))
    return made


@pytest.fixture
def change(office: Office) -> Callable[..., None]:
    """Give what changes numbers of the report, as newer figures do."""

    def to(**numbers: float) -> None:
        office.numbers |= numbers

    return to
