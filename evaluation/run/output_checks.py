"""What the cells of an executed notebook show: all of it can be published, or is refused by name before a page is made.

Nothing is left out in silence, in any medium: what a report cannot show stops the notebook, with the cell and the way
to show it.
"""

import ast
import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from nbformat import NotebookNode

from evaluation.present.display import FIGURE_MIME, REFUSED_MIME
from evaluation.present.letters import missing_letters
from evaluation.present.results import RESULTS_MIME
from evaluation.present.tables import empty_marks
from evaluation.run.notebook_files import cell_options, name_cell, own_cells, source_of

LARGEST = 1_000_000
"""Characters that a cell may show; a figure or table that needs more is no figure for a reader."""

_STYLE_ELSEWHERE = re.compile(r"url\(\s*[\"']?(?:https?:)?//", re.I)
_ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "link", "base", "meta"}
_ADDRESSES = {"src", "href", "srcset", "data", "poster", "action", "formaction", "xlink:href"}
_STILL = re.compile(r'src="data:image/svg\+xml[;,][^"]*"')
_PICTURE_ELSEWHERE = re.compile(r"!\[[^\]]*\]\(\s*<?(?:https?:)?//", re.I)
_TABLE, _DRAWING = re.compile(r"<table\b", re.I), re.compile(r'class="figuur|<svg\b|<img\b', re.I)
_WIDGET = "application/vnd.jupyter.widget-view+json"
_SHOWN = ("text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "image/jpeg")
"""What a page can show of an output; words alone (text/plain) only where the output has nothing else."""


def output_faults(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Say what a report cannot show: the cell with the line that shows it, and what is wrong with what to do."""
    for index, cell in enumerate(own_cells(notebook)):
        place = name_cell(index, cell)
        if cell.cell_type == "markdown":
            yield from ((place, found) for found in _letter_faults(source_of(cell)))
        if cell.cell_type != "code":
            continue
        options = cell_options(cell)
        if options.get("include", True) is False or options.get("output", True) is False:
            continue
        bundles = [output.data for output in cell.outputs if "data" in output]
        lines = _lines_that_show(source_of(cell), len(bundles))
        for bundle, line in zip(bundles, lines, strict=True):
            yield from ((f"{place}, line {line},", found) for found in _bundle_faults(bundle, options))
        streams = "".join(str(output.text) for output in cell.outputs if output.output_type == "stream")
        if len(streams) > LARGEST:
            yield place, f"prints {len(streams):,} characters; show a table of what matters"
        yield from ((place, found) for found in _letter_faults(streams[:LARGEST]))
        shown = [_kind(bundle) for bundle in bundles]
        yield from ((place, found) for found in _label_faults(options, shown, bool(streams)))


def _lines_that_show(source: str, count: int) -> list[int]:
    """Return the line (from one) behind each display of a cell: a call of show or display, or its last statement."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic
        return [1] * count
    values = [node.value for node in body if isinstance(node, ast.Expr)]
    calls = [value for value in values if isinstance(value, ast.Call)]
    lines = [call.lineno for call in calls if getattr(call.func, "id", "") in ("show", "display")]
    last = body[-1].lineno if body else 1
    return (lines + [last] * count)[:count]


def _bundle_faults(bundle: NotebookNode, options: dict) -> Iterator[str]:
    if REFUSED_MIME in bundle:
        yield str(bundle[REFUSED_MIME])
        return
    if _WIDGET in bundle:
        yield "shows a widget, which no page can; show(...) a figure or a table of it"
        return
    content, words = _text(bundle.get("text/html", "")), _text(bundle.get("text/markdown", ""))
    size = sum(len(_text(value)) for kind, value in bundle.items() if kind.startswith(("text/", "image/")))
    if size > LARGEST:
        yield f"shows {size:,} characters, and a reader's page takes at most {LARGEST:,}: show fewer rows or points"
        return
    if FIGURE_MIME in bundle and not content:
        yield "shows a plotly figure by itself: show(figure, numbers=... or source=...) publishes it with its source"
        return
    others = sorted(kind for kind in bundle if kind not in (*_SHOWN, "text/plain", FIGURE_MIME, RESULTS_MIME))
    if others and not any(kind in bundle for kind in _SHOWN):
        yield f"shows {', '.join(others)}, which no page can: show(...) a plotly figure, a table or a text of it"
        return
    for found in empty_marks(content):
        yield (
            f"shows nothing where it says {found!r} (a column, a table or a figure without a value): leave it out, "
            "or say why with Column(..., empty=...)"
        )
    looked = _Tags(content, words.replace("\\<", "&lt;"), _text(bundle.get("image/svg+xml", "")))
    if looked.acts:
        yield "shows HTML with a script or a form: show(...) a figure, a table or a text"
    if looked.calls or _PICTURE_ELSEWHERE.search(words):
        yield "shows something from another host, and pages call nobody: put the picture in reports/"
    if any(kind.startswith("image/") for kind in bundle) and not content and not options.get("fig-alt"):
        yield 'shows a picture without words for who cannot see it: show(figure, alt="...", source="...")'
    shown = content or words or _text(bundle.get("text/plain", ""))
    yield from _letter_faults(_STILL.sub("", shown))


class _Tags(HTMLParser):
    """What the tags of some HTML do: whether they act (`acts`), and whether they call another host (`calls`)."""

    def __init__(self, *pages: str) -> None:
        super().__init__()
        self.acts = self.calls = False
        for page in pages:
            self.feed(page)
            # A tag, script or style that is not closed here: what follows on the page would do that.
            self.acts |= self.cdata_elem is not None or bool(re.match(r"<[a-z!?/]", self.rawdata, re.I))
            self.close()
            self.reset()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag; what stands within a value is words, whatever it looks like."""
        given = {name: re.sub(r"[\x00-\x20]", "", value or "").lower() for name, value in attrs}
        is_data = tag == "script" and given.get("type") == "application/json"
        addresses = [value for name, value in given.items() if name in _ADDRESSES]
        self.acts |= tag in _ACTIVE and not is_data
        self.acts |= any(name.startswith("on") for name in given) or any(
            value.startswith(("javascript:", "data:text")) for value in addresses
        )
        called = [value for name, value in given.items() if name in _ADDRESSES and (tag, name) != ("a", "href")]
        self.calls |= any(
            re.search(r"(?:^|,)(?:https?:)?//", value) and not value.startswith("data:") for value in called
        )
        self.calls |= bool(_STYLE_ELSEWHERE.search(given.get("style", "")))

    def handle_data(self, data: str) -> None:
        """Look at the rules of a style sheet, and for an end that a browser sees and this parser does not."""
        self.calls |= self.lasttag == "style" and bool(_STYLE_ELSEWHERE.search(data))
        self.acts |= self.lasttag in ("script", "style") and f"</{self.lasttag}" in data.lower()

    def handle_comment(self, data: str) -> None:
        """Look at the tags within a comment too: a browser may see its end sooner."""
        within = _Tags(data)
        self.acts, self.calls = self.acts or within.acts, self.calls or within.calls

    unknown_decl = handle_comment


def _letter_faults(text: str) -> Iterator[str]:
    """Name the letters that no font of print has; as entities of HTML they are the same letters."""
    if missing := missing_letters(html.unescape(text)):
        named = ", ".join(f"{letter!r} (U+{ord(letter):04X})" for letter in missing[:10])
        yield f"shows {named}, which print has no letter for: write a word in its place"


def _label_faults(options: dict, kinds: list[str], has_printed: bool) -> Iterator[str]:
    """Say where label and display do not fit: one display under a label, of its kind, and none without."""
    label = str(options.get("label") or "")
    floats = [kind for kind in kinds if kind != "text"]
    if label.startswith(("fig-", "tbl-")) and not kinds and not has_printed:
        yield f"shows nothing under the label {label}: show(...) its figure or table, or take the label away"
    elif len(floats) > 1 and label:
        yield f"shows {len(floats)} figures or tables under one label: one in a cell"
    elif floats and not label.startswith(("fig-", "tbl-")):
        name = "fig" if floats[0] == "figure" else "tbl"
        yield f'shows a {floats[0]} without a label: #| label: {name}-... and #| {name}-cap: "..." on top of the cell'
    elif floats and label[:4] != ("fig-" if floats[0] == "figure" else "tbl-"):
        yield f"shows a {floats[0]} under the label {label}: a figure has fig-, a table tbl-"


def _kind(bundle: NotebookNode) -> str:
    content = _text(bundle.get("text/html", ""))
    if FIGURE_MIME in bundle or _DRAWING.search(content) or any(kind.startswith("image/") for kind in bundle):
        return "figure"
    return "table" if _TABLE.search(content) else "text"


def _text(value: object) -> str:
    return "".join(value) if isinstance(value, list) else str(value)
