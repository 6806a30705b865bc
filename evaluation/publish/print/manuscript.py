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
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from evaluation.base.errors import PublishError
from evaluation.inputs.theme import theme
from evaluation.present.drawing import PICTURE, CannotDraw, Drawing, draw, light_colours
from evaluation.present.packed import unpack_spec
from evaluation.publish.pages.document import Node, every, rewrite
from evaluation.publish.pages.page import NOT_MADE
from evaluation.publish.pages.pandoc import run_pandoc
from evaluation.publish.pages.pictures import read_data
from evaluation.publish.pages.sources import with_place
from evaluation.publish.print.browser import draw_in_browser
from evaluation.publish.print.images import WIDEST, Picture, read_image
from evaluation.publish.project import Chapter, Project

COLOPHON = (
    "Dezelfde tekst, figuren en cijfers als in de webversie. Bestanden die dit verslag noemt, en bij elk getal de "
    "regels die het hebben gemaakt, staan bij de webversie."
)
"""On the cover."""

REVISED = "herzien"
"""Class of a link under a figure or table that says how many of its numbers a release revised."""

_SCREEN_ONLY = "nav, script, .figuur-wegen, details.code-fold, .herleiding, .balk, .balk-uitleg, .afdruk"
_APPENDIX = "bijlage-cijfers"
_TOP = "begin"
_UNSEEN = str.maketrans("", "", "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{SOFT HYPHEN}")
_WORDS = {
    "appendix": "Bijlage: de cijfers bij de figuren",
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
    text = "\n".join([*chapters, *reader.appendix(), reader.revised()])
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
    """Reads the pages one by one, and keeps what the appendix needs."""

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
        if issue.revised:
            self.tops[issue.revised_page] = _TOP

    def chapter(self, chapter: Chapter) -> str:
        """Return the chapter without what is only for a screen."""
        main = self.pages[chapter.page]
        shown = {_words(figure): figure for figure in main.select("figure.quarto-float-tbl table")}
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
            note = _new("p", {"class": ["figuur-noot"]})
            link.find_parent(class_="herleiding").insert_before(note)
            note.append(link)
        _even_out(main)
        for tag in main.select(_SCREEN_ONLY):
            tag.decompose()
        for tag in main.select("details"):
            tag.name = "div"
        for tag in main.select("summary"):
            tag.name, tag["class"] = "p", ["callout-title"]
        for tag in main.select("ul.kerncijfers"):
            _key_figures(tag)
        for tag in main.select("p.bron, p.callout-title, p.figuur-titel, p.figuur-maat, p.figuur-noot"):
            tag.wrap(_new("div", {"class": tag["class"]}))
        for tag in main.select(".n"):
            tag["align"] = "right"
        for tag in main.select("a[href]"):
            self._link(tag, chapter.page)
        for tag in main.select("[id]"):
            tag["id"] = _anchor(chapter.page, str(tag["id"]))
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
            area.append(_new("img", {"src": image, "alt": alt}))
            return
        reason = self.unknown.get(name, "it has no drawing")
        self.as_tables.append(f"{page}: figure {area['data-figuur']} ({reason})")
        line = _new("p")
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
        tag.replace_with(_new("img", {"src": name, "alt": tag.get("alt") or tag.get("aria-label") or title}))

    def _numbers(self, figure: Tag, caption: Tag, table: Tag, page: str, shown: dict[str, Tag]) -> Tag:
        """Lead to the numbers of a figure: a table of the chapter that has the same, or one in the appendix."""
        box = _new("div", {"class": "naar-cijfers"})
        if (twin := shown.get(_words(table))) is not None:
            float_ = twin.find_parent(id=re.compile("^tbl-"))
            words = _words(float_.select_one("figcaption, .bijschrift")).partition(":")[0]
            target = f"#{float_['id']}"
        else:
            target = f"#{_APPENDIX}-{figure['id']}"
            words = _WORDS["appendix"].lower()
            about = _WORDS["numbers"].format(_words(caption)[0].lower() + _words(caption)[1:])
            self.tables.append((_anchor(page, target[1:]), about, table))
        link = _new("a", {"href": target})
        link.string = words
        line = _new("p")
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

    def appendix(self) -> Iterator[str]:
        """Write the tables of the figures, each under the caption of its figure."""
        if not self.tables:
            return
        yield f'<h1 id="{_APPENDIX}" class="unnumbered">{_WORDS["appendix"]}</h1><p>{_WORDS["appendix-lead"]}</p>'
        for anchor, about, table in self.tables:
            for tag in table.select(".n"):
                tag["align"] = "right"
            caption = _new("div", {"class": "bijschrift"})
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


def _new(name: str, attributes: dict[str, object] | None = None) -> Tag:
    return BeautifulSoup("", "html.parser").new_tag(name, attrs=attributes or {})


def _even_out(main: Tag) -> None:
    """Make headings that print can have (with words, none two levels below the last), and captions plain divisions."""
    level = 0
    for tag in main.select("h1, h2, h3, h4, h5, h6"):
        if tag.get_text().translate(_UNSEEN).strip():
            level = min(int(tag.name[1]), level + 1)
            tag.name = f"h{level}"
        else:
            tag.name = "div"
    for tag in main.select("table > caption"):
        tag.parent.insert_before(tag.extract())
        tag.name, tag["class"] = "figcaption", []
    for tag in main.select("figcaption"):
        tag.name, tag["class"] = "div", ["figuur-noot"]
    for tag in main.select("figure"):
        tag.name = "div"


def _only_live_links(blocks: list[Node]) -> list[Node]:
    """Leave the words of a link inside the report that leads to no heading, division or span, or to two."""
    names = Counter(node["c"][node["t"] == "Header"][0] for node in every(blocks, {"Header", "Div", "Span"}))

    def keep(node: Node) -> list[Node] | None:
        is_dead = node["t"] == "Link" and (href := node["c"][2][0]).startswith("#") and names[href[1:]] != 1
        return rewrite(node["c"][1], keep) if is_dead else None

    return rewrite(blocks, keep)


def _key_figures(items: Tag) -> None:
    """Rewrite the key figures as divisions: question, answer, explanation; a list of something else stays a list."""
    if not all(item.b and item.strong for item in items.find_all("li")):
        return
    for item in items.find_all("li"):
        box = _new("div", {"class": "kerncijfer"})
        question, answer = item.b.extract(), item.strong.extract()
        for part in (question.get_text(), answer.get_text(), item.get_text()):
            paragraph = _new("p")
            paragraph.string = part
            box.append(paragraph)
        item.replace_with(box)
    items.name = "div"


def _anchor(page: str, anchor: str) -> str:
    """Name a place so that the name is unique in the whole report, and short and plain enough for Word."""
    return f"p{hashlib.sha256(f'{page}#{anchor}'.encode()).hexdigest()[:16]}"


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())
