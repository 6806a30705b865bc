"""One page of a report as it is edited: run again what changed, render that page alone, keep the last good one.

Works in ``build/preview/<deal>/<edition>/<page>`` and touches nothing that is published.  The other pages are those of
the last run, for navigation, numbers of chapters and references.
"""

import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from evaluation.base.errors import InputError, PublishError, UsageError, did_you_mean
from evaluation.base.locks import held
from evaluation.base.outside import explain
from evaluation.base.paths import WHOLE, build_dir, package_dir, project_root
from evaluation.base.run_variables import ABOUT_VARIABLE, RUN_VARIABLE
from evaluation.cli.preview.live_kernel import LiveKernel, StepError
from evaluation.cli.preview.words import error_in_dutch, faults_in_dutch, shown_in_dutch
from evaluation.inputs.chapter_list import RunChapter, list_chapters, make_copy
from evaluation.inputs.deal import Deal
from evaluation.inputs.editions import NOTEBOOKS, SUMMARIES, Edition, Kind, annual_edition, choose_edition
from evaluation.inputs.retail.tables import load_retail
from evaluation.inputs.theme import PLACE, forget_theme
from evaluation.publish.engine.embedded import render_embedded
from evaluation.publish.record import plain_message
from evaluation.publish.site.one_page import OpenBook
from evaluation.publish.stage import stage_chapter, stage_report
from evaluation.run.checks import check_notebooks
from evaluation.run.execute import describe_run
from evaluation.run.notebook_files import own_parameters, own_year
from evaluation.run.output_checks import output_faults


@dataclass(frozen=True, slots=True)
class Subject:
    """The page that is previewed."""

    edition: Edition
    page: str
    source: Path  # the notebook or the prose that an evaluator edits
    chapter: RunChapter | None  # None for prose


def find_subject(deal: Deal, name: str, year: int | None) -> Subject:
    """Find the page that a person names: a notebook, a chapter that is made of it, or a page of prose.

    The year of a progress report is by default that of the notebook's own parameters.

    Raises UsageError when there is no such page, or no such report.
    """
    name = name.removesuffix(".ipynb").removesuffix(".qmd").rpartition("/")[2]
    for kind, notebooks in NOTEBOOKS.items():
        for chapter in list_chapters(notebooks, deal, load_retail(deal), kind):
            if name in (chapter.name, chapter.notebook):
                source = project_root() / "notebooks" / f"{chapter.notebook}.ipynb"
                page = "index.html" if chapter.notebook == SUMMARIES[kind] else f"{chapter.name}.html"
                edition = _edition(deal, kind, year or own_year(source))
                return Subject(edition, page, source, chapter)
    for kind in NOTEBOOKS:
        source = project_root() / "reports" / kind / f"{name}.qmd"
        if source.is_file():
            return Subject(_edition(deal, kind, year), f"{name}.html", source, None)
    known = [*(item for names in NOTEBOOKS.values() for item in names), "verantwoording"]
    hint = did_you_mean(name, known) or f"There are: {', '.join(known)}."
    raise UsageError(f"There is no page {name!r}. {hint}")


def _edition(deal: Deal, kind: Kind, year: int | None) -> Edition:
    if kind in WHOLE.values():
        return choose_edition(deal, kind, None)
    if kind == "site":
        from evaluation.present.published import site_edition_of

        return site_edition_of(deal)
    return annual_edition(deal, year or deal.term.last_year)


class PreviewError(Exception):
    """Why the page could not be made anew, in Dutch, for the page itself."""


