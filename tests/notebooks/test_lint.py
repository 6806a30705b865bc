"""Notebooks as they are looked at: every fault with its place, what is safe mended, no output committed."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from evaluation.base.errors import InputError
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.run.checks import check_notebooks
from evaluation.run.notebook_lint import notices, output_faults, parameter_notices
from evaluation.run.notebook_outputs import has_outputs, strip_outputs
from evaluation.run.notebook_repair import mend_notebooks
from evaluation.run.text_repair import mend_texts
from tests.conftest import ROOT

NAME = "3-veiligheid"
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def desk(project, monkeypatch):
    """A project of its own that this process takes for the project."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    return project


def edit(desk, change, name: str = NAME):
    """Change a notebook; return its path."""
    path = desk.root / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))  # nbformat.read would mend faults
    for item in notebook.cells:
        item.source = "".join(item.source)
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def cell(notebook, identity: str):
    return next(item for item in notebook.cells if item.id == identity)


def told() -> list[str]:
    """Return what every command says of the notebooks before it runs them, a line for each fault."""
    try:
        check_notebooks([name for names in NOTEBOOKS.values() for name in names])
    except InputError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_the_notebooks_of_the_project_are_in_order_and_kept_as_git_gets_them():
    assert told() == [] and list(output_faults()) == []
    assert [line for line in notices("parkstad-limburg") if "outputs" not in line] == []
    assert [path.name for path in PATHS if strip_outputs(text := path.read_text(encoding="utf-8")) != text] == []


def plant(notebook):
    notebook.metadata["kernelspec"]["name"] = "conda-env-py"
    cell(notebook, "geld").source += "\n\n# Nog een titel"
    cell(notebook, "doelen").source += "\nfrom pandas import read_csv as r\nr('cijfers.csv')"
    cell(notebook, "bevinding").source += "\nimport os"
    cell(notebook, "stand").source = cell(notebook, "stand").source.replace("#| tbl-cap:", "#| caption:")
    cell(notebook, "plan").source = cell(notebook, "plan").source.replace("tbl-plan-3", "tbl-Plan_3")
    cell(notebook, "geleverd").source = cell(notebook, "geleverd").source.replace("fig-doelbereik-3", "fig-geld-3")
    cell(notebook, "kanttekeningen").source += "\n%timeit veiligheid"
    cell(notebook, "oordeel").source += "\npd.DataFrame().sample(3)"
    cell(notebook, "aanpak").source += "\nx = pd.Timestamp('today')"
    cell(notebook, "geld-tekst")["id"] = "geld"


def test_every_planted_fault_is_told_at_once_with_its_place(desk):
    edit(desk, plant)
    lines = told()
    assert all(line.startswith("notebooks/3-veiligheid.ipynb, ") or "first level" in line for line in lines)
    for words in (
        "kernel 'conda-env-py'",
        "2 headings of the first level",
        "(doelen): got pandas.read_csv on line",
        "(doelen): got r on line",
        "(bevinding): got an import of os",
        "(tbl-stand-3): got no caption",
        "got the label 'tbl-Plan_3'",
        "got the label fig-geld-3, which 3-veiligheid has too",
        "got code that is not Python",
        "(oordeel): got pd.DataFrame().sample(...) without a seed on line",
        "(tbl-aanpak-3): got pd.Timestamp('today') on line",
        "the id 'geld' again",
    ):
        assert len([line for line in lines if words in line]) == 1, (words, lines)
    assert len(lines) == 12
    assert len([line for line in lines if line.endswith("Mend it with: regiodeal check --fix")]) == 3


def test_what_is_safe_is_mended_and_the_old_notebook_kept(desk):
    def spoil(notebook):
        notebook.metadata["kernelspec"]["name"] = "other"
        del notebook.cells[1].metadata["tags"]
        cell(notebook, "geld-tekst")["id"] = "geld"
        cell(notebook, "geleverd").source = cell(notebook, "geleverd").source.replace("fig-doelbereik-3", "fig-geld-3")
        cell(notebook, "stand").outputs = [nbformat.v4.new_output("stream", text="x")]
        cell(notebook, "stand").execution_count = 4

    path = edit(desk, spoil)
    spoilt = path.read_bytes()
    (line,) = mend_notebooks()
    for words in ("kernel python3", "tag 'parameters'", "ids", "fig-geld-3 became fig-geld-3-2", "outputs left out"):
        assert words in line
    assert (desk.root / "build/before-fix/3-veiligheid.ipynb").read_bytes() == spoilt
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[1].metadata.tags == ["parameters"]
    assert mend_notebooks() == [], "what is mended stays as it is"
    check_notebooks([NAME])


