"""A bundle of another deal, and one of real records: what others get of them, and that it gives the same numbers."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile

import pytest

from tests.conftest import ROOT, Project, copy_project

DEAL = "voorbeeldstreek"
PLANTED = ("Bel Jan Jansen", "wijk Achter de Kerk", "j.jansen")
SMALL = "7"


@pytest.fixture
def second(tmp_path) -> Project:
    """The made-up deal beside the first, with records that say that they are real."""
    made = copy_project(tmp_path / "project")
    shutil.copytree(ROOT / "tests" / "second_deal", made.root / "data", dirs_exist_ok=True)
    folder = made.root / "data" / "programme" / DEAL
    dataset = folder / "dataset.yml"
    text = dataset.read_text(encoding="utf-8").replace("status: voorbeeld", "status: voorlopig")
    dataset.write_text(text.replace("made_by: tests", f"made_by: {PLANTED[2]}"), encoding="utf-8")
    with (folder / "outputs.csv").open("a", encoding="utf-8") as file:
        file.write(f"R6,2021-03-01,V3,2.1,,{SMALL},jongeren,,{PLANTED[0]}\nR7,2020-03-01,V3,2.1,,31,jongeren,,\n")
    projects = list(csv.DictReader((folder / "projects.csv").open(encoding="utf-8")))
    projects[0] |= {"neighbourhood": PLANTED[1], "lead": "Jan Jansen"}
    with (folder / "projects.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, projects[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(projects)
    return made


@pytest.mark.slow
def test_real_records_of_another_deal_go_out_as_published_aggregates_and_give_the_same_numbers(second, tmp_path):
    done = second.regiodeal("run", "--deal", DEAL, "--year", "2021")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "second.zip"
    done = second.regiodeal("bundle", "2021", "--deal", DEAL, "--to", str(path))
    assert done.returncode == 0, done.stderr
    assert "Absent: single deliveries of persons" in done.stdout
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    everything = "\n".join(files.values())
    for secret in (*PLANTED, "Jan Jansen"):
        assert secret not in everything, secret
    place = f"project/data/programme/{DEAL}/"
    assert "jongeren" not in files[f"{place}outputs.csv"], "single deliveries stay at the office"
    counts = [row for row in csv.DictReader(files[f"{place}counts.csv"].splitlines()) if row["unit"] == "jongeren"]
    assert {row["year"]: row["total"] for row in counts}["2021"] in ("", "40"), "rounded, or withheld"
    assert not [name for name in files if "parkstad" in name]
    done = second.regiodeal("reproduce", str(path), "--to", str(tmp_path / "again"), "--here")
    report = json.loads((tmp_path / "again" / "report.json").read_text(encoding="utf-8"))
    assert done.returncode == 17, (done.stdout, done.stderr, report["problem"])  # no sum was given
    assert report["numbers"]["reproduced"] == report["numbers"]["expected"] > 100
