"""The commands `regiodeal plan`: forecasts and rules that are written down before the figures, and scored later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.base.errors import UsageError
from evaluation.base.paths import build_dir, data_dir, shown, write_text, write_together
from evaluation.cli.options import complete_plan, complete_plan_day

if TYPE_CHECKING:
    import pandas as pd

    from evaluation.inputs.registrations import Registered

plan = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="A plan before the figures: register, verify, score."
)

PlanDeal = Annotated[
    str, typer.Option("--deal", help="Id of a deal in data/regions/deals.yml.", autocompletion=complete_plan)
]
DayOption = Annotated[
    str | None,
    typer.Option(
        "--registered", help="Day of the registration; by default the first.", autocompletion=complete_plan_day
    ),
]
_SIGNERS = "plans/allowed_signers"
_RUNNING = "parkstad-limburg-3"


@plan.command()
def register(
    deal: PlanDeal = _RUNNING,
    key: Annotated[
        Path | None, typer.Option(help="Private key of SSH to sign with.", envvar="REGIODEAL_SIGNING_KEY")
    ] = None,
) -> None:
    """Write down forecasts, designs and decision rules of a deal that runs, before its figures are there.

    What is registered is never written over; on another day a second registration may stand beside it.

    Example: regiodeal plan register --deal parkstad-limburg-3
    """
    from evaluation.analysis.registration import build_registration, open_subject
    from evaluation.base.locks import LONGEST_WAIT, held
    from evaluation.base.ssh_signatures import sign
    from evaluation.inputs.registrations import plans_dir, write_registration
    from evaluation.present.registration_text import registration_text

    today = date.today()
    subject = open_subject(deal, today=today)
    path = plans_dir(deal) / f"{today.isoformat()}.yml"
    with held(build_dir() / f".plan-{deal}.lock", f"Another command registers a plan of {deal}", wait=LONGEST_WAIT):
        if left := sorted(path.parent.glob(f"{path.stem}.*")):
            text = f"{shown(left[0])} is registered already, and a registration is never written over."
            raise UsageError(f"{text} Look at it with: regiodeal plan verify --deal {deal}")
        content = build_registration(deal, today=today)
        words = registration_text(content).encode()
        content["printed_sha256"] = hashlib.sha256(words).hexdigest()
        file, digest = write_registration(content)
        last = f"De vastlegging zelf is {path.name}, met sha256 {digest}.\n"
        files = {path: file, path.with_suffix(".md"): words + last.encode()}
        if key is not None:
            files[path.with_name(f"{path.name}.sig")] = sign(file, key)
        write_together(files)
    forecasts, designs = content["forecasts"], content["designs"]
    span = f"{subject.years[0]}-{subject.years[-1]}"
    told = f"forecasts of {len(forecasts)} indicators for {span}, {len(designs)} designs"
    typer.echo(f"Registered: {shown(path)}, {told}")
    if late := content["after_the_figures"]:
        typer.echo(f"After the figures, and so not scored for a year that was known: {', '.join(late)}")
    typer.echo(f"sha256 {digest}; {'signed' if key is not None else 'not signed: --key names no key'}")
    typer.echo(f"For an external registry, such as OSF: {shown(path.with_suffix('.md'))}. Commit all of it.")


@plan.command()
def verify(
    deal: PlanDeal = _RUNNING,
    registered: DayOption = None,
    signers: Annotated[
        Path | None, typer.Option(help=f"Who may sign, as of ssh-keygen; data/{_SIGNERS} where it is there.")
    ] = None,
) -> None:
    """Check that registrations are what was registered, with their words and their signature.

    Example: regiodeal plan verify --deal parkstad-limburg-3
    """
    from evaluation.base.ssh_signatures import check
    from evaluation.inputs.registrations import choose_registration, list_registrations

    one = choose_registration(deal, registered)
    if signers is None and (data_dir() / _SIGNERS).is_file():
        signers = data_dir() / _SIGNERS
    elif signers is not None and not signers.is_file():
        raise UsageError(f"There is no list of signers {signers}.")
    for path in [one] if registered is not None else list_registrations(deal):
        found = _read(path)
        signed = "not signed"
        if found.signature.is_file():
            signed = f"signed with {check(path.read_bytes(), found.signature, signers)}"
        typer.echo(f"{shown(path)}: as registered, sha256 {found.sha256}; {signed}")


@plan.command()
def score(deal: PlanDeal = _RUNNING, registered: DayOption = None) -> None:
    """Set the registered forecasts beside the figures that came, and write every score as CSV.

    Example: regiodeal plan score --deal parkstad-limburg-3
    """
    from evaluation.analysis.registration import open_figures
    from evaluation.inputs.registrations import choose_registration

    found = _read(choose_registration(deal, registered))
    figures = open_figures(found.content)
    for line in score_lines(found, figures, build_dir() / "plans" / deal / f"{found.path.stem}-scores.csv"):
        typer.echo(line)


def score_lines(registered: Registered, figures: pd.DataFrame, table: Path) -> Iterable[str]:
    """Score a registration by a panel, write the table where there is anything to score, and say what came out."""
    from evaluation.analysis.forecast_designs import judge_designs
    from evaluation.analysis.forecast_scores import calibrate, mean_brier, score_events, score_forecasts, scores_csv

    content = registered.content
    scores, events = score_forecasts(content, figures), score_events(content, figures)
    counted = [item for item in scores if not item.is_known]
    known = {(item.indicator, item.year) for item in scores if item.is_known}
    if known:
        told = ", ".join(f"{name} {year}" for name, year in sorted(known))
        yield f"Known when it was registered, and not counted: {told}"
    if not counted:
        yield f"Nothing to score yet: no figure of {content.years[0]} or later came since {content.registered_on}."
        return
    if revised := {item.indicator for item in counted if item.is_revised}:
        yield f"To look at: figures that were used have been revised since, of {', '.join(sorted(revised))}"
    years = sorted({item.year for item in counted})
    yield f"Scored: {len(counted)} forecasts of {', '.join(map(str, years))}, registered on {content.registered_on}"
    for method, told in calibrate(scores).items():
        yield f"  {method:<12} inside 80%: {told.inside80:.0%}, inside 95%: {told.inside95:.0%} (of {told.scored})"
    if (brier := mean_brier(events)) is not None:
        yield f"  Brier score of the declared events: {brier:.3f} (0.25: a guess of 50% each time)"
    for item in judge_designs(content, figures):
        found = item.estimate
        line = f"  {item.indicator}: {found.deviation}{'' if item.is_final else ', interim'}"
        if found.value is not None:
            line += f", effect {found.value:.1f} ({found.ci_low:.1f} to {found.ci_high:.1f}), p {found.p_value:.3f}"
        yield line
    write_text(table, scores_csv(content, scores, events))
    yield f"Scores: {shown(table)}"


def _read(path: Path) -> Registered:
    from evaluation.inputs.registrations import read_registration

    return read_registration(path, today=date.today())
