"""A run of one edition: check everything, run the notebooks, record every number, swap the run in when it is whole."""

import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from evaluation.analysis.portfolio.progress import dataset_of_all, load_all_records
from evaluation.base import paths
from evaluation.base.cache import trim_cache
from evaluation.base.errors import RegioDealError
from evaluation.base.fingerprints import LOCK, changed_inputs, file_hash, hash_files, package_hash, recorded_versions
from evaluation.base.locks import held
from evaluation.inputs.chapter_list import RunChapter, list_chapters
from evaluation.inputs.deal import Deal
from evaluation.inputs.editions import Edition
from evaluation.inputs.indicators import plan_hash, register_dir
from evaluation.inputs.records.programme import Programme, check_known
from evaluation.inputs.retail.tables import RetailTables
from evaluation.present import results
from evaluation.run.cell_errors import cell_label, place_of, tell_error
from evaluation.run.checks import check_inputs, check_plan, check_portfolio_plan
from evaluation.run.execute import NotebookOutcome, notebook_inputs
from evaluation.run.notebook_lint import parameter_notices
from evaluation.run.slots import NotebookSlots, RunOptions
from evaluation.statistics.panels import region_panel
from evaluation.statistics.snapshots import list_snapshots
from evaluation.statistics.withheld import PRIVATE, withheld_places

_INPUTS = "inputs.json"
_EDITIONS_AHEAD = 8
"""Editions under way beside one per slot: that keeps slots busy, and the first are whole before the last begin."""

