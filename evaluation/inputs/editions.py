"""What is made: a year, the whole term (final evaluation, or what there is of it), all deals together, or the site."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import yaml

from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.paths import FINAL, INTERIM, PORTFOLIO, WHOLE, project_root
from evaluation.base.yaml_entries import load_yaml
from evaluation.inputs.deal import Deal, check_year, last_ended_year

Kind = Literal["annual", "final", "portfolio", "site"]

SITE = "site"
"""Folder of the run of the site: the pages around the reports, which stand at the root of what is published."""

SUMMARIES: dict[Kind, str] = {
    "annual": "0-samenvatting", "final": "e0-samenvatting", "portfolio": "p0-samenvatting", "site": "s0-voorpagina",
}  # fmt: skip
"""Notebook that reads the results of the others and becomes the first page."""


class _Books(Mapping[Kind, tuple[str, ...]]):
    """Read the notebooks of a book from its Quarto profile, so that who adds a chapter edits no code."""

    def __getitem__(self, kind: Kind) -> tuple[str, ...]:
        summary, name = SUMMARIES[kind], f"_quarto-{kind}.yml"
        try:
            profile = load_yaml((project_root() / name).read_text(encoding="utf-8"))
            files = list(_files(profile["book"]["chapters"]))
        except (FileNotFoundError, yaml.YAMLError, TypeError, KeyError) as error:
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise InputError([Fault(name, f"nothing to read ({reason})", "book.chapters with the chapters")]) from None
        stems = [file.removesuffix(".ipynb") for file in files if file.endswith(".ipynb")]
        found = (*(stem for stem in stems if stem != "index"), summary)
        if twice := sorted({stem for stem in found if found.count(stem) > 1}):
            raise InputError([Fault(name, f"{stem}.ipynb again", "each chapter once", key="book") for stem in twice])
        return found

    def __iter__(self) -> Iterator[Kind]:
        return iter(SUMMARIES)

    def __len__(self) -> int:
        return len(SUMMARIES)


NOTEBOOKS: Mapping[Kind, tuple[str, ...]] = _Books()
"""Notebooks of each book, as its profile lists them, the summary last as it reads the results of the others; one may
become more chapters."""


def _files(entries: Iterable[str | dict]) -> Iterator[str]:
    """List the files of the chapters of a profile, also those in a part."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        elif "chapters" in entry:
            yield from _files(entry["chapters"])
        else:
            yield entry.get("file") or entry["href"]


def report_title(kind: Kind, year: int, edition: str = "") -> str:
    """Name a report, or the pages around the reports, as a reader knows it.

    Parameters
    ----------
    kind, year, edition : str, int, str
        As of an `Edition`; the last is its id.

    Returns
    -------
    str
        In Dutch.
    """
    if edition == INTERIM:
        return f"Tussenstand van de evaluatie, eind {year}"
    whole = {"final": "Eindevaluatie", "portfolio": "Alle Regio Deals samen", "site": "Overzicht"}
    return whole.get(kind, f"Voortgangsrapportage over {year}")


@dataclass(frozen=True, slots=True)
class Edition:
    """One report that a run makes.

    Attributes
    ----------
    id : str    Folder of its run and its report: ``2021``, ``eindevaluatie``, ``tussenstand``, ``portfolio``, ``site``.
    kind : str    annual, final, portfolio or site; also the Quarto profile.
    year : int    The records count as known at the end of it.
    """

    id: str
    kind: Kind
    year: int

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Notebooks in the order of the book."""
        return NOTEBOOKS[self.kind]

    @property
    def summary(self) -> str:
        """Notebook that reads the results of the others."""
        return SUMMARIES[self.kind]

    @property
    def command(self) -> str:
        """What a person types behind ``regiodeal run`` or ``regiodeal report``."""
        return self.kind if self.kind in WHOLE.values() else f"--year {self.year}"


def annual_edition(deal: Deal, year: int) -> Edition:
    """Return the progress report over a year.

    Parameters
    ----------
    deal, year : Deal, int
        The year lies in the term of the deal.

    Returns
    -------
    Edition

    Raises
    ------
    UsageError
        As of `check_year`.
    """
    check_year(deal, year)
    return Edition(str(year), "annual", year)


def final_edition(deal: Deal) -> Edition:
    """Return the final evaluation, or its interim account while the deal runs.

    Parameters
    ----------
    deal : Deal
        Gives the last year of its term.

    Returns
    -------
    Edition
        With the records at the end of the term (or of its last year that is over), and statistics as far as they reach.

    Raises
    ------
    UsageError
        When no year of the deal is over.
    """
    last = last_ended_year(deal)
    if last < deal.term.first_year:
        raise UsageError(
            f"{deal.name} has no year that is over; the first report is possible after "
            f"{deal.last_day(deal.term.first_year)}."
        )
    return Edition(FINAL if last == deal.term.last_year else INTERIM, "final", last)


def portfolio_edition(deal: Deal) -> Edition:
    """Return what all Regio Deals together show.

    Parameters
    ----------
    deal : Deal
        The one that is marked among them; its last year that is over is that of the edition.

    Returns
    -------
    Edition
    """
    return Edition(PORTFOLIO, "portfolio", final_edition(deal).year)


def choose_edition(deal: Deal, what: str | None, year: int | None) -> Edition:
    """Return what a person asks for.

    Parameters
    ----------
    deal, what, year : Deal, str or None, int or None
        One of the last two: ``final``, ``portfolio``, or a year (as an option or in its place).

    Returns
    -------
    Edition

    Raises
    ------
    UsageError
        When neither or both are named, or it is something else.
    """
    if year is None and what is not None and what.isdigit():
        year, what = int(what), None
    if (what is None) == (year is None):
        raise UsageError("Name one: a year (--year 2021), final for the final evaluation, or portfolio for all deals.")
    if year is not None:
        return annual_edition(deal, year)
    return portfolio_edition(deal) if whole_folder(what or "") == PORTFOLIO else final_edition(deal)


def whole_folder(what: str) -> str:
    """Return the folder of a report that is over no single year.

    Parameters
    ----------
    what : str
        As a person names it: ``final``, ``portfolio``, or the folder.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        When there is no such report.
    """
    if what == INTERIM:
        return FINAL
    found = next((folder for folder, kind in WHOLE.items() if what in (folder, kind)), None)
    if found is None:
        raise UsageError(f"There is no report {what!r}; write a year (--year 2021), final or portfolio.")
    return found
