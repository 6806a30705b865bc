"""Keep a certificate of reproduction with the release that it is about."""

import json
from pathlib import Path

from evaluation.base.errors import SnapshotError, UsageError
from evaluation.base.paths import write_together
from evaluation.release.archive import known_release
from evaluation.release.certificate import FILE, Certified, check_certificate, read_signed
from evaluation.release.signers import load_signers
from evaluation.release.statement import CERTIFICATES, Release


def keep_certificate(folder: Path, deal_id: str, edition: str) -> tuple[Release, Certified]:
    """Check a certificate and keep it with the release of an edition whose bundle it is of.

    Raises SnapshotError when it is forged, changed or of no release of this edition; UsageError when there is none.
    """
    content, signature, suffix = read_signed(folder)
    try:
        bundle = str(json.loads(content)["bundle_sha256"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{folder}: {FILE} is no certificate of reproduction.") from None
    found = known_release(deal_id, edition, bundle)
    if found is None:
        raise SnapshotError(f"The certificate is of a bundle that is of no release of {edition}: sha256 {bundle[:64]}.")
    place, release = found
    certified = check_certificate(content, signature, suffix, release, load_signers(deal_id))
    target = place / CERTIFICATES / certified.name
    if (target / FILE).exists():
        raise UsageError(f"A certificate of {certified.by} of {certified.date} is kept already.")
    write_together({target / FILE: content, target / f"{FILE}{suffix}": signature})
    return release, certified
