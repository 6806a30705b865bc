"""The numbers of each report of a published site, packed: a tenth of the bytes, and pandas, R and a click open it."""

import re
import zipfile
from pathlib import Path

from evaluation.publish.pages.search_index import is_archived

_FILE = "results.csv"
PACKED = "results.zip"
_LINK = re.compile(rf'<a href="([^":#]*){re.escape(_FILE)}"([^>]*)>([^<]*)</a>')
_MADE = (1980, 1, 1, 0, 0, 0)
"""A day for all, so that equal numbers are equal bytes."""


def pack_results(site: Path) -> None:
    """Put results.csv of each folder in results.zip, and lead to that; what is in an archive stays as it was issued."""
    for path in sorted(site.rglob(_FILE)):
        if is_archived(path, site):
            continue
        entry = zipfile.ZipInfo(_FILE, _MADE)
        with zipfile.ZipFile(path.with_name(PACKED), "w") as packed:
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
        path.unlink()
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        if (led := _LINK.sub(lambda found, beside=page.parent: _lead(found, beside), text)) != text:
            page.write_text(led, encoding="utf-8", newline="\n")


def _lead(found: re.Match[str], beside: Path) -> str:
    folder, attributes, words = found.groups()
    if not (beside / folder / PACKED).is_file():
        return found[0]
    return f'<a href="{folder}{PACKED}"{attributes}>{words.replace("(CSV)", "(CSV in zip)")}</a>'
