"""Archives that would take the memory, the time or the files of who opens them: refused in words, within bounds."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest

from evaluation.base.errors import CouldNotRun, UsageError
from evaluation.base.text import csv_text
from evaluation.base.zips import Unreadable, find_twice, read_json, read_yaml, unzip
from evaluation.bundles.altered import find_changes
from evaluation.bundles.causes import Causes
from evaluation.bundles.compare import compare
from evaluation.bundles.describe import record_of
from evaluation.bundles.environment import locked_versions
from evaluation.bundles.layout import read_sums
from evaluation.bundles.opened import open_bundle
from evaluation.bundles.remade import check_descriptions
from evaluation.bundles.sides import make_side
from evaluation.present.results import COLUMNS
from tests.bundles import small
from tests.conftest import ROOT
from tests.measured import processor_seconds

MOST_MEMORY_MB, MOST_SECONDS = 500, 10
BOUND = 1_000_000
_MEASURE = """
import json, resource, signal, sys
from evaluation.cli import main
from evaluation.run.kernels import fork_server
from evaluation.bundles import reproduce
from evaluation.base.errors import CouldNotRun
from tests.measured import peak_mb, processor_seconds
def refuse(*_):
    raise CouldNotRun("not run here")
reproduce._run = refuse
fork_server.start_server = lambda: None
resource.setrlimit(resource.RLIMIT_AS, (8_000_000_000, 8_000_000_000))  # a bomb hurts this process only
signal.signal = lambda number, handler: None
told = []
for path in sys.argv[1:]:
    for words in (["reproduce", path, "--here", "--to", path + "-again"], ["diff", path, path]):
        sys.argv, start, code = ["regiodeal", *words], processor_seconds(), 0
        try:
            main.main()
        except SystemExit as end:
            code = end.code
        told.append([words[0], path.rsplit("/", 1)[-1], code, processor_seconds() - start, peak_mb()])
