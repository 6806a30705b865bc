"""Publish a finished run: a Quarto project, rendered by either engine, checked, then put in place."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import plotly

from evaluation.errors import PublishError
from evaluation.paths import build_dir, replace_folder, restore_folders
from evaluation.publish.checks import check_pages
from evaluation.publish.cleanup import clean_pages
from evaluation.publish.embedded import render_embedded
from evaluation.publish.project import Project, load_project
from evaluation.publish.quarto import has_quarto, render_quarto
from evaluation.publish.search_index import refresh_search
from evaluation.publish.stage import stage_report
from evaluation.publish.years import refresh_years

Engine = Literal["quarto", "embedded"]

__all__ = ["Report", "render_report", "stage_report"]


@dataclass(frozen=True, slots=True)
class Report:
    """A published report.

    Attributes
    ----------
    index : Path
        Its first page.
    engine : str
        quarto or embedded: what made it.
    pages : tuple[Path, ...]
        The chapters, in order.
    removed : tuple[str, ...]
        What was taken out because another host would serve it: page and address.
    printed : tuple[Path, ...]
        The PDF and Word files that were asked for.
    """

    index: Path
    engine: Engine
    pages: tuple[Path, ...]
    removed: tuple[str, ...] = ()
    printed: tuple[Path, ...] = ()


def render_report(
    run_dir: Path,
    *,
    site: Path,
    name: str,
    engine: Literal["auto", "quarto", "embedded"] = "auto",
    formats: Collection[str] = ("html",),
) -> Report:
    """Make the report of a finished run and put it in the site.

    Parameters
    ----------
    run_dir : Path
        build/runs/<deal>/<edition>.
    site : Path
        build/site; the report becomes ``site/<name>/`` and shares ``site/assets/``.
    name : str
        Folder of the report: a year, or eindevaluatie.
    engine : str
        auto takes Quarto where it is on PATH and the embedded engine where it is not.
    formats : collection of str
        pdf and docx are made of the pages, which are made always.

    Raises
    ------
    PublishError
        When the report cannot be made or does not pass its checks; what was published stays as it was.
    """
    chosen = choose_engine(engine)
    project_folder = stage_report(run_dir, build_dir() / "report" / run_dir.parent.name / name)
    project = load_project(project_folder)
    pages = [chapter.page for chapter in project.chapters]
    site.mkdir(parents=True, exist_ok=True)
    restore_folders(site, name)
    for left in site.glob(f".{name}-*"):  # by a report that was killed
        shutil.rmtree(left, ignore_errors=True)
    _share_plotly(site)
    draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=site))
    try:
        (render_quarto if chosen == "quarto" else render_embedded)(project_folder, draft)
        removed = clean_pages(draft)
        check_pages(draft, pages)
        printed = _print(project, draft, formats)
        replace_folder(draft, site / name)
    except OSError as error:
        raise PublishError(f"{name} could not be put in place: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    refresh_years(site)
    refresh_search(site)
    folder = site / name
    return Report(
        folder / "index.html", chosen, tuple(folder / page for page in pages), removed,
        tuple(folder / file for file in printed),
    )  # fmt: skip


def choose_engine(engine: Literal["auto", "quarto", "embedded"]) -> Engine:
    """Choose the engine that renders.

    Raises
    ------
    PublishError
        When Quarto is asked for and not installed.
    """
    if engine == "auto":
        return "quarto" if has_quarto() else "embedded"
    if engine == "quarto" and not has_quarto():
        raise PublishError("Quarto is not installed. Install it, or choose the embedded engine.")
    return engine


def _print(project: Project, draft: Path, formats: Collection[str]) -> list[str]:
    """Make PDF and Word where they are asked for; without them what they need is not even loaded."""
    if not set(formats) - {"html"}:
        return []
    from evaluation.publish.printing import print_report

    return [file.name for file in print_report(project, draft, formats)]


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
