"""One notebook that becomes a chapter for each of several things: which chapters a run makes, and what differs in each.

An evaluator edits one notebook, such as that of a shopping cluster.  A run makes a chapter of it for each priority
cluster in the register, and on the site for each theme and each municipality of the deal, with its own title, labels
and parameters.

A notebook whose text is about one deal says so in its metadata (``"regiodeal": {"deal": "parkstad-limburg"}``): other
deals do without it.  A theme that has no notebook of its own gets the general one of its book.
"""

import copy
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from nbformat import NotebookNode

from evaluation.base.errors import InputError
from evaluation.base.paths import project_root
from evaluation.base.text import literal, page_slug
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_parts import Municipality, Theme
from evaluation.inputs.indicators import load_designs, register_dir
from evaluation.inputs.retail.tables import RetailTables

CLUSTER_NOTEBOOK = "4a-winkelcluster"
GENERAL_NOTEBOOKS = {"thema": "", "e-thema": "e"}
"""Notebook for themes without one of their own, and what stands before a theme's slug in the names of its book."""

THEME_NOTEBOOK = "s1-thema"
MUNICIPALITY_NOTEBOOK = "s2-gemeente"
COPIED = {
    CLUSTER_NOTEBOOK: {"cluster": str},
    **{name: {"theme": int} for name in GENERAL_NOTEBOOKS},
    THEME_NOTEBOOK: {"theme": int},
    MUNICIPALITY_NOTEBOOK: {"municipality": str},
}
"""Notebooks that are copied, with the parameter that says for what, beside deal and year."""

ONLY_WITH_COMPARISONS = ("e9-methoden",)
"""Notebooks about the comparisons with other regions: a deal whose plan has none does without."""

Item = TypeVar("Item")

