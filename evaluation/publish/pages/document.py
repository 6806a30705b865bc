"""The chapters of a book as pandoc documents: numbered, cross-referenced, with callouts, as Quarto does it."""

import html
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.base.errors import PublishError
from evaluation.publish.pages.pandoc import own_pandoc, run_pandoc
from evaluation.publish.pages.sources import find_place

Node = dict[str, Any]

_FLOATS = {"fig": "Figuur", "tbl": "Tabel"}
_CALLOUTS = {
    "note": "Opmerking",
    "tip": "Tip",
    "warning": "Waarschuwing",
    "important": "Belangrijk",
    "caution": "Opgelet",
}
_REFUSED_CLASSES = ("content-visible", "content-hidden", "panel-tabset")
_NBSP = " "
_STYLES = {"Emph", "SmallCaps", "Strikeout", "Strong", "Subscript", "Superscript", "Underline"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page's contents: level (2 and deeper), anchor and text with its number."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a cross reference leads to."""

    href: str  # ``3-veiligheid.html#fig-inbraken``
    prefix: str  # ``Figuur``; the title of a heading without number
    number: str


@dataclass(slots=True)
class Document:
    """One chapter while it is made."""

    page: str  # name of its HTML page
    version: list[int]  # of pandoc's document types
    blocks: list[Node]  # the pandoc document
    title: str = ""
    number: str = ""  # chapter number, empty where it has none
    classes: tuple[str, ...] = ()  # of its first heading
    headings: list[Heading] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    heading_numbers: dict[str, str] = field(default_factory=dict)


def read_documents(
    texts: Sequence[tuple[str, str]], *, number_depth: int, caption_on_top: bool = False, folder: Path | None = None
) -> list[Document]:
    """Read chapters, as page and Markdown in the order of the book, and resolve what they refer to in each other.

    `number_depth` is the deepest numbered heading: 1 numbers the chapters only, 0 nothing.  `folder` has the staged
    report, to say where on disk a fault stands.

    Raises PublishError for a chapter without one title, a label that stands twice, or a reference that leads nowhere:
    all at once.
    """
    faults: list[str] = []
    own_pandoc()  # looked for once, before the threads
    with ThreadPoolExecutor() as threads:  # pandoc is a process of its own
        documents = list(threads.map(lambda item: parse_markdown(item[1], item[0], folder), texts))
    chapter = 0
    for document in documents:
        chapter += _outline(document, chapter + 1, number_depth, faults)
    targets: dict[str, Target] = {}
    for document in documents:
        for label, target in document.targets.items():
            if label in targets:
                faults.append(f"{document.page}: the label {label} stands in {targets[label].href} too")
            targets.setdefault(label, target)
    for document in documents:
        document.blocks = _walk(document.blocks, _Resolver(document, targets, faults, caption_on_top))
    if faults:
        raise PublishError("The chapters cannot be joined to one report:\n  " + "\n  ".join(faults))
    return documents


def to_html(document: Document) -> str:
    """Write the chapter as an HTML fragment."""
    tree = {"pandoc-api-version": document.version, "meta": {}, "blocks": document.blocks}
    options = ["-f", "json", "-t", "html5", "--wrap=none", "--syntax-highlighting=none", "--email-obfuscation=none"]
    return run_pandoc([*options, "--mathml"], json.dumps(tree), document.page)


def plain(nodes: object) -> str:
    """Return the text of pandoc inlines without their markup."""
    if isinstance(nodes, list):
        return "".join(plain(node) for node in nodes)
    if not isinstance(nodes, dict):
        return ""
    kind, content = nodes["t"], nodes.get("c")
    if kind == "Str":
        return str(content)
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("Code", "Math"):
        return str(content[1])
    if kind == "Quoted":
        return f"‘{plain(content[1])}’" if content[0]["t"] == "SingleQuote" else f"“{plain(content[1])}”"
    if kind in ("Cite", "Image", "Link", "Span"):
        return plain(content[1])
    return plain(content) if kind in _STYLES else ""  # a note is no part of the text, nor what is raw


class _Resolver:
    """Rewrites one chapter node by node, children first."""

    def __init__(self, document: Document, targets: dict[str, Target], faults: list[str], caption_on_top: bool) -> None:
        self.document, self.targets, self.faults = document, targets, faults
        self.on_top = {"tbl": True, "fig": caption_on_top}

    def __call__(self, node: Node) -> list[Node]:
        action = getattr(self, f"_{node['t'].lower()}", None)
        return action(node) if action else [node]

    def _cite(self, node: Node) -> list[Node]:
        parts: list[Node] = []
        for citation in node["c"][0]:
            if (target := self.targets.get(citation["citationId"])) is None:
                self.faults.append(f"{self.document.page}: @{citation['citationId']} refers to nothing in the report")
                return [node]
            bare = citation["citationMode"]["t"] == "SuppressAuthor"
            prefix = plain(citation["citationPrefix"]).strip() or target.prefix
            text = _NBSP.join(part for part in ("" if bare and target.number else prefix, target.number) if part)
            page, _, anchor = target.href.partition("#")
            href = f"#{anchor}" if page == self.document.page else target.href
            parts += [_str(", ")] if parts else []
            parts.append({"t": "Link", "c": [["", ["quarto-xref"], []], [_str(text)], [href, ""]]})
            parts += citation["citationSuffix"]
        return parts

    def _header(self, node: Node) -> list[Node]:
        level, (identity, classes, pairs), inlines = node["c"]
        if number := self.document.heading_numbers.get(identity):
            name = "chapter-number" if level == 1 else "header-section-number"
            inlines = [_span([name], [_str(number)]), {"t": "Space"}, _span(["chapter-title"], inlines)]
        return [{"t": "Header", "c": [level, [identity, classes, pairs], inlines]}]

    def _div(self, node: Node) -> list[Node]:
        (identity, classes, pairs), blocks = node["c"]
        refused = [name for name in classes if name in _REFUSED_CLASSES] + [key for key, _ in pairs if "layout" in key]
        if refused:
            self.faults.append(f"{self.document.page}: {', '.join(refused)} is only known to Quarto")
        kind = next((name[8:] for name in classes if name.startswith("callout-")), None)
        if kind in _CALLOUTS:
            return _callout(kind, dict(pairs), blocks, identity)
        if _float_kind(identity):
            *content, caption = blocks if blocks and blocks[-1]["t"] == "Para" else [*blocks, None]
            return self._numbered(identity, content, caption["c"] if caption else [])
        return [node]

    def _figure(self, node: Node) -> list[Node]:
        (identity, _, _), (_, caption), blocks = node["c"]
        if not _float_kind(identity):
            return [node]
        return self._numbered(identity, blocks, _inlines(caption))

    def _table(self, node: Node) -> list[Node]:
        (identity, classes, pairs), (short, caption), *rest = node["c"]
        inlines = _inlines(caption)
        numbered = _float_kind(identity) is not None
        attributes = ["" if numbered else identity, classes, pairs]
        table = {"t": "Table", "c": [attributes, [short, [] if numbered else caption], *rest]}
        box = {"t": "Div", "c": [["", ["tabel"], [["tabindex", "0"]]], [table]]}
        return self._numbered(identity, [box], inlines) if numbered else [box]

    def _str(self, node: Node) -> list[Node]:
        return [_span([], [node])] if node["c"] in ("☐", "☒") else [node]  # or else pandoc makes a form of a task list

    def _codeblock(self, node: Node) -> list[Node]:
        (identity, classes, pairs), code = node["c"]
        values = dict(pairs)
        if values.get("code-fold") != "true":
            return [node]
        summary = html.escape(values.get("code-summary", "Code"))
        return [
            _raw(f'<details class="code-fold"><summary>{summary}</summary>'),
            {"t": "CodeBlock", "c": [[identity, classes, []], code]},
            _raw("</details>"),
        ]

    def _numbered(self, label: str, content: list[Node], caption: list[Node]) -> list[Node]:
        kind = _float_kind(label)
        target = self.document.targets[label]
        name = f"{target.prefix}{_NBSP}{target.number}"
        has_words = bool(plain(caption).strip())
        words = [_str(f"{name}: " if has_words else name), *(caption if has_words else [])]
        figcaption = [
            _raw('<figcaption class="quarto-float-caption">'), {"t": "Plain", "c": words}, _raw("</figcaption>")
        ]  # fmt: skip
        body = [*figcaption, *content] if self.on_top[kind] else [*content, *figcaption]
        return [_raw(f'<figure class="quarto-float quarto-float-{kind}" id="{label}">'), *body, _raw("</figure>")]


def _outline(document: Document, chapter: int, number_depth: int, faults: list[str]) -> int:
    """Give headings, figures and tables of a chapter their numbers; return 1 when it takes the chapter number."""
    headings = [block["c"] for block in _outer_headers(document.blocks)]
    tops = [heading for heading in headings if heading[0] == 1]
    if len(tops) != 1 or headings[0][0] != 1:
        faults.append(f"{document.page}: a chapter has one heading of the first level, on top; found {len(tops)}")
        return 0
    _, (identity, classes, _), inlines = tops[0]
    document.title, document.classes = plain(inlines), tuple(classes)
    is_numbered = "unnumbered" not in classes and number_depth > 0 and document.page != "index.html"
    document.number = str(chapter) if is_numbered else ""
    if is_numbered:
        document.heading_numbers[identity] = document.number
    prefix = "Hoofdstuk" if is_numbered else document.title
    document.targets[identity] = Target(f"{document.page}#{identity}", prefix, document.number)
    _number_headings(document, headings[1:], number_depth)
    _number_floats(document, faults)
    document.targets = {
        label: target for label, target in document.targets.items() if label.startswith(("sec-", "fig-", "tbl-"))
    }
    return int(is_numbered)


def _number_headings(document: Document, headings: Sequence[list], number_depth: int) -> None:
    counters = [0] * 7
    for level, (identity, classes, _), inlines in headings:
        title, number = plain(inlines), ""
        if document.number and level <= number_depth and "unnumbered" not in classes:
            counters[level] += 1
            counters[level + 1 :] = [0] * (6 - level)
            number = ".".join([document.number, *(str(count) for count in counters[2 : level + 1])])
            document.heading_numbers[identity] = number
        document.headings.append(Heading(level, identity, f"{number} {title}".strip()))
        prefix = "Paragraaf" if number else title
        document.targets[identity] = Target(f"{document.page}#{identity}", prefix, number)


def _number_floats(document: Document, faults: list[str]) -> None:
    counts = dict.fromkeys(_FLOATS, 0)

    def count(node: Node) -> list[Node]:
        identity = node["c"][0][0] if node["t"] in ("Div", "Figure", "Table") else ""
        if kind := _float_kind(identity):
            if identity in document.targets:
                faults.append(f"{document.page}: the label {identity} stands twice")
            counts[kind] += 1
            number = f"{document.number}.{counts[kind]}" if document.number else str(counts[kind])
            document.targets[identity] = Target(f"{document.page}#{identity}", _FLOATS[kind], number)
        return [node]

    _walk(document.blocks, count)


def _outer_headers(blocks: Sequence[Node]) -> list[Node]:
    """Find the headings that divide the page, not those inside a callout."""
    found = []
    for block in blocks:
        if block["t"] == "Header":
            found.append(block)
        elif block["t"] == "Div" and not any(name.startswith("callout") for name in block["c"][0][1]):
            found += _outer_headers(block["c"][1])
    return found


def _callout(kind: str, options: dict[str, str], blocks: list[Node], identity: str) -> list[Node]:
    title: list[Node] = [_str(options.get("title", _CALLOUTS[kind]))]
    if "title" not in options and blocks and blocks[0]["t"] == "Header":
        title, blocks = blocks[0]["c"][2], blocks[1:]
    anchor = f' id="{html.escape(identity)}"' if identity else ""
    folded = "collapse" in options
    start = "" if options.get("collapse") == "true" else " open"
    outer = f"details{start}" if folded else "div"
    head = ("<summary>", "</summary>") if folded else ('<p class="callout-title">', "</p>")
    return [
        _raw(f'<{outer} class="callout callout-style-default callout-{kind}"{anchor}>{head[0]}'),
        {"t": "Plain", "c": title},
        _raw(f'{head[1]}<div class="callout-body">'),
        *blocks,
        _raw(f"</div></{'details' if folded else 'div'}>"),
    ]


def _walk(nodes: list, action: Callable[[Node], list[Node]]) -> list:
    """Apply `action` to every node of a list, children first; it returns what takes the node's place."""
    out: list = []
    for node in nodes:
        if isinstance(node, list):
            out.append(_walk(node, action))
        elif isinstance(node, dict):
            if isinstance(node.get("c"), list):
                node = {**node, "c": _walk(node["c"], action)}
            out += action(node) if "t" in node else [node]
        else:
            out.append(node)
    return out


def rewrite(nodes: list, action: Callable[[Node], list[Node] | None]) -> list:
    """Apply `action` to every node, parents first: what takes its place, or None for a node whose parts follow."""
    out: list = []
    for node in nodes:
        if isinstance(node, list):
            out.append(rewrite(node, action))
        elif not isinstance(node, dict):
            out.append(node)
        elif (made := action(node) if "t" in node else None) is not None:
            out += made
        else:
            out.append({**node, "c": rewrite(node["c"], action)} if isinstance(node.get("c"), list) else node)
    return out


def every(nodes: object, kinds: Collection[str]) -> Iterator[Node]:
    """Give all nodes of these kinds in the order of the text, also those in another; what is in a note comes apart."""
    if isinstance(nodes, dict):
        if nodes.get("t") in kinds:
            yield nodes
        nodes = nodes.get("c") if nodes.get("t") != "Note" else None
    for node in nodes if isinstance(nodes, list) else ():
        yield from every(node, kinds)


def _inlines(blocks: Sequence[Node]) -> list[Node]:
    """Return a caption as inlines, whatever blocks it consists of."""
    lines = [node["c"] for node in every(list(blocks), {"Plain", "Para"})]
    return [part for line in lines for part in ([{"t": "Space"}] if line is not lines[0] else []) + line]


def _float_kind(identity: str) -> str | None:
    kind = identity.partition("-")[0]
    return kind if kind in _FLOATS and "-" in identity else None


def parse_markdown(text: str, page: str, folder: Path | None = None) -> Document:
    """Read a chapter with pandoc; what it cannot read is told with its place on disk where `folder` is staged."""
    try:
        tree = json.loads(run_pandoc(["-f", "markdown", "-t", "json"], text, page))
    except PublishError as error:
        lines, told = text.splitlines(), re.search(r"line (\d+)", str(error))
        line = lines[int(told[1]) - 1].strip() if told and int(told[1]) <= len(lines) else ""
        place = find_place(folder, page, line) if folder and line else ""
        raise PublishError(f"{error} It begins at {line!r} ({place})." if place else str(error)) from None
    return Document(page, tree["pandoc-api-version"], tree["blocks"])


def _raw(content: str) -> Node:
    return {"t": "RawBlock", "c": ["html", content]}


def _str(text: str) -> Node:
    return {"t": "Str", "c": text}


def _span(classes: list[str], inlines: list[Node]) -> Node:
    return {"t": "Span", "c": [["", classes, []], inlines]}