def test_two_sentences_in_a_line_are_told_and_parted_so_that_two_changes_merge(desk, tmp_path):
    crowded = "## Doelbereik\n\nHet pad is recht (zie art. 3). Dat is een aanname. Meer niet."
    path = edit(desk, lambda notebook: setattr(cell(notebook, "doelbereik"), "source", crowded))
    page = desk.root / "reports/annual/verantwoording.qmd"
    page.write_text("# Verantwoording\n\nEen zin. En nog een.\n", encoding="utf-8")
    lines = [line for line in notices("parkstad-limburg") if "two sentences in one line" in line]
    assert [line.partition(":")[0] for line in lines] == [
        "notebooks/3-veiligheid.ipynb, cell 9 (doelbereik)", "reports/annual/verantwoording.qmd"
    ]  # fmt: skip
    (line,) = [*mend_notebooks()]
    assert "one sentence per line (cell 9 (doelbereik))" in line and mend_notebooks() == []
    assert [text.partition(".qmd: ")[2].partition(".")[0] for text in mend_texts()] == ["one sentence per line"]
    assert page.read_text(encoding="utf-8").endswith("\n\nEen zin.\nEn nog een.\n") and mend_texts() == []
    assert not [line for line in notices("parkstad-limburg") if "two sentences" in line]

    base = path.read_text(encoding="utf-8")
    versions = (base, base.replace("(zie art. 3)", "(artikel 3)"), base.replace("Meer niet.", "Meer is het niet."))
    files = [tmp_path / name for name in ("base", "ours", "theirs")]
    for file, text in zip(files, versions, strict=True):
        file.write_text(text, encoding="utf-8")
    merged = subprocess.run(["git", "merge-file", "-p", files[1], files[0], files[2]], capture_output=True, text=True)
    assert merged.returncode == 0 and "(artikel 3)" in merged.stdout and "Meer is het niet." in merged.stdout


def test_what_takes_a_choice_is_left_alone(desk):
    path = edit(desk, lambda notebook: setattr(cell(notebook, "doelen"), "source", "open('x')"))
    before = path.read_bytes()
    assert mend_notebooks() == []
    assert path.read_bytes() == before
    (line,) = told()
    assert "(doelen): got open on line 1" in line


def test_a_word_that_judges_and_a_draft_are_told_and_stop_nothing(desk):
    edit(desk, lambda notebook: setattr(notebook.cells[4], "source", "## Wat is afgesproken\n\nDankzij de deal."))
    (desk.root / "notebooks/proef.ipynb").write_text("{}", encoding="utf-8")
    lines = list(notices("parkstad-limburg"))
    assert any("cell 5 (afgesproken): 'dankzij' judges" in line for line in lines)
    assert any("notebooks/proef.ipynb: in no report" in line for line in lines)
    assert told() == []


def test_an_edited_year_is_told_and_one_that_cannot_be_is_refused(desk):
    edit(desk, lambda notebook: setattr(notebook.cells[1], "source", 'deal = "parkstad-limburg"\nyear = 2019'))
    (line,) = [line for line in notices("parkstad-limburg") if "parameters" in line]
    assert "3-veiligheid.ipynb, parameters: year = 2019, and the others have 2021." in line and "--year 2019" in line
    assert list(parameter_notices(NOTEBOOKS["annual"], {"year": 2019})) == [], "the run is over that year"
    (line,) = parameter_notices(NOTEBOOKS["annual"], {"year": 2020})
    assert "year = 2019, and this is over 2020" in line
    assert told() == []
    for year, deal in (
        ("2030", "'parkstad-limburg'"),
        ("'2021'", "'parkstad-limburg'"),
        ("True", "'parkstad-limburg'"),
    ):
        edit(desk, lambda notebook, year=year, deal=deal: setattr(
            notebook.cells[1], "source", f"deal = {deal}\nyear = {year}"))  # fmt: skip
        (line,) = told()
        assert f"got year = {year}; expected year to be a whole number from 2019 to 2022." in line
    edit(desk, lambda notebook: setattr(notebook.cells[1], "source", "deal = 'elders'\nyear = 2021"))
    (line,) = [line for line in notices("parkstad-limburg") if "parameters" in line]
    assert "deal = 'elders', and this is over parkstad-limburg." in line and told() == []


