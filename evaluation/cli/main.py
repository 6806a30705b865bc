"""The command `regiodeal`: each command says what it did, and where; a person's mistake prints no traceback."""

import io
import sys
from typing import Annotated

import typer

from evaluation.base.errors import InputError, MachineError, RegioDealError, UsageError
from evaluation.base.paths import (
    DEFAULT_DEAL,
    build_dir,
    data_dir,
    finish_placing,
    settle_packages,
    settle_root,
    shown,
    write_text,
)
from evaluation.cli.bundle import bundle, diff, reproduce
from evaluation.cli.data import data
from evaluation.cli.desk import check, lab, preview
from evaluation.cli.new import new
from evaluation.cli.options import DealOption
from evaluation.cli.plan import plan
from evaluation.cli.records import import_records, template
from evaluation.cli.release import approve, certify, release
from evaluation.cli.reports import publish, report, run, site

_LEAST_MEMORY = 1_000_000_000
"""Bytes of addresses; with less a run of one notebook at a time does not come to its end."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in colours would take three times as long
)
app.add_typer(data, name="data")
app.add_typer(new, name="new")
app.add_typer(plan, name="plan")
app.command()(check)
app.command()(lab)
app.command()(template)
app.command("import")(import_records)
app.command()(preview)
app.command()(bundle)
app.command()(reproduce)
app.command()(diff)
app.command()(run)
app.command()(report)
app.command()(publish)
app.command()(site)
app.command()(release)
app.command()(approve)
app.command()(certify)


@app.callback()
def regiodeal() -> None:
    """Account for a Regio Deal: annual reports, final evaluation and site, from agreement, records and statistics."""
    finish_placing()


@app.command()
def example(
    deal: DealOption = DEFAULT_DEAL,
    seed: Annotated[int | None, typer.Option(help="Seed of the made-up records.")] = None,
) -> None:
    """Write the example records and the example premises anew; never over what is not an example.

    Example: regiodeal example
    """
    from evaluation.inputs.deal import load_deal

    options = {} if seed is None else {"seed": seed}
    writers = {
        "programme": _beside_package("tools.example").write_example,
        "retail": _beside_package("tools.example_retail").write_retail_example,
    }
    for kind, write in writers.items():
        folder = data_dir() / kind / deal
        write(load_deal(deal), folder, **options)
        typer.echo(f"Example: {shown(folder)}")


@app.command()
def study(
    draws: Annotated[int, typer.Option(help="Simulated panels per scenario.", min=500)] = 3000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal tables.")] = 2019,
) -> None:
    """Study how good the estimators are, on simulated panels, for the page "Hoe goed zijn deze methoden?".

    Example: regiodeal study --draws 3000
    """
    made = _beside_package("studies.method_study").write_study(draws=draws, seed=seed)
    typer.echo(f"Study of the methods: {shown(made)}")


def _beside_package(module: str):
    """Import what stands beside the package in the repository: no report needs it, so it is no part of the package."""
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise
        place = f"{module.replace('.', '/')}.py"
        raise UsageError(f"This command needs {place} of the repository, which is not beside the package.") from None


def main() -> None:
    """Run the command; show every error in words, with its exit code and without a traceback."""
    import signal

    # First of all: what is imported after it stays until the end, and looking through it for garbage is time lost.
    import evaluation.base.garbage  # noqa: F401 - it acts on import

    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:  # as of `__main__`, until there was somebody to clear up
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot show is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _check_words(sys.argv[1:])
        _check_memory()
        settle_root()
        if sys.argv[1:2] != ["lab"]:  # who works by hand keeps all of it
            settle_packages()
        app()
    except Exception as problem:
        error = problem if isinstance(problem, RegioDealError) else _explained(problem)
        print(error, file=sys.stderr)
        if isinstance(error, InputError) and error.is_cut:
            _write_all(error)
        raise SystemExit(error.exit_code) from None


def _write_all(error: InputError) -> None:
    """Write the faults that were too many to print into a file, where that can be."""
    from contextlib import suppress

    path = build_dir() / "faults.txt"
    with suppress(OSError):
        write_text(path, "".join(f"{fault}\n" for fault in error.faults))
        print(f"All of them: {shown(path)}", file=sys.stderr)


def _check_words(words: list[str]) -> None:
    """Refuse words that are not UTF-8, which would be written into files that nobody can read any more."""
    from os.path import exists  # a file that is there may have any name

    for word in words:
        if not word.isascii() and not exists(word) and word != word.encode("utf-8", "replace").decode():
            told = word.encode("utf-8", "backslashreplace").decode()
            raise UsageError(f"{told!r} is not text in UTF-8. Write it in UTF-8; a file must be there.")


def _check_memory() -> None:
    """Refuse a limit with which libraries of others would end the process themselves, in words of their own."""
    if sys.platform == "win32":
        return
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY and most < _LEAST_MEMORY:
        least = _LEAST_MEMORY // 10**6
        raise MachineError(f"A command may use {most // 10**6} MB here, and needs {least} MB. Raise it (ulimit -v).")


def _explained(problem: Exception) -> RegioDealError:
    from evaluation.base.outside import explain  # here, as a command that goes well needs none of it

    sys.unraisablehook = lambda _: None  # what is closed after this meets the same fault again, and it is told once
    return explain(problem)


def _interrupt(number, frame) -> None:
    """End as Ctrl-C does: what is under way is cleared, and the last good run stays."""
    raise KeyboardInterrupt