_TITLE = re.compile(r"^# [^\n]*", re.MULTILINE)
_LABEL = re.compile(r"^(#\| label: (?:fig|tbl)-[a-z0-9-]+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunChapter:
    """A chapter that a run makes.

    Attributes
    ----------
    name : str    Of the executed notebook, and of the page.
    notebook : str    Name of the file in notebooks/.
    title : str | None    In the place of the notebook's own.
    parameters : dict[str, str | int]    Beside deal and year.
    kind : str | None    annual, final, portfolio or site: the book that it is made for, where that is known.
    """

    name: str
    notebook: str
    title: str | None = None
    parameters: dict[str, str | int] = field(default_factory=dict)
    kind: str | None = None

    @property
    def is_copy(self) -> bool:
        """Whether other chapters may be made of the same notebook."""
        return self.notebook in COPIED


def list_chapters(
    notebooks: Sequence[str], deal: Deal, retail: RetailTables | None, kind: str | None = None
) -> tuple[RunChapter, ...]:
    """List the chapters of a run.

    Parameters
    ----------
    notebooks : sequence of str
        Names of the files in notebooks/, in the order of the book.
    deal, retail : Deal, RetailTables or None
        Give the themes, the municipalities and the priority clusters; without retail tables that may be published no
        chapter is per cluster.
    kind : str or None
        Of the edition that they are made for: a run, and who looks whether a run is still what stands here, name it.

    Returns
    -------
    tuple[RunChapter, ...]
        In the order of the notebooks, themes in the order of the deal.
    """
    if not _has_comparisons(deal):
        notebooks = [name for name in notebooks if name not in ONLY_WITH_COMPARISONS]
    own = {name for name in notebooks if deal_of(name) == deal.id}
    ours = [name for name in notebooks if name in own or deal_of(name) is None]
    chapters = [chapter for name in ours for chapter in _chapters_of(name, deal, retail, own)]
    themes = chapters_of_themes(deal)
    ordered = put_in_order(chapters, lambda chapter: themes.get(chapter.name))
    return tuple(replace(chapter, kind=kind) for chapter in ordered)


def chapters_of_themes(deal: Deal) -> dict[str, int]:
    """List the names that the chapters of themes have.

    Parameters
    ----------
    deal : Deal
        Gives the themes.

    Returns
    -------
    dict[str, int]
        Name of the chapter, in every book, to the number of its theme.
    """
    return {f"{book}{theme.slug}": theme.id for book in GENERAL_NOTEBOOKS.values() for theme in deal.themes}


def put_in_order(items: Sequence[Item], place: Callable[[Item], int | None]) -> list[Item]:
    """Order what has a place among themselves, and leave the others where they are.

    Parameters
    ----------
    items, place : sequence, callable
        As they stand, and what gives the place of an item, or None.

    Returns
    -------
    list

    >>> put_in_order(["b2", "x", "a1"], lambda item: int(item[1]) if item[1:] else None)
    ['a1', 'x', 'b2']
    """
    places = [place(item) for item in items]
    both = list(zip(places, items, strict=True))
    ordered = iter(sorted(((at, item) for at, item in both if at is not None), key=lambda pair: pair[0]))
    return [item if at is None else next(ordered)[1] for at, item in both]


def deal_of(notebook: str) -> str | None:
    """Return the deal that the text of a notebook is about.

    Parameters
    ----------
    notebook : str
        Name of the file in notebooks/, without ``.ipynb``.

    Returns
    -------
    str | None
        Id of the deal; None for a notebook that any deal can use.
    """
    path = project_root() / "notebooks" / f"{notebook}.ipynb"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["metadata"]["regiodeal"]["deal"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # what is no notebook is told by `evaluation.run.checks.check_notebooks`


def _has_comparisons(deal: Deal) -> bool:
    """Tell whether the plan of a deal compares with other regions; a plan with a fault is told by `check_inputs`."""
    try:
        return any(design.has_placebos for design in load_designs(folder=register_dir(deal.id)).values())
    except InputError:
        return True


def source_of(chapter: str) -> str:
    """Return the notebook that a chapter of a theme, cluster or municipality is made of.

    Parameters
    ----------
    chapter : str
        Name of an executed notebook.

    Returns
    -------
    str
        The chapter itself where it is no copy.
    """
    if (project_root() / "notebooks" / f"{chapter}.ipynb").is_file():
        return chapter
    copied = next((name for name in COPIED if chapter.startswith(f"{name}-")), None)
    return copied or ("e-thema" if chapter.startswith("e") else "thema")


def _chapters_of(notebook: str, deal: Deal, retail: RetailTables | None, own: Collection[str]) -> Iterator[RunChapter]:
    if notebook in GENERAL_NOTEBOOKS:
        for theme in deal.themes:
            name = f"{GENERAL_NOTEBOOKS[notebook]}{theme.slug}"
            if name not in own:
                yield RunChapter(name, notebook, theme.title, {"theme": theme.id})
    elif notebook == THEME_NOTEBOOK:
        for theme in deal.themes:
            yield RunChapter(page_of(theme), notebook, theme.title, {"theme": theme.id})
    elif notebook == MUNICIPALITY_NOTEBOOK:
        for item in deal.region.municipalities:
            yield RunChapter(page_of(item), notebook, item.name, {"municipality": item.code})
    elif notebook != CLUSTER_NOTEBOOK:
        yield RunChapter(notebook, notebook)
    elif retail is not None and retail.dataset.may_publish:  # a page has the name of its cluster
        names = dict(zip(retail.clusters["cluster_id"], retail.clusters["name"], strict=True))
        for cluster in retail.priority_clusters:
            yield RunChapter(f"{notebook}-{page_slug(cluster)}", notebook, names[cluster], {"cluster": cluster})


def page_of(part: Theme | Municipality) -> str:
    """Name the page of a theme or a municipality on the site.

    Parameters
    ----------
    part : Theme or Municipality
        Of any deal.

    Returns
    -------
    str
        Without ``.html``: ``s1-thema-3-veiligheid``, ``s2-gemeente-heerlen``.
    """
    if isinstance(part, Theme):
        return f"{THEME_NOTEBOOK}-{part.slug}"
    return f"{MUNICIPALITY_NOTEBOOK}-{page_slug(part.name)}"


def make_copy(notebook: NotebookNode, chapter: RunChapter) -> NotebookNode:
    """Give a notebook the title of a chapter, and labels that no other copy has.

    Only the chapter of a theme has a number, so that the numbers of the themes stay those of the deal.

    Parameters
    ----------
    notebook, chapter : NotebookNode, RunChapter
        The notebook is not changed; the chapter gives the title and the ending of the labels.

    Returns
    -------
    NotebookNode
        The notebook itself where no other chapter is made of it.
    """
    if not chapter.is_copy:
        return notebook
    made, is_titled, is_theme = copy.deepcopy(notebook), False, chapter.notebook in GENERAL_NOTEBOOKS
    ending = f"-{chapter.name}" if is_theme else chapter.name.removeprefix(chapter.notebook)
    number = "" if is_theme else " .unnumbered"
    for cell in made.cells:
        if cell.cell_type == "markdown" and not is_titled and (title := _TITLE.search(cell.source)):
            heading = f"# {literal(chapter.title or chapter.name)} {{#sec-{chapter.name}{number}}}"
            start, end = title.span()  # no `sub`: it would read a backslash of the title as its own
            cell.source = cell.source[:start] + heading + cell.source[end:]
            is_titled = True
        elif cell.cell_type == "code":
            cell.source = _LABEL.sub(rf"\1{ending}", cell.source)
    return made
