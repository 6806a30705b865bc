"""The command `regiodeal new deal`: files of a deal of the register, from a few answers or from its text."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.base.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.base.paths import shown
from evaluation.base.text import printable
from evaluation.cli import options

if TYPE_CHECKING:
    from evaluation.cli.new_deal_ask import Given

DealArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Of the register (data/regions/deals.yml).", autocompletion=options.complete_plan
    ),
]
_LIST = "with ; between them"
_MOST_SHOWN = 40


def deal(
    deal_id: DealArgument,
    answers: Annotated[
        Path | None, typer.Option(help="Answers, or a proposal with everything confirmed, as YAML.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option("--from", help="The text of the deal (.txt, .md): what is found in it is proposed.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Write the proposal there, to be confirmed, and nothing else.")
    ] = None,
    themes: Annotated[str, typer.Option(help=f"Titles of the themes, {_LIST}.")] = "",
    results: Annotated[str, typer.Option(help="Intended results: 'number of the theme: words; number: words'.")] = "",
    targets: Annotated[str, typer.Option(help="Agreed numbers: '1: 40 haltes uiterlijk 31 december 2026; ...'.")] = "",
    ends: Annotated[str, typer.Option(help="Last day of the term.")] = "",
    state: Annotated[str, typer.Option(help="What Rijk brings, where the register does not know it.")] = "",
    region: Annotated[str, typer.Option(help="What the region brings, such as '15 miljoen'.")] = "",
    amounts: Annotated[str, typer.Option(help=f"Money of each theme in their order, {_LIST}.")] = "",
) -> None:
    """Write a deal of the register: file, indicators, plan, example records and README; the check passes at once.

    Name, municipalities, start and the money of Rijk come from the register; what it does not know is asked, or stays
    visibly open.  Nothing is overwritten, and with a fault nothing is written.

    Example: regiodeal new deal twente --themes "Landbouw; Wonen" --results "1: Meer natuur; 2: Betere woningen"
    --ends 2023-12-31 --region "30 miljoen" --amounts "40 miljoen; 20 miljoen"
    """
    from evaluation.cli.new_deal_ask import Given

    given = Given(themes, results, ends, state, region, amounts, targets)
    if answers is not None and text is not None:
        raise UsageError("Kies --answers of --from, niet allebei: een bevestigd voorstel gaat met --answers.")
    if to is not None and text is None:
        raise UsageError("--to gaat met --from: het is de plaats van het voorstel uit een tekst.")
    try:
        _make(deal_id, answers, text, to, given)
    except InputError as error:
        raise UsageError(_in_dutch(error.faults)) from None


def _make(deal_id: str, answers: Path | None, text: Path | None, to: Path | None, given: Given) -> None:
    """Make what lacks of a deal that is there, a proposal, or a whole deal."""
    from evaluation.base.today import today
    from evaluation.cli.new_deal_ask import complete_answers, confirm_found, prompt, prompt_letter
    from evaluation.cli.new_deal_files import complete_deal, missing_of, write_deal
    from evaluation.inputs.deal_answers import DealAnswers, load_answers
    from evaluation.inputs.deal_text.propose import propose, read_text
    from evaluation.statistics.areas.treatments import load_register

    if "deal" not in missing_of(deal_id):
        if answers is not None or text is not None or any(asdict(given).values()):
            raise UsageError(f"data/deal/{deal_id}.yml is er al: verbeter dat bestand; antwoorden doen hier niets.")
        _tell(deal_id, complete_deal(deal_id, today()), [])
        return
    register = load_register()
    known = _known(deal_id, register.deals)
    is_there = sys.stdin.isatty()
    found, source = DealAnswers(deal=deal_id), "de antwoorden"
    if answers is not None:
        found, source = load_answers(answers), shown(answers)
        if found.deal != deal_id:
            raise UsageError(f"{source} gaat over {found.deal}, niet over {deal_id}.")
    elif text is not None:
        found = propose(read_text(text), deal_id, name=text.name, first_year=known.starts.first.year)
        if to is not None or not is_there:
            _write_proposal(found, to or Path(f"voorstel-{deal_id}.yml"), deal_id)
            return
        found = confirm_found(found, prompt_letter, typer.echo)
    found = complete_answers(known, found, given, prompt if is_there else None)
    written, open_points = write_deal(known, register, found, source=source, day=today())
    _tell(deal_id, written, open_points)


def _in_dutch(faults: Sequence[Fault]) -> str:
    """Write all faults in Dutch, for who makes the deal."""
    lines = [
        f"  {', '.join(filter(None, (fault.file, fault.key)))}: {fault.found}. Nodig: {fault.expected}."
        + (f" {fault.hint}" if fault.hint else "")
        for fault in faults[:_MOST_SHOWN]
    ]
    rest = [f"  ... en nog {len(faults) - _MOST_SHOWN}"] if len(faults) > _MOST_SHOWN else []
    head = f"{'1 fout' if len(faults) == 1 else f'{len(faults)} fouten'}; er is niets geschreven:"
    return "\n".join(map(printable, [head, *lines, *rest]))


def _tell(deal_id: str, written: list[Path], open_points: list[str]) -> None:
    """Say what was written, what is open, and what comes next."""
    from evaluation.inputs.deal import load_deal

    for path in written:
        typer.echo(f"Geschreven: {shown(path)}")
    for point in open_points:
        typer.echo(f"Open: {point}")
    year = load_deal(deal_id).term.first_year
    typer.echo(f"Verder: regiodeal check --deal {deal_id}; regiodeal report --deal {deal_id} --year {year}")


def _known(deal_id: str, deals):
    """Return the deal of the register; one without municipalities has no figures, and so no report."""
    if deal_id not in deals:
        raise UsageError(
            f"Het register heeft geen deal {deal_id!r}. {did_you_mean(deal_id, list(deals)) or ''}".strip()
        )
    if not deals[deal_id].members:
        raise UsageError(
            f"{deals[deal_id].name} heeft in het register geen gemeenten: er zijn geen cijfers om over te rapporteren."
        )
    return deals[deal_id]


def _write_proposal(found, to: Path, deal_id: str) -> None:
    """Write what was found, each with its place, for somebody to confirm; never over another file."""
    from evaluation.base.paths import write_text
    from evaluation.cli.new_deal_files import as_yaml

    if to.exists():
        raise UsageError(f"{shown(to)} is er al; er is niets geschreven.")
    if not any(True for _ in found.walk()):
        raise UsageError(
            f"In {found.text} is niets gevonden dat bij een deal hoort: geen partijen, artikelen of bedragen. "
            f"Er is niets geschreven. Is dit de tekst van de deal? Zonder tekst: regiodeal new deal {deal_id}"
        )
    head = (
        f"# Voorstel uit {found.text}.\n"
        "# Zet achter elk `confirmed` yes (het klopt) of no (het doet niet mee), en verbeter wat er "
        "staat waar dat nodig is.\n"
        f"# Daarna: regiodeal new deal {deal_id} --answers {to.name}\n"
        "# Onder not_used staat wat is gezien en zo niet te gebruiken is.\n\n"
    )
    content = {key: value for key, value in _blank(found.model_dump()).items() if value not in (None, [], ())}
    write_text(to, head + as_yaml(content))
    counts = ", ".join(
        f"{len(rows)} {words}"
        for rows, words in (
            (found.parties, "partijen"), (found.themes, "thema's"),
            ([row for theme in found.themes for row in theme.results], "resultaten"), (found.targets, "aantallen"),
            (found.amounts, "bedragen per thema"), (found.milestones, "afspraken met een datum"),
        )
    )  # fmt: skip
    typer.echo(f"Voorstel: {shown(to)} ({counts}). Er is nog niets van de deal geschreven: bevestig eerst wat klopt.")


def _blank(node):
    """Leave out what is empty, but for the place of a confirmation."""
    if isinstance(node, dict):
        kept = {key: _blank(value) for key, value in node.items() if value not in (None, False, (), "")}
        return {"confirmed": node["confirmed"], **kept} if node.get("found_at") else kept
    return [_blank(item) for item in node] if isinstance(node, (list, tuple)) else node