Checked = tuple[Deal, Programme, RetailTables | None]


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Where a run ended up and how its notebooks went."""

    folder: Path
    edition: Edition
    deal: Deal
    notebooks: tuple[NotebookOutcome, ...]

    @property
    def failed(self) -> tuple[NotebookOutcome, ...]:
        """The notebooks that failed."""
        return tuple(item for item in self.notebooks if item.status != "ok")


@contextmanager
def exclusive(deal_id: str, edition: Edition) -> Iterator[None]:
    """Keep other runs and reports of the same edition out, and clear what an interrupted one left.

    Raises BusyError when another one is under way.
    """
    runs = paths.build_dir() / "runs" / deal_id
    with held(runs / f".{edition.id}.lock", f"Another run of {deal_id} {edition.id} is under way"):
        paths.finish_placing()
        for folder in runs.glob(f".{edition.id}-run-*"):
            shutil.rmtree(folder, ignore_errors=True)
        yield


def _open_slots(options: RunOptions) -> NotebookSlots:
    """Return where the notebooks of a run are run: on this machine, or on the workers of a cluster."""
    if options.cluster is None:
        return NotebookSlots(options.jobs)
    from evaluation.run.remote import RemoteSlots

    return RemoteSlots(options)


def run_editions(
    wanted: Sequence[tuple[str, Edition]], options: RunOptions, then: Callable[[RunOutcome], None]
) -> list[RegioDealError]:
    """Run several editions, of one deal or more, side by side; one that cannot be made leaves the others alone.

    `then` gets the outcome of each edition, one at a time; each line of a report names the deal where there are
    several.  Returns what went wrong: each deal's wrong input, then the editions in the order of `wanted`; the same
    thing once.
    """
    one_at_a_time = threading.Lock()
    is_one_deal = len({deal_id for deal_id, _ in wanted}) == 1

    def make(deal_id: str, edition: Edition, checked: Checked, panel: Future) -> None:
        own = options if is_one_deal else replace(options, report=lambda line: options.report(f"{deal_id}: {line}"))
        with exclusive(deal_id, edition):
            outcome = run_edition(deal_id, edition, own, slots=slots, checked=checked, proof=panel.result)
            with one_at_a_time:
                then(outcome)

    errors: list[RegioDealError] = []
    with (
        _open_slots(options) as slots,
        ThreadPoolExecutor(1) as panels,
        ThreadPoolExecutor(min(len(wanted), slots.jobs + _EDITIONS_AHEAD)) as conductors,
    ):
        if options.force:
            slots.forget()
        tasks = []
        try:
            for deal_id in dict.fromkeys(deal_id for deal_id, _ in wanted):
                editions = [edition for deal, edition in wanted if deal == deal_id]
                notebooks = dict.fromkeys(name for edition in editions for name in edition.notebooks)
                try:
                    checked = check_inputs(deal_id, list(notebooks), panel=False)
                except RegioDealError as error:
                    errors.append(error)
                    continue
                panel = panels.submit(_prove, checked[0], {edition.kind for edition in editions})  # as kernels start
                tasks += [conductors.submit(make, deal_id, edition, checked, panel) for edition in editions]
            for task in tasks:
                try:
                    task.result()
                except RegioDealError as error:
                    errors.append(error)
        except BaseException:
            panels.shutdown(wait=False, cancel_futures=True)
            slots.__exit__(KeyboardInterrupt)
            raise
    trim_cache()
    return list({str(error): error for error in errors}.values())


def _prove(deal: Deal, kinds: Collection[str]) -> None:
    """Compute the panel that all notebooks read; check the plan that is judged by, and the records of all deals."""
    region_panel(deal)
    if "final" in kinds:
        check_plan(deal)
    if "portfolio" in kinds:
        check_portfolio_plan()
        load_all_records()


def run_edition(
    deal_id: str,
    edition: Edition,
    options: RunOptions | None = None,
    *,
    slots: NotebookSlots | None = None,
    checked: Checked | None = None,
    proof: Callable[[], object] | None = None,
) -> RunOutcome:
    """Run the notebooks of one edition; call it inside `exclusive`.

    Where several editions are run they share `slots`, and `checked` is what `check_inputs` gave. `proof` gives the
    outcome of a check that goes on meanwhile; what it raises keeps anything from being written.

    Raises InputError or SnapshotError before anything runs. Raises RunError when one identity stands for two numbers.
    The run ends up in ``build/runs/<deal>/<edition>``; when a notebook failed in ``<edition>-onvolledig``, and without
    the summary in ``<edition>-hoofdstukken``, while the last good run stays where it is.
    """
    options = options or RunOptions()
    if slots is None:
        with _open_slots(options) as slots:
            return run_edition(deal_id, edition, options, slots=slots, checked=checked)
    deal, programme, retail = checked or check_inputs(deal_id, edition.notebooks)
    check_known(deal, programme, edition.year)
    for notice in parameter_notices(edition.notebooks, {"deal": deal.id, "year": edition.year}):
        options.report(f"To look at: {notice}")
    only_themes = options.only == "themes"
    notebooks = [name for name in edition.notebooks if not (only_themes and name == edition.summary)]
    chapters = list_chapters(notebooks, deal, retail, edition.kind)
    runs = paths.build_dir() / "runs" / deal.id
    staging = Path(tempfile.mkdtemp(prefix=f".{edition.id}-run-", dir=runs))
    try:
        outcomes = _run_all(chapters, deal.id, edition, staging, options, slots)
        if proof is not None:
            proof()
        _write_results(staging, outcomes)
        _write_record(staging, deal, (programme, retail), edition, zip(chapters, outcomes, strict=True))
        _write_inputs(staging, outcomes)
        target = _put_in_place(staging, edition, outcomes, has_summary=not only_themes)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return RunOutcome(target, edition, deal, tuple(outcomes))


def _put_in_place(staging: Path, edition: Edition, outcomes: Sequence[NotebookOutcome], *, has_summary: bool) -> Path:
    """Swap a run in where it belongs: only a whole one takes the place of the last good one and of those set apart."""
    runs = staging.parent
    suffix = (
        paths.INCOMPLETE if any(item.status != "ok" for item in outcomes) else "" if has_summary else paths.CHAPTERS
    )
    target = runs / f"{edition.id}{suffix}"
    paths.replace_folder(staging, target)
    if not suffix:
        for other in (paths.INCOMPLETE, paths.CHAPTERS):
            shutil.rmtree(runs / f"{edition.id}{other}", ignore_errors=True)
    # How long each notebook took stands beside the run and not in it: equal inputs give equal files.
    timings = {item.name: {"seconds": item.seconds, "cached": item.is_cached} for item in outcomes}
    timed = json.dumps(timings, indent=1, ensure_ascii=False) + "\n"
    with suppress(OSError):  # nothing depends on them
        paths.write_text(runs / f".{edition.id}.timings.json", timed)
    return target


def _run_all(
    chapters: Sequence[RunChapter],
    deal_id: str,
    edition: Edition,
    staging: Path,
    options: RunOptions,
    slots: NotebookSlots,
) -> list[NotebookOutcome]:
    """Run everything but the summary side by side, then the summary."""
    outcomes: dict[str, NotebookOutcome] = {}
    parameters = {"deal": deal_id, "year": edition.year}
    last_inputs = staging.parent / edition.id / _INPUTS
    last = json.loads(last_inputs.read_text(encoding="utf-8")) if options.explain and last_inputs.is_file() else {}
    options.planned(deal_id, edition, len(chapters))

    def run(chapter: RunChapter) -> NotebookOutcome:
        options.started(deal_id, edition, chapter.name)
        if options.explain:
            options.report(f"{chapter.name}: {_why(chapter, parameters, staging, last)}")
        return slots.execute(chapter, parameters, staging, force=options.force)

    # The summary takes its numbers from the results of the others, which its run key holds: so they are written first.
    for is_summary in (False, True):
        stage = [chapter for chapter in chapters if (chapter.notebook == edition.summary) == is_summary]
        if is_summary and stage:
            _write_results(staging, [outcomes[chapter.name] for chapter in chapters if chapter.name in outcomes])
        for outcome in slots.run(run, _in_order(stage), _turn(edition, is_summary)):
            outcomes[outcome.name] = outcome
            if outcome.status == "ok":  # its page, while others run and after all that waits to run
                text = (staging / f"{outcome.name}.ipynb").read_text(encoding="utf-8")
                slots.threads.submit((*_turn(edition, is_summary), 1), options.prepare, edition, outcome.name, text)
            options.finished(deal_id, edition, outcome)
            options.report(_progress_line(edition, outcome))
    return [outcomes[chapter.name] for chapter in chapters]


def _turn(edition: Edition, is_summary: bool) -> tuple[int, ...]:
    """Let one edition be whole before the next begins, so that its report is made while the next one runs."""
    return (not is_summary, edition.year, edition.kind != "annual")


def _in_order(chapters: Sequence[RunChapter]) -> list[RunChapter]:
    """Put one copy of a copied notebook first and its others last: they wait for what the first computes for all."""
    first = {chapter.notebook: chapter for chapter in reversed(chapters) if chapter.is_copy}
    return sorted(chapters, key=lambda chapter: chapter.is_copy - 2 * (first.get(chapter.notebook) is chapter))


def _why(chapter: RunChapter, parameters: dict[str, object], staging: Path, last: dict[str, dict[str, object]]) -> str:
    """Say which input of a notebook changed since the last good run."""
    if (before := last.get(chapter.name)) is None:
        return "there is no earlier run"
    now = notebook_inputs(chapter, parameters, staging) | {"files": hash_files(before["files"])}
    return "; ".join(changed_inputs(before, _without_private(now))) or "nothing changed"


def _without_private(inputs: dict[str, object]) -> dict[str, object]:
    """Leave out the files of the private overlay: not even their names go into a run's folder."""
    place = f"data/{PRIVATE}/"
    files = {name: digest for name, digest in inputs["files"].items() if not name.startswith(place)}
    return inputs | {"files": files, "names": [name for name in inputs["names"] if not name.startswith(place)]}


