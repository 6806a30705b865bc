"""Publish a finished run: a Quarto project, rendered by either engine, checked, then put in place.

A report has a folder of its own in the site; the pages around the reports stand at the root of the site, which is
replaced as a whole when they are made anew.
"""

import filecmp
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import plotly

from evaluation.base.errors import PublishError
from evaluation.base.locks import LONGEST_WAIT, held
from evaluation.base.paths import build_dir, draft_folder, link_or_copy, replace_folder
from evaluation.inputs.editions import SITE
from evaluation.publish.engine.embedded import render_embedded
from evaluation.publish.pages import pictures
from evaluation.publish.pages.checks import check_pages
from evaluation.publish.pages.cleanup import clean_pages
from evaluation.publish.pages.search_index import refresh_search
from evaluation.publish.print.lengths import Length, count_words
from evaluation.publish.project import Project, load_project
from evaluation.publish.record import read_record
from evaluation.publish.rendering import Engine, choose_engine
from evaluation.publish.site.all_deals import refresh_all_deals
from evaluation.publish.site.years import refresh_years
from evaluation.publish.stage import stage_report

if TYPE_CHECKING:
    from evaluation.publish.print.printing import Prints


@dataclass(frozen=True, slots=True)
class Report:
    """A published report, or the pages around the reports."""

    index: Path
    engine: Engine
    pages: tuple[Path, ...]
    removed: tuple[str, ...] = ()  # what was taken out because another host would serve it: page and address
    printed: tuple[Path, ...] = ()  # the PDF and Word files that were asked for
    as_tables: tuple[str, ...] = ()  # figures that print has as their table only: page, figure and why
    length: Length | None = None  # None for the pages around the reports


def render_report(
    run_dir: Path,
    *,
    site: Path,
    name: str,
    engine: Literal["auto", "quarto", "embedded"] = "auto",
    formats: Collection[str] = ("html",),
) -> Report:
    """Make the report of a finished run, and put it in the site as ``<site>/<name>/``; PDF and Word of its pages.

    Raises PublishError when the report cannot be made or does not pass its checks; what was published stays as it was.
    """
    chosen = choose_engine(engine)
    project_folder = stage_report(run_dir, build_dir() / "report" / run_dir.parent.name / name)
    project = load_project(project_folder)
    pages = [chapter.page for chapter in project.chapters]
    with _alone(site):
        site.mkdir(parents=True, exist_ok=True)
        with draft_folder(site, name) as draft:
            _share_plotly(site)
            removed = _render(chosen, project_folder, draft)
            check_pages(draft, pages, project=project_folder)
            length = count_words(project, draft)
            prints = _print(project, draft, formats)
            replace_folder(draft, site / name)
        refresh_years(site)
        refresh_all_deals(site)
        refresh_search(site)
    folder = site / name
    return Report(
        folder / "index.html", chosen, tuple(folder / page for page in pages), removed,
        tuple(folder / file.name for file in (prints.files if prints else ())), prints.as_tables if prints else (),
        prints.length if prints else length,
    )  # fmt: skip


def render_portal(run_dir: Path, *, site: Path, engine: Literal["auto", "quarto", "embedded"] = "auto") -> Report:
    """Make the pages around the reports from a finished run and put them at the root of the site.

    A new site is built beside the old one: the pages, and the reports as they are published.  It is checked as a whole
    and takes the place of the old one at once.

    Raises PublishError when a chapter of the run is missing, or the pages cannot be made or do not pass their checks;
    what was published stays as it was.
    """
    chosen = choose_engine(engine)
    record = read_record(run_dir)
    if broken := [name for name in record.notebooks if record.failure(name)]:
        raise PublishError(f"The pages around the reports need every chapter; not made: {', '.join(broken)}.")
    project_folder = stage_report(run_dir, build_dir() / "report" / run_dir.parent.name / SITE)
    pages = [chapter.page for chapter in load_project(project_folder).chapters]
    with _alone(site), draft_folder(site.parent, site.name) as draft:
        site.mkdir(parents=True, exist_ok=True)
        _share_plotly(site)
        removed = _render(chosen, project_folder, draft)
        _bring_folders(site, draft)
        check_pages(draft, pages, project=project_folder)
        refresh_years(draft)
        refresh_all_deals(draft)
        refresh_search(draft)
        replace_folder(draft, site)
    return Report(site / "index.html", chosen, tuple(site / page for page in pages), removed)


def _render(engine: Engine, project_folder: Path, draft: Path) -> tuple[str, ...]:
    """Render a staged project, and return what was taken out because another host would serve it."""
    if engine == "quarto":
        from evaluation.publish.engine.quarto import render_quarto

        render_quarto(project_folder, draft)
    else:
        render_embedded(project_folder, draft)
    return clean_pages(draft)


@contextmanager
def _alone(site: Path) -> Iterator[None]:
    """Let one command at a time change the site: its root is replaced with everything in it."""
    with held(site.parent / f".{site.name}.lock", f"Another command changes build/{site.name}", wait=LONGEST_WAIT):
        yield


def _bring_folders(site: Path, draft: Path) -> None:
    """Put what stands beside the pages in the new site too, as links to the same files where the disk has those.

    Not what their figures showed before: a page without a figure has no such file.  Files are never changed in place,
    only replaced, so that the old site keeps its own.
    """
    for folder in sorted(path for path in site.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if folder.name != pictures.FOLDER and not (draft / folder.name).exists():
            # However many reports there are, links take no time and no space; a copy of each would for every new page.
            shutil.copytree(folder, draft / folder.name, copy_function=link_or_copy)


def _print(project: Project, draft: Path, formats: Collection[str]) -> "Prints | None":
    """Make PDF and Word where they are asked for; without them what they need is not even loaded."""
    if not set(formats) - {"html"}:
        return None
    from evaluation.publish.print.printing import print_report

    return print_report(project, draft, formats)


def _share_plotly(site: Path) -> None:
    """Put plotly.min.js in the site, once for all reports."""
    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    target = site / "assets" / source.name
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return
    target.parent.mkdir(exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, draft)
    os.replace(draft, target)
