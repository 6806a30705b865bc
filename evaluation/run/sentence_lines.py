"""One sentence per line in Markdown, so that what two people change in one paragraph merges.

A line break inside a paragraph is a space to every reader of Markdown.  Only paragraphs with two sentences in a line
are laid out anew; headings, tables, code, formulas and HTML stay as they are, and so does a break that was asked for.
"""

import re
from collections.abc import Iterator

_ABBREVIATIONS = (
    "afb afd al art blz bijl bijv bv ca cf dhr div dr drs ed evt excl fig gem hfst hr ing incl ir jhr jl max mevr min "
    "mr mw nl no nr nrs ongev par pag plm pp prof red ref resp st str tab tel vgl vlg vnl vs zgn"
)
_ENDS_HERE = {"e.d.", "a.u.b."}  # abbreviations that nothing but a new sentence follows with a capital
_ABBREVIATED = re.compile(
    rf"(?:^|[\s(\[\"«“‘/*_])(?:(?:{'|'.join(_ABBREVIATIONS.split())})|(?:[^\W\d_]\.)*[^\W\d_]|(?<=[.!?] )\d+)\.$",
    re.IGNORECASE,
)
_END = re.compile(
    r"[.!?…][\"'»”’)\]*_]*(?:\[\^[^\]]+\])?(?P<gap> +)(?=[\"'«“‘(\[*_@]*(?:'[a-z] )?[\"'«“‘(*_@]*[A-ZÀ-ÖØ-Þ\d{@`$\[])"
)
_WHOLE = re.compile(
    r"(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)|\$[^\s$](?:[^$\n]*[^\s$])?\$|\{\{<.*?>\}\}|\{[.#][^{}\n]*\}"
    r"|!?\[(?!\^)(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s\"[^\"]*\")?\)|\[[^\[\]]*\]|\{[^{}]*\})?|<[^<>\s][^<>]*>"
)
"""What no sentence ends in: code, formulas, shortcodes, attributes, links, tags."""

_ALONE = re.compile(r"^\s*(?:#{1,6}\s|:{3,})")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_LABELLED = re.compile(r"^\s*(?:[-*+]|\d+[.)]|#\.|\(?[a-zA-Z]{1,4}\)|\([\d@][\w-]*\)|[:~]|\[\^[^\]]+\]:)\s+(?=\S)")
_QUOTED = re.compile(r"^\s*(?:> ?)+")
_AS_IT_IS = re.compile(r"^\s*(?:#{1,6}\s|\||:{3,}|<|\\(?:begin|end)\b|\[[^\]^]+\]:|\$\$|[-=*_+|:\s]{3,}$)")
_BEGINS_SOMETHING = re.compile(
    r"^(?:#|\{(?!\{<)|>|\||<|:|[-*+~]\s|\d+[.)]\s|\(?[a-zA-Z]{1,4}\)\s|\([\d@]|\[\^[^\]]+\]:|`{3}|~{3}|\$\$)"
)
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")


def one_per_line(text: str) -> str:
    """Return Markdown with each sentence of a paragraph on a line of its own; the rest is untouched."""
    return "\n".join(line for block in _blocks(text.split("\n")) for line in _laid_out(block))


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Part a text into runs of lines that belong together; what is not prose is a block that is left alone."""
    fence, math, front, block = "", False, bool(lines) and lines[0] == "---", []
    for place, line in enumerate(lines):
        opened = _FENCE.match(line)
        if front:
            front = place == 0 or line not in ("---", "...")
        elif fence:
            fence = "" if line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
        elif opened:
            fence = opened[1]
        elif math or line.count("$$") % 2:
            math = math != bool(line.count("$$") % 2)
        elif line.strip() and not _ALONE.match(line):
            block.append(line)
            continue
        if block:
            yield block
            block = []
        yield [line]
    if block:
        yield block


def _laid_out(block: list[str]) -> Iterator[str]:
    """Lay out a block of prose; one with a table, a line under a heading, HTML or code in it stays as it is."""
    is_code = re.match(r"^(?: {4}|\t)", block[0]) and not _LABELLED.match(block[0])
    if is_code or any(_AS_IT_IS.match(line) for line in block[:2]):
        yield from block
        return
    part: list[str] = []
    for line in block:
        if part and (_AS_IT_IS.match(line) or _LABELLED.match(line) or _HARD_BREAK.search(part[-1])):
            yield from _sentences(part)
            part = []
        part.append(line)
    yield from _sentences(part)


def _sentences(part: list[str]) -> list[str]:
    """Give the lines of one paragraph or item, of which a line with two sentences is parted and the rest follows."""
    quote = match[0] if (match := _QUOTED.match(part[0])) else ""
    bare = [line.removeprefix(quote) if quote else line for line in part]
    label = match[0] if (match := _LABELLED.match(bare[0])) else re.match(r"\s*", bare[0])[0]
    bare[0] = bare[0].removeprefix(label)
    if _AS_IT_IS.match(part[0]) or all(len(_split(line.strip())) == 1 for line in bare):
        return part
    last = match[0] if (match := _HARD_BREAK.search(bare[-1])) else ""
    whole = " ".join(line.strip() for line in [*bare[:-1], bare[-1].removesuffix(last)])
    indent = " " * (4 if label.startswith("[^") else len(label))
    lines = [quote + (indent if place else label) + sentence for place, sentence in enumerate(_split(whole))]
    return [*lines[:-1], lines[-1] + last]


def _split(text: str) -> list[str]:
    """Part a text where a sentence ends and another begins.

    >>> _split("Zie art. 5 lid 2 van de deal. Dat zegt o.a. Parkstad. Meer niet.")
    ['Zie art. 5 lid 2 van de deal.', 'Dat zegt o.a. Parkstad.', 'Meer niet.']
    """
    masked = _WHOLE.sub(lambda match: match[0][0] + "x" * (len(match[0]) - 2) + match[0][-1], text)
    found, start = [], 0
    for end in _END.finditer(masked):
        before, after = masked[start : end.start() + 1], text[end.end() :]
        is_short = before.endswith(".") and _ABBREVIATED.search(before) and before.split()[-1] not in _ENDS_HERE
        if not is_short and not _BEGINS_SOMETHING.match(after):
            found.append(text[start : end.start("gap")])
            start = end.end()
    return [*found, text[start:]]
