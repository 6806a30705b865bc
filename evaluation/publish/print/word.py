"""The report as a Word document, for council papers: real styles, repeated table heads, figures as vectors.

Behind each vector stands an image, for programs that cannot show SVG.
"""

import base64
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn

from evaluation.inputs.theme import theme
from evaluation.publish.pages.document import Node, every, plain, rewrite
from evaluation.publish.pages.pandoc import run_pandoc_bytes
from evaluation.publish.print.images import width_on_paper
from evaluation.publish.print.manuscript import ANNEXES_FROM, COLOPHON, Manuscript, drawing_in
from evaluation.publish.print.pdf import draw_png
from evaluation.publish.print.print_tables import column_shares, has_total
from evaluation.publish.print.word_style import reference_document

_STYLES = {
    "lead": "Lead", "callout-title": "Kadertitel", "callout-body": "Kader", "bron": "Bron", "bijschrift": "Caption",
    "figuur-titel": "Figuurtitel", "figuur-maat": "Figuurmaat", "figuur-noot": "Bron", "naar-cijfers": "Bron",
    "kerncijfer": "Kerncijfer",
}  # fmt: skip
"""Class of a division to the style of its paragraphs."""

_PPI = 192
_SVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_CONTENTS = "Inhoud"
_FIELD_START = (
    '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
    '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
_NEW_PAGE = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
_FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def write_word(manuscript: Manuscript, workspace: Path) -> bytes:
    """Write the report as a .docx file; `workspace` is an empty folder, for what pandoc and typst read."""
    reference = workspace / "reference.docx"
    head = f"{manuscript.subtitle} · {manuscript.title}"
    reference.write_bytes(reference_document(running_head=head, mark=manuscript.mark, lang=manuscript.lang))
    images = draw_png(manuscript.drawings, workspace, ppi=_PPI)
    blocks = [*_cover(manuscript), *_contents(manuscript.blocks), *_blocks(manuscript.blocks, manuscript, images)]
    meta = {"lang": {"t": "MetaString", "c": f"{manuscript.lang}-{manuscript.lang.upper()}"}}
    tree = {"pandoc-api-version": manuscript.version, "meta": meta, "blocks": blocks}
    options = ["-f", "json", "-t", "docx", "--reference-doc", str(reference), "-o", "-"]
    document = docx.Document(io.BytesIO(run_pandoc_bytes(options, json.dumps(tree), "word")))
    _finish_tables(document, [has_total(table) for table in every(manuscript.blocks, {"Table"})])
    _add_vectors(document, manuscript)
    properties = document.core_properties
    properties.title, properties.author, properties.language = manuscript.title, manuscript.subtitle, meta["lang"]["c"]
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _cover(manuscript: Manuscript) -> Iterator[Node]:
    yield _styled("Subtitle", manuscript.subtitle)
    yield _styled("Title", manuscript.title)
    if manuscript.notice:
        yield _styled("Melding", manuscript.notice)
    if manuscript.issue:
        yield _styled("Bron", manuscript.issue)
    yield _styled("Bron", COLOPHON)


def _contents(blocks: Sequence[Node]) -> Iterator[Node]:
    """Write the contents as a field that already holds its entries; Word adds the pages."""
    yield _raw(f'<w:p><w:pPr><w:pStyle w:val="TOCHeading"/><w:pageBreakBefore/></w:pPr>{_run(_CONTENTS)}</w:p>')
    found = [block["c"] for block in every(list(blocks), {"Header"})]
    entries = [(level, anchor, plain(words)) for level, (anchor, _, _), words in found if level <= 2]
    for index, (level, anchor, words) in enumerate(entries):
        link = f'<w:hyperlink w:anchor="{anchor}">{_run(words)}</w:hyperlink>'
        start, end = "" if index else _FIELD_START, _FIELD_END if index == len(entries) - 1 else ""
        yield _raw(f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{start}{link}{end}</w:p>')
    yield _raw(_NEW_PAGE)


def _blocks(blocks: Sequence[Node], manuscript: Manuscript, vectors: dict[str, bytes]) -> list[Node]:
    def write(node: Node) -> list[Node] | None:
        match node["t"]:
            case "Div":
                return [_division(node, manuscript, vectors)]
            case "Table":
                return [_table(node, manuscript, vectors)]
            case "Image":
                return [_image(node, manuscript, vectors)]
        return None

    return rewrite(list(blocks), write)


def _division(block: Node, manuscript: Manuscript, vectors: dict[str, bytes]) -> Node:
    (identity, classes, pairs), content = block["c"]
    if ANNEXES_FROM in classes:
        return _raw(_NEW_PAGE)
    if (image := drawing_in(block, manuscript)) is not None:
        line = {"t": "Para", "c": [_image(image, manuscript, vectors)]}
        return {"t": "Div", "c": [["", [], [["custom-style", "Beeld"]]], [line]]}
    if "kerncijfer" in classes and len(content) == 3:
        content = [_key_figure(content)]
    style = next((_STYLES[name] for name in classes if name in _STYLES), None)
    pairs = [*pairs, ["custom-style", style]] if style else pairs
    return {"t": "Div", "c": [[identity, classes, pairs], _blocks(content, manuscript, vectors)]}


def _image(image: Node, manuscript: Manuscript, vectors: dict[str, bytes]) -> Node:
    _, alt, (name, _) = image["c"]
    if (drawing := manuscript.drawings.get(name)) is not None:
        kind, content, points = "png", vectors[name], width_on_paper(drawing)
    else:
        found = manuscript.images[name]
        kind, content, points = found.kind, found.content, found.points
        name = ""
    address = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    width = [["width", f"{points / 72:.3f}in"]] if points else []
    return {"t": "Image", "c": [["", [], width], alt, [address, name]]}


def _key_figure(content: Sequence[Node]) -> Node:
    question, answer, about = (paragraph["c"] for paragraph in content)
    space = {"t": "Space"}
    return {"t": "Para", "c": [*question, {"t": "LineBreak"}, {"t": "Strong", "c": answer}, space, *about]}


def _table(table: Node, manuscript: Manuscript, vectors: dict[str, bytes]) -> Node:
    attributes, caption, columns, *rest = table["c"]
    widths = [{"t": "ColWidth", "c": round(share, 4)} for share in column_shares(table)]
    specs = [[alignment, width] for (alignment, _), width in zip(columns, widths, strict=True)]
    return {"t": "Table", "c": [attributes, caption, specs, *_blocks(rest, manuscript, vectors)]}


def _finish_tables(document, totals: Sequence[bool]) -> None:
    """Let rows stay whole, and give heads, first column, total and other cells their own style."""
    styles = {name: document.styles[name].style_id for name in ("Tabelkop", "Tabelrij", "Tabeltekst")}
    for table, ends_in_total in zip(document.element.body.iter(qn("w:tbl")), totals, strict=True):
        look = table.tblPr.find(qn("w:tblLook"))
        look.attrib.clear()
        for name in ("firstRow", "lastRow", "firstColumn", "noHBand", "noVBand"):
            look.set(qn(f"w:{name}"), "0" if name == "lastRow" and not ends_in_total else "1")
        rows = table.tr_lst
        for index, row in enumerate(rows):
            properties = row.get_or_add_trPr()
            properties.insert(0, OxmlElement("w:cantSplit"))
            is_head = properties.find(qn("w:tblHeader")) is not None
            is_total = ends_in_total and index == len(rows) - 1
            for column, cell in enumerate(row.tc_lst):
                name = "Tabelkop" if is_head else "Tabelrij" if is_total or column == 0 else "Tabeltekst"
                for paragraph in cell.iter(qn("w:p")):
                    paragraph.get_or_add_pPr().style = styles[name]


def _add_vectors(document, manuscript: Manuscript) -> None:
    """Put behind each image the drawing itself, which Word shows in its place."""
    for shape in document.inline_shapes:
        properties = shape._inline.docPr
        if (drawing := manuscript.drawings.get(name := properties.attrib.pop("title", ""))) is None:
            continue
        fonts = theme().fonts  # a machine with Word has that of `word_figure`, and not that of print
        svg = drawing.svg.replace(f'font-family="{fonts.print}"', f'font-family="{fonts.word_figure}"')
        part = Part(PackURI(f"/word/media/{name}"), "image/svg+xml", svg.encode(), document.part.package)
        relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        blip = next(shape._inline.iter(qn("a:blip")))
        blip.append(
            parse_xml(
                '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
                'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
                '<a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}">'
                f'<asvg:svgBlip xmlns:asvg="{_SVG}" r:embed="{relation}"/></a:ext></a:extLst>'
            )
        )


def _without_times(content: bytes) -> bytes:
    """Write the package anew without the times of this run: equal reports are equal files."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _FIXED_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _styled(style: str, words: str) -> Node:
    paragraph = {"t": "Para", "c": [{"t": "Str", "c": words}]}
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [paragraph]]}


def _run(words: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(words, quote=False)}</w:t></w:r>'


def _raw(content: str) -> Node:
    return {"t": "RawBlock", "c": ["openxml", content]}
