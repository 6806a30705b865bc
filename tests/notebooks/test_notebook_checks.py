"""What would make a chapter say something else than the run asks: refused with its cell, or mended by `check --fix`."""

import codecs
import json
import shutil
from pathlib import Path
from unicodedata import normalize

import nbformat
import pytest

from evaluation.base.errors import InputError, UsageError
from evaluation.base.run_variables import ABOUT_VARIABLE
from evaluation.chapters import open_cluster, open_evaluation, open_theme
from evaluation.cli.preview.words import faults_in_dutch
from evaluation.inputs.chapter_list import RunChapter
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.run.checks import check_notebooks
from evaluation.run.execute import describe_run, run_notebook
from evaluation.run.kernels import provisioner
from evaluation.run.notebook_files import own_year, read_notebook
from evaluation.run.notebook_lint import notices
from evaluation.run.notebook_outputs import strip_outputs
from evaluation.run.notebook_repair import mend_notebooks
from evaluation.run.text_repair import mend_texts
from tests.conftest import ROOT

NAME = "3-veiligheid"
CASES = ROOT.parent / "shared" / "cases"
COMMITTED = json.loads((ROOT / "notebooks" / f"{NAME}.ipynb").read_text(encoding="utf-8"))["cells"]
OPEN = "".join(COMMITTED[2]["source"])
LAST = len(COMMITTED) + 1


