"""The page of what can go wrong names tests that are there, and says of each fault what is promised."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest

from tests.bundles.test_forged import FORGERIES
from tests.cli.test_killed import KILLS, SOME
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "betrouwbaarheid.md").read_text(encoding="utf-8")
FILES = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
SECTIONS = {part.splitlines()[0]: part for part in TEXT.split("\n## ")[1:]}
NAMED = re.findall(r"`((?:tests/[\w/]+/)?test_\w+(?:\.py(?:::test_\w+)?)?)`", TEXT)


def rows(section: str) -> Iterator[list[str]]:
    for line in SECTIONS[section].splitlines():
        if line.startswith("| ") and not line.startswith(("| ---", "| fout")):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


@pytest.mark.parametrize("name", sorted(set(NAMED)))
def test_a_test_that_the_page_names_is_there(name: str):
    file, _, function = name.rpartition("::") if "::" in name else (name, "", "") if ".py" in name else ("", "", name)
    texts = [text for path, text in FILES.items() if path.endswith(file)]
    assert any(not function or f"def {function}(" in text for text in texts), name


@pytest.mark.parametrize(
    ("section", "least"), [("Omgeving", 38), ("Wat mensen en uitgevers sturen", 50), ("Afgebroken commando's", 17)]
)
def test_each_fault_has_a_promise_and_a_test(section: str, least: int):
    found = list(rows(section))
    assert len(found) >= least and len({fault for fault, *_ in found}) == len(found)
    assert all(len(row) == 3 and all(row) for row in found)


def test_as_much_was_tried_as_the_page_promises():
    """Kinds of tampering are those of `FORGERIES`, and kills those of which the page says how many steps there are."""
    assert len({str(forgery) for forgery in FORGERIES}) >= 30
    tampered = [
        line.split(" | ") for line in SECTIONS["Veranderde en vervalste bundels"].splitlines() if line.endswith(" |")
    ]
    assert sum(len(cells[1].split(",")) for cells in tampered if cells[-1].strip(" |").isdigit()) >= 30
    kills = [fault for fault, *_ in rows("Afgebroken commando's")]
    told = [int(number) for fault in kills for number in re.findall(r"(?:elk van zijn|op) (\d+) ", fault)]
    assert len(told) == 6 and sum(told) >= 50 and f"{KILLS} willekeurige plaatsen" in TEXT
    assert (
        f"({sum(told)} keer)" in TEXT
        and f"({sum(math.ceil(number / SOME) for number in told[:5])} keer gedood)" in TEXT
    )


def test_every_part_of_the_page_is_there():
    assert set(SECTIONS) >= {
        "Omgeving", "Veranderde en vervalste bundels", "Archieven die schade zouden doen",
        "Wat mensen en uitgevers sturen", "Afgebroken commando's",
    }  # fmt: skip
    assert len(NAMED) > 90
