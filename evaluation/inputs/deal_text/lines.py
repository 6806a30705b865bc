"""The text of a deal as articles with items: numbered, lettered, with bullets, or rows of a table.

Works on plain text as it comes out of a PDF (wrapped lines, page numbers, footnotes) and on Markdown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_ARTICLE = re.compile(r"^(?:\*\*|__)?(?:Artikel|ARTIKEL|Art\.)\s+(\d{1,3})\b(\s*[-–—:.|]*)\s*(.*?)(?:\*\*|__)?$")
_PAGE = re.compile(r"^(?:-\s?\d{1,3}\s?-|\d{1,3}|(?:pagina|pag\.|blz\.)\s*\d+(?:\s*(?:van|/)\s*\d+)?)$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^\[?\^?(\d{1,2})\]?:?\s+[A-Z]")
_CHAPTER = re.compile(r"^(?:\d{1,2}|[IVX]+)\.\s+[A-Z][^.;:]*$")
_CONTENTS = re.compile(r"\.{4,}\s*\d+$|\s{3,}\d{1,3}$")
NAMED = re.compile(
    r"^(?:\*\*)?((?:Thema|Opgave|Programmalijn|Pijler|Speerpunt|Actielijn|Lijn)\s+(?:\d{1,2}|[A-Z]))\b\s*[-–—:.]*\s*(.*)$"
)
_MARKERS = (
    ("heading", re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")),
    ("named", NAMED),
    ("number", re.compile(r"^(?:\*\*)?(\d{1,2})[.)]\s+(.*)$")),
    ("letter", re.compile(r"^\(?([a-z])[.)]\s+(.*)$")),
    ("roman", re.compile(r"^\(?(i{1,3}|iv|v|vi{1,3}|ix|x)[.)]\s+(.*)$")),
    ("bullet", re.compile(r"^([-–—*+•·▪◦●])\s+(.*)$")),
)  # fmt: skip
_BULLETED = re.compile(r"^(\s*)[-–—*+•·▪◦●]\s+(?=(?:\d{1,2}|[a-z])[.)](?:\s|$))")
"""A bullet before a number or letter, as in texts of the official gazette: it says nothing that the number does not."""
_ALONE = re.compile(r"^\s*(?:\d{1,2}|[a-z])[.)]$")
_NO_END = re.compile(r"\b(?:de|het|een|en|of|van|in|op|te|aan|met|voor|door|om|dat|die|bij|tot|uit|naar|per|ten|over)$")


@dataclass(slots=True)
class Item:
    """A part of a text with its marker, and the parts under it.

    Attributes
    ----------
    kind, marker : str    heading, named, number, letter, roman, bullet, row or text; and the sign itself.
    title : str    The words on the line of the marker, where they are a heading; else empty.
    text : str    What stands there, on one line, without what stands under it.
    first, last : int    Its lines in the file, from 1.
    cells : tuple[str, ...]    Of a row of a table.
    lines : list of (int, str)    As they stand in the file, without the marker.
    """

    kind: str
    marker: str
    title: str = ""
    text: str = ""
    first: int = 0
    last: int = 0
    cells: tuple[str, ...] = ()
    lines: list[tuple[int, str]] = field(default_factory=list)
    children: list["Item"] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The heading and the text on one line."""
        return " ".join(filter(None, (self.title, self.text)))

    def walk(self) -> Iterator["Item"]:
        """Give the item and all under it, in their order.

        Returns
        -------
        iterator of Item
        """
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class Article:
    """An article, or what stands before the first one (number 0)."""

    number: int
    title: str
    first: int
    items: list[Item] = field(default_factory=list)

    def walk(self) -> Iterator[Item]:
        """Give all items, in their order.

        Returns
        -------
        iterator of Item
        """
        for item in self.items:
            yield from item.walk()


def read_articles(text: str) -> list[Article]:
    """Divide the text of a deal into its articles and their items.

    Parameters
    ----------
    text : str
        Plain text or Markdown.

    Returns
    -------
    list[Article]
        What stands before the first article is number 0; of a number that stands twice (a table of contents) the
        longest counts.
    """
    groups: list[tuple[Article, list[tuple[int, str]]]] = [(Article(0, "", 1), [])]
    lines = _clean(text)
    for number, line in lines:
        found = _ARTICLE.match(line.strip().lstrip("#").strip())
        if found and _is_title(found[3], is_set_off=bool(found[2].strip())):
            groups.append((Article(int(found[1]), found[3].strip("*_ "), number), []))
        else:
            groups[-1][1].append((number, _without_article(line, groups[-1][0].number)))
    kept: dict[int, tuple[Article, list[tuple[int, str]]]] = {}
    for article, body in groups:
        if article.number not in kept or len(body) > len(kept[article.number][1]):
            kept[article.number] = (article, body)
    for article, body in kept.values():
        while body and _CHAPTER.match(body[-1][1].strip()):
            body.pop()  # the title of a chapter, before its first article
        if not article.title and body and len(body[0][1]) < 80 and not body[0][1].strip().endswith("."):
            article.title = body.pop(0)[1].strip("*_# ")
        article.items = _items(body)
    return [article for article, _ in kept.values()]


