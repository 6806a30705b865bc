"""The finished pages of a report as one text for print: the same words, numbers, captions and references.

Both engines put their chapters in the same markup, so PDF and Word are made of the pages that are published, whichever
engine made them.  What is only of use on a screen is left out.  Figures become drawings; the tables that open under a
figure stand together in an appendix.
"""

import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from evaluation.base.errors import PublishError
from evaluation.inputs.theme import theme
from evaluation.present.drawing import PICTURE, CannotDraw, Drawing, draw, light_colours
from evaluation.present.packed import unpack_spec
from evaluation.publish.pages.annexes import ANNEX, ANNEXES, take_annex
from evaluation.publish.pages.document import Node, every, rewrite
from evaluation.publish.pages.page import NOT_MADE
from evaluation.publish.pages.pandoc import run_pandoc
from evaluation.publish.pages.pictures import read_data
from evaluation.publish.pages.sources import with_place
from evaluation.publish.print.browser import draw_in_browser
from evaluation.publish.print.images import WIDEST, Picture, read_image
from evaluation.publish.print.markup import (
    annex_letter,
    chapter_title,
    even_out,
    new_tag,
    rewrite_key_figures,
    words_of,
)  # fmt: skip
from evaluation.publish.project import Chapter, Project

COLOPHON = (
    "Dezelfde tekst, figuren en cijfers als in de webversie. Bestanden die dit verslag noemt, en bij elk getal de "
    "regels die het hebben gemaakt, staan bij de webversie."
)
"""On the cover."""

ANNEXES_FROM = "bijlagen-vanaf"
"""Class of the empty division that ends the main part."""

REVISED = "herzien"
"""Class of a link under a figure or table that says how many of its numbers a release revised."""