def test_a_helper_function_of_ones_own_is_held_to_the_same(desk):
    own = desk.root / "notebooks" / "own"
    own.mkdir(exist_ok=True)
    (own / "helper.py").write_text("import requests\n\n\ndef f():\n    return requests.get('x')\n", encoding="utf-8")
    (line,) = told()
    assert line.startswith("notebooks/own/helper.py: got an import of requests on line 1; expected figures(")


def test_a_chapter_is_what_the_profile_names(desk):
    profile = desk.root / "_quarto-annual.yml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(
        text.replace("    - verantwoording", "    - 9-nieuw.ipynb\n    - verantwoording"), encoding="utf-8"
    )
    assert NOTEBOOKS["annual"][-2:] == ("9-nieuw", "0-samenvatting")
    with pytest.raises(InputError, match=r"notebooks/9-nieuw.ipynb: got no file"):
        check_notebooks(NOTEBOOKS["annual"])
    profile.write_text("book: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"_quarto-annual.yml: got nothing to read"):
        NOTEBOOKS["annual"]


def git(folder, *arguments: str) -> str:
    settings = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", "-C", str(folder), *settings, *arguments], capture_output=True, text=True,
                          check=True, env=environment)  # fmt: skip
    return done.stdout


def test_a_commit_in_a_fresh_clone_has_no_outputs_and_the_working_copy_keeps_them(tmp_path, monkeypatch):
    from evaluation.run.notebook_outputs import has_filter, set_up_filter

    first, clone = tmp_path / "first", tmp_path / "clone"
    (first / "notebooks").mkdir(parents=True)
    for name in (".gitattributes", ".gitignore", f"notebooks/{NAME}.ipynb"):
        (first / name).write_bytes((ROOT / name).read_bytes())
    git(tmp_path, "init", "-q", "first")
    git(first, "add", ".")
    git(first, "commit", "-qm", "start")
    git(tmp_path, "clone", "-q", str(first), "clone")
    assert not has_filter(clone) and set_up_filter(clone) and has_filter(clone)

    path = clone / "notebooks" / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    ids = [item.id for item in notebook.cells]
    cell(notebook, "stand").outputs = [nbformat.v4.new_output("stream", text="152")]
    cell(notebook, "stand").execution_count = 7
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.2"}
    nbformat.write(notebook, path)
    ran = path.read_bytes()
    git(clone, "add", ".")
    assert git(clone, "diff", "--cached", "--name-only") == "", "running a notebook is no change"

    cell(notebook, "geld").source += "\n\nEen zin erbij."
    nbformat.write(notebook, path)
    ran = path.read_bytes()
    git(clone, "commit", "-qam", "sentence")
    committed = git(clone, "show", f"HEAD:notebooks/{NAME}.ipynb")
    assert path.read_bytes() == ran and has_outputs(path.read_text(encoding="utf-8"))
    assert not has_outputs(committed) and "Een zin erbij." in committed
    assert [item["id"] for item in json.loads(committed)["cells"]] == ids
    assert git(clone, "status", "--porcelain") == ""


def test_a_clone_of_before_the_move_takes_no_outputs_in_and_is_mended_by_make(tmp_path):
    git(tmp_path, "init", "-q", "clone")
    clone, name = tmp_path / "clone", "filter.regiodeal-notebook.clean"
    (clone / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    path = clone / "notebooks" / f"{NAME}.ipynb"
    path.parent.mkdir()
    path.write_bytes((ROOT / "notebooks" / f"{NAME}.ipynb").read_bytes())

    def renew() -> str:
        command = [sys.executable, "-m", "evaluation.run.notebook_outputs", "--renew"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True, env=environment)
        assert done.stdout == done.stderr == ""
        return git(clone, "config", "--default", "", "--get", name).strip()

    assert renew() == "", "who never asked for the filter is not given one"
    git(clone, "config", name, f'"{sys.executable}" -m evaluation.notebook_outputs')
    assert renew().endswith(" -m evaluation.run.notebook_outputs %f")

    notebook = nbformat.read(path, as_version=4)
    cell(notebook, "stand").outputs = [nbformat.v4.new_output("stream", text="152")]
    nbformat.write(notebook, path)
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "start")
    assert not has_outputs(git(clone, "show", f"HEAD:notebooks/{NAME}.ipynb"))
    path.unlink()
    git(clone, "checkout", "--", "notebooks")
    assert has_outputs(path.read_text(encoding="utf-8")), "what stood there when git looked comes back"

    git(clone, "config", name, "false")
    nbformat.write(notebook, path)
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, "add", ".")


