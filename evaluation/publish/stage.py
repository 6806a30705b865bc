"""Make of a finished run a Quarto project of its own, that either engine renders."""

import re
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode, v4

from evaluation.base import dutch
from evaluation.base.errors import PublishError
from evaluation.base.paths import project_root
from evaluation.base.text import literal
from evaluation.inputs import chapter_list
from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.editions import SITE
from evaluation.inputs.retail.tables import retail_dataset
from evaluation.inputs.theme import style_sheet, theme
from evaluation.present.published import read_reports
from evaluation.present.results import RESULTS_MIME
from evaluation.present.tables import LEFT
from evaluation.publish.absences import is_absence, settle_absences
from evaluation.publish.account import account_tables, downloads_table
from evaluation.publish.compare import FILE, PAGE, compare_script
from evaluation.publish.deal_prose import settle_notebook, settle_prose
from evaluation.publish.deal_words import deal_words, glossary
from evaluation.publish.pages.html import load_template
from evaluation.publish.pages.inline import measure_sheet
from evaluation.publish.pages.notebook_markdown import fenced, split_options
from evaluation.publish.pages.numbers import Step, add_trail, read_step, write_numbers
from evaluation.publish.pages.page import NOT_MADE
from evaluation.publish.project import Chapter, load_project, merge, read_yaml
from evaluation.publish.record import Failure, RunRecord, public_record, read_record
from evaluation.publish.results_account import results_account
from evaluation.statistics.release import check_released

_PARAMETER_TAGS = {"parameters", "injected-parameters"}
_DROPPED_OUTPUTS = ("application/vnd.plotly.v1+json", RESULTS_MIME)
_IMAGES = {".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"}
_DOWNLOADS = ("results.csv", "run.json")
_VARIABLES = "_variables.yml"
_OF_ROOT = ("render", "pre-render")
_BOOK = {"type": "book", "output-dir": "_site", "post-render": "reports/style/opschonen.py"}
_SECTION = re.compile(r"\{#(sec-[\w-]+)")
_FIRST_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_LABELLED_HEADING = re.compile(r"^#{2,6}[ \t].*\{[^}]*#sec-[^}]*\}[ \t]*$", re.MULTILINE)


def stage_report(run_dir: Path, target: Path) -> Path:
    """Put everything that the report of one run needs into one folder.

    The folder holds the project files, the prose, the style, the executed notebooks at fixed paths (the summary as
    ``index.ipynb``), the generated tables of the account page, the pages with every number, and the downloads.  A
    notebook that the run did not finish becomes a chapter that says so, with a placeholder for each figure, table and
    section that others refer to.

    Raises PublishError when the run has no readable record or no results, none of its notebooks was finished, or a
    number is private.
    """
    record = read_record(run_dir)
    root = project_root()
    if absent := [name for name in _DOWNLOADS if not (run_dir / name).is_file()]:
        raise PublishError(f"The run in {run_dir.name} is incomplete: {', '.join(absent)} missing.")
    judged = [run_dir / name for name in (*_DOWNLOADS, "inputs.json") if (run_dir / name).is_file()]
    check_released({path.name: path.read_bytes() for path in judged}, retail_dataset(load_deal(record.deal)))
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    _write_shared(root, target)
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "reports" / "style", target / "reports" / "style", ignore=caches)
    write_look(target / "reports" / "style")
    shutil.copytree(root / "reports" / record.kind, target, ignore=caches, dirs_exist_ok=True)
    for image in (path for path in (root / "notebooks").rglob("*") if path.suffix.lower() in _IMAGES):
        (copy := target / image.relative_to(root / "notebooks")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image, copy)
    shutil.copyfile(run_dir / "results.csv", target / "results.csv")
    (target / "run.json").write_text(public_record(run_dir), encoding="utf-8")
    for name, text in account_tables(record).items():
        (target / name).write_text(text, encoding="utf-8")
    if record.kind != SITE:
        (target / "_resultaten.md").write_text(results_account(record, run_dir), encoding="utf-8")
    if record.kind == SITE:
        deal = load_deal(record.deal)
        (target / "_downloads.md").write_text(downloads_table(deal), encoding="utf-8")
        if PAGE in (root / f"_quarto-{SITE}.yml").read_text(encoding="utf-8"):
            (target / FILE).parent.mkdir(exist_ok=True)
            (target / FILE).write_text(compare_script(deal), encoding="utf-8")
        (target / "_begrippen.md").write_text(glossary(deal), encoding="utf-8")
        head = target / "reports" / "style" / "hoofd.html"  # what is shared: the reports stand one folder lower
        head.write_text(head.read_text(encoding="utf-8").replace('"../assets/', '"assets/'), encoding="utf-8")
    _write_profile(record, root, target)
    _settle_pages(target)
    steps = _stage_notebooks(record, run_dir, target)
    write_numbers(record, run_dir, target, steps, read_reports(load_deal(record.deal)) if record.kind == SITE else ())
    return target


