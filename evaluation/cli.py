"""The command `regiodeal`: each command says what it did, and where; a person's mistake prints no traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Annotated

import typer

from evaluation.cli_data import data
from evaluation.paths import DEFAULT_DEAL, site_dir

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
app.add_typer(data, name="data")

DealOption = Annotated[str, typer.Option("--deal", help="Name of the file in data/deal.")]
WhatArgument = Annotated[
    str | None, typer.Argument(metavar="[final]", help="The final evaluation.", show_default=False)
]
YearOption = Annotated[int | None, typer.Option("--year", help="The year that is reported on, such as 2021.")]
JobsOption = Annotated[int | None, typer.Option("--jobs", help="Notebooks at a time.", min=1)]
_FINDINGS_SHOWN = 20


@app.callback()
def regiodeal() -> None:
    """Account for a Regio Deal: annual reports, final evaluation and site, from agreement, records and statistics."""


@app.command()
def check(deal: DealOption = DEFAULT_DEAL) -> None:
    """Check the deal, indicators, records, retail tables, snapshots and notebooks; list every fault.

    Example: regiodeal check
    """
    from evaluation.checks import check_inputs
    from evaluation.editions import NOTEBOOKS

    agreed, programme, retail = check_inputs(deal, [name for names in NOTEBOOKS.values() for name in names])
    typer.echo(
        f"In order: {agreed.name}, {len(programme.projects)} projects ({programme.dataset.status}), "
        f"{len(programme.payments)} payments and commitments, {len(programme.outputs)} outputs, "
        f"{len(programme.milestones)} milestones and meetings."
    )
    if retail is not None:
        count, status = retail.premises["premises_id"].nunique(), retail.dataset.status
        private = ", private" if retail.is_private else ""
        typer.echo(
            f"Retail: {count} premises in and outside {len(retail.clusters)} clusters, "
            f"{retail.years[0]}-{retail.years[-1]} ({status}{private})."
        )
    for finding in programme.findings[:_FINDINGS_SHOWN]:
        typer.echo(f"To look at: {finding}")
    if len(programme.findings) > _FINDINGS_SHOWN:
        typer.echo(f"... and {len(programme.findings) - _FINDINGS_SHOWN} more; the chapter on money lists them all.")


@app.command()
def run(
    what: WhatArgument = None,
    year: YearOption = None,
    deal: DealOption = DEFAULT_DEAL,
    jobs: JobsOption = None,
    themes_only: bool = False,
) -> None:
    """Run the notebooks over a year, or those of the final evaluation, and record every number.

    Example: regiodeal run --year 2021
    """
    from evaluation.errors import RunError
    from evaluation.pipeline import exclusive, run_edition

    edition = _edition(deal, what, year)
    with exclusive(deal, edition):
        outcome = run_edition(deal, edition, jobs=jobs, report=typer.echo, only="themes" if themes_only else None)
    if outcome.failed:
        raise RunError(_failure(outcome))
    typer.echo(f"Results: {_shown(outcome.folder / 'results.csv')}")


@app.command()
def report(
    what: WhatArgument = None,
    year: YearOption = None,
    deal: DealOption = DEFAULT_DEAL,
    jobs: JobsOption = None,
    engine: Annotated[str, typer.Option(help="auto, quarto or embedded.")] = "auto",
) -> None:
    """Make the annual progress report over a year, or the final evaluation: run, record, render.

    Examples: regiodeal report --year 2021, regiodeal report final
    """
    from evaluation.errors import PublishError, RunError
    from evaluation.pipeline import INCOMPLETE, exclusive, run_edition
    from evaluation.publish import choose_engine, render_report

    _check_engine(engine)
    chosen = choose_engine(engine)
    site = site_dir(deal)
    edition = _edition(deal, what, year)
    with exclusive(deal, edition):
        outcome = run_edition(deal, edition, jobs=jobs, report=typer.echo)
        name = f"{edition.id}{INCOMPLETE}" if outcome.failed else edition.id
        try:
            made = render_report(outcome.folder, site=site, name=name, engine=chosen)
        except PublishError as error:
            if outcome.failed:
                raise RunError(f"{_failure(outcome)}\n{error}") from None
            raise
        if outcome.failed:
            raise RunError(f"{_failure(outcome)}\nThe report with its gap: {_shown(made.index)}")
        shutil.rmtree(site / f"{edition.id}{INCOMPLETE}", ignore_errors=True)
    told = "Final evaluation" if edition.kind == "final" else f"Report over {edition.year}"
    typer.echo(f"{told} ({made.engine}): {_shown(made.index)}")


@app.command()
def site(
    deal: DealOption = DEFAULT_DEAL,
    jobs: JobsOption = None,
    engine: Annotated[str, typer.Option(help="auto, quarto or embedded.")] = "auto",
    pages_only: Annotated[
        bool, typer.Option("--pages-only", help="Only the pages around the reports that are published.")
    ] = False,
) -> None:
    """Make the whole site: every report whose year has ended, the final evaluation, and the pages around them.

    A report that fails leaves the others alone; the front page then says that it is not there, or not whole.

    Example: regiodeal site
    """
    from datetime import date

    from evaluation.deal import load_deal
    from evaluation.errors import PublishError, RunError
    from evaluation.pipeline import exclusive, run_edition
    from evaluation.publish import choose_engine, render_portal
    from evaluation.published import due_editions, site_edition_of

    _check_engine(engine)
    choose_engine(engine)
    agreed, failed = load_deal(deal), []
    for edition in [] if pages_only else due_editions(agreed, date.today()):
        try:
            if edition.kind == "final":
                report("final", deal=deal, jobs=jobs, engine=engine)
            else:
                report(year=edition.year, deal=deal, jobs=jobs, engine=engine)
        except (RunError, PublishError) as error:
            typer.echo(error, err=True)
            failed.append(edition.id)
    edition = site_edition_of(agreed)
    with exclusive(deal, edition):
        outcome = run_edition(deal, edition, jobs=jobs, report=typer.echo)
        if outcome.failed:
            raise RunError(_failure(outcome))
        made = render_portal(outcome.folder, site=site_dir(deal), engine=engine)
    typer.echo(f"Site ({made.engine}): {_shown(made.index)}")
    if failed:
        raise RunError(f"The site is made, and not complete: {', '.join(failed)} failed, as told above.")


@app.command()
def example(
    deal: DealOption = DEFAULT_DEAL,
    seed: Annotated[int | None, typer.Option(help="Seed of the made-up records.")] = None,
) -> None:
    """Write the example records and the example premises anew; never over what is not an example.

    Example: regiodeal example
    """
    from evaluation.deal import load_deal
    from evaluation.example import write_example
    from evaluation.paths import data_dir
    from evaluation.retail.example import write_retail_example

    options = {} if seed is None else {"seed": seed}
    for kind, write in (("programme", write_example), ("retail", write_retail_example)):
        folder = data_dir() / kind / deal
        write(load_deal(deal), folder, **options)
        typer.echo(f"Example: {_shown(folder)}")


@app.command()
def study(
    draws: Annotated[int, typer.Option(help="Simulated panels per scenario.", min=500)] = 3000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal tables.")] = 2019,
) -> None:
    """Study how good the estimators are, on simulated panels, for the page "Hoe goed zijn deze methoden?".

    Example: regiodeal study --draws 3000
    """
    from evaluation.method_study import write_study

    typer.echo(f"Study of the methods: {_shown(write_study(draws=draws, seed=seed))}")


@app.command()
def lab() -> None:
    """Open JupyterLab on the notebooks.

    Example: regiodeal lab
    """
    from importlib.util import find_spec

    from evaluation.errors import UsageError
    from evaluation.paths import project_root

    if find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed here. Use: make lab")
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(project_root() / "notebooks")]))


def main() -> None:
    """Run the command; show what a person can mend in words, with its exit code."""
    import signal

    from evaluation.errors import RegioDealError
    from evaluation.paths import settle_root

    signal.signal(signal.SIGTERM, _interrupt)
    settle_root()
    try:
        app()
    except RegioDealError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


def _interrupt(number, frame) -> None:
    """End as Ctrl-C does: what is under way is cleared, and the last good run stays."""
    raise KeyboardInterrupt


def _check_engine(engine: str) -> None:
    from evaluation.errors import UsageError

    if engine not in ("auto", "quarto", "embedded"):
        raise UsageError(f"There is no engine {engine!r}; choose auto, quarto or embedded.")


def _edition(deal: str, what: str | None, year: int | None):
    from evaluation.deal import load_deal
    from evaluation.editions import choose_edition

    return choose_edition(load_deal(deal), what, year)


def _failure(outcome) -> str:
    names = ", ".join(item.name for item in outcome.failed)
    reasons = "\n".join(f"  {item.name}: {item.error['name']}: {item.error['message']}" for item in outcome.failed)
    return (
        f"Not complete: {names} failed, the others ran. The last good run and report of {outcome.edition.id} stay.\n"
        f"{reasons}\nThis run: {_shown(outcome.folder / 'run.json')}"
    )


def _shown(path) -> str:
    from evaluation.paths import shown

    return shown(path)


if __name__ == "__main__":
    main()
