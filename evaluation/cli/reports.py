"""The commands `regiodeal run`, `report`, `site` and `publish`: from notebooks to what a host serves."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.base.errors import PublishError, RegioDealError, RunError, UsageError
from evaluation.base.paths import DEFAULT_DEAL, FINAL, INCOMPLETE, INTERIM, PORTFOLIO, build_dir, shown, site_dir
from evaluation.cli.options import (
    complete_deals,
    complete_engine,
    complete_format,
    complete_what,
    complete_year,
    complete_years,
)
from evaluation.publish.rendering import Engine, choose_engine, name_renderer, read_formats

if TYPE_CHECKING:
    from evaluation.inputs.editions import Edition
    from evaluation.publish.publishing import Report
    from evaluation.run.pipeline import RunOutcome

_NO_BROWSER = "They have the figure itself where Chrome or Chromium is on PATH, or in BROWSER_PATH."

WhatArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[final] [portfolio]",
        help="The final evaluation; what all Regio Deals together show.",
        show_default=False,
        autocompletion=complete_what,
    ),
]
YearOption = Annotated[
    int | None, typer.Option("--year", help="The year that is reported on, such as 2021.", autocompletion=complete_year)
]
YearsOption = Annotated[
    str | None, typer.Option("--years", help="Several years, such as 2019-2022.", autocompletion=complete_years)
]
DealsOption = Annotated[
    str, typer.Option("--deal", help="Name of the file in data/deal, or all.", autocompletion=complete_deals)
]
JobsOption = Annotated[int | None, typer.Option("--jobs", help="Notebooks at a time.", min=1)]
ForceOption = Annotated[bool, typer.Option("--force", help="Run what was made before too.")]
EngineOption = Annotated[str, typer.Option(help="auto, quarto or embedded.", autocompletion=complete_engine)]
_CLUSTER = "Address of a dask scheduler whose workers run the notebooks: tcp://host:8786."
ClusterOption = Annotated[str | None, typer.Option("--cluster", help=_CLUSTER)]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format", help="html, pdf and docx, with commas; the pages are made always.", autocompletion=complete_format
    ),
]


def run(
    what: WhatArgument = None,
    year: YearOption = None,
    years: YearsOption = None,
    deal: DealsOption = DEFAULT_DEAL,
    jobs: JobsOption = None,
    themes_only: bool = False,
    force: ForceOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say per notebook which input changed.")] = False,
    cluster: ClusterOption = None,
) -> None:
    """Run the notebooks over a year, of the final evaluation or of all deals together, and record every number.

    What was made before from the same inputs is not run again.

    Examples: regiodeal run --year 2021, regiodeal run final --years 2019-2022 --deal all --cluster tcp://host:8786
    """
    from evaluation.run.unchanged import hash_inputs, is_unchanged, stamp

    wanted, inputs = _wanted(deal, what, year, years), hash_inputs()
    if not (force or explain or themes_only) and all(
        is_unchanged(*pair, [_run_folder(*pair)], inputs) for pair in wanted
    ):
        for pair in wanted:
            typer.echo(f"Nothing changed: {shown(_run_folder(*pair) / 'results.csv')}")
        return

    def tell(outcome: RunOutcome) -> None:
        if outcome.failed:
            raise _failed(outcome)
        if not themes_only:
            pair = (outcome.deal.id, outcome.edition.id)
            stamp(*pair, [_run_folder(*pair)], inputs)
        typer.echo(f"Results: {shown(outcome.folder / 'results.csv')}")

    only = "themes" if themes_only else None
    options = {"jobs": jobs, "only": only, "force": force, "explain": explain, "cluster": cluster}
    _make(wanted, options, tell)


def report(
    what: WhatArgument = None,
    year: YearOption = None,
    years: YearsOption = None,
    deal: DealsOption = DEFAULT_DEAL,
    jobs: JobsOption = None,
    engine: EngineOption = "auto",
    formats: FormatOption = "html",
    force: ForceOption = False,
    cluster: ClusterOption = None,
) -> None:
    """Make the report over a year, the final evaluation, or that of all deals together: run, record, render.

    Examples: regiodeal report --year 2021, regiodeal report final --years 2019-2022 --format html,pdf,docx,
    regiodeal report portfolio
    """
    from evaluation.publish.print.lengths import too_long
    from evaluation.publish.site.deals import refresh_deals
    from evaluation.run.unchanged import hash_inputs, is_unchanged, stamp

    chosen, asked = choose_engine(engine), read_formats(formats)
    wanted, inputs = _wanted(deal, what, year, years), hash_inputs(" ".join([name_renderer(chosen), *asked]))
    if not force and all(is_unchanged(*pair, _report_folders(*pair), inputs) for pair in wanted):
        for deal_id, name in wanted:
            typer.echo(f"Nothing changed. {_told(name, chosen, site_dir(deal_id) / name / 'index.html')}")
        return
    rendered = []

    def render(outcome: RunOutcome) -> None:
        made = _render(outcome, chosen, asked)
        rendered.append((outcome.deal.id, outcome.edition.id))
        for file in (made.index, *made.printed):
            typer.echo(_told(outcome.edition.id, made.engine, file))
        typer.echo(f"Length: {made.length}")
        drawn = (f"PDF and Word have a table in the place of {figure}. {_NO_BROWSER}" for figure in made.as_tables)
        for told in filter(None, [too_long(outcome.edition.kind, made.length), *drawn]):
            typer.echo(f"Warning: {told}", err=True)

    options = {"jobs": jobs, "force": force, "cluster": cluster}
    if chosen == "embedded":
        options["prepare"] = _prepare
    try:
        _make(wanted, options, render)
    finally:
        refresh_deals()
        for pair in rendered:  # at the end, as each report changes the year switch of the others
            stamp(*pair, _report_folders(*pair), inputs)


def publish(
    to: Annotated[Path, typer.Option("--to", help="Folder for the host; replaced when it was written here before.")],
    url: Annotated[
        str | None,
        typer.Option(help="Address of the site, for sitemap, feed and previews.", envvar="REGIODEAL_SITE_URL"),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option("--release", help="A year or final, whose release candidate is published for good first."),
    ] = None,
    deal: Annotated[
        str | None,
        typer.Option(
            "--deal", help="Only the site of this deal; by default build/site with all.", autocompletion=complete_deals
        ),
    ] = None,
) -> None:
    """Check the whole site and write it to a folder that any static host serves.

    With --release the approved candidate of that edition goes into the archive first (releases/) and stays at an
    address of its own.  An edition that was released is published as it was released.

    Examples: regiodeal publish --to public --url https://example.org/regiodeal/, regiodeal publish --to public
    --deal NAME, regiodeal publish --to public --release 2021
    """
    from evaluation.inputs.deal import load_deal
    from evaluation.publish.site.site_folder import publish_site
    from evaluation.release.on_site import place_releases

    if release is not None:
        _place(release, deal or DEFAULT_DEAL)
    of = DEFAULT_DEAL if deal in (None, "all") else load_deal(deal).id
    folder = publish_site(site_dir(of), to, address=url, prepare=partial(place_releases, address=url, deal=of))
    typer.echo(f"Published to {shown(folder)}" + ("" if url else "; without --url there is no sitemap and no feed"))
    for path in sorted(folder.rglob("SHA256SUMS")):
        typer.echo(f"Bundle of {path.parent.name}: sha256 {path.read_text(encoding='utf-8').split()[0]}")


def _place(what: str, deal_id: str) -> None:
    """Put the approved candidate of an edition in the archive, and say who approved it."""
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition
    from evaluation.release.candidate import place_candidate

    placed, signatures = place_candidate(deal_id, choose_edition(load_deal(deal_id), what, None))
    signed = ", ".join(f"{item.role} ({item.holder or item.key})" for item in signatures)
    typer.echo(
        f"Released: {placed.edition}/{placed.name}/, signed by {signed}"
        if signed
        else f"Released: {placed.edition}/{placed.name}/, not signed: the deal names no signers"
    )


def site(
    deal: DealsOption = DEFAULT_DEAL,
    jobs: JobsOption = None,
    engine: EngineOption = "auto",
    pages_only: Annotated[
        bool, typer.Option("--pages-only", help="Only the pages around the reports that are published.")
    ] = False,
    formats: FormatOption = "html",
    cluster: ClusterOption = None,
) -> None:
    """Make the whole site: every report whose year has ended, the final evaluation, all deals, the pages around them.

    A report that fails leaves the others alone; the front page then says that it is not there, or not whole.  With
    --cluster the reports' notebooks run there, and those of the pages around them here, beside the reports they read.

    Examples: regiodeal site, regiodeal site --deal all
    """
    from evaluation.inputs.deal import list_deals

    errors: list[RegioDealError] = []
    for deal_id in list_deals() if deal == "all" else [deal]:
        try:
            _make_site(deal_id, jobs, engine, pages_only=pages_only, formats=formats, cluster=cluster)
        except RegioDealError as error:
            errors.append(error)
    for error in errors[1:]:
        typer.echo(error, err=True)
    if errors:
        raise errors[0]


def _make_site(
    deal: str, jobs: int | None, engine: str, *, pages_only: bool, formats: str, cluster: str | None
) -> None:
    """Make the site of one deal."""
    from evaluation.inputs.deal import load_deal
    from evaluation.present.published import due_editions, site_edition_of
    from evaluation.publish.publishing import render_portal
    from evaluation.publish.site.deals import refresh_deals
    from evaluation.run.overview import overview
    from evaluation.run.pipeline import exclusive, run_edition
    from evaluation.run.slots import RunOptions
    from evaluation.run.unchanged import hash_inputs, stamp

    chosen, asked = choose_engine(engine), read_formats(formats)
    agreed, failure = load_deal(deal), None
    inputs = hash_inputs(" ".join([name_renderer(chosen), *asked]))
    due = [] if pages_only else due_editions(agreed)
    if years := [edition.year for edition in due if edition.kind == "annual"]:
        what = [edition.kind for edition in due if edition.kind != "annual"]
        options = {"deal": deal, "jobs": jobs, "engine": engine, "formats": formats, "cluster": cluster}
        try:
            report(what, years=f"{years[0]}-{years[-1]}", **options)
        except (RunError, PublishError) as error:
            failure = error
    edition = site_edition_of(agreed)
    with exclusive(deal, edition), overview(RunOptions(jobs=jobs)) as own:
        outcome = run_edition(deal, edition, own)
        if outcome.failed:
            raise _failed(outcome)
        made = render_portal(outcome.folder, site=site_dir(deal), engine=engine)
    refresh_deals()
    for report_edition in due if failure is None else ():  # their pages lead to the site now
        stamp(deal, report_edition.id, _report_folders(deal, report_edition.id), inputs)
    typer.echo(f"Site ({made.engine}): {shown(made.index)}")
    if failure:
        raise RunError(f"The site is made, and not complete:\n{failure}")


def _told(name: str, engine: Engine, file: Path) -> str:
    whole = {FINAL: "Final evaluation", PORTFOLIO: "All deals together", INTERIM: "Account until now"}
    return f"{whole.get(name, f'Report over {name}')} ({engine}): {shown(file)}"


def _prepare(edition: Edition, name: str, text: str) -> None:
    from evaluation.publish.engine.embedded import prepare_chapter

    prepare_chapter(name, text, edition.kind)


def _render(outcome: RunOutcome, engine: Engine, formats: list[str]) -> Report:
    """Make the report of a run; one of which a notebook failed is made apart, and told as a fault."""
    from evaluation.publish.publishing import render_report

    site, name = site_dir(outcome.deal.id), outcome.edition.id
    if name == FINAL and (site / INTERIM).exists():
        shutil.rmtree(site / INTERIM)  # the deal is over: its account until then would tell another end
    gap = f"{name}{INCOMPLETE}"
    place = gap if outcome.failed else name
    try:
        made = render_report(outcome.folder, site=site, name=place, engine=engine, formats=formats)
    except PublishError as error:
        if outcome.failed:
            raise RunError(f"{_failed(outcome)}\n{error}") from None
        raise
    if outcome.failed:
        raise RunError(f"{_failed(outcome)}\nThe report with its gap: {shown(made.index)}")
    shutil.rmtree(site / gap, ignore_errors=True)
    return made


def _report_folders(deal_id: str, name: str) -> list[Path]:
    return [_run_folder(deal_id, name), *(site_dir(deal_id) / folder for folder in (name, "assets"))]


def _wanted(deal: str, what: list[str] | None, year: int | None, years: str | None) -> list[tuple[str, str]]:
    """Return what a person asks for: deal and edition, by the names of their folders; checked when it is made."""
    names = []
    if years is not None:
        first, _, last = years.partition("-")
        if not (first.isdigit() and (last or first).isdigit() and int(first) <= int(last or first)) or year is not None:
            raise UsageError(f"--years {years}: write a range such as 2019-2022, without --year.")
        names = [str(number) for number in range(int(first), int(last or first) + 1)]
    from evaluation.inputs.deal import list_deals
    from evaluation.inputs.editions import whole_folder

    if what and len(what) == 1 and what[0].isdigit() and year is None:
        what, year = None, int(what[0])
    if bool(what) + (year is not None) + bool(names and not what) != 1:
        words = "final for the whole term, or portfolio for all deals"
        raise UsageError(f"Name one: a year (--year 2021), years (--years 2019-2022), {words}.")
    names += list(dict.fromkeys(map(whole_folder, what or []))) or ([str(year)] if year is not None else [])

    deals = list_deals() if deal == "all" else [deal]
    if not deals:
        raise UsageError("There are no deals in data/deal.")
    return [(deal_id, _edition_name(deal_id, name)) for deal_id in deals for name in names]


def _edition_name(deal_id: str, name: str) -> str:
    """Return the folder of an edition: the final evaluation of a deal that runs is an account until now."""
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import final_edition

    if name != FINAL:
        return name
    try:
        return final_edition(load_deal(deal_id)).id
    except RegioDealError:
        return name  # told where it is made


def _make(wanted: list[tuple[str, str]], options: dict, then) -> None:
    """Run the editions with a live overview; tell every error, and end with the first."""
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition
    from evaluation.run.kernels.fork_server import start_server

    if options.get("cluster") is None:
        start_server()  # it imports while this process does
    wrong, pairs, deals = {}, [], {}
    is_one = len({deal_id for deal_id, _ in wanted}) == 1
    for deal_id, name in wanted:
        try:
            deals[deal_id] = deals.get(deal_id) or load_deal(deal_id)
            pairs.append((deal_id, choose_edition(deals[deal_id], name, None)))
        except UsageError as error:
            if is_one:
                raise
            typer.echo(f"Passed over: {error}", err=True)
        except RegioDealError as error:
            if is_one:
                raise
            wrong[deal_id] = error  # of which there may be more editions; the others are made
    if not pairs:
        raise next(iter(wrong.values()), UsageError("None of the deals has a report over this time."))

    from evaluation.run.overview import overview
    from evaluation.run.panel_ahead import compute_ahead
    from evaluation.run.pipeline import run_editions
    from evaluation.run.slots import RunOptions

    compute_ahead(pairs[0][0])  # those of other deals while the notebooks of this one run
    with overview(RunOptions(**options)) as own:
        errors = [*wrong.values(), *run_editions(pairs, own, then)]
    for error in errors[1:]:
        typer.echo(error, err=True)
    if errors:
        raise errors[0]


def _run_folder(deal_id: str, name: str) -> Path:
    return build_dir() / "runs" / deal_id / name


def _failed(outcome: RunOutcome) -> RunError:
    from evaluation.run.cell_errors import place_of, tell_error

    names = ", ".join(item.name for item in outcome.failed)
    reasons = "\n".join(
        f"  {', '.join(filter(None, [item.name, place_of(item.error)]))}: {tell_error(item.error)}"
        for item in outcome.failed
    )
    return RunError(
        f"Not complete: {names} failed, the others ran. The last good run and report of {outcome.edition.id} stay.\n"
        f"{reasons}\nThis run: {shown(outcome.folder / 'run.json')}"
    )
