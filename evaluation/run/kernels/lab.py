"""A kernel of JupyterLab: as any other, that says below a cell what a report would refuse of it.

The same is said by ``regiodeal check`` and before every run; here it is said while somebody still has the cell in mind.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from ipykernel.kernelapp import IPKernelApp
from IPython.display import display
from nbformat import NotebookNode

from evaluation.present.display import FIGURE_MIME


class LabKernelApp(IPKernelApp):
    """A kernel with the profile of its user."""

    def init_shell(self) -> None:
        """Look at every cell after it ran."""
        super().init_shell()
        Looker(self.shell).register()


class Looker:
    """Looks at the cells of a notebook as they run."""

    def __init__(self, shell: object) -> None:
        self.shell = shell
        self.shown: list[dict] = []
        self.below: list[str] = []

    def register(self) -> None:
        """Be told of every cell, and of what it shows."""
        self.shell.events.register("pre_run_cell", self._begin)
        self.shell.events.register("post_run_cell", self.tell)
        self.shell.display_pub.register_hook(self._note)
        write = self.shell.displayhook.write_format_data

        def note_result(data: dict, *rest: object) -> None:
            self._take(data)
            write(data, *rest)

        self.shell.displayhook.write_format_data = note_result

    def _note(self, message: dict) -> dict:
        if message["header"]["msg_type"] == "display_data":
            self._take(message["content"]["data"])
        return message

    def _begin(self, _: object) -> None:
        self.shown.clear()
        self.below.clear()

    def _take(self, data: dict) -> None:
        """Note what a cell shows; JupyterLab draws a figure without the words and the table that are with it."""
        self.shown.append(dict(data))
        if FIGURE_MIME in data and "text/html" in data:
            data["text/html"], below = part_figure(data["text/html"])
            self.below.append(below)

    def tell(self, result: object) -> None:
        """Say what a report refuses; never anything else, whatever is odd about the notebook."""
        info, shown, below = result.info, list(self.shown), "".join(self.below)
        if below:
            display({"text/html": below, "text/plain": ""}, raw=True)
        if info.silent or not info.store_history or not (path := self._chapter()):
            return
        try:
            lines = list(refusals(path, info.raw_cell, getattr(info, "cell_id", None), shown))
        except Exception:
            return
        for line in dict.fromkeys(lines):
            print(f"A report refuses this: {line}", file=sys.stderr)

    def _chapter(self) -> Path | None:
        """Return the notebook that is open, where it is one of a book."""
        from evaluation.base.paths import project_root
        from evaluation.inputs.editions import NOTEBOOKS

        path = Path(os.environ.get("JPY_SESSION_NAME") or "")
        is_ours = path.suffix == ".ipynb" and path.parent == project_root() / "notebooks"
        return path if is_ours and any(path.stem in names for names in NOTEBOOKS.values()) else None


def part_figure(page: str) -> tuple[str, str]:
    """Part the HTML of a figure: the drawing, and the notes, the source and the table below it."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page, "html.parser")
    below = [part.extract() for part in soup.select("p.figuur-noot, p.bron, details.figuur-tabel")]
    return str(soup), f'<div class="onder-figuur">{"".join(map(str, below))}</div>'


def refusals(path: Path, source: str, identity: str | None, shown: list[dict]) -> Iterator[str]:
    """Say what a report refuses of a cell as it ran, in the notebook as it was saved last."""
    from evaluation.inputs.chapter_list import COPIED
    from evaluation.run.checks import PARAMETERS, faults_of, years_of_deals
    from evaluation.run.notebook_files import name_cell, read_notebook, source_of, tags_of
    from evaluation.run.output_checks import output_faults

    if (notebook := read_notebook(path.stem)) is None:
        return
    same = (place for place, cell in enumerate(notebook.cells) if identity and cell.get("id") == identity)
    alike = (place for place, cell in enumerate(notebook.cells) if not identity and source_of(cell) == source)
    index = next(same, next(alike, None))
    if index is None:  # it was not saved yet
        index = len(notebook.cells)
        notebook.cells.append(nbformat.v4.new_code_cell("", id=identity or "new"))
    cell: NotebookNode = notebook.cells[index]
    cell.source = source
    cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in shown]
    place = name_cell(index, cell)
    for fault in faults_of(path.name, notebook, {**PARAMETERS, **COPIED.get(path.stem, {})}, years_of_deals()):
        if fault.key == place or ("parameters" in tags_of(cell) and not str(fault.key).startswith("cell ")):
            yield str(fault)
    for other in notebook.cells[:index] + notebook.cells[index + 1 :]:
        other.outputs = [] if other.cell_type == "code" else None
    for where, found in output_faults(notebook):
        if f"{where},".startswith(f"{place},"):  # of this cell, or of one of its lines
            yield f"{path.name}, {where} {found}"


if __name__ == "__main__":
    if sys.path[0] == "" or Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as ipykernel_launcher does; the kernel puts it back
    LabKernelApp.launch_instance()
