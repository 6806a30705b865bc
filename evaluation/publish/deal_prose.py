"""Our own prose in the words of a deal: a sentence that names what the deal does not have is left out.

Prose has one sentence a line.  A line with a variable that is empty goes; an empty variable between brackets goes with
its brackets; an entry of a list of words goes where the deal does not have its article and so does not use the word.
"""

import re
from collections.abc import Mapping

import nbformat

from evaluation.inputs.chapter_list import deal_of
from evaluation.inputs.deal import Deal

_VARIABLE = re.compile(r"\{\{<\s*var\s+(deal\.[\w.]+)\s*>\}\}")
_BRACKETS = re.compile(r" ?\(\{\{<\s*var\s+(deal\.[\w.]+)\s*>\}\}\)")
_ONLY_WITH = {f"deal.articles.{name}" for name in ("payout", "split", "informing", "national_evaluation", "tracks")}
_REFERENCE = re.compile(r"@(sec-[\w-]+)")
_DEFINITION = re.compile(r"^: ", re.MULTILINE)
_CAPTION = re.compile(r"^#\| (?:fig|tbl)-cap:.*$", re.MULTILINE)


def settle_prose(text: str, deal: Deal, words: Mapping[str, str], missing: frozenset[str] = frozenset()) -> str:
    """Leave out of a text what the deal does not have, and call its themes and tracks as the deal does.

    Parameters
    ----------
    text, deal, words, missing : str, Deal, mapping, frozenset of str
        Markdown; the deal; its variables by their whole name (``deal.effort``); labels of chapters that are not there.

    Returns
    -------
    str
    """
    paragraphs = []
    for paragraph in text.split("\n\n"):
        first = _BRACKETS.search(paragraph.split("\n", 1)[0])
        if first and first[1] in _ONLY_WITH and not words.get(first[1], ""):
            continue
        lines = [_settled(line, words) for line in paragraph.split("\n") if _is_said(line, words, missing)]
        if _DEFINITION.search(paragraph) and len(lines) > 1 and not lines[1].startswith(": "):
            lines[1] = f": {lines[1].lstrip()}"  # its first sentence went
        if lines or not paragraph:
            paragraphs.append("\n".join(lines))
    return deal.words.said("\n\n".join(paragraphs))


def _settled(line: str, words: Mapping[str, str]) -> str:
    return _BRACKETS.sub(lambda hit: hit[0] if words.get(hit[1], "") else "", line)


def _is_said(line: str, words: Mapping[str, str], missing: frozenset[str]) -> bool:
    bare = _BRACKETS.sub("", line)
    named = set(_VARIABLE.findall(bare))
    return all(words.get(name, "") for name in named) and missing.isdisjoint(_REFERENCE.findall(line))


def settle_notebook(
    staged: str, notebook: str, deal: Deal, words: Mapping[str, str], missing: frozenset[str] = frozenset()
) -> str:
    """Do the same for the text of a staged notebook; one that is about one deal has its own words.

    Parameters
    ----------
    staged, notebook, deal, words, missing
        The staged file, the notebook in notebooks/ that it was made of, and as of `settle_prose`.

    Returns
    -------
    str
    """
    if deal_of(notebook) is not None:
        return staged
    found = nbformat.reads(staged, as_version=4)
    for cell in found.cells:
        if cell.cell_type == "markdown":
            cell.source = settle_prose(cell.source, deal, words, missing)
        else:
            cell.source = _CAPTION.sub(lambda hit: deal.words.said(hit[0]), cell.source)
    return nbformat.writes(found) + "\n"