print(json.dumps(told))
"""


def archive(*parts: tuple[str | zipfile.ZipInfo, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", kind) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice is what is tried
        for name, content in parts:
            file.writestr(name, content, compress_type=kind)
    return made.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def patched(content: bytes, place: int, value: bytes) -> bytes:
    """Change bytes of the first entry in the list of parts."""
    start = content.index(b"PK\x01\x02") + place
    return content[:start] + value + content[start + len(value) :]


def lying() -> bytes:
    """A part that says it has ten bytes, and has twenty million."""
    whole = archive(("a", bytes(20_000_000)))
    return patched(whole, 24, (10).to_bytes(4, "little"))


def damaged() -> bytes:
    whole = archive(("run/results.csv", bytes(range(256)) * 40))
    middle = len(whole) // 3
    return whole[:middle] + bytes(50) + whole[middle + 50 :]


HOSTILE = {
    "a link": (archive((link("a"), b"/etc/passwd")), "link or device"),
    "a name twice": (archive(("a", b"1"), ("a", b"2")), "two parts of one name"),
    "capitals": (archive(("Read.md", b"1"), ("read.md", b"2")), "two parts of one name"),
    "forms of a letter": (archive(("\u00e9", b"1"), ("e\u0301", b"2")), "two parts of one name"),
    "upwards": (archive(("../a", b"1")), "written elsewhere"),
    "absolute": (archive(("/a", b"1")), "written elsewhere"),
    "a drive": (archive(("C:/a", b"1")), "written elsewhere"),
    "backward": (archive(("a\\b", b"1")), "written elsewhere"),
    "a line in a name": (archive(("a\nb", b"1")), "written elsewhere"),
    "a long name": (archive(("a" * 300, b"1")), "written elsewhere"),
    "file and folder": (archive(("a", b"1"), ("a/b", b"2")), "a file and a folder"),
    "a password": (patched(archive(("a", b"1")), 8, b"\x01\x00"), "a password"),
    "too large": (archive(("a", bytes(BOUND + 1)), kind=zipfile.ZIP_STORED), "1 MB when unpacked"),
    "blown up": (archive(("a", bytes(BOUND - 1))), "times its size"),
    "says less": (lying(), "damaged"),
    "says more": (patched(archive(("a", b"1")), 24, (900).to_bytes(4, "little")), "damaged"),
    "bzip2": (archive(("a", bytes(1000)), kind=zipfile.ZIP_BZIP2), "not read"),
    "lzma": (archive(("a", bytes(1000)), kind=zipfile.ZIP_LZMA), "not read"),
    "many parts": (archive(*((str(number), b"") for number in range(2_001)), kind=zipfile.ZIP_STORED), "2001 parts"),
    "damaged stream": (damaged(), "damaged"),
    "truncated": (archive(("a", bytes(5000)))[:60], "damaged, or of another kind"),
    "nothing": (b"", "damaged, or of another kind"),
    "text": (b"no archive", "damaged, or of another kind"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_in_words(name, tmp_path):
    content, said = HOSTILE[name]
    with pytest.raises(Unreadable, match=said):
        unzip(content, most_bytes=BOUND)
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.zip (cannot be read|is no bundle)"):
        open_bundle(tmp_path / "x.zip")


def test_names_of_accents_upon_accents_are_soon_compared():
    names = [f"{number}a" + "\u0301\u0327" * 15_000 for number in range(14)]
    begun = processor_seconds()
    assert find_twice([*names, names[0].upper()]) == names[0]
    assert processor_seconds() - begun < 2


def test_what_a_lock_file_asks_for_is_soon_found_whatever_its_lines():
    lock = "a==1" + " " * 50_000 + "x\nc==3 \\\nd==4 ; python_version > '3' \\\n    --hash=sha256:0\n"
    begun = processor_seconds()
    assert locked_versions(lock) == {"c": "3", "d": "4"}
    assert processor_seconds() - begun < 2
    for marker in ("(" * 100_000, " " * 50_000 + "\\x"):
        with pytest.raises(CouldNotRun, match="cannot be read"):
            locked_versions(f"a==1 ; {marker}")


def test_runs_of_which_everything_differs_are_soon_compared():
    """Every number has a source of its own, and everything that was read is another: each may be a cause of each."""
    blank = {**dict.fromkeys(COLUMNS, ""), "notebook": "n0"}
    rows = [blank | {"result_id": f"r{number}", "source": f"s{number}"} for number in range(3_000)]
    empty: dict[str, object] = {"names": [], "order": [], "parameters": {}, "versions": {}, "cells": {}}
    snapshots = [{"source": "c", "table": f"t{i}", "publisher": "p", "publisher_table": f"{i}"} for i in range(2_000)]
    sides = []
    for value in ("1", "2"):
        read = {f"data/snapshots/c/v/t{i}.csv": value for i in range(2_000)}
        entry = {**empty, "files": read, "modules": {f"m{i}": value for i in range(2_000)}, "format": "", "chapter": ""}
        inputs = {f"n{i}": {**entry, "lock": "0", "results": value} for i in range(4)}
        table = csv_text([COLUMNS, *([*{**row, "value": value}.values()] for row in rows)])
        run = {"snapshots": snapshots, "notebooks": {}}
        files = {"results.csv": table, "inputs.json": json.dumps(inputs), "run.json": json.dumps(run)}
        sides.append(make_side("x", {name: text.encode() for name, text in files.items()}))
    begun = processor_seconds()
    found = compare(Causes(*sides), {})
    assert processor_seconds() - begun < MOST_SECONDS
    assert "module and 1700 more" in str(found.differences[-1])
    with pytest.raises(UsageError, match="a list of more than 2000"):
        make_side("x", {"results.csv": table.encode(), "run.json": json.dumps({"x": [0] * 2_001}).encode()})
    with pytest.raises(UsageError, match="too large"):
        make_side("x", {"results.csv": (",".join(COLUMNS) + "\nx" * 20_001).encode()})


def test_a_bundle_of_many_tables_and_registers_is_soon_described():
    register = "".join(f"{name}: x\n" for name in ("publisher", "publisher_table", "licence", "licence_url", "url"))
    register += "attribution: x\nretrieved: x\ncolumns:\n" + "".join(f"  c{number}: x\n" for number in range(60))
    files = small.small_files()
    for number in range(120):
        files[f"project/data/regions/r{number}.yml"] = f"file: r{number}.csv\n{register}".encode()
        files |= {f"project/data/x/{number}-{other}.csv": b"a\n" for other in range(2)}
        files[f"project/data/programme/x{number}/payments.csv"] = b"a\n"
    files["project/data/programme/template.csv"] = b"column,heading,help,table\n" + b"a,b,c,payments\n" * 12_000
    begun = processor_seconds()
    assert not list(check_descriptions(record_of(files, ()), small.described(files)))
    assert processor_seconds() - begun < MOST_SECONDS
    many = {**files, **{f"run/{number}.csv": b"a\n" for number in range(200)}}
    (change,) = check_descriptions(record_of(files, ()), many)
    assert "cannot be made anew" in change.words


@pytest.mark.parametrize("name", ["../x", "\x1b[2K", "x" * 500, "/x"])
def test_a_sum_is_of_a_name_that_a_bundle_may_hold(name):
    with pytest.raises(ValueError, match="line 1 of SHA256SUMS"):
        read_sums(f"{'0' * 64}  {name}\n".encode())


def test_a_change_is_told_in_no_more_letters_than_a_person_reads():
    one, other = (sign * 100_000 for sign in (b"a", b"b"))
    for name in ("x.txt", "x.csv"):
        change = find_changes(name, b"h\n" + one, b"h\n" + other)
        assert change.count == 1 and 900 < len(change.words) < 3_000
    assert find_changes("x.txt", b"a\n" * 400_000, b"b\n" * 400_000).count == 400_000


def test_an_archive_without_files_is_no_bundle(tmp_path):
    (tmp_path / "x.zip").write_bytes(archive())
    with pytest.raises(UsageError, match=r"is no bundle: it has no bundle\.json"):
        open_bundle(tmp_path / "x.zip")


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_no_damaged_byte_of_a_bundle_ends_in_a_traceback(place, tmp_path):
    whole = archive(("bundle.json", b"{}"), ("run/results.csv", b"a,b\n" * 50))
    for start in (0, whole.index(b"PK\x01\x02"), len(whole) - 60):
        (tmp_path / "x.zip").write_bytes(patched_at(whole, start + place))
        with pytest.raises(UsageError):
            open_bundle(tmp_path / "x.zip")


def patched_at(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b"[]", b"1" * 5000, b"{" * 20, b"\xff", b"[" + b"0," * 2_000_000, b'{"a": ["\\ud800"]}']
)
def test_json_of_others_is_an_object_of_some_depth_and_weight(text):
    with pytest.raises(ValueError):
        read_json(text)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"- " * 100_000, b"{a: " * 100_000, b"a: \x00", b"- a\n" * 2_000_000])
def test_yaml_of_others_has_some_depth_and_weight(text):
    with pytest.raises(ValueError):
        read_yaml(text)


def test_a_folder_with_a_link_or_names_that_are_one_elsewhere_is_refused(tmp_path):
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "bundle.json").write_text("{}")
    (folder / "README.md").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="link or device"):
        open_bundle(folder)
    (folder / "README.md").unlink()
    for name in ("Read.md", "read.md"):
        (folder / name).write_text("x")
    if len(list(folder.iterdir())) == 3:  # not on a drive that takes them for one
        with pytest.raises(UsageError, match="two files of one name"):
            open_bundle(folder)


def streamed(pieces: int) -> bytes:
    """A part of many times ten million bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file, file.open("run/results.csv", "w") as stream:
        for _ in range(pieces):
            stream.write(bytes(10_000_000))
    return made.getvalue()


