"""The reference document of the Word version: real styles, page numbers and language, in the colours of the figures."""

import io
from pathlib import Path
from typing import Any

import docx
import yaml
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from evaluation.base.yaml_entries import LOADER
from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.publish.pages.pandoc import run_pandoc_bytes

_TEXT_WIDTH_MM = 166
_BEHIND_HYPHENS = ("w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN",
                   "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
                   "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:outlineLvl")  # fmt: skip

_STYLES: dict[str, dict[str, Any]] = yaml.load(Path(__file__).with_name("word_styles.yml").read_bytes(), LOADER)


def reference_document(*, running_head: str, mark: str, lang: str) -> bytes:
    """Make the document whose styles, page layout and language (``nl``) pandoc follows; `mark` stands in its head."""
    document = docx.Document(io.BytesIO(run_pandoc_bytes(["--print-default-data-file", "reference.docx"], "", "word")))
    _set_language(document, f"{lang}-{lang.upper()}")
    for name, wanted in _STYLES.items():
        _set_style(document, name, wanted)
    _set_character_styles(document)
    _set_table_style(document)
    _set_page(document, running_head, mark)
    document.settings.element.insert(0, parse_xml(f"<w:autoHyphenation {nsdecls('w')}/>"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _field(code: str) -> list:
    """Make the runs of a field, such as a page number, that Word works out."""
    runs = []
    for kind, text in (("begin", None), (None, code), ("separate", None), ("text", ""), ("end", None)):
        run = OxmlElement("w:r")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText" if kind is None else "w:t")
            mark.text = text
            mark.set(qn("xml:space"), "preserve")
        run.append(mark)
        runs.append(run)
    return runs


def _set_language(document, language: str) -> None:
    for tag in document.styles.element.iter(qn("w:lang")):
        for name in ("w:val", "w:eastAsia"):
            tag.set(qn(name), language)
    fonts = next(document.styles.element.iter(qn("w:rFonts")))
    fonts.attrib.clear()
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), theme().fonts.word)


def _set_style(document, name: str, wanted: dict[str, Any]) -> None:
    styles = document.styles
    if (style := next((known for known in styles if known.name == name), None)) is None:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("TOC"))
        style.base_style = styles["Normal"]
    for tag in style.element.findall(qn("w:rPr")):
        style.element.remove(tag)
    style.quick_style = True
    style.hidden = False
    style.font.name = theme().fonts.word
    style.font.bold = wanted.get("bold", False)
    style.font.italic = False
    if "size" in wanted:
        style.font.size = Pt(wanted["size"])
    if "colour" in wanted:
        style.font.color.rgb = _rgb(COLOURS[wanted["colour"]])
    shape = style.paragraph_format
    shape.alignment = 0
    for key, value in (("before", "space_before"), ("after", "space_after")):
        if key in wanted:
            setattr(shape, value, Pt(wanted[key]))
    if "line" in wanted:
        shape.line_spacing = wanted["line"]
    if "left_mm" in wanted:
        shape.left_indent = Mm(wanted["left_mm"])
    if name.startswith("TOC ") and name != "TOC Heading":
        shape.tab_stops.add_tab_stop(Mm(_TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    shape.keep_with_next = bool(wanted.get("next"))
    if wanted.get("whole_words"):
        style.element.get_or_add_pPr().insert_element_before(OxmlElement("w:suppressAutoHyphens"), *_BEHIND_HYPHENS)
    _set_box(style, wanted)


def _set_box(style, wanted: dict[str, Any]) -> None:
    """Give a paragraph a line at its left edge and a ground."""
    properties = style.element.get_or_add_pPr()
    if "edge" in wanted:
        colour = COLOURS[wanted["edge"]][1:]
        edge = f'<w:left w:val="single" w:sz="24" w:space="8" w:color="{colour}"/>'
        properties.insert_element_before(
            parse_xml(f"<w:pBdr {nsdecls('w')}>{edge}</w:pBdr>"), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc"
        )
        style.paragraph_format.left_indent = Mm(4)
    if "fill" in wanted:
        shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{COLOURS[wanted["fill"]][1:]}"/>'
        properties.insert_element_before(parse_xml(shade), "w:tabs", "w:spacing", "w:ind", "w:jc")


def _set_character_styles(document) -> None:
    link = document.styles["Hyperlink"]
    link.font.color.rgb, link.font.underline = _rgb(COLOURS["link"]), True
    for name in ("Definition Term", "Definition"):
        document.styles[name].font.name = theme().fonts.word
    document.styles["Definition Term"].font.bold = True
    document.styles["Definition"].paragraph_format.left_indent = Mm(6)


def _set_table_style(document) -> None:
    """Lines under the rows, a heavier one under the head and above a total."""
    style = document.styles["Table"].element
    for name in ("w:pPr", "w:rPr", "w:tblPr", "w:tblStylePr"):
        for tag in style.findall(qn(name)):
            style.remove(tag)
    rule, heavy = COLOURS["rule"][1:], COLOURS["muted"][1:]
    line = f'w:val="single" w:sz="4" w:space="0" w:color="{rule}"'
    edge = f'w:val="single" w:sz="8" w:space="0" w:color="{heavy}"'
    style.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders><w:bottom {line}/><w:insideH {line}/></w:tblBorders>"
            '<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
            '<w:bottom w:w="20" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        )
    )
    for kind, borders in (("firstRow", f"<w:bottom {edge}/>"), ("lastRow", f"<w:top {edge}/>")):
        cell = f"<w:tcPr><w:tcBorders>{borders}</w:tcBorders></w:tcPr>"
        style.append(parse_xml(f'<w:tblStylePr {nsdecls("w")} w:type="{kind}">{cell}</w:tblStylePr>'))


def _set_page(document, running_head: str, mark: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)
    section.header_distance = section.footer_distance = Mm(11)
    section.different_first_page_header_footer = True
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for paragraph in (head, foot):
        paragraph.style = document.styles["Bron"]
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(_TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    head.add_run(running_head)
    if mark:
        run = head.add_run(f"\t{mark}")
        run.font.bold, run.font.color.rgb = True, _rgb(COLOURS["target"])
    for words, code in (("\tBladzijde ", " PAGE "), (" van ", " NUMPAGES ")):
        foot.add_run(words)
        foot._p.extend(_field(code))


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour[1:])
