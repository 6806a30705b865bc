"""What other programs leave in the texts that people write (YAML, CSV, prose): told, and mended where it can be.

Byte order marks, line ends of Windows and letters apart from their accents say nothing; the marks of a merge are two
versions, of which a person takes one.
"""

from collections.abc import Iterator
from pathlib import Path

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, project_root, shown, write_text
from evaluation.run.notebook_files import BYTE_ORDER_MARK, MERGED, clean_text, keep, merge_line
from evaluation.run.sentence_lines import one_per_line

_WRITTEN = {"deal": "*.yml", "indicators": "**/*.yml", "programme": "*/*.*", "retail": "*/*.*"}
"""Where in data people write; what is pinned by its sum is no text to mend."""

_KINDS = {".csv", ".qmd", ".yml"}


def check_texts() -> None:
    """Raise InputError for every text that is not UTF-8, or in which a merge left two versions."""
    faults = []
    for path in _texts():
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            place = error.object[: error.start].count(b"\n") + 1
            faults.append(Fault(shown(path), f"a byte on line {place} that is not UTF-8", "text saved as UTF-8"))
            continue
        if (line := merge_line(text)) is not None:
            faults.append(Fault(shown(path), f"the marks of a merge on line {line}", MERGED))
    if faults:
        raise InputError(faults)


def mend_texts() -> list[str]:
    """Mend what says nothing in all texts, and say per file what it was, and where the old one is."""
    told = []
    for path in _texts():
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:  # told by the check
            continue
        clean = clean_text(text)
        if (parted := _one_per_line(path, clean)) != text:
            had = {"the byte order mark": BYTE_ORDER_MARK in text, "line ends": "\r" in text}
            had["accents apart from their letters"] = not any(had.values()) and clean != text
            words = ", ".join(
                word for word, is_there in {**had, "one sentence per line": parted != clean}.items() if is_there
            )
            kept = keep(path)
            write_text(path, parted)
            told.append(f"{shown(path)}: {words}. As it was: {shown(kept)}")
    return told


def crowded_texts() -> list[Path]:
    """Return the pages with two sentences in a line."""
    pages = [path for path in _texts() if path.suffix == ".qmd"]
    texts = {path: clean_text(path.read_text(encoding="utf-8", errors="replace")) for path in pages}
    return [path for path, text in texts.items() if _one_per_line(path, text) != text]


def _one_per_line(path: Path, text: str) -> str:
    return one_per_line(text) if path.suffix == ".qmd" else text


def _texts() -> Iterator[Path]:
    root = project_root()
    found = [*root.glob("_quarto*.yml"), *(root / "reports").rglob("*.qmd")]
    found += (path for folder, pattern in _WRITTEN.items() for path in (data_dir() / folder).glob(pattern))
    yield from sorted(path for path in found if path.suffix in _KINDS and path.is_file())
