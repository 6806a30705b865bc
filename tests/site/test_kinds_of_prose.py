"""Print takes whatever a page takes: each kind of block is found in HTML, PDF and Word, or told with its place."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from evaluation.base.errors import PublishError
from evaluation.publish.pages.document import every, plain, rewrite
from evaluation.publish.publishing import render_report
from tests.site.kinds_of_prose import KINDS, PIXEL, prose
from tests.site.made_run import code, figure, make_project, make_run, text, write_notebook
from tests.site.test_print import structure, word_text, words

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><circle r="5" cx="10" cy="10"/></svg>'


def make_report(root: Path, cell: str, page: str, formats: tuple[str, ...] = ("html", "pdf", "docx")):
    """Render a report with this text in a Markdown cell and in a page of prose, with images beside both."""
    run = make_run(make_project(root))
    for folder in (root / "reports" / "annual", root / "notebooks"):
        (folder / "beelden" / "sub").mkdir(parents=True)
        (folder / "beelden" / "sub" / "stip.png").write_bytes(base64.b64decode(PIXEL))
        (folder / "beelden" / "teken ing.svg").write_bytes(PICTURE)
    with (root / "reports" / "annual" / "verantwoording.qmd").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{page}\n")
    cells = [
        text("# Veiligheid {#sec-veiligheid}"),
        text(f"## Wat is gedaan {{#sec-gedaan}}\n\n{cell}"),
        code("show_loose(view)", figure("los")),
        *(code(f'#| label: fig-{name}\n#| fig-cap: "{name}"\nx', figure(name)) for name in ("meldingen", "inbraken")),
    ]
    write_notebook(run, "3-veiligheid", cells)
    write_notebook(root / "notebooks", "3-veiligheid", cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(root))
        return render_report(run, site=root / "build" / "site", name="2021", engine="embedded", formats=formats)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a reader finds in a report with all kinds of prose, twice: the text of each format."""
    root = tmp_path_factory.mktemp("kinds") / "project"
    report = make_report(root, prose("cel"), prose("blad"))
    pages = "".join(
        (report.index.parent / name).read_text("utf-8") for name in ("3-veiligheid.html", "verantwoording.html")
    )
    reader = PdfReader(report.printed[0])
    _, alternatives = structure(reader.trailer["/Root"]["/StructTreeRoot"])
    pdf = [page.extract_text() for page in reader.pages]
    document = docx.Document(str(report.printed[1]))
    word = [word_text(tag) for tag in document.element.body.iter(qn("w:p"))]
    word += [shape._inline.docPr.get("descr", "") for shape in document.inline_shapes]
    with zipfile.ZipFile(report.printed[1]) as package:
        word += [
            package.read(name).decode() for name in package.namelist() if "footnotes" in name or name.endswith(".svg")
        ]
    return {"html": words(pages), "pdf": words(" ".join(pdf + alternatives)), "word": words(" ".join(word))}


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_of_each_kind_are_in_every_format_twice(made: dict[str, str], kind: str) -> None:
    for name, content in made.items():
        for expected in KINDS[kind][1]:
            found = content.replace("- ", "").replace("\u00ad", "")
            assert max(content.count(expected), found.count(expected)) >= 2, f"{expected} in {name}"


def test_a_figure_without_label_is_drawn_and_has_its_table(made: dict[str, str]) -> None:
    assert (
        made["pdf"].count("Lijn daalt van 4,1 naar 1,6.") == 3 and made["word"].count("Lijn daalt van") == 6
    )  # and in each drawing
    assert made["pdf"].count("Minder woninginbraken in Parkstad") >= 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("Feest 🎉 en 中 erin", r"'🎉' \(U\+1F389\): {place}[\s\S]*'中' \(U\+4E2D\): {place}"),
        ("<button>druk</button>", r"<button> is not of our templates \({place}\)"),
        ("![weg](beelden/weg.png)", r"beelden/weg\.png is not there \({place}\)"),
        ('<div align="x">\nnooit dicht', r"Div at line .* \({place}\)"),
        ('<svg width="4"><g></svg>', r"<svg> is not right as SVG \({place}\)"),
    ],
)
def test_what_print_cannot_hold_is_told_with_file_and_line(tmp_path: Path, wrong: str, told: str) -> None:
    with pytest.raises(PublishError, match=told.format(place=r"notebooks/3-veiligheid\.ipynb, cell 2, line 3")):
        make_report(tmp_path / "project", wrong, "")


# The constructors of pandoc-types 1.23: one that a newer pandoc adds is met here first.

TEXT = [{"t": "Str", "c": "woord"}]
NONE = ["", [], []]
INLINES = {
    "Str": "woord",
    **dict.fromkeys(("Emph", "Underline", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps"), TEXT),
    "Quoted": [{"t": "DoubleQuote"}, TEXT],
    "Cite": [[], TEXT],
    "Code": [NONE, "woord"],
    "Space": None,
    "SoftBreak": None,
    "LineBreak": None,
    "Math": [{"t": "InlineMath"}, "woord"],
    "RawInline": ["html", "<b>"],
    "Link": [NONE, TEXT, ["#x", ""]],
    "Image": [NONE, TEXT, ["x.png", ""]],
    "Note": [{"t": "Para", "c": TEXT}],
    "Span": [NONE, TEXT],
}
PARA = [{"t": "Para", "c": TEXT}]
CELL = [NONE, {"t": "AlignDefault"}, 1, 1, PARA]
BLOCKS = {
    "Plain": TEXT,
    "Para": TEXT,
    "LineBlock": [TEXT],
    "CodeBlock": [NONE, "woord"],
    "RawBlock": ["html", "<b>"],
    "BlockQuote": PARA,
    "OrderedList": [[1, {"t": "Decimal"}, {"t": "Period"}], [PARA]],
    "BulletList": [PARA],
    "DefinitionList": [[TEXT, [PARA]]],
    "Header": [1, NONE, TEXT],
    "HorizontalRule": None,
    "Table": [
        NONE,
        [None, []],
        [[{"t": "AlignDefault"}, {"t": "ColWidthDefault"}]],
        [NONE, []],
        [[NONE, 0, [], [[NONE, [CELL]]]]],
        [NONE, []],
    ],
    "Figure": [NONE, [None, PARA], PARA],
    "Div": [NONE, PARA],
}


@pytest.mark.parametrize(("kind", "content"), [*INLINES.items(), *BLOCKS.items()])
def test_every_constructor_of_pandoc_is_walked(kind: str, content: object) -> None:
    node = {"t": kind} if content is None else {"t": kind, "c": content}
    assert rewrite([node], lambda node: None) == [node]
    found = [item["t"] for item in every([node], {kind})]
    assert found[0] == kind
    inside = "Str" in str(content) and kind != "Note"
    assert bool(list(every([node], {"Str"}))) == (inside or kind == "Str")
    changed = str(rewrite([node], lambda item: [{"t": "Str", "c": "ander"}] if item["t"] == "Str" else None))
    assert ("ander" in changed) == ("Str" in str(node))
    if kind in INLINES:
        expected = {"Space": " ", "SoftBreak": " ", "LineBreak": " ", "Quoted": "“woord”", "Note": "", "RawInline": ""}
        assert plain([node]) == expected.get(kind, "woord")
