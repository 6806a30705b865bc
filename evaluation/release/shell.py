"""Pages beside those of a report, in its own shell: header, chapters and footer of a page that it has already."""

import re
from html import escape
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from evaluation.base.errors import PublishError
from evaluation.base.paths import write_text

RELEASE_PAGE, CHANGES_PAGE = "uitgave.html", "wijzigingen.html"
_SHELL = "verantwoording.html"
_MAIN = re.compile(r"(<main\b[^>]*>).*?(</main>)", re.DOTALL)
_CONTENTS = re.compile(r'<nav class="op-deze-pagina".*?</nav>\n?', re.DOTALL)
_TITLE = re.compile(r"<title>.*?( – [^<]*)?</title>", re.DOTALL)
_META = re.compile(r'(<meta (?:name|property)="(?:og:)?(title|description)" content=")[^"]*"')
_LABEL = re.compile(r"(?P<start><a href=\"verantwoording\.html\") aria-current=\"page\"")
_BODY = re.compile(r"</header>\n?")


def read_shell(site: Path) -> str:
    """Read the page of a report whose shell others get.  Raises PublishError when the report has none."""
    path = site / _SHELL
    path = path if path.is_file() else site / "index.html"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if _MAIN.search(text) is None:
        raise PublishError(f"{site.name} has no page {_SHELL} with a main part; make the report again.")
    return text


def in_shell(shell: str, title: str, body: str) -> str:
    """Put the HTML of a page in the shell, under its title."""
    text = _MAIN.sub(lambda found: f"{found[1]}\n{body}\n{found[2]}", _CONTENTS.sub("", shell), count=1)
    text = _TITLE.sub(lambda found: f"<title>{escape(title)}{found[1] or ''}</title>", text, count=1)
    text = _META.sub(lambda found: f'{found[1]}{escape(title)}"', text)
    return _LABEL.sub(r"\g<start>", text)


def with_note(page: str, note: str) -> str:
    """Put a note (HTML) under the header of a page, for everyone who reads it."""
    line = f'</header>\n<div class="lint" role="note">{note}</div>\n'
    return _BODY.sub(lambda _: line, page, count=1)


def fill(name: str, **values: object) -> str:
    """Fill a template of this package; everything is escaped."""
    text = (resources.files("evaluation.release") / f"{name}.j2").read_text(encoding="utf-8")
    options = {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(**options).from_string(text).render(**values)


def change_pages(site: Path, change) -> None:
    """Change the text of each page of a report; `change` is given the page's path and text."""
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if (fresh := change(path, text)) != text:
            write_text(path, fresh)