def write_look(style: Path) -> None:
    """Write the colours and fonts of the theme into a staged style: its sheet, and the icon, which no sheet reaches."""
    (style / "kleuren.css").write_text(style_sheet(), encoding="utf-8")
    sheet = style / "rapport.css"
    rules = sheet.read_text(encoding="utf-8").removesuffix(measure_sheet())
    sheet.write_text(rules + measure_sheet(), encoding="utf-8")
    icon = style / "icoon.svg"
    drawn = icon.read_text(encoding="utf-8")
    for role, colour in theme().light.items():
        drawn = drawn.replace(f"var(--{role})", colour)
    icon.write_text(drawn, encoding="utf-8")


def stage_chapter(notebook: NotebookNode, chapter: Chapter, target: Path) -> None:
    """Write one executed notebook into a staged report, in the place of what stood there.

    Raises PublishError when it cannot be shown: a step ended with an error, or there is nothing to show.
    """
    if (failure := _unfit(notebook)) is not None:
        raise PublishError(failure.reason)
    staged = nbformat.writes(_for_publishing(notebook, chapter.page, [])) + "\n"
    source = chapter_list.source_of(Path(chapter.file).stem)
    (target / chapter.file).write_text(settle_notebook(staged, source, *_settling(target)), encoding="utf-8")


def _stage_notebooks(record: RunRecord, run_dir: Path, target: Path) -> list[Step]:
    """Write the chapters of a run; return what their cells show."""
    finished, steps, settling = 0, [], _settling(target)
    for chapter in load_project(target).chapters:
        if not chapter.file.endswith(".ipynb"):
            continue
        name = record.summary if chapter.page == "index.html" else Path(chapter.file).stem
        path = run_dir / f"{name}.ipynb"
        executed = path.read_text(encoding="utf-8") if path.is_file() else ""
        failure, staged, shown = make_publishable(executed, chapter.page)
        if (failure := record.failure(name) or failure) is None:
            finished += 1
            steps += shown
        else:
            source = nbformat.reads(executed, as_version=4) if executed else _source_notebook(name, record)
            staged = nbformat.writes(_gap(source, failure, chapter)) + "\n"
        source = str(record.notebooks.get(name, {}).get("notebook") or name)
        (target / chapter.file).write_text(settle_notebook(staged, source, *settling), encoding="utf-8")
    if not finished:
        raise PublishError(f"No chapter of the run in {run_dir.name} was finished: there is nothing to report.")
    return steps


@lru_cache(maxsize=64)
def make_publishable(executed: str, page: str) -> tuple[Failure | None, str, tuple[Step, ...]]:
    """Make of an executed notebook what its page needs: once, for who asks as soon as it is done and for the report.

    Returns why it cannot be shown, or else the staged notebook file and what its cells show.
    """
    notebook = nbformat.reads(executed, as_version=4) if executed else None
    if (failure := _unfit(notebook)) is not None:
        return failure, "", ()
    steps: list[Step] = []
    staged = _for_publishing(notebook, page, steps)
    return None, nbformat.writes(staged) + "\n", tuple(steps)


def _unfit(notebook: NotebookNode | None) -> Failure | None:
    """Return why a notebook that the run calls finished cannot be shown all the same."""
    if notebook is None:
        return Failure("De run noemt dit hoofdstuk klaar, maar de uitvoer ontbreekt.")
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    for output in outputs:
        if output.output_type == "error":
            return Failure("Een stap in dit hoofdstuk eindigde met een fout.", output.ename)
    return None if outputs else Failure("De run noemt dit hoofdstuk klaar, maar er zijn geen uitkomsten bewaard.")


def _for_publishing(notebook: NotebookNode, page: str, steps: list[Step]) -> NotebookNode:
    """Leave out what is of no use on a page: parameters, code without a result, data for other programs, run times.

    What a cell shows is added to `steps`, and leads to its numbers.
    """
    cells, absent, is_index = [], set(), page == "index.html"
    for cell in notebook.cells:
        if _PARAMETER_TAGS & set(cell.metadata.get("tags", [])):
            continue
        metadata = NotebookNode({key: value for key, value in cell.metadata.items() if key == "tags" and value})
        if cell.cell_type == "code":
            outputs = [output for output in map(_slim, cell.outputs) if output is not None]
            source = cell.source
            if not outputs and "include" not in split_options(source)[0]:
                source = f"#| include: false\n{source}"
            step = read_step(cell, page)
            content = {"execution_count": None, "outputs": outputs}
            cell = NotebookNode(cell_type="code", id=cell.id, metadata=metadata, source=source, **content)
            absent |= {cell.id} if is_absence(cell) else set()
            if step is not None:
                steps.append(step)
                add_trail(cell, step)
        else:
            cell = NotebookNode(cell_type="markdown", id=cell.id, metadata=metadata, source=cell.source)
            if is_index:
                cell.source = _FIRST_HEADING.sub(lambda head: _with_class(head[0], ".unnumbered"), cell.source, count=1)
                is_index = not _FIRST_HEADING.search(cell.source)
        cells.append(cell)
    return _notebook(settle_absences(cells, absent))