def bombs(folder: Path) -> list[str]:
    """Archives that would take gigabytes or minutes."""
    files = small.described(small.small_files())
    zeros = archive(("run/results.csv", bytes(80_000_000)))
    listed = archive(*((f"{number:0200}", b"") for number in range(16_000)), kind=zipfile.ZIP_STORED)
    deep = b"[" * 900_000
    made = {
        "zeros.zip": zeros,
        "listed.zip": listed,
        "lying.zip": patched(streamed(40), 24, (10).to_bytes(4, "little")),
        "password.zip": HOSTILE["a password"][0],
        "damaged.zip": HOSTILE["damaged stream"][0],
        "twice.zip": archive(("run/results.csv", b"a"), ("run/results.csv", b"b")),
        "deep.zip": archive(*({**files, "bundle.json": deep, "run/run.json": deep}).items()),
        "wide.zip": archive(*({**files, "run/results.csv": b"," * 30_000_000, "copy": os.urandom(200_000)}).items()),
        "header.zip": archive(
            *({**files, f"project/{small.TABLE}.csv": b"," * 20_000_000, "copy": os.urandom(200_000)}).items()
        ),
        "copy.zip": archive(*({**files, "check/originals.zip": zeros}).items()),
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return [str(folder / name) for name in made]


def test_every_bomb_is_refused_within_bounds_in_reproduce_and_in_diff(tmp_path):
    paths = bombs(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *paths], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(told) == 2 * len(paths)
    for command, name, code, seconds, peak in told:
        is_named = name in ("copy.zip", "header.zip")  # altered, and held to the copy or the sums
        is_read, is_run = (is_named and command == word for word in ("diff", "reproduce"))
        assert code == (0 if is_read else 8 if is_run else 2), (command, name, code, done.stdout, done.stderr)
        assert peak < MOST_MEMORY_MB and seconds < MOST_SECONDS, (command, name, seconds, peak)
