"""Render the report with Quarto, where it is installed, and take its warnings seriously."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from evaluation.base.errors import PublishError
from evaluation.base.paths import write_text
from evaluation.base.programs import call
from evaluation.publish.engine.quarto_page import number_references, read_quarto_page
from evaluation.publish.pages.cleanup import clean_pages
from evaluation.publish.pages.page import write_pages
from evaluation.publish.project import find_profile, load_project
from evaluation.publish.rendering import own_quarto

_TIME_LIMIT = 900
_UNRESOLVED = re.compile(r"WARN.*(resolve|not found|citation|crossref|reference|duplicate)", re.IGNORECASE)
_UNRESOLVED_ON_PAGE = re.compile(r"\?@(?:fig|tbl|sec)-|\?(?:var|meta):")
_SHORTCODE = re.compile(r"(\\+\{\\+\{\\+<)|\\+>\\+\}\\+\}")
_STANDS_FOR = {"{{<": "\uf3b1\uf3b2", ">}}": "\uf3b2\uf3b1"}
"""Signs of a shortcode in words of others, and what Quarto sees in their place: letters that no alphabet has."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def render_quarto(folder: Path, output: Path) -> None:
    """Render the staged project in `folder` with Quarto and copy its pages to `output`.

    The run.json of the report says by which version.  Raises PublishError when Quarto is not installed, fails, or
    warns of a reference that leads nowhere.
    """
    program, version = own_quarto()
    record = json.loads((folder / "run.json").read_text(encoding="utf-8")) | {"quarto": version}
    write_text(folder / "run.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    _break_shortcodes(folder)
    python = Path(sys.executable)
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "QUARTO_PYTHON": str(python), "NO_COLOR": "1"}
    command = [program, "render", ".", "--profile", find_profile(folder), "--no-execute"]
    read = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}
    try:
        done = call(command, cwd=folder, env=environment, timeout=_TIME_LIMIT, **read)
    except subprocess.TimeoutExpired:
        raise PublishError(f"Quarto did not finish within {_TIME_LIMIT // 60} minutes.") from None
    check_log(_COLOUR.sub("", done.stdout), done.returncode)
    rendered = folder / "_site"
    if not (rendered / "index.html").is_file():
        raise PublishError("Quarto finished without an index page.")
    unresolved = [
        page.name
        for page in sorted(rendered.glob("*.html"))
        if _UNRESOLVED_ON_PAGE.search(page.read_text(encoding="utf-8"))
    ]
    if unresolved:
        raise PublishError(f"References without an end on: {', '.join(unresolved)}.")
    shutil.copytree(rendered, output, dirs_exist_ok=True)


def _break_shortcodes(folder: Path) -> None:
    """Hide the sign of a shortcode in settings and headings: Quarto runs it there, also where it is escaped."""
    for path in sorted([*folder.glob("_*.yml"), *folder.glob("*.ipynb")]):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        shown = [
            _SHORTCODE.sub(lambda mark: _STANDS_FOR["{{<" if mark[1] else ">}}"], line)
            if path.suffix == ".yml" or line.lstrip().startswith('"#')
            else line
            for line in lines
        ]
        if shown != lines:
            path.write_text("".join(shown), encoding="utf-8")


def _show_shortcodes(output: Path) -> None:
    """Write the signs that were hidden as the words that they are."""
    for path in sorted(output.glob("*.html")):
        text = shown = path.read_text(encoding="utf-8")
        for sign, other in _STANDS_FOR.items():
            shown = shown.replace(other, html.escape(sign))
        if shown != text:
            path.write_text(shown, encoding="utf-8")


def finish_pages() -> None:
    """Give the chapters that Quarto has just rendered the page of the reports (Quarto's post-render step).

    The style and the scripts of Quarto's own page, and whatever another host would have to serve, are left out.
    Runs in the folder of the project, and again when single chapters are rendered anew.
    """
    output = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    project = load_project(Path.cwd())
    made = [chapter for chapter in project.chapters if (output / chapter.page).is_file()]
    pages = [read_quarto_page((output / chapter.page).read_text(encoding="utf-8"), chapter) for chapter in made]
    write_pages(project, number_references(pages), output)
    _show_shortcodes(output)
    shutil.rmtree(output / "site_libs", ignore_errors=True)
    (output / "search.json").unlink(missing_ok=True)
    for line in clean_pages(output):
        print(f"removed {line}")


def check_log(log: str, returncode: int) -> None:
    """Read what Quarto said; it ends with exit code 0 even when references lead nowhere.

    Raises PublishError when it failed, or warned of something unresolved.
    """
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    if returncode:
        raise PublishError("Quarto failed:\n  " + "\n  ".join(lines[-12:]))
    if unresolved := [line for line in lines if _UNRESOLVED.search(line)]:
        raise PublishError("Quarto could not resolve everything:\n  " + "\n  ".join(unresolved))