def _slim(output: NotebookNode) -> NotebookNode | None:
    """Keep the representations that a page can show; None when nothing is left."""
    if "data" not in output:
        return output
    data = {kind: content for kind, content in output.data.items() if kind not in _DROPPED_OUTPUTS}
    if "text/html" in data:
        data["text/html"] = "".join(data["text/html"]).replace(LEFT, "")
    elif "text/latex" in data and "text/markdown" not in data:  # pandoc knows a formula by its signs
        formula = "".join(data.pop("text/latex")).strip()
        data["text/markdown"] = formula if formula.startswith("$") else f"$${formula}$$"
    return NotebookNode(output_type="display_data", data=data, metadata=NotebookNode()) if data else None


def _gap(source: NotebookNode | None, failure: Failure, chapter: Chapter) -> NotebookNode:
    """Write the chapter that says that it could not be made, under its own title and with its own labels."""
    title, placeholders = literal(chapter.text or Path(chapter.file).stem.replace("-", " ")), []
    for cell in source.cells if source else []:
        if cell.cell_type == "markdown":
            if match := _FIRST_HEADING.search(cell.source):
                title = match.group(1)
            placeholders += [f"{head}\n\nDeze paragraaf ontbreekt." for head in _LABELLED_HEADING.findall(cell.source)]
        elif cell.cell_type == "code":
            placeholders += _float_placeholder(cell)
    message = f"\n\nDe melding was:\n\n{fenced(failure.message, ' text')}" if failure.message else ""
    callout = (
        f'::: {{.callout-warning .{NOT_MADE} title="Dit hoofdstuk kon niet worden gemaakt"}}\n\n'
        f"{literal(failure.reason)} De andere hoofdstukken staan hier los van.{message}\n\n:::"
    )
    heading = _with_class(f"# {title}", f".{NOT_MADE}")
    heading = _with_class(heading, ".unnumbered") if chapter.page == "index.html" else heading
    texts = enumerate((heading, callout, *placeholders))
    return _notebook([v4.new_markdown_cell(text, id=f"ontbreekt-{index}") for index, text in texts])


def _float_placeholder(cell: NotebookNode) -> Iterator[str]:
    options, _ = split_options(cell.source)
    label = str(options.get("label", ""))
    if label.startswith(("fig-", "tbl-")):
        word = "Deze figuur" if label.startswith("fig-") else "Deze tabel"
        caption = options.get("fig-cap") or options.get("tbl-cap") or "[]{}"
        yield f"::: {{#{label}}}\n\n{word} ontbreekt.\n\n{caption}\n\n:::"


def _write_shared(root: Path, target: Path) -> None:
    """Write what every report shares as the book that it is here: at the root, Quarto has none to render."""
    shared = read_yaml(root / "_quarto.yml")
    project = {key: value for key, value in shared.get("project", {}).items() if key not in _OF_ROOT}
    text = yaml.safe_dump({**shared, "project": {**project, **_BOOK}}, allow_unicode=True, sort_keys=False)
    (target / "_quarto.yml").write_text(text, encoding="utf-8")


def _write_profile(record: RunRecord, root: Path, target: Path) -> None:
    """Write what differs per report: the profile with its title, the page header, the values that the prose names."""
    title, name = record.title, f"_quarto-{record.kind}.yml"
    header = load_template(Path(__file__).with_name("kop.html.j2")).render(record=record, unsettled=_unsettled(record))
    (target / "kop.html").write_text(header, encoding="utf-8")
    year = {
        "book": {"title": literal(title), "subtitle": literal(record.deal_name)},
        "format": {"html": {"include-before-body": ["kop.html"]}},
    }
    profile = merge(read_yaml(root / name), year)
    deal = load_deal(record.deal)
    themes = {f"{name}.ipynb": number for name, number in chapter_list.chapters_of_themes(deal).items()}
    chapters = _with_copies(profile["book"].get("chapters") or [], record)
    profile["book"]["chapters"] = chapter_list.put_in_order(
        list(chapters), lambda entry: themes.get(entry) if isinstance(entry, str) else None
    )
    variables = {
        "deal": {"id": record.deal, "name": record.deal_name, **deal_words(deal, record.kind, record.year)},
        "report": {"year": record.year, "edition": record.edition, "title": title, "next_year": record.year + 1},
        "dataset": {key: str(record.dataset.get(key) or "") for key in ("status", "title", "version")},
        "run": {"plan_hash": record.plan_hash, "snapshots": len(record.snapshots)},
    }
    for file, content in ((name, profile), (_VARIABLES, _as_literal(variables))):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (target / file).write_text(text, encoding="utf-8")


