"""Plants words that are a script, Markdown or a formula in every text that people or publishers write in a project."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from evaluation.base.text import identity_slug

TEXTS = frozenset(
    {
        "alt", "attribution", "body", "caveats", "citation", "condition", "definition", "estimand", "lead", "licence",
        "meaning", "name", "neighbourhood", "no_figures_reason", "note", "notes", "origin", "plausible_reason",
        "publisher", "reason", "reference_date", "rest_name", "role", "short_name", "short_title", "source", "subject",
        "term", "text", "text_notes", "title", "unit_words", "vacancy_definition", "version", "wording",
    }
)  # fmt: skip
"""Keys and columns whose strings are words of a person; ids, codes, choices, addresses and days are not among them."""

FILES = (
    "data/deal/*.yml", "data/indicators/*.yml", "data/regions/deals.yml", "data/regions/events.yml",
    "data/programme/*/dataset.yml", "data/programme/*/*.csv", "data/retail/*/dataset.yml", "data/retail/*/clusters.csv",
)  # fmt: skip


def script(number: int) -> str:
    """Words that would be a formula, run, or be set as something else, wherever one of them is not escaped."""
    return (
        f"=cmd|x!A{number} zz{number}zz <script>planted({number})</script><img src=x onerror=planted({number})> *b* "
        f"_i_ **s** @SUM [x](javascript:planted) $m$ {{{{< include run.json >}}}} ~u~ ^t^ `c` a|b &lt;b&gt; \\d "
        f"# e %{{x}} <!-- [^1] zz"
    )


def short(number: int) -> str:
    """The same for a title, which has a largest length and is replaced."""
    return f"=c|x!A zz{number}zz <script>p({number})</script> *b* @S [x](u) $m$ {{{{< a >}}}} `c`"


def plant(root: Path) -> int:
    """Put words with a running number before every text, and in the place of every name; return how many."""
    count, renamed = 0, {}

    def mark(key: str, text: str) -> str:
        nonlocal count
        count += 1
        if key not in ("title", "name", "short_name"):
            return f"{script(count)} {text}"
        renamed[text] = short(count)
        return renamed[text]

    for path in sorted(path for pattern in FILES for path in root.glob(pattern)):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".yml":
            planted = yaml.safe_dump(_walk(yaml.safe_load(text), "", mark), allow_unicode=True, sort_keys=False)
            if path.parent.name == "deal":  # what is a name here is a code elsewhere
                region, places = yaml.safe_load(planted)["region"]["short_name"], dict(renamed)
            planted = planted.replace("unit: parkstad\n", f"unit: {json.dumps(identity_slug(region).lower())}\n")
        else:
            rows = list(csv.DictReader(io.StringIO(text)))
            out = io.StringIO()
            writer = csv.DictWriter(out, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: _cell(key, cell, mark, places) for key, cell in row.items()} for row in rows)
            planted = out.getvalue()
        path.write_text(planted, encoding="utf-8")
    return count


def _cell(key: str, cell: str, mark: Callable[[str, str], str], places: dict[str, str]) -> str:
    if key.startswith("municipalit"):
        return "; ".join(places.get(name, name) for name in cell.split("; "))
    return mark(key, cell) if cell and is_text(key, cell) else cell


def is_text(key: str, value: str) -> bool:
    """Tell whether a string is words: `source` and `name` are a code or an id in some places."""
    if key == "source":
        return " " in value
    return key in TEXTS


def _walk(part: object, key: str, mark: Callable[[str, str], str]) -> object:
    if isinstance(part, dict):
        return {name: _walk(value, str(name), mark) for name, value in part.items()}
    if isinstance(part, list):
        return [_walk(value, key, mark) for value in part]
    return mark(key, part) if isinstance(part, str) and is_text(key, part) else part


def spoiled(text: str, count: int) -> list[str]:
    """List the words that stand in a text otherwise than as they were planted; ids and cuts are no fault."""
    plain = " ".join(text.split()).casefold()  # a name is written small within a sentence
    found = [match for match in re.finditer(r"zz(\d+)zz ", plain) if int(match[1]) <= count]
    return [
        plain[match.start() - 20 :][:250]
        for match in found
        if not any(_same(plain, match, " ".join(words(int(match[1])).casefold().split())) for words in (script, short))
    ]


def _same(plain: str, mark: re.Match[str], words: str) -> bool:
    start = mark.start() - words.index("zz")
    here = plain[max(start, 0) : start + len(words)]
    return here == words or ("…" in plain and words.startswith(plain[max(start, 0) :].partition(" …")[0]))
