"""Plants words that are a script, Markdown or a formula in every text that people or publishers write in a project.

Nothing is named here but what is no text: a new file or a new field is planted as soon as it is there.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from evaluation.base.text import identity_slug

PASSED_OVER = {
    "data/**/README.md": "documentation; no page reads it",
    "data/indicators/plan-*.yml": "an earlier plan, which is held to its fingerprint; no page shows its texts",
    "data/methods/study*.csv": "words of the study itself, which are held to its own list",
    "data/plans/**/*": "a registration, which is held to its sum",
    "data/programme/template.csv": "the workbook's own headings and help, a part of the package",
    "data/snapshots/**/*.[cp]*": "csv and parquet: codes and figures; what they mean stands in the .yml beside it",
}
"""Files in which nothing is planted, each with the reason."""

NO_TEXT = {
    "an id, or a reference to one": (
        "id approach column companion comparison continues criteria deal deal_milestone dimension earlier element file "
        "group indicator measure milestone_id output_id overlaps_with payment_id pool premises_id cluster cluster_id "
        "mean_of project_id result results service slug summed table target theme track weighted_by occupant_id "
        "change_measure vintage sha256 plan.yml:unit "
        "deals.yml:themes deals.yml:unclear deals.yml:names_source snapshots:name snapshots:source sources.yml:name"
    ),
    "one of a list that is known": (
        "allowed_methods basis boundaries branch chain counted_from direction exposure function gap is_main_centre "
        "is_priority is_vacant kind level method null_means other_kind period_kind precision protocol role scale side "
        "statistic status tried unit_of_measure weights floor_space format outputs.csv:municipality payments.csv:source"
    ),
    "a label on a figure, which has at most 24 letters": "events.yml:mark",
    "an address": "base_url licence_url path table_url url",
    "held to what a publisher calls it": "label sources.yml:region sources.yml:regions sources.yml:boundary_change",
}
"""Fields (`file:field` where it is so in that file or folder only) that are no words; every other string is planted."""

NAMES = {
    "title", "name", "short_name", "rest_name", "abbreviation", "members", "unit", "unit_label", "personen",
    "huishoudens", "bedrijven", "overig", "corop_name", "publisher", "publisher_table",
}  # fmt: skip
"""What has a largest length, or is called the same elsewhere: the name itself is replaced, everywhere the same way."""

_NO_TEXT = {name for names in NO_TEXT.values() for name in names.split()}
_CODE = re.compile(
    r"[A-Z]{0,2}\d[\w.-]*|[\d.,:+-]+|True|False|true|false|ja|nee|[a-z0-9]+(-[a-z0-9]+)+|\w+_\d+|https?://\S+"
    r"|\d+\.\d+ en \d+\.\d+"
)
"""Codes, numbers, articles, days, flags, slugs and addresses, in whatever field."""


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


@dataclass
class Planting:
    """What was planted in a project."""

    count: int = 0
    of: Counter = field(default_factory=Counter)  # file and field to how many
    renamed: dict[str, str] = field(default_factory=dict)

    def mark(self, file: str, key: str, text: str) -> str:
        """Put words with a running number before a text, or in the place of a name."""
        self.of[file, key] += 1
        if key in NAMES and text in self.renamed:
            return self.renamed[text]
        self.count += 1
        if key not in NAMES:
            return f"{script(self.count)} {text}"
        self.renamed[text] = short(self.count)
        return self.renamed[text]


def plant(root: Path) -> Planting:
    """Plant in every text of every file below data; a kind of file that nobody told of is a fault."""
    planting, passed_over = Planting(), {path for pattern in PASSED_OVER for path in root.glob(pattern)}
    files = sorted(path for path in root.glob("data/**/*") if path.is_file() and path not in passed_over)
    for path in sorted(files, key=lambda path: (path.parent.name != "deal", path)):  # names of the deal first
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        if path.suffix == ".yml":
            planted = yaml.safe_dump(
                _walk(yaml.safe_load(text), "", name, planting), allow_unicode=True, sort_keys=False
            )
            if path.name == "plan.yml":  # the name of the region is an id here
                region = identity_slug(planting.renamed["Parkstad"]).lower()
                planted = planted.replace("unit: parkstad\n", f"unit: {json.dumps(region)}\n")
        elif path.suffix == ".csv":
            rows = list(csv.DictReader(io.StringIO(text)))
            out = io.StringIO()
            writer = csv.DictWriter(out, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: _cell(key, cell, name, planting) for key, cell in row.items()} for row in rows)
            planted = out.getvalue()
        else:
            raise AssertionError(f"{name}: plant in it, or say in PASSED_OVER why not")
        path.write_text(planted, encoding="utf-8")
    _rename_in_notebooks(root, planting)
    return planting


def _rename_in_notebooks(root: Path, planting: Planting) -> None:
    """Call the region and its province in the cells as they are called now."""
    names = {name: planting.renamed.get(name, name) for name in ("Parkstad", "Limburg", "rest van Limburg")}
    names["parkstad"] = identity_slug(names["Parkstad"]).lower()
    for path in root.glob("notebooks/*.ipynb"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for cell in content["cells"]:
            if cell["cell_type"] == "code":
                text = "".join(cell["source"])
                for name, planted in names.items():
                    word = json.dumps(planted).replace("{{", "\\u007b\\u007b")
                    text = re.sub(rf'(?<!COLOURS\[)"{name}"', lambda _, word=word: word, text)
                cell["source"] = text
        path.write_text(json.dumps(content), encoding="utf-8")


def _cell(key: str, cell: str, file: str, planting: Planting) -> str:
    if key.startswith("municipalit"):
        return "; ".join(planting.renamed.get(name, name) for name in cell.split("; "))
    return planting.mark(file, key, cell) if is_text(file, key, cell) else cell


def is_text(file: str, key: str, value: str) -> bool:
    """Tell whether a string is words of a person or a publisher."""
    parts = {key, *(f"{part}:{key}" for part in file.split("/"))}
    return (
        bool(value)
        and not parts & _NO_TEXT
        and not _CODE.fullmatch(value)
        and not (key == "source" and " " not in value)
    )


def _walk(part: object, key: str, file: str, planting: Planting) -> object:
    if isinstance(part, dict):
        return {name: _walk(value, str(name), file, planting) for name, value in part.items()}
    if isinstance(part, list):
        return [_walk(value, key, file, planting) for value in part]
    return planting.mark(file, key, part) if isinstance(part, str) and is_text(file, key, part) else part


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