def _as_literal(value: object) -> object:
    """Write every text of a tree so that Markdown shows it as it is."""
    if isinstance(value, dict):
        return {key: _as_literal(item) for key, item in value.items()}
    return literal(str(value))


def _settling(target: Path) -> tuple[Deal, dict[str, str], frozenset[str]]:
    """Read back what settles the prose of a staged report: its deal, its variables, and chapters that it has not."""
    words = read_yaml(target / _VARIABLES)["deal"]
    nested = {
        f"deal.{key}.{name}": text for key, of in words.items() if isinstance(of, dict) for name, text in of.items()
    }
    flat = {f"deal.{key}": text for key, text in words.items() if not isinstance(text, dict)} | nested
    there = {Path(chapter.file).stem for chapter in load_project(target).chapters}
    absent = [name for name in chapter_list.ONLY_WITH_COMPARISONS if name not in there]
    sources = [project_root() / "notebooks" / f"{name}.ipynb" for name in absent]
    labels = (_SECTION.findall(path.read_text(encoding="utf-8")) for path in sources if path.is_file())
    return load_deal(words["id"]), flat, frozenset(label for found in labels for label in found)


def _settle_pages(target: Path) -> None:
    """Write the prose in the words of the deal."""
    settling = _settling(target)
    for page in target.glob("*.qmd"):
        page.write_text(settle_prose(page.read_text(encoding="utf-8"), *settling), encoding="utf-8")


def _with_copies(entries: list, record: RunRecord) -> Iterator[object]:
    """Put the chapters of a run in the place of a notebook that is copied; leave out those about another deal."""
    for entry in entries:
        name = Path(entry).stem if isinstance(entry, str) else ""
        if isinstance(entry, dict) and "chapters" in entry:
            part = load_deal(record.deal).words.said(str(entry.get("part", "")))
            yield {**entry, "part": part, "chapters": list(_with_copies(entry["chapters"], record))}
        elif name in chapter_list.GENERAL_NOTEBOOKS:
            yield from (f"{made}.ipynb" for made in record.copies(name))
        elif name in chapter_list.COPIED:
            copies = record.copies(name)
            yield from ({"file": f"{made}.ipynb", "text": literal(title)} for made, title in copies.items())
        elif name in chapter_list.ONLY_WITH_COMPARISONS and name not in record.notebooks:
            continue
        elif chapter_list.deal_of(name) in (None, record.deal):
            yield entry


_RIBBON = {
    "voorbeeld": ("voorbeeldcijfers", "De statistieken zijn echt"),
    "voorlopig": ("voorlopige cijfers", "Zij kunnen nog veranderen"),
}
"""What every page says of the figures of programme and retail monitor while they are not settled."""


def _unsettled(record: RunRecord) -> list[tuple[str, str, str]]:
    """List per status which figures are not settled, as what, and what a reader may think of the others."""
    statuses = {"programmacijfers": record.dataset["status"]}
    if record.retail:
        statuses["winkelcijfers"] = record.retail["status"]
    told = []
    for status, words in _RIBBON.items():
        if names := [name for name, its in statuses.items() if its == status]:
            told.append((dutch.capital(dutch.listing(names)), *words))
    return told


def _source_notebook(name: str, record: RunRecord) -> NotebookNode | None:
    """Read the notebook that a chapter would have been made of; of a copy with the title and labels of that copy."""
    entry = record.notebooks.get(name, {})
    source = str(entry.get("notebook") or name)
    path = project_root() / "notebooks" / f"{source}.ipynb"
    if not path.is_file():
        return None
    chapter = chapter_list.RunChapter(name, source, entry.get("title"))
    return chapter_list.make_copy(nbformat.read(path, as_version=4), chapter)


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    """Make a notebook; Quarto would take a heading on its very first line for its title, and forget the classes."""
    if cells and cells[0].source.startswith("# ") and ".unnumbered" in cells[0].source.splitlines()[0]:
        cells[0].source = f"\n{cells[0].source}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _with_class(heading: str, name: str) -> str:
    """Add a class to a Markdown heading, which may have attributes already."""
    if name in heading:
        return heading
    return heading[:-1] + f" {name}}}" if heading.endswith("}") else f"{heading} {{{name}}}"
