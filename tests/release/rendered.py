"""A small report as it is really made, with prints, released twice, certified and published: for who looks at pages."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.publish.publishing import render_report
from evaluation.release import candidate as candidates
from evaluation.release.kept_certificates import keep_certificate
from tests.bundles.small import DEAL
from tests.conftest import ROOT
from tests.release.conftest import Office, bundle_writer, make_keys
from tests.release.test_certificate import ROLES, reproduction, signed
from tests.site.made_run import make_project, make_run

FORMATS = ("html", "pdf", "docx")
_OWN = re.compile(r'((?:href|src)=")(?!https?:|mailto:|#|\.\./|reports/)')
_INPUTS: dict[str, object] = {name: {} for name in ("files", "modules", "cells", "parameters", "versions")}


@dataclass
class RenderedOffice(Office):
    """An office whose report is rendered, with PDF and Word."""

    burglaries: float = 1.6

    @property
    def run_dir(self) -> Path:
        return self.root / "build" / "runs" / DEAL / "2021"

    def run(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.run_dir.iterdir()}

    def report(self) -> None:
        shutil.rmtree(self.run_dir, ignore_errors=True)
        make_run(self.root, self.burglaries)
        record = json.loads((self.run_dir / "run.json").read_bytes())
        record |= {"as_of": "2021-12-31", "snapshots": []}
        record["results_sha256"] = hashlib.sha256((self.run_dir / "results.csv").read_bytes()).hexdigest()
        (self.run_dir / "run.json").write_text(json.dumps(record), encoding="utf-8")
        inputs = {**_INPUTS, "names": [], "order": [], "format": "0", "chapter": [], "lock": "0"}
        text = json.dumps(dict.fromkeys(record["notebooks"], inputs))
        (self.run_dir / "inputs.json").write_text(text, encoding="utf-8")
        render_report(self.run_dir, site=self.site, name="2021", engine="embedded", formats=FORMATS)
        shutil.copytree(self.site / "2021" / "reports", self.site / "reports", dirs_exist_ok=True)
        page = (self.site / "2021" / "verantwoording.html").read_text(encoding="utf-8")
        front = _OWN.sub(r"\g<1>2021/", page).replace('="../', '="')
        (self.site / "index.html").write_text(front, encoding="utf-8")


def make_released(folder: Path) -> Path:
    """Release a small report twice, the second time with another number; return the published site."""
    keys = folder / "keys"
    keys.mkdir()
    made = RenderedOffice(make_project(folder / "project"), make_keys(keys))
    for name in ("retail", "programme"):
        shutil.copytree(ROOT / "data" / name, made.root / "data" / name)
    (made.root / "data" / "deal" / f"{DEAL}-signers").unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(made.root))
        patch.setattr(candidates, "write_bundle", bundle_writer(made))
        made.list_signers(*ROLES)
        first = made.released()
        certificate = reproduction(first.bundle_sha256)[1]
        keep_certificate(signed(made, certificate, folder / "nagerekend"), DEAL, "2021")
        made.burglaries = 1.5
        made.released(day="2027-03-02", erratum="Figuur 3.2 telde een inbraak dubbel.")
        return made.publish()
