"""Read a report's Quarto project as Quarto does: _quarto.yml, then each profile over it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evaluation.base.errors import PublishError
from evaluation.base.text import read_literal
from evaluation.base.yaml_entries import load_yaml

Tree = dict[str, Any]

_UNSUPPORTED = (
    "bibliography", "book.appendices", "book.references", "citeproc", "crossref", "filters", "format.html.filters",
    "format.html.number-offset", "format.html.template", "format.html.template-partials", "from", "metadata-files",
    "number-offset", "shortcodes",
)  # fmt: skip
"""Options that would change the content of a report; the embedded engine does not know them and says so."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the book."""

    file: str  # path in the project: ``3-veiligheid.ipynb``
    text: str | None = None  # name in the navigation; None takes the chapter's own title
    part: str = ""  # heading of the part of the book in which it stands; empty for none

    @property
    def page(self) -> str:
        """Name of the HTML page."""
        return str(Path(self.file).with_suffix(".html"))


@dataclass(frozen=True, slots=True)
class Project:
    """The options of a report that both engines follow."""

    folder: Path
    metadata: Tree  # the merged configuration, for ``{{< meta ... >}}``
    variables: Tree  # _variables.yml, for ``{{< var ... >}}``
    title: str
    subtitle: str
    lang: str
    doi: str  # of the report, where it has one: book.doi
    chapters: tuple[Chapter, ...]
    css: tuple[str, ...]  # in the project, as all files here
    resources: tuple[str, ...]
    in_header: tuple[str, ...]
    before_body: tuple[str, ...]
    after_body: tuple[str, ...]
    toc_depth: int  # deepest heading in the page contents; 0: none
    number_depth: int
    toc_title: str
    code_summary: str
    code_fold: bool
    show_warnings: bool
    caption_on_top: bool


def find_profile(folder: Path) -> str:
    """Return the profile of a staged report: it has one, such as ``_quarto-annual.yml``."""
    found = sorted(path.stem.removeprefix("_quarto-") for path in folder.glob("_quarto-*.yml"))
    if len(found) != 1:
        raise PublishError(f"{folder.name}: profiles {', '.join(found) or 'none'}; a report has one.")
    return found[0]


def load_project(folder: Path, profile: str | None = None) -> Project:
    """Read the project in `folder` with a profile merged in; a staged report has one.

    Raises PublishError when a file is missing or not YAML, no chapters are named, or the book has no index page.
    """
    metadata = read_yaml(folder / "_quarto.yml")
    metadata = merge(metadata, read_yaml(folder / f"_quarto-{profile or find_profile(folder)}.yml"))
    html = metadata.get("format", {}).get("html", {})
    book = metadata.get("book", {})
    options = {**metadata, **html}
    variables = folder / "_variables.yml"
    return Project(
        folder=folder,
        metadata=metadata,
        variables=read_yaml(variables) if variables.is_file() else {},
        title=read_literal(str(book.get("title", ""))),
        subtitle=read_literal(str(book.get("subtitle", ""))),
        doi=str(book.get("doi") or ""),
        lang=str(options.get("lang", "nl")),
        chapters=_chapters(book.get("chapters")),
        css=_files(options.get("css")),
        resources=_files(metadata.get("project", {}).get("resources")),
        in_header=_files(options.get("include-in-header")),
        before_body=_files(options.get("include-before-body")),
        after_body=_files(options.get("include-after-body")),
        toc_depth=int(options.get("toc-depth", 3)) if options.get("toc", True) else 0,
        number_depth=int(options.get("number-depth", 6)) if options.get("number-sections", True) else 0,
        toc_title=str(options.get("toc-title", "Op deze pagina")),
        code_summary=str(options.get("code-summary", "Code")),
        code_fold=options.get("code-fold", False) is True,
        show_warnings=bool(metadata.get("execute", {}).get("warning", True)),
        caption_on_top=options.get("fig-cap-location") == "top",
    )


def check_supported(project: Project) -> None:
    """Refuse options that would change the content and that the embedded engine does not know."""
    if unknown := [key for key in _UNSUPPORTED if _lookup(project.metadata, key) is not None]:
        raise PublishError(
            f"The report uses options that only Quarto knows: {', '.join(unknown)}. "
            "Install Quarto, or leave them out of _quarto.yml and its profiles."
        )


def merge(base: Any, over: Any) -> Any:
    """Merge as Quarto does: mappings by key, lists one after the other, all else replaced.

    >>> merge({"a": 1, "b": [1], "c": {"d": 2}}, {"a": 3, "b": [4], "c": {"e": 5}})
    {'a': 3, 'b': [1, 4], 'c': {'d': 2, 'e': 5}}
    """
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        merged = {**base, **{key: value for key, value in over.items() if key not in base}}
        return {key: merge(value, over[key]) if key in base and key in over else value for key, value in merged.items()}
    if isinstance(base, list) or isinstance(over, list):
        return [*_as_list(base), *_as_list(over)]
    return over


def find_value(tree: Mapping[str, Any], dotted: str) -> str | None:
    """Find a single value by its dotted name; None where there is none.

    >>> find_value({"report": {"year": 2021}}, "report.year")
    '2021'
    """
    value = _lookup(tree, dotted)
    return None if value is None or isinstance(value, (Mapping, list)) else str(value)


def read_yaml(path: Path) -> Tree:
    """Read a YAML file that holds a mapping; one that is missing or holds something else is refused."""
    try:
        content = load_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PublishError(f"{path.name} is missing from the report project {path.parent.name}.") from None
    except yaml.YAMLError as error:
        raise PublishError(f"{path.name} is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise PublishError(f"{path.name}: expected keys with values, found {type(content).__name__}.")
    return content


def _lookup(tree: Mapping[str, Any], dotted: str) -> Any:
    value: Any = tree
    for key in dotted.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def _chapters(entries: object) -> tuple[Chapter, ...]:
    if not isinstance(entries, list) or not entries:
        raise PublishError("The report has no chapters: book.chapters is missing from the profile.")
    if not (chapters := tuple(_listed(entries))):
        raise PublishError("The report has no chapters: those in the profile were not made.")
    if chapters[0].page != "index.html":
        raise PublishError(f"book.chapters: the first chapter is {chapters[0].file}; a book begins with its index.")
    return chapters


def _listed(entries: list, part: str = "") -> Iterator[Chapter]:
    for entry in entries:
        if isinstance(entry, str):
            yield Chapter(entry, part=part)
        elif isinstance(entry, dict) and set(entry) == {"part", "chapters"} and not part:
            yield from _listed(entry["chapters"], str(entry["part"]))
        elif (
            isinstance(entry, dict) and set(entry) <= {"file", "href", "text"} and ("file" in entry or "href" in entry)
        ):
            text = entry.get("text")
            yield Chapter(entry.get("file", entry.get("href")), None if text is None else read_literal(text), part)
        else:
            raise PublishError(f"book.chapters: {entry!r} is not a file, a file with a text, or a part with chapters.")


def _files(value: object) -> tuple[str, ...]:
    files = _as_list(value)
    for file in files:
        if not isinstance(file, str):
            raise PublishError(f"{file!r}: name a file of the report project here.")
    return tuple(files)


def _as_list(value: object) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]