def _without_article(line: str, article: int) -> str:
    """Write the number of a paragraph without that of its article; before a name of its own (Pijler A) it goes.

    >>> _without_article("8.2 Elk jaar een verslag.", 8), _without_article("  2.1 Pijler A. Stranden", 2)
    ('2. Elk jaar een verslag.', '  Pijler A. Stranden')
    """
    found = re.match(rf"^(\s*){article}\.(\d{{1,2}})\.?\s+(?=[A-Z])(.*)$", line) if article else None
    if found is None:
        return line
    return found[1] + ("" if NAMED.match(found[3]) else f"{found[2]}. ") + found[3]


def _is_title(words: str, *, is_set_off: bool) -> bool:
    """Tell the heading of an article from a sentence that begins with one, and from a line of a table of contents."""
    goes_on = re.match(r"[,;]|(?:lid|genoemd\w*|bedoeld\w*)\b" if is_set_off else r"[a-z,;]", words)
    return not (_CONTENTS.search(words) or goes_on or words.endswith((",", ";"))) and len(words) < 110


def _clean(text: str) -> list[tuple[int, str]]:
    """Give the lines their numbers, without page numbers and footnotes; a page begins with a form feed or a space.

    A marker that stands alone goes before the words under it.
    """
    kept: list[tuple[int, str]] = []
    note, before, marker = False, "", ""
    for number, raw in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        line = _BULLETED.sub(r"\1", raw.replace("\f", " ").replace("\N{NO-BREAK SPACE}", " ").expandtabs(2).rstrip())
        if _ALONE.match(line):
            marker = f"{line} "
            continue
        if line and marker:
            line, marker = marker + line.strip(), ""
        is_page = _PAGE.match(line.strip()) is not None
        starts_page = "\f" in raw or (line.startswith(" ") and not line.startswith("  "))
        if is_page or starts_page or not line.strip():
            note = False
        elif (found := _FOOTNOTE.match(line)) and re.search(
            rf"[^\W\d][²³]?[).,;:]?{found[1]}(?!\d)|\^{found[1]}\]", before
        ):
            note = True  # its number stands behind a word above
        if line.strip() and not is_page and not note:
            kept.append((number, line))
            before += line
        elif not line.strip() and kept and kept[-1][1]:
            kept.append((number, ""))
    return kept


def _items(body: Sequence[tuple[int, str]]) -> list[Item]:
    """Make a tree of marked lines: a kind of marker that is new goes under what stands open."""
    roots: list[Item] = []
    open_items: list[tuple[str, Item]] = []
    interrupted: list[tuple[str, Item]] = []  # numbers before a paragraph that stands between them and the next number
    paragraph_ended = False
    for place, (number, line) in enumerate(body):
        if not line:
            paragraph_ended = True
            continue
        item, level = _marked(line, number, open_items)
        if item is None and interrupted and open_items[-1][0] == "text":
            item, level = _marked(line, number, interrupted)
            if item is not None and item.kind == "number" and item.marker != "1":
                open_items[:] = interrupted
            else:
                item = None
        if item is not None and _is_dash_in_sentence(item, level, open_items, apart=paragraph_ended):
            item = None
        following = next((text for _, text in body[place + 1 :] if text), "")
        if item is None:
            before = list(open_items)
            _continue(line.strip(), number, roots, open_items, apart=paragraph_ended)
            if before and before[-1][1].kind == "number" and open_items[-1][0] == "text":
                interrupted = before
        else:
            item.lines.append((number, f"{item.marker} {item.text}" if item.kind == "named" else item.text))
            if item.kind in ("number", "letter", "named", "heading") and is_heading(item, following):
                named = NAMED.match(item.text) if item.kind == "heading" else None
                item.title, item.text = (named[2] if named and named[2] else item.text).rstrip(":* "), ""
            levels = [name for name, _ in open_items]
            if level in levels:
                del open_items[levels.index(level) :]
            elif item.kind in ("heading", "named"):
                above = [name for name in levels if name[0] in "hn" and name < level]
                del open_items[len(above) :]
            (open_items[-1][1].children if open_items else roots).append(item)
            open_items.append((level, item))
        paragraph_ended = False
    return roots


