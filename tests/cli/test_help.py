"""Help and completion: every command shows an example, and the shell completes what the project has."""

import shlex

import pytest
import typer
from typer.testing import CliRunner

from evaluation.cli import options
from evaluation.cli.main import app
from tests.conftest import ROOT

GROUP = typer.main.get_command(app)
COMPLETED = {
    "deal": "parkstad-limburg",
    "year": "2021",
    "years": "2019-2022",
    "engine": "embedded",
    "formats": "docx",
    "what": "final",
    "page": "3-veiligheid",
    "theme": "3",
}
"""Parameters that the shell completes wherever a command has them, with a value that it offers."""


def commands(group=GROUP, path=()):
    """List every command with its words."""
    for name, command in sorted(group.commands.items()):
        words = (*path, name)
        yield from commands(command, words) if hasattr(command, "commands") else [(words, command)]


COMMANDS = dict(commands())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_that_is_right(words):
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    text = " ".join(done.output.split())
    assert "Example: regiodeal " in text or "Examples: regiodeal " in text
    shown = (COMMANDS[words].help or "").partition("Example")[2].partition(":")[2]
    for example in " ".join(shown.split()).split(", regiodeal "):
        given = shlex.split(example.removeprefix("regiodeal "))
        assert tuple(given[: len(words)]) == words
        COMMANDS[words].make_context("regiodeal", given[len(words) :], resilient_parsing=False)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_a_command_takes_completes_in_the_shell(words, monkeypatch):
    monkeypatch.chdir(ROOT)
    for parameter in COMMANDS[words].params:
        if parameter.name in COMPLETED:
            offered = [
                item.value
                for item in parameter.shell_complete(COMMANDS[words].make_context("x", [], resilient_parsing=True), "")
            ]
            assert COMPLETED[parameter.name] in offered, parameter.name


def test_the_shell_itself_gets_the_values():
    asked = {"_REGIODEAL_COMPLETE": "complete_bash", "COMP_WORDS": "regiodeal report --year 20", "COMP_CWORD": "3"}
    done = CliRunner().invoke(app, [], env=asked, prog_name="regiodeal")
    assert done.output.split() == ["2019", "2020", "2021", "2022"]


@pytest.mark.parametrize(
    ("complete", "begun", "offered"),
    [
        (options.complete_deal, "park", ["parkstad-limburg"]),
        (options.complete_deals, "al", ["all"]),
        (options.complete_years, "20", ["2019-2022", "2019", "2020", "2021", "2022"]),
        (options.complete_page, "veran", ["verantwoording"]),
        (options.complete_format, "html,", ["html,pdf", "html,docx"]),
        (options.complete_table, "politie/", ["politie/47018NED"]),
        (options.complete_indicator, "woninginbraak", ["woninginbraak", "woninginbraak-aantal"]),
        (options.complete_deal, "x", []),
    ],
)
def test_a_word_that_is_begun_gets_the_names_that_fit(complete, begun, offered, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert complete(begun) == offered


def test_every_indicator_completes(monkeypatch):
    from evaluation.inputs.indicators import load_indicators

    monkeypatch.chdir(ROOT)
    assert sorted(options.complete_indicator("")) == sorted(load_indicators())


def test_outside_a_project_nothing_completes(monkeypatch, tmp_path):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    for complete in (options.complete_deal, options.complete_year, options.complete_page, options.complete_table):
        assert complete("") == []
