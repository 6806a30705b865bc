"""The README of a bundle, after the template of the Social Science Data Editors for replication packages.

The words stand in ``README.md.j2`` beside this module; here is what they are filled with.

References
----------
Vilhuber, Connolly, Koren, Llull and Morrow, A template README for social science replication packages,
https://social-science-data-editors.github.io/template_README/ (its sections and their order; the words are ours).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import PurePosixPath

from jinja2 import Environment, StrictUndefined

from evaluation.base.text import literal
from evaluation.bundles.layout import PROJECT, RUN, BundleRecord
from evaluation.bundles.tables import CODE_LICENCE, all_licences, snapshots_in, terms_in

_TEMPLATE = "README.md.j2"
_WEB = re.compile(r"https?://[^\s<>]+")
_FLOAT = re.compile(r"(fig|tbl)-[\w-]+")


def write_readme(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Write the README; `files` are those of the bundle but for the README and the descriptions for machines."""
    tables = dict(snapshots_in(files))
    data = [name for name in sorted(files) if name.startswith(f"{PROJECT}data/")]
    records = re.compile(rf"{PROJECT}data/programme/[^/]+/[^/]+\.csv")
    lock = files[f"{PROJECT}requirements.lock"].decode("utf-8").splitlines()
    text = (resources.files("evaluation.bundles") / _TEMPLATE).read_text(encoding="utf-8")
    licences = all_licences(terms_in(files))
    exhibits = list(_exhibits(files[f"{RUN}results.csv"]))
    options = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    environment = Environment(undefined=StrictUndefined, **options)
    environment.filters |= {"words": literal, "web": _web}
    return environment.from_string(text).render(
        record=record,
        own=f"{record.deal}/" if f"{PROJECT}data/indicators/{record.deal}/plan.yml" in files else "",
        tables=[(PurePosixPath(name), item) for name, item in tables.items()],
        licences=[(words, address) for address, words in licences.items() if address != CODE_LICENCE],
        record_count=sum(records.fullmatch(name) is not None for name in data),
        data_files=[(name, tables.get(name)) for name in data if name.endswith((".csv", ".parquet"))],
        locked=sum("==" in line and not line.startswith((" ", "#")) for line in lock),
        megabytes=sum(map(len, files.values())) / 1e6,
        exhibits=exhibits,
        plain=next((name for name, *_ in exhibits if f"{PROJECT}notebooks/{name}.ipynb" in files), None),
        references=sorted(
            {
                (f"{item.publisher} ({item.vintage.year}). {item.title}. Table {item.publisher_table}.", item.url)
                for item in tables.values()
            }
        ),
    )


def _web(address: str) -> str:
    """Write an address as a link, and what is none as words."""
    return f"<{address}>" if _WEB.fullmatch(address) else literal(address)


def _exhibits(results: bytes) -> Iterator[tuple[str, list[str], int]]:
    """Give each notebook with the labels of its figures and tables, and how many numbers it shows."""
    cells: dict[str, Counter[str]] = {}
    for row in csv.DictReader(io.StringIO(results.decode("utf-8"))):
        cells.setdefault(row["notebook"], Counter())[row["cell"]] += 1
    for notebook, shown in sorted(cells.items()):
        yield notebook, [cell for cell in sorted(shown) if _FLOAT.fullmatch(cell)], shown.total()