def _marked(line: str, number: int, open_items: list[tuple[str, Item]]) -> tuple[Item | None, str]:
    """Read the marker of a line, and its level; a number or letter counts only as the next one, or the first."""
    bare = line.strip()
    if bare.startswith("|") and bare.count("|") > 1:
        cells = tuple(cell.strip(" *") for cell in bare.strip("|").split("|"))
        return Item("row", "|", text=" | ".join(cells), first=number, last=number, cells=cells), "row"
    indent = len(line) - len(line.lstrip())
    for kind, pattern in _MARKERS:
        found = pattern.match(bare)
        if found is None:
            continue
        marker, words = found[1], found[2]
        level = {"heading": f"h{len(marker)}", "named": "n", "bullet": f"bullet{marker}"}.get(kind, kind)
        if indent > 1 and kind != "heading":
            level += f"+{indent // 2}"
        if kind in ("number", "letter", "roman") and not _is_next(kind, marker, level, open_items):
            continue
        return Item(kind, marker, text=words.strip("* "), first=number, last=number), level
    if re.fullmatch(r"\*\*[^*]+\*\*:?", bare):
        return Item("heading", "**", text=bare.strip("*: "), first=number, last=number), "h7"
    return None, ""


def _is_dash_in_sentence(item: Item, level: str, open_items: list[tuple[str, Item]], *, apart: bool) -> bool:
    """Tell a dash that a wrapped sentence happens to begin a line with from the first of a list."""
    if item.kind != "bullet" or apart or not open_items or level in [name for name, _ in open_items]:
        return False
    _, above = open_items[-1]
    return bool(above.text) and not re.search(r"[.:;,]$", above.text) and re.match(r"[a-z]", item.text) is not None


def _is_next(kind: str, marker: str, level: str, open_items: list[tuple[str, Item]]) -> bool:
    before = [item.marker for name, item in open_items if name == level]
    last = before[-1] if before else None
    if kind == "number":
        return int(marker) == (int(last) + 1 if last else 1) or (last is not None and marker == "1")
    if kind == "letter":
        return marker == (chr(ord(last) + 1) if last else "a") or (last is not None and marker == "a")
    return True


def is_heading(item: Item, following: str) -> bool:
    """Tell a title on the line of its marker from the beginning of a text that goes on.

    Parameters
    ----------
    item, following : Item, str
        And the line that comes behind it.

    Returns
    -------
    bool
    """
    words = item.text.strip()
    if item.kind in ("heading", "named"):
        return len(words) < 110
    if words.endswith(":") and len(words) <= 100 and "," not in words and " wordt" not in words:
        return True
    goes_on = not re.match(r"[A-Z‘'\"“]|[-–—*+•·▪◦●|#]\s|\(?[a-z1-9][.)]\s", following.strip())
    return len(words) <= 75 and not goes_on and not re.search(r"[.;,]$", words) and _NO_END.search(words) is None


def _continue(words: str, number: int, roots: list[Item], open_items: list[tuple[str, Item]], *, apart: bool) -> None:
    """Add a line to what stands open; under a heading, or after an empty line, it is a paragraph of its own."""
    target = open_items[-1][1] if open_items else (roots[-1] if roots else None)
    if target is not None and not apart and not (target.title and not target.text):
        target.text, target.last = join_lines(target.text, words), number
        target.lines.append((number, words))
        return
    under = [item for _, item in open_items if item.title]
    paragraph = Item("text", "", text=words, first=number, last=number, lines=[(number, words)])
    (under[-1].children if under else roots).append(paragraph)
    keep = next((i + 1 for i in range(len(open_items) - 1, -1, -1) if open_items[i][1].title), 0)
    del open_items[keep:]
    open_items.append(("text", paragraph))


def join_lines(before: str, after: str) -> str:
    """Join two lines of a wrapped text.

    >>> join_lines("sociaal-", "economische"), join_lines("regio -", "en")
    ('sociaal-economische', 'regio - en')

    Parameters
    ----------
    before, after : str, str
        What stands already, and the next line.

    Returns
    -------
    str
    """
    is_split = re.search(r"\w-$", before) is not None and re.match(r"[a-zA-Z]", after) is not None
    return f"{before}{after}" if is_split and not re.match(r"(?:en|of)\b", after) else f"{before} {after}".strip()
