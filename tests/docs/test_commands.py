"""The page of each command is there, its examples run and print what it says, and no page names what is not there."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import typer

from evaluation.base.errors import RegioDealError
from evaluation.bundles import reproduce
from evaluation.cli.main import app
from tests.conftest import ROOT, Project, copy_project

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
REPORTED = ("report", "run", "bundle", "diff", "release")
"""Commands whose examples need the report over 2021; they share a project."""

_SECTION = re.compile(r"^## regiodeal (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"(<!-- not run: [^\n]+ -->\n)?```console\n(.*?)```", re.DOTALL)
_CODE = re.compile(r"`([^`]*)`|^ {4,}(.+)$", re.MULTILINE)
GROUPS = ("data", "new", "plan", "--help", "--install-completion")
"""What a page may name that is no command with a section: groups of commands, and options of all."""


@dataclass(frozen=True, slots=True)
class Example:
    """A command that a page shows, and what it prints."""

    words: tuple[str, ...]
    printed: str


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """List every command by its words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(commands(typer.main.get_command(app)))


def sections() -> dict[str, str]:
    """Give what the page says of each command."""
    first, *parts = _SECTION.split((ROOT / "docs" / "commands.md").read_text(encoding="utf-8"))
    return {"": first, **dict(zip(parts[::2], parts[1::2], strict=True))}


SECTIONS = sections()


def examples(text: str) -> list[Example]:
    """List the examples of a section that run, in order."""
    found = []
    for reason, block in _BLOCK.findall(text):
        for part in () if reason else re.split(r"^\$ regiodeal ", block, flags=re.MULTILINE)[1:]:
            line, _, printed = part.partition("\n")
            found.append(Example(tuple(shlex.split(line)), printed))
    return found


def mentions(text: str) -> list[str]:
    """List what stands behind `regiodeal` in the code of a page."""
    text = _BLOCK.sub(lambda block: re.sub(r"^(?:\$ (.*)|.*)$", r"    \1", block.group(2), flags=re.MULTILINE), text)
    code = [" ".join(filter(None, found)) for found in _CODE.findall(re.sub(r"\\\n\s*", "", text))]
    parts = [re.split(r"(?:^|[ /])regiodeal (?=[a-z-])", " ".join(span.split()))[1:] for span in code]
    return [part.split(" && ")[0] for found in parts for part in found]


@pytest.fixture(scope="module")
def with_report(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the report over 2021."""
    made = copy_project(tmp_path_factory.mktemp("documented") / "project")
    made.make("report", "--year", "2021")
    return made


def test_every_command_has_a_section_with_an_example_and_no_other_has() -> None:
    assert sorted(SECTIONS) == sorted(["", *COMMANDS])
    for name, text in SECTIONS.items():
        shown = [line for _, block in _BLOCK.findall(text) for line in block.splitlines() if line.startswith("$ ")]
        assert any(line.startswith(f"$ regiodeal {name}".rstrip()) for line in shown), name


def test_every_exit_code_is_in_the_table_once() -> None:
    kinds = [RegioDealError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    names = ("REPRODUCED", "DIFFERS", "COULD_NOT_RUN", "ALTERED", "UNTRUSTED")
    codes = {getattr(reproduce, name) for name in names} | {kind.exit_code for kind in kinds}
    rows = re.findall(r"^\| (\d+) \| (\S[^|]+) \|", SECTIONS[""], flags=re.MULTILINE)
    assert [int(code) for code, _ in rows] == sorted(codes) and len({words for _, words in rows}) == len(codes)


@pytest.mark.parametrize("name", [name for name, text in SECTIONS.items() if examples(text)])
def test_the_examples_of_a_command_run_and_print_what_is_shown(name: str, request, tmp_path: Path) -> None:
    is_shared = name.split(" ")[0] in REPORTED
    project = request.getfixturevalue("with_report") if is_shared else copy_project(tmp_path / "project")
    for example in examples(SECTIONS[name]):
        done = (project.regiodeal if is_shared else project.regiodeal_here)(*example.words)
        told = done.stdout + done.stderr
        wanted = example.printed if example.printed.strip() else told
        assert doctest.OutputChecker().check_output(wanted, told, doctest.ELLIPSIS), f"{example.words}\n{told}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_and_options_that_are_there(page: Path) -> None:
    for mention in mentions(page.read_text(encoding="utf-8")):
        name = next(
            (name for name in sorted(SECTIONS, key=len, reverse=True) if f"{mention} ".startswith(f"{name} ")), ""
        )
        assert name or mention in GROUPS, f"{page.name}: {mention}"
        if name:
            options = {word for item in COMMANDS[name].params for word in (*item.opts, *item.secondary_opts)}
            assert set(re.findall(r"(?<!\S)--[a-z0-9-]+", mention)) <= {*options, "--help"}, f"{page.name}: {mention}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
