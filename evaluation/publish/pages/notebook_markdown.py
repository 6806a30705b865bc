"""Turn an executed notebook into the Markdown dialect of Quarto: one dialect, whatever is made of it.

Per output the representation that a page can show, figures and tables as fenced divs with label and caption, the code
behind its result and folded.  Nothing is executed.
"""

import html
import re
from functools import lru_cache
from typing import Any

import yaml
from nbformat import NotebookNode

from evaluation.base.errors import PublishError
from evaluation.base.yaml_entries import load_yaml

_UNDERSTOOD = {
    "label", "fig-cap", "tbl-cap", "fig-alt", "include", "echo", "output", "warning", "code-fold", "code-summary",
}  # fmt: skip
_LOOK_ONLY = {
    "classes", "code-line-numbers", "code-overflow", "error", "eval", "fig-align", "fig-height", "fig-width", "id",
    "message", "tags", "tbl-colwidths",
}  # fmt: skip
_OPTION_LINE = re.compile(r"^#\|\s?(.*)$")


def notebook_to_markdown(
    notebook: NotebookNode, name: str, *, code_fold: bool, code_summary: str, show_warnings: bool
) -> str:
    """Write an executed notebook as one Markdown text; what a cell's options say goes before the report's settings.

    Raises PublishError when a cell holds an error, or an option that changes the content and is not known here; all are
    named.
    """
    parts, faults = [], []
    for index, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            try:
                options, code = split_options(cell.source)
                parts.append(_code_cell(cell, options, code, code_fold, code_summary, show_warnings))
            except PublishError as error:
                faults.append(f"{name}, cell {index}: {error}")
    if faults:
        raise PublishError("\n".join(faults))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def split_options(source: str) -> tuple[dict[str, Any], str]:
    r"""Split a cell's source into its Quarto options (the ``#|`` lines on top, or else a PublishError) and its code.

    >>> split_options("#| echo: false\nshow()")
    ({'echo': False}, 'show()')
    """
    options, code = _split(source)
    return dict(options), code


@lru_cache(maxsize=1024)
def _split(source: str) -> tuple[dict[str, Any], str]:
    lines = source.splitlines()
    count = 0
    while count < len(lines) and _OPTION_LINE.match(lines[count]):
        count += 1
    text = "\n".join(_OPTION_LINE.sub(r"\1", line) for line in lines[:count])
    try:
        options = load_yaml(text) or {}
    except yaml.YAMLError as error:
        raise PublishError(f"the options are not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(options, dict):
        raise PublishError(f"the options are not keys with values: {text!r}")
    return options, "\n".join(lines[count:]).strip("\n")


def raw_html(content: str) -> str:
    """Write HTML so that no Markdown reader looks into it."""
    return fenced(content, "{=html}")


def _code_cell(
    cell: NotebookNode, options: dict[str, Any], code: str, fold: bool, summary: str, show_warnings: bool
) -> str:
    if unknown := sorted(set(options) - _UNDERSTOOD - _LOOK_ONLY):
        known = ", ".join(sorted(_UNDERSTOOD))
        raise PublishError(f"the option {', '.join(unknown)} is only known to Quarto; known here: {known}.")
    for key in ("output", "echo", "include"):
        if options.get(key, True) not in (True, False):
            raise PublishError(f"{key}: got {options[key]!r}, known here: true, false.")
    for output in cell.outputs:
        if output.output_type == "error":
            raise PublishError(f"the cell ended in {output.ename}; an error is not published as a result.")
    if not options.get("include", True):
        return ""
    shown = []
    if options.get("output", True):
        warnings = options.get("warning", show_warnings)
        shown = [text for output in cell.outputs if (text := _output(output, options, warnings))]
    blocks = _labelled(shown, options)
    if options.get("echo", True) and code and shown:
        summary = html.escape(str(options.get("code-summary", summary)))
        is_folded = options.get("code-fold", fold) in (True, "show")
        folded = f' code-fold="true" code-summary="{summary}"' if is_folded else ""
        blocks.append(fenced(code, f" {{.python .cell-code{folded}}}"))
    return "::: {.cell}\n\n" + "\n\n".join(blocks) + "\n\n:::" if blocks else ""


def _labelled(shown: list[str], options: dict[str, Any]) -> list[str]:
    """Put the outputs of a labelled cell in one div, whose last paragraph is the caption."""
    label = str(options.get("label", ""))
    if not shown or not label.startswith(("fig-", "tbl-")):
        return list(shown)
    caption = options.get("fig-cap") or options.get("tbl-cap") or "[]{}"
    return ["\n\n".join([f"::: {{#{label}}}", *shown, str(caption), ":::"])]


def fenced(content: str, attributes: str) -> str:
    """Write a block that is shown as it is, between fences that do not occur in it."""
    fence = "`" * (max([2, *(len(run) for run in re.findall(r"`+", content))]) + 1)
    return f"{fence}{attributes}\n{content}\n{fence}"


def _output(output: NotebookNode, options: dict[str, Any], warnings: bool) -> str:
    if output.output_type == "stream":
        return _text(output.text) if output.name == "stdout" or warnings else ""
    data = output.get("data", {})
    alt = str(options.get("fig-alt") or options.get("fig-cap") or "")
    for kind, write in (("text/html", raw_html), ("text/markdown", str), ("image/svg+xml", raw_html)):
        if kind in data:
            return write(_joined(data[kind]))
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            source = _joined(data[kind]).replace("\n", "")
            return raw_html(f'<img src="data:{kind};base64,{source}" alt="{html.escape(alt)}">')
    return _text(_joined(data["text/plain"])) if "text/plain" in data else ""


def _text(content: object) -> str:
    text = _joined(content).rstrip()
    return raw_html(f'<pre class="uitvoer">{html.escape(text)}</pre>') if text else ""


def _joined(content: object) -> str:
    return "".join(content) if isinstance(content, list) else str(content)