class Preview:
    """Makes the page, and makes it again after a change."""

    def __init__(self, deal: Deal, subject: Subject, run: Path) -> None:
        self.deal, self.subject, self.run = deal, subject, run
        self.folder = build_dir() / "preview" / deal.id / subject.edition.id / Path(subject.page).stem
        self._held = ExitStack()
        self._is_open = False
        self.site = self.folder / "site"
        self._book: OpenBook | None = None
        self._kernel: LiveKernel | None = None
        self._ran: NotebookNode | None = None
        self._has_run = False
        if subject.chapter is not None:
            about = describe_run(subject.chapter, self._parameters)
            self._kernel = LiveKernel(subject.source.parent, {RUN_VARIABLE: str(run), ABOUT_VARIABLE: about})

    def open(self) -> None:
        """Make all pages of the last run, and the previewed page as it is there.

        Raises BusyError when this page is previewed already. Raises PublishError when the last run cannot be rendered.
        """
        self._held.enter_context(held(self._lock, f"A preview of {self.subject.page} is open already"))
        self._is_open = True
        shutil.rmtree(self.folder, ignore_errors=True)
        self._stage()
        render_embedded(self._project, self.site)

    def update(self, changed: Iterable[Path] | None = None) -> bool:
        """Make the page anew from what was saved since the last time (`changed`); tell whether anything of it changed.

        Raises PreviewError when it cannot be made; the last good page stays.
        """
        kinds = {"source", "data"} if changed is None else {self._kind(path) for path in changed}
        if kinds <= {None}:
            return False
        try:
            if "look" in kinds:
                forget_theme()
            if kinds & {"style", "look"}:
                self._stage()
            if kinds & {"data", "look"} and self._kernel is not None:
                self._kernel.restart()
                self._ran = None
            self._stage_source()
            self._book.write(self.site)
        except StepError as error:
            raise PreviewError(error_in_dutch(error.told)) from None
        except InputError as error:
            raise PreviewError(faults_in_dutch(error.faults)) from None
        except (UsageError, PublishError) as error:
            raise PreviewError(plain_message(str(error))) from None
        except OSError as error:
            raise PreviewError(plain_message(str(explain(error)))) from None
        except (ValueError, AttributeError) as error:
            reason = plain_message(f"{type(error).__name__}: {error}")
            raise PreviewError(f"{self.subject.source.name} kan niet worden gelezen. {reason}") from None
        return True

    def get_ready(self) -> None:
        """Prepare for the next save of what was edited last."""
        if self._kernel is not None and self._has_run:
            self._kernel.get_ready()
            self._has_run = False

    def stop(self) -> None:
        """Break off what runs now, from any thread."""
        if self._kernel is not None:
            self._kernel.stop()

    def close(self) -> None:
        """Leave nothing behind: no kernel, no file."""
        if self._kernel is not None:
            self._kernel.close()
        if not self._is_open:
            return  # what is there is of another preview
        shutil.rmtree(self.folder, ignore_errors=True)
        self._held.close()
        self._lock.unlink(missing_ok=True)
        for folder in list(self.folder.parents)[:3]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def is_source(self, path: Path) -> bool:
        """Tell whether a path is what an evaluator edits for this page."""
        return path == self.subject.source

    @property
    def note(self) -> str:
        """What an evaluator should know of the page that is shown: that its notebook is set to another year or deal."""
        own = {} if self.subject.chapter is None else own_parameters(self.subject.source.stem)
        return " ".join(
            f"Deze pagina gaat over {key} {value}; in de parameters van het notebook staat {own[key]}. Voor een pagina "
            f"daarover: regiodeal preview {self.subject.source.stem} --{key} {own[key]}"
            for key, value in self._parameters.items()
            if own.get(key, value) != value
        )

    @property
    def _parameters(self) -> dict[str, object]:
        return {"deal": self.deal.id, "year": self.subject.edition.year}

    @property
    def _lock(self) -> Path:
        return self.folder.with_name(f".{self.folder.name}.lock")

    @property
    def _project(self) -> Path:
        return self.folder / "project"

    def _kind(self, path: Path) -> str | None:
        """Say what a change of a file means for this page."""
        root = project_root()
        if self.is_source(path):
            return "source"
        if path == root / PLACE:
            return "look"
        if path.is_relative_to(root / "reports" / "style"):
            return "style"
        if path.is_relative_to(root / "notebooks" / "own") or path == root / "reports" / "codeboek.csv":
            return "data"
        is_hidden = any(part.startswith(".") for part in path.parts[len(root.parts) :])
        if path.is_relative_to(root / "data") and not is_hidden:
            return "data"
        return "data" if path.is_relative_to(package_dir()) and path.suffix == ".py" else None

    def _stage(self) -> None:
        stage_report(self.run, self._project)
        if self._ran is not None:
            stage_chapter(self._ran, self._book.chapter, self._project)
        self._book = OpenBook(self._project, self.subject.page)

    def _stage_source(self) -> None:
        """Put what is saved now in the place of what was staged, run again where its code changed."""
        subject = self.subject
        if subject.chapter is None:
            shutil.copyfile(subject.source, self._project / subject.source.name)
            return
        check_notebooks([subject.chapter.notebook])
        notebook = make_copy(nbformat.read(subject.source, as_version=4), subject.chapter)
        if self._ran is not None and _codes(notebook) == _codes(self._ran):
            self._ran = _with_outputs(notebook, self._ran)
        else:
            self._ran, self._has_run = None, True
            ran = self._kernel.run(notebook, {**self._parameters, **subject.chapter.parameters})
            if unshowable := shown_in_dutch(output_faults(ran)):
                raise PreviewError(unshowable)
            self._ran = ran
        stage_chapter(self._ran, self._book.chapter, self._project)


def whole_run(deal: Deal, edition: Edition) -> Path | None:
    """Return the folder of the last whole run of a report, with its record; None where there is none."""
    folder = build_dir() / "runs" / deal.id / edition.id
    return folder if all((folder / name).is_file() for name in ("run.json", "results.csv")) else None


def _codes(notebook: NotebookNode) -> list[str]:
    """Return what a run of a notebook depends on: its code and options, without injected parameters."""
    return [cell.source for cell in notebook.cells if _is_own_code(cell)]


def _with_outputs(notebook: NotebookNode, ran: NotebookNode) -> NotebookNode:
    """Give a notebook with the same code the outputs of a run."""
    outputs = iter([cell for cell in ran.cells if _is_own_code(cell)])
    for cell in notebook.cells:
        if _is_own_code(cell):
            done = next(outputs)
            cell.outputs, cell.execution_count = done.outputs, done.execution_count
    return notebook


def _is_own_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])
