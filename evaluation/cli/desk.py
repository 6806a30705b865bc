"""The commands of the evaluator's desk: check, lab, preview."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from evaluation.base import paths
from evaluation.base.errors import InputError, UsageError
from evaluation.base.programs import call, start
from evaluation.base.run_variables import ABOUT_VARIABLE, INPUT_LOG_VARIABLE, RUN_VARIABLE
from evaluation.cli.options import DealOption, complete_page, complete_year

_FINDINGS_SHOWN = 20
CONTENTS = "evaluation.run.lab_contents.DeskContents"
"""What saves files in JupyterLab."""


def check(
    deal: DealOption = paths.DEFAULT_DEAL,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend first what is safe in notebooks and texts; the old ones are kept.")
    ] = False,
) -> None:
    """Check the deal, indicators, plan, records, retail tables, snapshots and notebooks; list every fault.

    With --fix it mends what takes no choice of a person: line ends, byte order marks and accents (in YAML, CSV and
    pages too), two sentences in a line of text, lost metadata, kernel, tags, ids, labels that stand twice, the deal of
    a theme's notebook, what a run left, and outputs, which git leaves out on commit from then on. The files as they
    were are in build/before-fix.

    Examples: regiodeal check, regiodeal check --fix
    """
    from evaluation.analysis.plan_reach import reach_notices
    from evaluation.inputs.editions import NOTEBOOKS
    from evaluation.inputs.records.small_counts import load_rules, tell_unnamed_units
    from evaluation.run.checks import check_inputs, check_plan, check_portfolio_plan
    from evaluation.run.notebook_lint import notices, output_faults

    if fix:
        _mend()
    outputs = list(output_faults())
    try:
        everything = [name for names in NOTEBOOKS.values() for name in names]
        agreed, programme, retail = check_inputs(deal, everything)
        reach = check_plan(agreed)
        check_portfolio_plan()
    except InputError as error:
        raise InputError([*error.faults, *outputs]) from None
    if outputs:
        raise InputError(outputs)
    typer.echo(
        f"In order: {agreed.name}, {len(programme.projects)} projects ({programme.dataset.status}), "
        f"{len(programme.payments)} payments and commitments, {len(programme.outputs)} outputs, "
        f"{len(programme.milestones)} milestones and meetings."
    )
    if retail is not None:
        count = f"{retail.premises['premises_id'].nunique()} premises" if retail.figures is None else "figures"
        private = ", private" if retail.is_private else ""
        typer.echo(
            f"Retail: {count} in and outside {len(retail.clusters)} clusters, "
            f"{min(retail.years, default='')}-{max(retail.years, default='')} ({retail.dataset.status}{private})."
        )
    for notice in (*notices(deal), *reach_notices(reach)):
        typer.echo(f"To look at: {notice}")
    for unit in tell_unnamed_units(programme, load_rules(deal)):
        typer.echo(f"To look at: {unit}")
    for finding in programme.findings[:_FINDINGS_SHOWN]:
        typer.echo(f"To look at: {finding}")
    if len(programme.findings) > _FINDINGS_SHOWN:
        typer.echo(f"... and {len(programme.findings) - _FINDINGS_SHOWN} more; the chapter on money lists them all.")


def lab(
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[-- OPTIONS]", help="For JupyterLab itself, behind --.")
    ] = None,
) -> None:
    """Open JupyterLab on the notebooks, with kernels that start at once.

    Outputs stay on this machine: from now on git leaves them out of what is committed. What others changed in a
    notebook is shown and merged with nbdime, in this clone only. Below a cell stands what a report would refuse of it.

    Examples: regiodeal lab, regiodeal lab -- --no-browser --ip=0.0.0.0
    """
    from importlib.util import find_spec

    from evaluation.run.notebook_merge import set_up_merging
    from evaluation.run.notebook_outputs import set_up_filter

    if find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed here. Use: make lab")
    root = paths.project_root()
    set_up_merging(root)
    if not set_up_filter(root):
        typer.echo("The outputs of notebooks stay in their files: no clone of git, or git could not keep the setting.")
    _run_chapters_behind_summary()
    raise typer.Exit(call(lab_command(more or ()), env=lab_environment(), cwd=root).returncode)


def preview(
    page: Annotated[
        str, typer.Argument(help="A notebook or a page of prose, such as 3-veiligheid.", autocompletion=complete_page)
    ],
    year: Annotated[
        int | None,
        typer.Option(
            "--year", help="By default the year in the notebook's first code cell.", autocompletion=complete_year
        ),
    ] = None,
    deal: DealOption = paths.DEFAULT_DEAL,
    port: Annotated[int, typer.Option(help="Of the local server; 0 takes a free one.", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,
) -> None:
    """Show one page as it will be in the report, and again at every save of notebook, prose, style, data or package.

    Only this page is made anew; the others are those of the last run. What is published stays as it is. When the
    notebook fails, the page says why above the last good one. Stop with Ctrl-C.

    Example: regiodeal preview 3-veiligheid --year 2021
    """
    from evaluation.cli.preview.page import find_subject
    from evaluation.inputs.deal import load_deal

    subject = find_subject(load_deal(deal), page, year)
    run = _run_for_preview(deal, subject.edition)
    from evaluation.cli.preview.loop import keep_showing
    from evaluation.cli.preview.page import Preview

    shown = Preview(load_deal(deal), subject, run)
    server = None
    try:
        shown.open()
        server = _serve(shown, port)
        typer.echo(f"{server.address}  (stop with Ctrl-C)")
        if browser:
            import webbrowser

            webbrowser.open(server.address)
        keep_showing(shown, server, typer.echo)
    except KeyboardInterrupt:
        typer.echo("Stopped.")
    finally:
        if server is not None:
            server.close()
        shown.close()


def _run_for_preview(deal: str, edition):
    """Return the last run of a report, made first where there is none."""
    from evaluation.cli.preview.page import whole_run
    from evaluation.inputs.deal import load_deal

    if (found := whole_run(load_deal(deal), edition)) is not None:
        return found
    if edition.kind == "site":
        raise UsageError("The pages of the site are not made yet. Make them first: regiodeal site")
    from evaluation.run.overview import overview
    from evaluation.run.pipeline import exclusive, run_edition
    from evaluation.run.slots import RunOptions

    typer.echo(f"There is no run of {edition.id} yet; it is made first.")
    with exclusive(deal, edition), overview(RunOptions()) as shown:
        return run_edition(deal, edition, shown).folder


def _serve(shown, port: int):
    from evaluation.cli.preview.server import PreviewServer

    try:
        return PreviewServer(shown.site, shown.subject.edition.id, shown.subject.page, port)
    except OSError as error:
        raise UsageError(f"Port {port} cannot be used ({error.strerror}); leave --port out for a free one.") from None


def _run_chapters_behind_summary() -> None:
    """Begin to run what the summary takes its numbers from, in the background, where there is no run of it yet."""
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import SUMMARIES, annual_edition
    from evaluation.present.published import last_run
    from evaluation.run.notebook_files import own_year

    deal = load_deal(paths.DEFAULT_DEAL)
    year = own_year(paths.project_root() / "notebooks" / f"{SUMMARIES['annual']}.ipynb") or deal.term.last_year
    if last_run(deal.id, annual_edition(deal, year)) is None:
        typer.echo(f"The chapters over {year} are run in the background; the summary takes its numbers from them.")
        command = [sys.executable, "-m", "evaluation.cli", "run", "--year", str(year), "--themes-only"]
        start(command, stdout=subprocess.DEVNULL, cwd=paths.project_root())


def lab_command(more: Sequence[str] = ()) -> list[str]:
    """Return the command that opens JupyterLab: the whole project in its file browser, the notebooks first.

    `more` is for JupyterLab itself, and stands behind what is ours: the last word is the user's.
    """
    root = paths.project_root()
    settings = [f"--ServerApp.root_dir={root}", f"--ServerApp.preferred_dir={root / 'notebooks'}"]
    settings.append(f"--ServerApp.contents_manager_class={CONTENTS}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        settings.append("--allow-root")  # in a container there often is no other user
    return [sys.executable, "-m", "jupyterlab", *settings, *more]


def lab_environment() -> dict[str, str]:
    """Return the variables of JupyterLab: warm kernels, this project, and nothing of a run that may be under way."""
    from evaluation.run.kernels.provisioner import NAME

    own = {"JUPYTER_DEFAULT_PROVISIONER_NAME": NAME, **os.environ, paths.ROOT_VARIABLE: str(paths.project_root())}
    of_a_run = (ABOUT_VARIABLE, INPUT_LOG_VARIABLE, RUN_VARIABLE)
    return {name: value for name, value in own.items() if name not in of_a_run}


def _mend() -> None:
    from evaluation.run.notebook_outputs import set_up_filter
    from evaluation.run.notebook_repair import mend_notebooks
    from evaluation.run.text_repair import mend_texts

    for line in [*mend_notebooks(), *mend_texts()]:
        typer.echo(f"Mended: {line}")
    set_up_filter(paths.project_root())
