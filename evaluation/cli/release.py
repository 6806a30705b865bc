"""The commands `regiodeal release`, `approve` and `certify`: a report that is signed, kept and reproduced."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from evaluation.base.errors import UsageError
from evaluation.base.paths import DEFAULT_DEAL, shown
from evaluation.cli.bundle import EditionArgument
from evaluation.cli.options import DealOption, complete_what


def release(
    what: EditionArgument,
    deal: DealOption = DEFAULT_DEAL,
    note: Annotated[str, typer.Option(help="Why there is a new release; shown to readers.")] = "",
    erratum: Annotated[
        str, typer.Option(help="What was wrong in the last release; shown on that and on this one.")
    ] = "",
    doi: Annotated[str, typer.Option(help="DOI of this release, such as 10.5281/zenodo.1234567.")] = "",
    day: Annotated[str | None, typer.Option("--date", help="Day of the release, as 2026-12-01; today.")] = None,
) -> None:
    """Make a release candidate of a report: pages, prints and bundle, compared with the last, with one sum over all.

    Examples: regiodeal release 2021, regiodeal release 2021 --erratum "Tabel 7.2 telde een betaling dubbel."
    """
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition
    from evaluation.release.archive import candidate_dir
    from evaluation.release.candidate import make_candidate

    edition = choose_edition(load_deal(deal), what, None)
    made = make_candidate(deal, edition, day=_day(day), note=note, erratum=erratum, doi=doi)
    typer.echo(f"Candidate: release {made.number} of {made.edition} in {shown(candidate_dir(deal, edition.id))}")
    typer.echo(f"sha256 over all {len(made.files)} files: {made.sha256}")
    if made.number > 1:
        typer.echo(f"Changed since release {made.number - 1}: {made.changes} numbers (site/wijzigingen.html)")
    if made.roles:
        typer.echo(
            f"Needs: {', '.join(made.roles)}; each signs with: regiodeal approve {made.edition} --role ROLE --key KEY"
        )
    else:
        typer.echo("Not signed: data/deal names no signers (docs/uitgeven.md)")
    typer.echo(f"Publish it with: regiodeal publish --to DIR --release {what}")


def approve(
    what: EditionArgument,
    role: Annotated[str, typer.Option(help="The role that approves, as in the list of signers.")],
    key: Annotated[Path | None, typer.Option(help="Private key of SSH, or with --minisign of minisign.")] = None,
    signature: Annotated[
        Path | None, typer.Option(help="A signature of statement.json that was made elsewhere.")
    ] = None,
    minisign: Annotated[bool, typer.Option("--minisign", help="The key is one of minisign.")] = False,
    deal: DealOption = DEFAULT_DEAL,
) -> None:
    """Sign a release candidate in a role; look at its pages first. One changed byte makes every signature void.

    Example: regiodeal approve 2021 --role evaluator --key ~/.ssh/id_ed25519
    """
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition
    from evaluation.release.candidate import add_signature, open_candidate
    from evaluation.release.signatures import make_signature, missing_roles, signatures_of
    from evaluation.release.signers import load_signers
    from evaluation.release.statement import SIGNATURES, STATEMENT

    if (key is None) == (signature is None):
        raise UsageError("Give either --key to sign here, or --signature for one that was made elsewhere.")
    if signature is not None and not signature.is_file():
        raise UsageError(f"--signature: there is no {signature}.")
    folder, candidate = open_candidate(deal, choose_edition(load_deal(deal), what, None))
    signers = load_signers(deal)
    content = (folder / STATEMENT).read_bytes()
    made = signature.read_bytes() if signature else make_signature(content, key, is_minisign=minisign)
    whose = add_signature(folder, role, made, signers)
    typer.echo(f"Signed: release {candidate.number} of {candidate.edition} by {whose.role}, {whose.key}")
    missing = missing_roles(signatures_of(content, folder / SIGNATURES, signers), signers.roles)
    typer.echo(f"Still needed: {', '.join(missing)}" if missing else "Every needed role has signed.")


def certify(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A reproduction with certificaat.json and its signature.")
    ],
    what: Annotated[
        str,
        typer.Option(
            "--release", metavar="YEAR|final", help="The edition that was reproduced.", autocompletion=complete_what
        ),
    ],
    deal: DealOption = DEFAULT_DEAL,
) -> None:
    """Check a certificate of reproduction and keep it with its release; the next publication shows it.

    It is refused when it was changed, is of another bundle, or is not signed by a key that the list of signers names as
    that of a reproducer (narekenaar).

    Example: regiodeal certify reproduction --release 2021
    """
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition
    from evaluation.release.kept_certificates import keep_certificate

    release, certified = keep_certificate(folder, deal, choose_edition(load_deal(deal), what, None).id)
    typer.echo(f"Kept with release {release.number} of {release.edition}: {certified.by}, {certified.words}")


def _day(text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date: got {text!r}; expected a day such as 2026-12-01.") from None