_SCREEN_ONLY = "nav, script, .figuur-wegen, details.code-fold, .herleiding, .balk, .balk-uitleg, .afdruk"
_APPENDIX = "bijlage-cijfers"
_TOP = "begin"
_ANNEX = "bijlage-bij"
_ANNEX_NAME = "Bijlage {}"
_TURN = f'<div class="{ANNEXES_FROM}"></div>'
_WORDS = {
    "appendix": "de cijfers bij de figuren",
    "appendix-lead": "Elke figuur van dit verslag met de cijfers die zij toont. Staan die al in een tabel van het "
    "hoofdstuk, dan verwijst de figuur daarnaar.",
    "incomplete": "Dit verslag is niet volledig: een of meer hoofdstukken konden niet worden gemaakt.",
    "see-table": "De cijfers van deze figuur: ",
    "numbers": "Cijfers bij {}",
    "on-site": "Deze figuur staat op de site; hier staan de cijfers die zij toont.",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """What a release adds to the print of its report."""

    line: str  # on the cover: which release it is, of which day, and how to refer to it
    revised: str = ""  # HTML with a heading: every number that was revised since the release before; empty: none
    revised_page: str = ""  # the page of the site with the same, to which the marks of the chapters lead


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A report ready for print."""

    title: str
    subtitle: str
    lang: str
    # on the cover: which chapters could not be made, and which figures are not settled; empty where all is well
    notice: str
    issue: str  # on the cover: which release it is; empty where it is none
    mark: str  # the word for it in the head of each page: ``voorbeeldcijfers``
    version: list[int]  # of pandoc's document types
    # the chapters and the appendix, as a pandoc document.  A figure or table is a ``Div`` with the class ``figuur`` or
    # ``tabel``; in a ``Div`` ``beeld`` stands the image, whose address is a key of `drawings`.
    blocks: list[Node]
    drawings: dict[str, Drawing]
    images: dict[str, Picture]  # what else the pages show, as a key of it is the address of an image
    as_tables: tuple[str, ...]  # figures that could not be drawn and are there as their table: page, figure and why


def read_manuscript(project: Project, folder: Path, issue: Issue | None = None) -> Manuscript:
    """Read the pages in `folder` as one text; raises PublishError for every figure that cannot be drawn."""
    reader = _Reader(project, folder, issue or Issue(""))
    reader.draw_figures()
    chapters = [reader.chapter(chapter) for chapter in project.chapters]
    if reader.faults:
        raise PublishError(
            "The report cannot be printed:\n  "
            + "\n  ".join(with_place(project.folder, fault) for fault in reader.faults)
        )
    annexes = [part for part in (*reader.in_order(), *reader.appendix(), reader.revised()) if part]
    text = "\n".join([*chapters, *([_TURN] if annexes else []), *annexes])
    tree = json.loads(run_pandoc(["-f", "html", "-t", "json"], text, "print"))
    header = BeautifulSoup(
        "".join((project.folder / name).read_text("utf-8") for name in project.before_body), "html.parser"
    )
    ribbon = header.select_one(".lint")
    told = " ".join(ribbon.get_text().split()).replace("op deze pagina", "in dit verslag") if ribbon else ""
    missing = [page for page, main in reader.pages.items() if main.select_one(f".{NOT_MADE}")]
    notice = f"{_WORDS['incomplete']} {told}".strip() if missing else told
    mark = ", ".join(dict.fromkeys(tag.get_text() for tag in ribbon.find_all("strong"))) if ribbon else ""
    return Manuscript(
        project.title, project.subtitle, project.lang, notice, reader.issue.line, mark, tree["pandoc-api-version"],
        _only_live_links(tree["blocks"]), reader.drawings, reader.images, tuple(reader.as_tables),
    )  # fmt: skip


def drawing_in(block: Node, manuscript: Manuscript) -> Node | None:
    """Return the image of a division that is a drawing; None for another, also where somebody gave it that class."""
    images = list(every(block, {"Image"})) if block["t"] == "Div" and "beeld" in block["c"][0][1] else []
    is_one = len(images) == 1 and len(block["c"][1]) == 1 and images[0]["c"][2][0] in manuscript.drawings
    return images[0] if is_one else None


class _Reader:
    """Reads the pages one by one, and keeps what the annexes need."""

    def __init__(self, project: Project, folder: Path, issue: Issue) -> None:
        self.folder, self.issue = folder, issue
        self.faults: list[str] = []
        self.drawings: dict[str, Drawing] = {}
        self.images: dict[str, Picture] = {}
        self.tables: list[tuple[str, str, Tag]] = []
        self.as_tables: list[str] = []
        self.unknown: dict[str, str] = {}  # figure to what of it our drawing does not know
        self.pages = {
            chapter.page: BeautifulSoup((folder / chapter.page).read_text(encoding="utf-8"), "html.parser").select_one(
                "main"
            )
            for chapter in project.chapters
        }
        for main in self.pages.values():
            main.h1["id"] = main.h1.get("id") or _TOP
        self.tops = {page: str(main.h1["id"]) for page, main in self.pages.items()}
        apart = [chapter.page for chapter in project.chapters if chapter.part == ANNEXES]
        own = [page for page, main in self.pages.items() if page not in apart and main.select_one(f"details.{ANNEX}")]
        in_order = enumerate([*own, *apart, _APPENDIX])
        self.annex_names = {page: _ANNEX_NAME.format(annex_letter(at)) for at, page in in_order}
        self.annexes: dict[str, str] = {}
        if issue.revised:
            self.tops[issue.revised_page] = _TOP

    def chapter(self, chapter: Chapter) -> str:
        """Return the chapter without what is only for a screen."""
        main = self.pages[chapter.page]
        shown = {words_of(figure): figure for figure in main.select("figure.quarto-float-tbl table")}
        for tag in main.select(f".{PICTURE}"):
            tag.decompose()  # what a page without script shows; print has the drawing itself
        for tag in main.select("img, svg:not(svg svg)"):
            self._image(tag, chapter.page)
        for box in main.select("div.figuur, div.tabel"):
            box.unwrap()
        for area in main.select(".figuur-vlak[data-figuur]"):
            self._drawing(area, chapter.page)
        for figure in main.select("figure.quarto-float"):
            self._float(figure, chapter.page, shown)
        for link in main.select(f".herleiding a.{REVISED}"):
            note = new_tag("p", {"class": ["figuur-noot"]})
            link.find_parent(class_="herleiding").insert_before(note)
            note.append(link)
        if (annex := take_annex(main)) is not None:
            main.append(self._point(annex, chapter.page))
            annex.insert(0, new_tag("h1", {"id": _ANNEX}))
            annex.h1.string = f"{self.annex_names[chapter.page]}: {chapter_title(main)}"
            self.annexes[chapter.page] = self._finish(annex, chapter.page)
        elif chapter.part == ANNEXES:
            main.h1.insert(0, f"{self.annex_names[chapter.page]}: ")
            self.annexes[chapter.page] = self._finish(main, chapter.page)
            return ""
        return self._finish(main, chapter.page)

    def _point(self, annex: Tag, page: str) -> Tag:
        """Lead from the end of a chapter to the sections of its annex."""
        line, heads = new_tag("p"), annex.find_all("h2")
        line.append(f"In {self.annex_names[page].lower()} staat meer: ")
        for index, head in enumerate(heads):
            link = new_tag("a", {"href": f"#{head['id']}"})
            link.extend([copy(part) for part in head.contents])
            line.extend([", " if index else "", link])
        line.append(".")
        box = new_tag("div", {"class": "naar-cijfers"})
        box.append(line)
        return box

    def _finish(self, main: Tag, page: str) -> str:
        """Leave out what is only for a screen, and write what stays as print can have it."""
        even_out(main)
        for tag in main.select(_SCREEN_ONLY):
            tag.decompose()
        for tag in main.select("details"):
            tag.name = "div"
        for tag in main.select("summary"):
            tag.name, tag["class"] = "p", ["callout-title"]
        for tag in main.select("ul.kerncijfers"):
            rewrite_key_figures(tag)
        for tag in main.select("p.bron, p.callout-title, p.figuur-titel, p.figuur-maat, p.figuur-noot"):
            tag.wrap(new_tag("div", {"class": tag["class"]}))
        for tag in main.select(".n"):
            tag["align"] = "right"
        for tag in main.select("a[href]"):
            self._link(tag, page)
        for tag in main.select("[id]"):
            tag["id"] = _anchor(page, str(tag["id"]))
        return main.decode_contents()

    def _float(self, figure: Tag, page: str, shown: dict[str, Tag]) -> None:
        """Rewrite a figure or table as plain divisions."""
        kind = "figuur" if "quarto-float-fig" in figure["class"] else "tabel"
        caption = figure.find("figcaption").extract()
        caption.name, caption.attrs = "div", {"class": "bijschrift"}
        for details in figure.select("details.figuur-tabel"):
            table = details.find("table").extract()
            if figure.select_one(".alleen-op-de-site"):
                details.replace_with(table)
                continue
            details.replace_with(self._numbers(figure, caption, table, page, shown))
        figure.name, figure["class"] = "div", [kind]
        figure.insert(0, caption)

    def draw_figures(self) -> None:
        """Draw every figure; those that our own drawing does not know in one browser, where there is one."""
        waiting = {}
        for page, main in self.pages.items():
            told = read_data(self.folder, page)
            for area in main.select(".figuur-vlak[data-figuur]"):
                name = _file_name(page, area)
                try:
                    spec = unpack_spec(json.loads(light_colours(json.dumps(told[area["data-figuur"]]))))
                    self.drawings[f"{name}.svg"] = draw(
                        spec, alt=str(area.get("aria-label", "")), font=theme().fonts.print
                    )
                except CannotDraw as error:
                    waiting[name] = spec
                    self.unknown[name] = str(error)
                except PublishError as error:
                    self.faults.append(f"{page}: figure {area['data-figuur']}: {error}")
                except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                    self.faults.append(f"{page}: figure {area['data-figuur']}: its data cannot be read ({error!r})")
        with tempfile.TemporaryDirectory() as workspace:
            made = draw_in_browser(waiting, Path(workspace))
        self.images |= {f"{name}.png": Picture(content, "png", WIDEST) for name, content in made.items()}

    def _drawing(self, area: Tag, page: str) -> None:
        """Put the image of a figure in its place; where there is none, a line that leads to its table."""
        name, alt = _file_name(page, area), str(area.get("aria-label", ""))
        if image := next(
            (file for file in (f"{name}.svg", f"{name}.png") if file in self.drawings | self.images), None
        ):
            area.name, area.attrs = "div", {"class": "beeld"}
            area.append(new_tag("img", {"src": image, "alt": alt}))
            return
        reason = self.unknown.get(name, "it has no drawing")
        self.as_tables.append(f"{page}: figure {area['data-figuur']} ({reason})")
        line = new_tag("p")
        line.string = _WORDS["on-site"]
        area.name, area.attrs = "div", {"class": "figuur-noot alleen-op-de-site"}
        area.append(line)

    def _image(self, tag: Tag, page: str) -> None:
        """Name an image by a key, under which its content is kept."""
        try:
            found = read_image(tag, self.folder / page)
        except PublishError as error:
            self.faults.append(f"{page}: {error}")
            return
        kept = self.images if isinstance(found, Picture) else self.drawings
        name = f"{Path(page).stem}-beeld-{len(kept)}.{found.kind if isinstance(found, Picture) else 'svg'}"
        kept[name] = found
        title = tag.title.get_text() if tag.name == "svg" and tag.title else ""
        tag.replace_with(new_tag("img", {"src": name, "alt": tag.get("alt") or tag.get("aria-label") or title}))

    def _numbers(self, figure: Tag, caption: Tag, table: Tag, page: str, shown: dict[str, Tag]) -> Tag:
        """Lead to the numbers of a figure: a table of the chapter that has the same, or one in the appendix."""
        box = new_tag("div", {"class": "naar-cijfers"})
        if (twin := shown.get(words_of(table))) is not None:
            float_ = twin.find_parent(id=re.compile("^tbl-"))
            words = words_of(float_.select_one("figcaption, .bijschrift")).partition(":")[0]
            target = f"#{float_['id']}"
        else:
            target = f"#{_APPENDIX}-{figure['id']}"
            words = self.annex_names[_APPENDIX].lower()
            about = _WORDS["numbers"].format(words_of(caption)[0].lower() + words_of(caption)[1:])
            self.tables.append((_anchor(page, target[1:]), about, table))
        link = new_tag("a", {"href": target})
        link.string = words
        line = new_tag("p")
        line.extend([_WORDS["see-table"], link, "."])
        box.append(line)
        return box

    def _link(self, link: Tag, page: str) -> None:
        """Lead a link to its place in the print; what is not in the print is named instead."""
        address, _, anchor = str(link["href"]).partition("#")
        target = address or page
        if re.match(r"[a-z]+:", address, re.IGNORECASE):
            return
        if target in self.tops:
            link["href"] = f"#{_anchor(target, anchor or self.tops[target])}"
            return
        name = target.rpartition("/")[2]
        if name and name not in link.get_text():
            link.append(f" ({name})")
        link.unwrap()

    def in_order(self) -> Iterator[str]:
        """Give the annexes in the order of their letters: those of chapters first."""
        yield from (self.annexes[page] for page in self.annex_names if page in self.annexes)

    def appendix(self) -> Iterator[str]:
        """Write the tables of the figures, each under the caption of its figure."""
        if not self.tables:
            return
        name = f"{self.annex_names[_APPENDIX]}: {_WORDS['appendix']}"
        yield f'<h1 id="{_APPENDIX}" class="unnumbered">{name}</h1><p>{_WORDS["appendix-lead"]}</p>'
        for anchor, about, table in self.tables:
            for tag in table.select(".n"):
                tag["align"] = "right"
            caption = new_tag("div", {"class": "bijschrift"})
            caption.string = about
            yield f'<div class="tabel bij-figuur" id="{anchor}">{caption}{table}</div>'

    def revised(self) -> str:
        """Write which numbers were revised since the release before, as the site has it; empty where none were."""
        if not self.issue.revised:
            return ""
        main = BeautifulSoup(self.issue.revised, "html.parser")
        main.h1["id"], main.h1["class"] = _anchor(self.issue.revised_page, _TOP), ["unnumbered"]
        for tag in main.select("a[href], div.tabel"):
            tag.unwrap()
        for tag in main.select(".n"):
            tag["align"] = "right"
        for tag in main.select("[id]:not(h1)"):
            tag["id"] = _anchor(self.issue.revised_page, str(tag["id"]))
        return main.decode()


def _file_name(page: str, area: Tag) -> str:
    return f"{Path(page).stem}-{area['data-figuur']}"


def _only_live_links(blocks: list[Node]) -> list[Node]:
    """Leave the words of a link inside the report that leads to no heading, division or span, or to two."""
    names = Counter(node["c"][node["t"] == "Header"][0] for node in every(blocks, {"Header", "Div", "Span"}))

    def keep(node: Node) -> list[Node] | None:
        is_dead = node["t"] == "Link" and (href := node["c"][2][0]).startswith("#") and names[href[1:]] != 1
        return rewrite(node["c"][1], keep) if is_dead else None

    return rewrite(blocks, keep)


def _anchor(page: str, anchor: str) -> str:
    """Name a place so that the name is unique in the whole report, and short and plain enough for Word."""
    return f"p{hashlib.sha256(f'{page}#{anchor}'.encode()).hexdigest()[:16]}"
