"""The report as a tagged PDF (PDF/UA-1): pandoc writes typst, the typst of the wheel sets it; no browser or network."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import font_source_sans_pro
import typst

from evaluation.base.errors import PublishError
from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.present.drawing.draw import Drawing
from evaluation.publish.pages.document import Node, plain, rewrite
from evaluation.publish.pages.pandoc import run_pandoc
from evaluation.publish.pages.sources import find_place
from evaluation.publish.print.images import width_on_paper
from evaluation.publish.print.manuscript import ANNEXES_FROM, COLOPHON, Manuscript, drawing_in
from evaluation.publish.print.print_tables import column_shares, has_total, is_numeric, table_rows
from evaluation.publish.project import load_project

_FONTS = Path(font_source_sans_pro.__file__).parent / "files"
_STYLE = "reports/style/druk.typ"
_CELL = "table.cell(colspan: {}, rowspan: {})["
_NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
_MOST_SIGNS = 20
_SIGNS = "The PDF has no letter for these signs; write a word in their place, or make the report without PDF:"
_PACKAGE = re.compile(r'\b(?:import|include)\s*\(?\s*("@[^"\n]*")')
_BOXES = {
    "lead": "lead", "callout": "kader", "callout-title": "kader-titel", "callout-body": "kader-tekst", "bron": "bron",
    "bijschrift": "bijschrift", "figuur-titel": "figuur-titel", "figuur-maat": "figuur-maat", "figuur-noot": "noot",
    "naar-cijfers": "naar-cijfers", "kerncijfers": "kerncijfers",
}  # fmt: skip
"""Class of a division to the function of the style that sets it."""


def write_pdf(manuscript: Manuscript, project: Path, workspace: Path) -> tuple[bytes, tuple[int, int]]:
    """Set the report; `workspace` is an empty folder, for the drawings and the typst text.

    Returns the PDF, and the pages of its main part and of its annexes.

    Raises PublishError when typst refuses the text, or it would not be accessible.
    """
    for name, drawing in manuscript.drawings.items():
        (workspace / name).write_text(drawing.svg, encoding="utf-8")
    for name, image in manuscript.images.items():
        (workspace / name).write_bytes(image.content)
    blocks = _blocks(manuscript.blocks, manuscript)
    tree = {"pandoc-api-version": manuscript.version, "meta": {}, "blocks": blocks}
    body = run_pandoc(["-f", "json", "-t", "typst", "--wrap=none"], json.dumps(tree), "print")
    options = {
        "title": manuscript.title, "deal": manuscript.subtitle, "lang": manuscript.lang, "notice": manuscript.notice,
        "mark": manuscript.mark, "issue": manuscript.issue, "colophon": COLOPHON, "colours": dict(COLOURS),
        "fonts": theme().fonts.model_dump(),
    }  # fmt: skip
    given = f"#let opties = json(bytes({_quoted(json.dumps(options))}))\n"
    style = (project / _STYLE).read_text(encoding="utf-8")
    source = workspace / "verslag.typ"
    source.write_text(f"{given}\n{style}\n#show: verslag\n\n{body}", encoding="utf-8")
    made = _with_glyphs(source, project)
    return made, _count_pages(source)


def _count_pages(source: Path) -> tuple[int, int]:
    """Ask typst on which pages of what it has just set the main part begins and ends."""
    told = json.loads(typst.query(source, "<bladzijden>", field="value", one=True, **_typst_options(source)))
    last = told["bijlagen"][0] - 1 if told["bijlagen"] else told["totaal"]
    return last - told["begin"] + 1, told["totaal"] - last


def _typst_options(source: Path) -> dict[str, Any]:
    """Let typst use the fonts of the package only, and no package of its own registry."""
    return {
        "root": source.parent, "font_paths": [_FONTS], "ignore_system_fonts": True, "package_path": source.parent,
        "package_cache_path": source.parent,
    }  # fmt: skip


def _with_glyphs(source: Path, project: Path) -> bytes:
    """Set the text; raises PublishError with every sign that no font of the package has, and where it stands."""
    told: list[str] = []
    while True:
        try:
            made = _compile_typst(source, format="pdf", pdf_standards=["ua-1"])
        except PublishError as error:
            if (sign := _NO_GLYPH.search(str(error))) is None or len(told) == _MOST_SIGNS:
                raise
            pages = (chapter.page for chapter in load_project(project).chapters)
            places = filter(None, (find_place(project, page, sign[1]) for page in pages))
            told.append(f"{sign[1]!r} (U+{ord(sign[1][0]):04X}): {next(places, 'in what a step shows')}")
            source.write_text(source.read_text(encoding="utf-8").replace(sign[1], "?"), encoding="utf-8")
            continue
        if told:
            raise PublishError(f"{_SIGNS}\n  " + "\n  ".join(told))
        return made


def draw_png(drawings: dict[str, Drawing], workspace: Path, *, ppi: int) -> dict[str, bytes]:
    """Turn drawings into images of so many points per inch, for programs that cannot show SVG."""
    if not drawings:
        return {}
    pages = []
    for name, drawing in drawings.items():
        (workspace / name).write_text(drawing.svg, encoding="utf-8")
        size = f"width: {drawing.width * 0.75:.2f}pt, height: {drawing.height * 0.75:.2f}pt"
        pages.append(f"#page({size})[#image({_quoted(name)}, width: 100%)]")
    source = workspace / "beelden.typ"
    source.write_text("#set page(margin: 0pt)\n" + "\n".join(pages), encoding="utf-8")
    made = _compile_typst(source, format="png", ppi=float(ppi))
    return dict(zip(drawings, made if isinstance(made, list) else [made], strict=True))


def _compile_typst(source: Path, **options: Any) -> Any:
    """Compile a typst text with the fonts of the package only; what typst warns of is a fault.

    A package of typst's own registry is refused: it would come from the user's cache, or over the network.
    """
    text = source.read_text(encoding="utf-8")
    if found := _PACKAGE.search(text):
        raise PublishError(f"{_STYLE}: got {found.group(1)}, a package from elsewhere; expected only what stands here.")
    try:
        made, warnings = typst.compile_with_warnings(source, **_typst_options(source), **options)
    except typst.TypstError as error:
        raise PublishError(f"typst could not set {source.stem}: {' '.join([error.message, *error.hints])}") from None
    if warnings:
        told = "; ".join(dict.fromkeys(warning.message for warning in warnings))
        raise PublishError(f"typst warns of {source.stem}: {told}")
    return made


def _blocks(blocks: Sequence[Node], manuscript: Manuscript) -> list[Node]:
    """Put typst around what pandoc would write too plainly, wherever it stands: figures, tables, boxes, formulas."""

    def write(node: Node) -> list[Node] | None:
        match node["t"]:
            case "Div":
                return _division(node, manuscript)
            case "Table":
                return _table(node, manuscript)
            case "Image":
                return [_raw(_image(node, manuscript), "RawInline")]
            case "Span" if node["c"][0][0] and not node["c"][1]:  # where others lead to; several may stand side by side
                return [_raw(f"#metadata(none)#label({_quoted(node['c'][0][0])})", "RawInline")]
            case "Math":
                return [_raw(f"#formule({_quoted(node['c'][1])})[", "RawInline"), node, _raw("]", "RawInline")]
        return None

    return rewrite(list(blocks), write)


def _division(block: Node, manuscript: Manuscript) -> list[Node]:
    (identity, classes, _), content = block["c"]
    if ANNEXES_FROM in classes:
        return [_raw("#show: bijlagen-vanaf")]
    if (image := drawing_in(block, manuscript)) is not None:
        return [_raw(_image(image, manuscript))]
    if ("figuur" in classes or "tabel" in classes) and content[:1] and "bijschrift" in _classes(content[0]):
        return _float(identity, classes, content, manuscript)
    inner = _blocks(content, manuscript)
    if "kerncijfer" in classes and len(content) == 3:
        parts = [part for paragraph in content for part in (_raw("["), paragraph, _raw("],"))]
        return [_raw("#kerncijfer("), *parts, _raw(")")]
    label = [_raw(f"#metadata(none) #label({_quoted(identity)})")] if identity else []
    name = next((_BOXES[name] for name in classes if name in _BOXES), None)
    return [*label, *([_raw(f"#{name}["), *inner, _raw("]")] if name else inner)]


def _classes(block: Node) -> Sequence[str]:
    return block["c"][0][1] if block["t"] == "Div" else ()


def _float(identity: str, classes: Sequence[str], content: Sequence[Node], manuscript: Manuscript) -> list[Node]:
    """Write a figure or table with its caption; what stands under a table stays outside it, so that it may break."""
    kind = "figuur" if "figuur" in classes else "tabel"
    caption, *rest = content
    above = [block for block in rest if kind == "figuur" or "bron" not in _classes(block)]
    below = [block for block in rest if block not in above]
    return [
        _raw(f"#{kind}({_quoted(identity)})["), *_blocks(caption["c"][1], manuscript), _raw("]["),
        *_blocks(above, manuscript), _raw("]"), *_blocks(below, manuscript),
    ]  # fmt: skip


def _image(image: Node, manuscript: Manuscript) -> str:
    _, alt, (name, _) = image["c"]
    if (drawing := manuscript.drawings.get(name)) is not None:
        return f"#beeld({_quoted(name)}, {width_on_paper(drawing):.1f}pt, {_quoted(plain(alt))})"
    width = f"{found.points:.1f}pt" if (found := manuscript.images[name]).points else "auto"
    return f"#plaatje({_quoted(name)}, {width}, {_quoted(plain(alt))})"


def _table(table: Node, manuscript: Manuscript) -> list[Node]:
    head, rows = table_rows(table)
    shares = column_shares(table)
    columns = ["auto" if sum(shares) < 0.999 else f"{share * 100:.2f}fr" for share in shares]
    aligns = ["right" if right else "left" for right in is_numeric(table)]
    total = len(head) + len(rows) - 1 if has_total(table) else "none"
    start = f"#cijfertabel(({', '.join(columns)},), ({', '.join(aligns)},), {total}, ("
    return [_raw(start), *_cells(head, manuscript), _raw("), ("), *_cells(rows, manuscript), _raw("))")]


def _cells(rows: list, manuscript: Manuscript) -> list[Node]:
    return [
        part
        for _, cells in rows
        for _, _, high, wide, blocks in cells
        for part in (_raw(_CELL.format(wide, high) if (high, wide) != (1, 1) else "["), *_blocks(blocks, manuscript),
                     _raw("],"))
    ]  # fmt: skip


def _raw(text: str, kind: str = "RawBlock") -> Node:
    return {"t": kind, "c": ["typst", text]}


def _quoted(text: str) -> str:
    """Write a text as typst does."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