def test_a_file_with_the_marks_of_a_merge_passes_the_filter_as_it_is():
    spoilt = b"<<<<<<< HEAD\n{}\n=======\n\xff"
    command = [sys.executable, "-m", "evaluation.run.notebook_outputs"]
    assert subprocess.run(command, input=spoilt, capture_output=True, check=True).stdout == spoilt


@pytest.fixture
def clones(tmp_path):
    """A clone with the filter in which a notebook was run, and the repository that it is of."""
    from evaluation.run.notebook_outputs import set_up_filter

    first, clone = tmp_path / "first", tmp_path / "clone"
    (first / "notebooks").mkdir(parents=True)
    for name in (".gitattributes", ".gitignore", f"notebooks/{NAME}.ipynb"):
        (first / name).write_bytes((ROOT / name).read_bytes())
    git(tmp_path, "init", "-q", "first")
    git(first, "add", ".")
    git(first, "commit", "-qm", "start")
    git(tmp_path, "clone", "-q", str(first), "clone")
    assert set_up_filter(clone)
    path = clone / "notebooks" / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for item in notebook.cells:
        if item.cell_type == "code":
            item.outputs, item.execution_count = [nbformat.v4.new_output("stream", text=item.id)], 7
    nbformat.write(notebook, path)
    return first, clone, path


def test_running_a_notebook_is_no_change_blocks_no_pull_and_loses_no_output(clones, monkeypatch):
    from evaluation.run.notebook_outputs import refresh_index

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    first, clone, path = clones
    assert refresh_index(clone, path) and git(clone, "status", "--porcelain") == ""

    theirs = nbformat.read(first / "notebooks" / f"{NAME}.ipynb", as_version=4)
    cell(theirs, "plan").source += "\n# anders"
    theirs.cells[0].source += "\n\nEen zin erbij."
    nbformat.write(theirs, first / "notebooks" / f"{NAME}.ipynb")
    git(first, "commit", "-qam", "theirs")
    git(clone, "pull", "-q")
    assert git(clone, "status", "--porcelain") == ""
    pulled = nbformat.read(path, as_version=4)
    assert pulled.cells[0].source.endswith("Een zin erbij.") and cell(pulled, "plan").outputs == []
    assert cell(pulled, "stand").outputs[0].text == "stand" and cell(pulled, "stand").execution_count == 7

    cell(pulled, "stand").source += "\n"
    nbformat.write(pulled, path)
    assert not refresh_index(clone, path), "what a person changed is not staged"
    assert git(clone, "status", "--porcelain") == f" M notebooks/{NAME}.ipynb\n"


def test_the_check_asks_git_itself_whether_outputs_would_be_committed(clones, monkeypatch):
    from evaluation.run.notebook_outputs import find_committed_outputs

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    _, clone, path = clones
    name, key = path.relative_to(clone).as_posix(), "filter.regiodeal-notebook.clean"
    assert find_committed_outputs(clone) == {}
    good = git(clone, "config", "--get", key).strip()
    git(clone, "config", key, "cat")
    assert find_committed_outputs(clone) == {name: "outputs, which would be committed"}, "a filter that does nothing"
    git(clone, "config", key, "false")
    assert find_committed_outputs(clone) == {}, "git refuses by itself"
    git(clone, "config", key, good)
    (clone / ".gitattributes").write_text("", encoding="utf-8")
    assert list(find_committed_outputs(clone)) == [name], "nothing says that the filter is for notebooks"
    git(clone, "commit", "-qam", "outputs")
    git(clone, "checkout", "-q", "HEAD~1", "--", ".gitattributes")
    assert find_committed_outputs(clone) == {name: "outputs that are committed, or staged to be"}
    (clone / "elders.ipynb").write_bytes(path.read_bytes())
    git(clone, "add", "elders.ipynb")
    assert not has_outputs(git(clone, "show", ":elders.ipynb")), "a notebook anywhere is filtered"


@pytest.mark.parametrize("text", ['{"nbformat": 3, "worksheets": [{"output_type": "stream"}]}', '{"output_type": '])
def test_what_has_outputs_and_cannot_be_read_is_refused_by_the_filter(text):
    command = [sys.executable, "-m", "evaluation.run.notebook_outputs", "notebooks/x.ipynb"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 1 and done.stdout == b"" and b"notebooks/x.ipynb: this is no notebook" in done.stderr


def test_outside_a_clone_there_is_no_filter_to_set_up(tmp_path, monkeypatch):
    from evaluation.run.notebook_outputs import set_up_filter

    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert not set_up_filter(tmp_path)