def _progress_line(edition: Edition, outcome: NotebookOutcome) -> str:
    status = "cached" if outcome.is_cached else outcome.status
    line = f"{edition.id} {outcome.name:<28} {status:<7} {outcome.seconds:5.1f} s"
    if outcome.error is None:
        return line
    return "  ".join(filter(None, [line, place_of(outcome.error), tell_error(outcome.error)]))


def _write_results(staging: Path, outcomes: Sequence[NotebookOutcome]) -> None:
    made = (staging / f"{item.name}.ipynb" for item in outcomes if item.status == "ok")
    records = [record for path in made for record in notebook_results(path)]
    paths.write_text(staging / "results.csv", results.to_csv(records))


def notebook_results(path: Path) -> list[dict[str, object]]:
    """Collect the numbers that an executed notebook shows, with the notebook and the cell."""
    notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    records = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for record in output.get("data", {}).get(results.RESULTS_MIME, []):
                records.append({**record, "notebook": path.stem, "cell": cell_label(cell)})
    return records


def _write_inputs(staging: Path, outcomes: Sequence[NotebookOutcome]) -> None:
    """Write what each notebook depended on, for who asks why it runs again."""
    inputs = {item.name: _without_private(item.inputs) for item in outcomes if item.status == "ok"}
    paths.write_text(staging / _INPUTS, json.dumps(inputs, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _write_record(
    staging: Path,
    deal: Deal,
    records: tuple[Programme, RetailTables | None],
    edition: Edition,
    made: Iterable[tuple[RunChapter, NotebookOutcome]],
) -> None:
    """Write run.json: what ran, on what, with which outcome."""
    made = list(made)
    programme, retail = records
    dataset = dataset_of_all() if edition.kind == "portfolio" else programme.dataset
    record = {
        "deal": deal.id,
        "deal_name": deal.name,
        "edition": edition.id,
        "kind": edition.kind,
        "year": edition.year,
        "as_of": deal.last_day(edition.year).isoformat(),
        "status": "ok" if all(item.status == "ok" for _, item in made) else "failed",
        "dataset": {name: getattr(dataset, name) for name in ("status", "title", "version")},
        "retail": None if edition.kind == "portfolio" else _retail_record(retail),
        "plan_hash": plan_hash(folder=register_dir(deal.id)),
        "versions": recorded_versions(),
        "package_sha256": package_hash(),
        "lock_sha256": file_hash(paths.project_root() / LOCK),
        "snapshots": _used_snapshots(item for _, item in made),
        "withheld": withheld_places(name for _, item in made for name in (item.inputs or {}).get("files", ())),
        "results_sha256": file_hash(staging / "results.csv"),
        "notebooks": {
            item.name: {
                "status": item.status,
                "error": item.error,
                "key": item.key,
                "output_sha256": item.output_sha256,
                **({"notebook": chapter.notebook, "title": chapter.title} if chapter.is_copy else {}),
            }
            for chapter, item in made
        },
    }
    paths.write_text(staging / "run.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _used_snapshots(outcomes: Iterable[NotebookOutcome]) -> list[dict[str, object]]:
    """List the pinned tables that a notebook read: those of another deal are no source of this one."""
    names = (name for item in outcomes for name in (item.inputs or {}).get("files", ()))
    read = {name.rpartition(".")[0] for name in names if name.startswith("data/snapshots/")}
    place = "data/snapshots/{}/{}/{}"
    return [
        item.summary
        for item in list_snapshots()
        if place.format(item.source, item.vintage.isoformat(), item.table) in read
    ]


def _retail_record(retail: RetailTables | None) -> dict[str, object] | None:
    """Say which retail tables were used; of those that may not be published nothing but that."""
    if retail is None:
        return None
    names = ("status", "title", "version", "source", "licence", "may_publish")
    if not retail.dataset.may_publish:
        return {"status": retail.dataset.status, "may_publish": False, "private": retail.is_private}
    own = {name: getattr(retail.dataset, name) for name in names}
    return {**own, "private": retail.is_private, "years": list(retail.years)}
