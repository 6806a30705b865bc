"""The commands of the evaluator's desk: check, lab."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from evaluation.completion import complete_deal
from evaluation.paths import DEFAULT_DEAL

_FINDINGS_SHOWN = 20


def check(
    deal: Annotated[
        str, typer.Option("--deal", help="Name of the file in data/deal.", autocompletion=complete_deal)
    ] = DEFAULT_DEAL,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend first what is safe in the notebooks; the old ones are kept.")
    ] = False,
) -> None:
    """Check the deal, indicators, plan, records, retail tables, snapshots and notebooks; list every fault.

    With --fix it mends what takes no choice of a person: kernel, tag 'parameters', ids, labels that stand twice, and
    outputs, which git leaves out on commit from then on. The notebooks as they were are in build/before-fix.

    Examples: regiodeal check, regiodeal check --fix
    """
    from evaluation.checks import check_inputs
    from evaluation.editions import NOTEBOOKS
    from evaluation.errors import InputError
    from evaluation.notebook_lint import lint_notebooks

    if fix:
        _mend()
    lint = lint_notebooks()
    try:
        agreed, programme, retail = check_inputs(deal, [name for names in NOTEBOOKS.values() for name in names])
    except InputError as error:
        raise InputError(list(dict.fromkeys([*error.faults, *lint.faults]))) from None
    if lint.faults:
        raise InputError(lint.faults)
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
    for notice in lint.notices:
        typer.echo(f"To look at: {notice}")
    for finding in programme.findings[:_FINDINGS_SHOWN]:
        typer.echo(f"To look at: {finding}")
    if len(programme.findings) > _FINDINGS_SHOWN:
        typer.echo(f"... and {len(programme.findings) - _FINDINGS_SHOWN} more; the chapter on money lists them all.")


def lab() -> None:
    """Open JupyterLab on the notebooks, with kernels that start at once.

    Outputs stay on this machine: from now on git leaves them out of what is committed.

    Example: regiodeal lab
    """
    from importlib.util import find_spec

    from evaluation.errors import UsageError
    from evaluation.notebook_outputs import set_up_filter
    from evaluation.paths import project_root

    if find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed here. Use: make lab")
    root = project_root()
    if not set_up_filter(root):
        typer.echo("This folder is no clone of git: the outputs of notebooks stay in their files.")
    raise typer.Exit(subprocess.call(lab_command(), env=lab_environment(), cwd=root))


def lab_command() -> list[str]:
    """Return the command that opens JupyterLab: the whole project in its file browser, the notebooks first."""
    from evaluation.paths import project_root

    root = project_root()
    folders = [f"--ServerApp.root_dir={root}", f"--ServerApp.preferred_dir={root / 'notebooks'}"]
    return [sys.executable, "-m", "jupyterlab", *folders]


def lab_environment() -> dict[str, str]:
    """Return the variables of JupyterLab: warm kernels, this project, and nothing of a run that may be under way."""
    from evaluation.kernels import NAME
    from evaluation.paths import INPUT_LOG_VARIABLE, ROOT_VARIABLE, RUN_VARIABLE, project_root

    own = {"JUPYTER_DEFAULT_PROVISIONER_NAME": NAME, **os.environ, ROOT_VARIABLE: str(project_root())}
    return {name: value for name, value in own.items() if name not in (INPUT_LOG_VARIABLE, RUN_VARIABLE)}


def _mend() -> None:
    from evaluation.notebook_outputs import set_up_filter
    from evaluation.notebook_repair import mend_notebooks
    from evaluation.paths import project_root

    for line in mend_notebooks():
        typer.echo(f"Mended: {line}")
    set_up_filter(project_root())
