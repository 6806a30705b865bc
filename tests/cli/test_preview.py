"""The preview of a page: as in the report, new at every save, the last good page when a notebook fails."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest

from evaluation.base.errors import UsageError
from evaluation.cli.preview.page import find_subject
from evaluation.inputs.deal import load_deal
from tests.conftest import Project, copy_project, heed_interrupts

PAGE = "3-veiligheid"
_PATIENCE = 120


class Shown:
    """A preview that runs, as a browser sees it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.process = subprocess.Popen(
            [sys.executable, "-m", "evaluation.cli", "preview", PAGE, "--year", "2021", "--no-browser"],
            cwd=project.root,
            env={**os.environ, "REGIODEAL_ROOT": str(project.root), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=heed_interrupts,
        )
        line = self.process.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), line
        self.address = line.split()[0]
        self.root = self.address.rpartition("/2021/")[0]

    def get(self, path: str = f"/2021/{PAGE}.html", host: str | None = None) -> str:
        asked = urllib.request.Request(self.root + path, headers={"Host": host} if host else {})
        with urllib.request.urlopen(asked, timeout=_PATIENCE) as answer:
            assert answer.headers["Cache-Control"] == ("max-age=3600" if "plotly" in path else "no-store")
            return answer.read().decode()

    def main(self) -> str:
        return main_part(self.get())

    def wait(self, is_there) -> dict:
        """Follow what the server tells a browser until it is there."""
        started = time.monotonic()
        with urllib.request.urlopen(f"{self.root}/_voorvertoning/gebeurtenissen", timeout=_PATIENCE) as events:
            for line in events:
                if line.startswith(b"data: ") and is_there(state := json.loads(line[6:])):
                    return state
                assert time.monotonic() - started < _PATIENCE
        raise AssertionError("the server stopped")

    def edit(self, old: str, new: str, file: str = f"notebooks/{PAGE}.ipynb") -> None:
        path = self.project.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


def main_part(page: str) -> str:
    return re.search(r"<main.*</main>", page, flags=re.DOTALL).group(0)


@pytest.fixture
def desk(reported, tmp_path) -> Project:
    """A project with the run over 2021 and nothing published."""
    project = copy_project(tmp_path / "project")
    shutil.copytree(reported.runs / "2021", project.runs / "2021")
    return project


def test_a_page_is_as_in_the_report_and_new_at_every_save(desk, reported):
    shown = Shown(desk)
    try:
        first = shown.wait(lambda state: state["versie"] == 1)
        assert first == {"versie": 1, "fout": ""}
        published = main_part((reported.site / "2021" / f"{PAGE}.html").read_text(encoding="utf-8"))
        assert shown.main() == published
        assert 'data-versie="1"' in shown.get() and 'data-versie=""' in shown.get("/2021/7-financien.html")
        assert len(shown.get("/assets/plotly.min.js")) > 1_000_000
        for path in ("/2021/../project/run.json", "/2021/%2e%2e/project/run.json", "/etc/passwd", "/2020/index.html"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                shown.get(path)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            shown.get(host="example.org")

        shown.edit("Projecten van dit thema", "De projecten van dit thema")
        shown.wait(lambda state: state["versie"] == 2)
        assert "De projecten van dit thema" in shown.main()

        shown.edit("veiligheid.projects()", "veiligheid.projecten()")
        failed = shown.wait(lambda state: state["fout"])
        assert failed["versie"] == 2 and "“tbl-projecten-3”. AttributeError" in failed["fout"]
        assert "De projecten van dit thema" in shown.main(), "the last good page stays"

        shown.edit("veiligheid.projecten()", "veiligheid.projects()")
        shown.edit("De projecten van dit thema", "Projecten van dit thema")
        last = shown.wait(lambda state: state["versie"] > 2 and not state["fout"])["versie"]
        assert shown.main() == published, "a second run in the same kernel gives the same page"

        shown.edit("Voorbeeldproject", "Proefproject", "data/programme/parkstad-limburg/projects.csv")
        seen = shown.wait(lambda state: state["versie"] > last or state["fout"])
        assert not seen["fout"] and "Proefproject" in shown.main()

        second = desk.regiodeal("preview", PAGE, "--year", "2021", "--no-browser")
        assert second.returncode == 11 and "open already" in second.stderr
        started = psutil.Process(shown.process.pid).children(recursive=True)
        shown.process.send_signal(signal.SIGINT)
        assert shown.process.wait(timeout=30) == 0
        assert "Stopped." in shown.process.stdout.read()
        assert psutil.wait_procs(started, timeout=10)[1] == []
    finally:
        shown.process.kill()
        shown.process.stdout.close()
    assert not (desk.root / "build" / "preview").exists() and not desk.site.exists()


@pytest.mark.parametrize(
    ("name", "year", "edition", "page"),
    [
        (PAGE, None, "2021", f"{PAGE}.html"),
        (f"notebooks/{PAGE}.ipynb", 2020, "2020", f"{PAGE}.html"),
        ("0-samenvatting", 2022, "2022", "index.html"),
        ("e3-veiligheid", None, "eindevaluatie", "e3-veiligheid.html"),
        ("4a-winkelcluster", 2021, "2021", "4a-winkelcluster-wc1.html"),
        ("4a-winkelcluster-wc2", 2021, "2021", "4a-winkelcluster-wc2.html"),
        ("verantwoording", 2019, "2019", "verantwoording.html"),
    ],
)
def test_a_page_is_found_by_the_name_that_a_person_knows(name, year, edition, page):
    subject = find_subject(load_deal(), name, year)
    assert (subject.edition.id, subject.page) == (edition, page)
    assert subject.source.is_file()


def test_a_page_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="Did you mean '3-veiligheid'"):
        find_subject(load_deal(), "veiligheid", 2021)
    with pytest.raises(UsageError, match="2019 to 2022"):
        find_subject(load_deal(), PAGE, 2030)