@pytest.fixture
def desk(project, monkeypatch):
    """A project of its own that this process takes for the project."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    return project


def edit(desk, change, name: str = NAME) -> Path:
    """Change the content of a notebook as it stands in its file."""
    path = desk.root / "notebooks" / f"{name}.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def put(source: str, at: int = 2):
    """Change a cell, by default the one that opens the chapter."""
    return lambda content: content["cells"][at].update(source=source)


def add(source: str, *, tags=None):
    cell = {"cell_type": "code", "id": "extra", "metadata": {"tags": tags} if tags else {}, "outputs": [],
            "execution_count": None, "source": source}  # fmt: skip
    return lambda content: content["cells"].append(cell)


def told(names=(NAME,)) -> list[str]:
    """Return what the checks before a run say, one line for each fault."""
    try:
        check_notebooks(names)
    except InputError as error:
        dutch = faults_in_dutch(
            fault for fault in error.faults if ", " not in str(fault.key) and "nbformat" not in str(fault)
        )
        assert "gevonden:" not in dutch and "Verwacht:" not in dutch, dutch
        return [str(fault) for fault in error.faults]
    return []


def test_the_notebooks_of_the_project_pass():
    assert told([name for names in NOTEBOOKS.values() for name in names]) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (put(OPEN.replace("year=year", "year=2020")), "cell 3 (openen): got open_theme(year=2020); expected year=year"),
        (put(OPEN.replace("year=year", "year=year - 1")), "got open_theme(year=year - 1)"),
        (put(OPEN.replace("year=year", 'year=int("2020")')), "got open_theme(year=int('2020'))"),
        (put(OPEN.replace("deal=deal", 'deal="voorbeeldstreek"')), "got open_theme(deal='voorbeeldstreek')"),
        (put(OPEN.replace("deal=deal, year=year", "**{'deal': deal, 'year': 2020}")), "got open_theme(**{'deal'"),
        (put("from evaluation.chapters import open_theme as lees\nv = lees(deal=deal, year=2020)"), "lees(year=2020)"),
        (put("import evaluation.chapters as c\nveiligheid = c.open_theme(deal=deal, year=2020)"), "open_theme(year"),
        (put("from evaluation.chapters.context import open_context\nveiligheid = open_context(deal, 2020)"), "(2020)"),
        (add('# Parameters\ndeal = "parkstad-limburg"\nyear = 2022\n'),
         "(extra): got deal given anew on line 2; expected deal, year as"),
        (add("year -= 1"), "got year given anew on line 1"),
        (add("year: int = 2020"), "got year given anew"),
        (add("for year in (2019, 2020):\n    veiligheid"), "got year given anew"),
        (add("(year := 2020)"), "got year given anew"),
        (add("del deal"), "got deal given anew"),
        (add("deal, x = 'a', 1"), "got deal given anew"),
        (add("from evaluation.base import paths as year"), "got year given anew"),
        (add("def year():\n    return 2020"), "got year given anew"),
        (add("with open('x') as deal:\n    pass"), "got deal given anew"),
        (add("import __main__\n__main__.year = 2020"), "got year given anew on line 2"),
        (add("from evaluation.chapters import *"), "got an import of all names (*)"),
        (add("globals()['year'] = 2020"), "got a call of globals on line 1"),
        (add("object.__setattr__(thema, 'year', 2020)"), "got a call of __setattr__ on line 1"),
        (add("import os\nos.environ.pop('REGIODEAL_RUN_ABOUT', None)"), "got REGIODEAL_RUN_ABOUT on line 2"),
        (add("exec('year = 2020')"), "got a call of exec"),
        (add("vars().update(year=2020)"), "got a call of vars"),
        (add("%run andere.ipynb"), f"cell {LAST} (extra): got code that is not Python (line 1:"),
        (add("jaartal"), "got 'jaartal' on line 1, which nothing gives; expected a name from a cell above."),
        (add("veiligheit.plan()"), "expected a name from a cell above. Did you mean 'veiligheid'?"),
        (add("n = n + 1"), "got 'n' on line 1, which nothing gives"),
        (add("n += 1"), "got 'n' on line 1, which nothing gives"),
        (add("f = lambda: nergens\nf()"), "got 'nergens'"),
        (put("print(veiligheid)\n" + OPEN), "got 'veiligheid' on line 1"),
        (add("del veiligheid\nveiligheid.plan()"), "got 'veiligheid' on line 2"),
    ],
)  # fmt: skip
def test_what_gives_another_deal_or_year_or_takes_a_name_from_nowhere_is_refused(desk, change, found):
    before = edit(desk, change).read_bytes()
    (line, *more) = told()
    assert any(found in item for item in (line, *more)) and line.startswith("notebooks/3-veiligheid.ipynb, cell ")
    assert mend_notebooks() == [] and (desk.root / f"notebooks/{NAME}.ipynb").read_bytes() == before


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return later(x)\n\nlater = f",
        "rows = [item for item in range(3)]",
        "pairs = {a: [b for b in range(a) if b] for a in range(3)}\nsum(a for a in pairs)",
        "try:\n    x = 1\nexcept ValueError as error:\n    print(error)",
        "for i in range(3):\n    print(i)",
        "display(In, Out, _)",
        "class A:\n    b = 1\n    c = b",
        "if (n := 3) > 2:\n    print(n)",
        "x: int = 1\nx += 1",
        "import evaluation.base.dutch\nevaluation.base.dutch.number",
    ],
)
def test_names_that_are_given_are_known(desk, source):
    edit(desk, add(source))
    assert told() == []


def left_over(at: int):
    cell = {"cell_type": "code", "id": "left", "metadata": {"tags": ["injected-parameters"]}, "outputs": [],
            "execution_count": 3, "source": '# Parameters\ndeal = "parkstad-limburg"\nyear = 2022\n'}  # fmt: skip
    return lambda content: content["cells"].insert(at, cell)


def line_ends(content):
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def odd(*path, value):
    def change(content):
        *most, last = path
        for step in most:
            content = content[step]
        content[last] = value

    return change


MENDED = {
    "injected-late": (left_over(30), "cell 31 (left): got parameters that an earlier run left"),
    "injected-first": (left_over(0), "cell 1 (left): got parameters that an earlier run left"),
    "injected-in-place": (left_over(2), "cell 3 (left): got parameters that an earlier run left"),
    "crlf-source": (line_ends, "got line ends of Windows (\\r\\n) or byte order marks in"),
    "cr-source": (put(OPEN.replace("\n", "\r")), "in 1 cells, cell 3 (openen) first"),
    "mark-in-cell": (put("\ufeff" + OPEN), "byte order marks in 1 cells, cell 3 (openen) first"),
    "tags-null": (odd("cells", 3, "metadata", value={"tags": None}), "cell 4 (bevinding), metadata.tags: got null"),
    "tags-text": (odd("cells", 1, "metadata", "tags", value="parameters"), 'metadata.tags: got "parameters"'),
    "tags-mixed": (odd("cells", 3, "metadata", value={"tags": [1, None]}), "(bevinding), metadata.tags.0: got 1"),
    "metadata-null": (odd("cells", 3, "metadata", value=None), "cell 4 (bevinding), metadata: got null"),
    "cell-metadata-lost": (lambda content: content["cells"][3].pop("metadata"),
                           'cell 4 (bevinding), metadata: got nothing; expected a value of type object'),
    "outputs-lost": (lambda content: content["cells"][3].pop("outputs"), "cell 4 (bevinding), outputs: got nothing"),
    "outputs-null": (odd("cells", 3, "outputs", value=None), "cell 4 (bevinding), outputs: got null"),
    "count-lost": (lambda content: content["cells"][3].pop("execution_count"), "execution_count: got nothing"),
    "count-text": (odd("cells", 3, "execution_count", value="3"), 'execution_count: got "3"'),
    "text-with-outputs": (odd("cells", 0, "outputs", value=[]), "outputs: got []; expected nothing"),
    "metadata-lost": (lambda content: content.pop("metadata"), "metadata: got nothing"),
    "minor-lost": (lambda content: content.pop("nbformat_minor"), "nbformat_minor: got nothing"),
    "nfd": (put("# cafe\u0301\n" + OPEN), "letters apart from their accents (not NFC) in 1 cells, cell 3 (openen)"),
    "kernel-lost": (odd("metadata", "kernelspec", value=None), "metadata.kernelspec: got null"),
    "id-twice": (odd("cells", 5, "id", value="bevinding"), "cell 6: got the id 'bevinding' again"),
    "id-odd": (odd("cells", 5, "id", value="een id"), "cell 6: got the id 'een id'; expected an id"),
    "id-null": (odd("cells", 5, "id", value=None), "cell 6: got no id"),
    "deal-lost": (lambda content: content["metadata"].pop("regiodeal"),
                  "regiodeal: got no deal; expected the deal"),
    "deal-null": (odd("metadata", "regiodeal", value={"deal": None}), 'metadata.regiodeal: got {"deal": null}'),
    "deal-text": (odd("metadata", "regiodeal", value="parkstad-limburg"), 'metadata.regiodeal: got "parkstad-limburg"'),
}  # fmt: skip


@pytest.mark.parametrize("case", MENDED)
def test_what_is_safe_is_told_in_one_sentence_and_mended(desk, case):
    change, found = MENDED[case]
    path = desk.root / "notebooks" / f"{NAME}.ipynb"
    good = path.read_bytes()
    spoilt = edit(desk, change).read_bytes()
    lines = [line for line in told() if "deal given anew" not in line]
    assert (
        len([line for line in lines if found in line and line.endswith("Mend it with: regiodeal check --fix")]) == 1
    ), lines
    list(notices("parkstad-limburg"))  # whatever it tells, it raises nothing
    own_year(path)
    strip_outputs(spoilt.decode())
    (line,) = mend_notebooks()
    assert line.startswith(f"notebooks/{NAME}.ipynb: ") and told() == [] and mend_notebooks() == []
    nbformat.validate(nbformat.read(path, as_version=4))
    assert (desk.root / f"build/before-fix/{NAME}.ipynb").read_bytes() == spoilt
    if case not in (
        "id-twice",
        "id-odd",
        "id-null",
        "cr-source",
        "mark-in-cell",
        "nfd",
        "metadata-lost",
    ):  # what is changed here too
        assert path.read_bytes() == good


def test_a_byte_order_mark_is_told_and_mended(desk):
    path = desk.root / "notebooks" / f"{NAME}.ipynb"
    good = path.read_bytes()
    path.write_bytes(codecs.BOM_UTF8 + good)
    assert strip_outputs(path.read_text(encoding="utf-8")).encode() == good, "git leaves outputs out all the same"
    (line,) = told()
    assert "got a byte order mark in front" in line and line.endswith("regiodeal check --fix")
    assert read_notebook(NAME) is not None and len(mend_notebooks()) == 1 and path.read_bytes() == good


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (odd("metadata", "regiodeal", "deal", value="parkstad"), "got 'parkstad'; expected one of parkstad-limburg."),
        (odd("cells", 5, "source", value=5), "cell 6 (doelen), source: got 5"),
        (odd("cells", 5, value=5), "cell 6: got 5; expected"),
        (odd("cells", 5, "cell_type", value="tekst"), "cell 6 (doelen): got {"),
        (odd("cells", value=None), "cells: got null"),
        (odd("metadata", value=[]), "metadata: got []"),
        (odd("cells", 0, "source", value="# V\n<<<<<<< HEAD\nx\n>>>>>>> b"), "got the marks of a merge on line 2"),
        (odd("metadata", "kernelspec", value=None), "metadata.kernelspec: got null"),
        (odd("nbformat", value=3), "got nbformat 3; expected nbformat 4"),
        (odd("nbformat_minor", value="x"), 'nbformat_minor: got "x"'),
        (odd("cells", 1, "metadata", value={}), "got 0 cells tagged 'parameters'"),
        (odd("cells", 3, "metadata", value={"tags": ["parameters"]}), "got 2 cells tagged 'parameters'"),
    ],
)  # fmt: skip
def test_odd_parts_are_told_with_their_place_and_raise_nothing(desk, change, found):
    path = edit(desk, change)
    assert any(found in line for line in told()), told()
    list(notices("parkstad-limburg"))
    own_year(path)
    mend_notebooks()


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff\xfe{\x00}\x00", b"<<<<<<< HEAD", b'{"nbformat": 4}'])
def test_a_file_that_is_no_notebook_is_told(desk, content):
    path = desk.root / "notebooks" / f"{NAME}.ipynb"
    path.write_bytes(content)
    assert told() and all(line.startswith(f"notebooks/{NAME}.ipynb") for line in told())
    assert mend_notebooks() == [] and own_year(path) is None


FOREIGN = {
    "vscode": {"language_info": {"name": "python", "version": "3.12.1"}, "kernelspec": {
        "display_name": ".venv", "language": "python", "name": "dotvenv"}, "orig_nbformat": 4,
        "vscode": {"interpreter": {"hash": "ab"}}},
    "colab": {"colab": {"provenance": [], "toc_visible": True}, "kernelspec": {"name": "ir", "display_name": "R"},
              "accelerator": "GPU", "widgets": {"application/vnd.jupyter.widget-state+json": {"x": {}}}},
    "jupytext": {"jupytext": {"formats": "ipynb,py:percent", "text_representation": {"extension": ".py"}},
                 "kernelspec": {"display_name": "regio (conda)", "language": "python", "name": "conda-env-regio-py"}},
}  # fmt: skip


@pytest.mark.parametrize("program", FOREIGN)
def test_a_notebook_that_another_program_saved_is_mended_once(desk, program):
    def change(content):
        content["metadata"] = {**FOREIGN[program], "regiodeal": content["metadata"]["regiodeal"]}
        content["nbformat_minor"] = 4
        for cell in content["cells"]:
            cell.pop("id")
            cell["source"] = "".join(cell["source"])
            cell["metadata"] |= {"id": "x7", "outputId": "y", "vscode": {"languageId": "python"}}
        content["cells"][3]["execution_count"] = 12
        content["cells"][3]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]

    path = edit(desk, change)
    done = desk.regiodeal_here("check", "--fix")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Mended: ")]
    assert "kernel python3; ids (cell 1 (cel-1), cell 2 " in line and "outputs left out" in line
    mended = path.read_bytes()
    assert told() == [] and mend_notebooks() == [] and path.read_bytes() == mended
    nbformat.validate(nbformat.read(path, as_version=4))


def test_a_merge_in_a_notebook_is_told_as_that(desk):
    path = desk.root / "notebooks" / f"{NAME}.ipynb"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:4], "<<<<<<< HEAD\n", lines[4], "=======\n", lines[4], ">>>>>>> b\n", *lines[5:]]))
    (line,) = told()
    assert f"notebooks/{NAME}.ipynb: got the marks of a merge on line 5; expected one version" in line
    for command in (["check"], ["report", "--year", "2021"], ["preview", NAME, "--year", "2021", "--no-browser"]):
        done = desk.regiodeal_here(*command)
        assert done.returncode == 2 and "the marks of a merge on line 5" in done.stderr, (command, done.stderr)
    assert mend_notebooks() == []


def test_texts_are_mended_as_notebooks_are_and_a_merge_in_them_is_told(desk):
    root, good = desk.root, {}
    spoilt = {
        "reports/annual/verantwoording.qmd": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        "data/deal/parkstad-limburg.yml": lambda text: "\ufeff" + text,
        "data/programme/parkstad-limburg/projects.csv": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        "_quarto-annual.yml": lambda text: text.replace("\n", "\r\n"),
        "data/indicators/3-veiligheid.yml": lambda text: normalize("NFD", text + "# cafés\n"),
    }
    for name, spoil in spoilt.items():
        good[name] = (root / name).read_bytes() + ("# cafés\n".encode() if "indicators" in name else b"")
        (root / name).write_bytes(spoil((root / name).read_text(encoding="utf-8")).encode())
    done = desk.regiodeal_here("check", "--fix")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("Mended: ")]
    assert [line.split(": ")[1] for line in lines] == sorted(spoilt, key=lambda name: root / name)
    assert {name: (root / name).read_bytes() for name in spoilt} == good and mend_texts() == []
    (root / "reports/annual/verantwoording.qmd").write_text("# A\n\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n")
    (root / "reports/final/verantwoording.qmd").write_bytes("# Caf\xe9".encode("latin-1"))
    done = desk.regiodeal_here("check")
    assert done.returncode == 2
    assert "reports/annual/verantwoording.qmd: got the marks of a merge on line 3" in done.stderr
    assert "reports/final/verantwoording.qmd: got a byte on line 1 that is not UTF-8" in done.stderr


def test_a_chapter_that_a_book_names_twice_is_told(desk):
    profile = desk.root / "_quarto-annual.yml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(
        text.replace("    - verantwoording", f"    - {NAME}.ipynb\n    - verantwoording"), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"_quarto-annual.yml, book: got 3-veiligheid.ipynb again; expected each"):
        _ = NOTEBOOKS["annual"]


def test_the_same_is_said_before_every_command_that_runs_notebooks(desk, reported):
    edit(desk, put(OPEN.replace("year=year", "year=2020")))
    commands = ["check"], ["run", "--year", "2021"], ["report", "--year", "2021"], ["preview", NAME, "--no-browser"]
    for command in commands:
        done = desk.regiodeal_here(*command)
        assert done.returncode == 2 and "got open_theme(year=2020)" in done.stderr and "Traceback" not in done.stderr
    edit(desk, put(OPEN))
    edit(desk, add("year = 2020"), "s0-voorpagina")
    (desk.site / "2021").mkdir(parents=True)
    for file in ("results.csv", "run.json"):
        shutil.copy(reported.site / "2021" / file, desk.site / "2021" / file)
    done = desk.regiodeal_here("site", "--pages-only")
    assert done.returncode == 2 and "notebooks/s0-voorpagina.ipynb, cell" in done.stderr


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not beside the project")
@pytest.mark.parametrize(
    ("case", "found", "is_mended"),
    [
        ("year-hard", "cell 3 (openen): got open_theme(year=2020); expected year=year", False),
        ("injected-late", "cell 31 (extra): got parameters that an earlier run left", True),
        ("crlf-source", "got line ends of Windows", True),
        ("tags-null", "cell 4 (bevinding), metadata.tags: got null", True),
    ],
)
def test_the_shared_cases(desk, case, found, is_mended):
    path = desk.root / "notebooks" / f"{NAME}.ipynb"
    path.write_bytes((CASES / f"{NAME}-{case}.ipynb").read_bytes())
    (line,) = told()
    assert found in line
    done = desk.regiodeal_here("check", "--fix")
    assert done.returncode == (0 if is_mended else 2) and (told() == []) is is_mended


# What no reading finds: held against the run where it is opened


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("lees = open_theme\nv = lees(deal=deal, year=year - 1, theme=3)", "annual", "2020, and the run is about 2021"),
        ("v = [open_theme][0](deal=deal, year=2020, theme=3)", "annual", "opens year 2020"),
        ("lees = open_theme\nv = lees(deal='x', year=year, theme=3)", "annual", "opens deal 'x'"),
        ("v = open_theme(deal=deal, year=year, theme=3)", "final", "edition 'annual', and the run is about 'final'"),
    ],
)  # fmt: skip
def test_a_chapter_that_opens_something_else_fails_with_its_cell(desk, tmp_path, source, kind, message):
    edit(desk, put(f"from evaluation.chapters import open_theme\n{source}"))
    provisioner.warm_up()  # a command that was refused has stopped the kernels of this process
    parameters = {"deal": "parkstad-limburg", "year": 2021}
    outcome = run_notebook(RunChapter(NAME, NAME, kind=kind), parameters, tmp_path, force=True)
    assert outcome.status == "failed" and outcome.error["cell"] == "openen" and message in outcome.error["message"]


@pytest.mark.parametrize(
    ("open_it", "about", "message"),
    [
        (lambda: open_theme(deal="parkstad-limburg", year=2021, theme=3), {"theme": 2}, "opens theme 3"),
        (lambda: open_theme(deal="parkstad-limburg", year=2021, theme=3), {"year": 2020}, "opens year 2021"),
        (lambda: open_evaluation(deal="parkstad-limburg", year=2022, theme=3), {"edition": "annual"}, "'final'"),
        (lambda: open_cluster(deal="parkstad-limburg", year=2021, cluster="WC1", theme=4), {"cluster": "WC2"}, "'WC1'"),
        (lambda: open_cluster(deal="parkstad-limburg", year=2021, cluster="WC1", theme=4), {"year": 2019}, "year 2021"),
    ],
)  # fmt: skip
def test_every_chapter_is_held_to_what_the_run_is_about(monkeypatch, open_it, about, message):
    monkeypatch.setenv(ABOUT_VARIABLE, json.dumps(about))
    with pytest.raises(UsageError, match=message):
        open_it()
    monkeypatch.delenv(ABOUT_VARIABLE)
    open_it()


def test_the_chapter_of_a_theme_is_about_that_theme():
    parameters = {"deal": "parkstad-limburg", "year": 2021}
    said = {
        name: json.loads(describe_run(RunChapter(name, name), parameters)).get("theme")
        for name in (NAME, "e3-veiligheid", "7-financien")
    }
    assert said == {NAME: 3, "e3-veiligheid": 3, "7-financien": None}


def test_every_way_to_open_a_chapter_goes_through_the_same_check():
    """A new chapter opens a context, a view or a portal, or this tells that it does not."""
    import ast

    for path in sorted((ROOT / "evaluation" / "chapters").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("open_"):
                called = {getattr(item.func, "id", "") for item in ast.walk(node) if isinstance(item, ast.Call)}
                assert called & {"check_opened", "open_context", "open_view", "open_portal", "final_context"}, node.name
