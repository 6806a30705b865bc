"""What Quarto does when a person renders from the project itself: it makes reports as the command does.

The chapters of a report are in no folder that a person edits: they are made of notebooks that ran. So the project of
the root and that of notebooks/ give Quarto nothing to render but a page that leads on. Before it, the report that was
asked for is made, with Quarto, of what changed; after it, the whole site stands where Quarto shows its results.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

from evaluation.base.errors import RegioDealError, UsageError
from evaluation.base.paths import DEFAULT_DEAL, build_dir, project_root, shown, site_dir
from evaluation.inputs.chapter_list import source_of
from evaluation.inputs.deal import list_deals, load_deal
from evaluation.inputs.editions import NOTEBOOKS, SITE, SUMMARIES, Edition, Kind, choose_edition
from evaluation.present.published import site_edition_of
from evaluation.publish.project import load_project

_ABOUT_QUARTO = "QUARTO_"
_LEADS_ON = """<!DOCTYPE html>
<html lang="nl"><head><meta charset="utf-8"><title>{name}</title>
<meta http-equiv="refresh" content="0; url={page}"></head>
<body><a href="{page}">{name}</a></body></html>
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A report that a render is about.

    Attributes
    ----------
    kind : str    annual, final, portfolio or site.
    deal : str    Id of the deal.
    year : int    Of the progress report; the others are over no single year.
    """

    kind: Kind
    deal: str
    year: int

    @property
    def edition(self) -> Edition:
        """The edition of the deal that this is.

        Raises
        ------
        RegioDealError
            The deal is not there or wrong, or has no such report.
        """
        deal = load_deal(self.deal)
        if self.kind == SITE:
            return site_edition_of(deal)
        return choose_edition(deal, None if self.kind == "annual" else self.kind, self.year)

    @property
    def command(self) -> tuple[str, ...]:
        """What a person types behind ``regiodeal`` to make it."""
        what = ("report", "--year", str(self.year)) if self.kind == "annual" else ("report", self.kind)
        return (*(("site",) if self.kind == SITE else what), "--deal", self.deal, "--engine", "quarto")

    @property
    def folder(self) -> str:
        """Where it stands on the site: ``2021``."""
        place = site_dir(self.deal) / ("" if self.kind == SITE else self.edition.id)
        return place.relative_to(build_dir() / "site").as_posix()

    def page_of(self, notebook: str) -> str:
        """Return the page of a notebook on the site; of one that is copied that of the first copy."""
        staged = load_project(build_dir() / "report" / self.deal / self.edition.id)
        files = {Path(chapter.file): chapter.page for chapter in staged.chapters}
        pages = [page for file, page in files.items() if file.suffix == ".ipynb" and source_of(file.stem) == notebook]
        return Path(self.folder, pages[0] if pages else "index.html").as_posix()


def before() -> None:
    """Make the reports that Quarto was asked for: its step before it renders.

    Raises
    ------
    SystemExit
        A report could not be made; the command has said why.
    """
    try:
        commands = dict.fromkeys(asked.command for asked in _asked().values())
    except RegioDealError as error:
        sys.exit(str(error))
    others = {key: value for key, value in os.environ.items() if not key.startswith(_ABOUT_QUARTO)}
    for command in commands:
        done = subprocess.run([sys.executable, "-m", "evaluation.cli", *command], cwd=project_root(), env=others)
        if done.returncode:
            sys.exit(done.returncode)


def after() -> None:
    """Put the site where Quarto shows its results, with pages that lead to what was asked: its step after a render."""
    output = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    shutil.copytree(build_dir() / "site", output, dirs_exist_ok=True)
    for notebook, asked in _asked().items():
        page = asked.page_of(notebook)
        print(f"Output created: {shown(build_dir() / 'site' / page)}")
        for name in (f"{notebook}.html", "index.html"):
            if page != name:
                (output / name).write_text(_LEADS_ON.format(name=escape(notebook), page=escape(page)), encoding="utf-8")


def _asked() -> dict[str, Asked]:
    """List the reports that a render is about, by the notebook that is to be seen."""
    words = [word for word in os.environ.get("QUARTO_PROFILE", "").replace(" ", ",").split(",") if word]
    kinds = [word for word in words if word in SUMMARIES]
    years = [int(word) for word in words if word.isdigit()]
    deals = [word for word in words if word in list_deals()]
    if unknown := [word for word in words if word not in {*kinds, *map(str, years), *deals}]:
        raise UsageError(
            f"--profile {', '.join(unknown)}: there is no such report; choose of {', '.join(SUMMARIES)}, with a year "
            "and the name of a deal where others than those of the notebooks are meant: --profile annual,2022."
        )
    listed = os.environ.get("QUARTO_PROJECT_OUTPUT_FILES") or os.environ.get("QUARTO_PROJECT_INPUT_FILES", "")
    files = [Path(name).stem for name in listed.split("\n") if name]  # of a step after a render the pages are listed
    books = {name: kind for kind in reversed(SUMMARIES) for name in NOTEBOOKS[kind]}
    notebooks = [name for name in files if name in books] or [SUMMARIES[kind] for kind in kinds or ("annual",)]
    found = {}
    for name in notebooks:
        own = _parameters(name)
        deal, year = next(iter(deals), own.get("deal", DEFAULT_DEAL)), next(iter(years), own.get("year", 0))
        found[name] = Asked(books[name], deal, year)
    return found


def _parameters(notebook: str) -> dict[str, object]:
    """Read what a notebook's parameters are by default."""
    from papermill import inspect_notebook

    found = inspect_notebook(str(project_root() / "notebooks" / f"{notebook}.ipynb"))
    return {name: ast.literal_eval(item["default"]) for name, item in found.items()}
