"""Reproduce a release: hold its bundle to the signed statement first, and write a certificate after it."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from evaluation.base.errors import UsageError
from evaluation.base.paths import write_bytes
from evaluation.bundles.layout import NotTheBundle
from evaluation.bundles.opened import read_bundle
from evaluation.bundles.reproduce import Reproduction
from evaluation.bundles.sides import open_side
from evaluation.bundles.verdict import write_verdict
from evaluation.release.certificate import make_certificate, write_certificate
from evaluation.release.signatures import CERTIFICATE, SSH_SUFFIX, make_signature, missing_roles, signatures_of
from evaluation.release.signers import Signers, load_signers, read_signers
from evaluation.release.statement import SIGNATURES, read_statement


def establish_release(
    bundle: Path, statement: Path, *, signers: Path | None, sha256: str | None, report: Callable[[str], None]
) -> str | None:
    """Hold a bundle to the statement of its release, and that to its signatures; return the sum that they establish.

    Nothing is established by a statement that nobody needed to sign: then the `sha256` that was given is returned.

    Raises NotTheBundle when it is another bundle, or needed roles did not sign; UsageError when the statement, the
    list of signers or the bundle cannot be read.
    """
    if not statement.is_file():
        raise UsageError(f"--verify: there is no {statement}.")
    text = statement.read_bytes()
    release = read_statement(text, str(statement))
    found = hashlib.sha256(read_bundle(bundle) or b"").hexdigest()
    if found != release.bundle_sha256:
        raise NotTheBundle(f"{bundle} is not the bundle of release {release.number}: its sha256 is {found}.")
    known = _signers(signers, release.deal)
    if not known.roles:
        why = "there is no list of signers" if release.roles else "it was released unsigned"
        report(f"Statement: release {release.number} of {release.edition}; whose it is, is not established: {why}")
        return sha256
    signatures = signatures_of(text, statement.parent / SIGNATURES, known)
    if missing := missing_roles(signatures, known.roles):
        raise NotTheBundle(f"Release {release.number} of {release.edition} is not signed by {' and '.join(missing)}.")
    told = ", ".join(f"{item.role} ({item.holder or item.key})" for item in signatures)
    report(f"Statement: release {release.number} of {release.edition}, sha256 {release.sha256}, signed by {told}")
    return release.bundle_sha256


def _signers(path: Path | None, deal_id: str) -> Signers:
    if path is None:
        return load_signers(deal_id)
    if not path.is_file():
        raise UsageError(f"--signers: there is no {path}.")
    return read_signers(path.read_text(encoding="utf-8"), str(path))


def verdict_and_certificate(
    bundle: Path, *, by: str | None, key: Path | None
) -> Callable[[Reproduction, Path], object]:
    """Give what writes the verdict of a reproduction; with `by` the certificate too, signed with a key of SSH."""
    if key is not None and by is None:
        raise UsageError("--sign-with signs a certificate: name who reproduces it, with --by.")

    def write(outcome: Reproduction, folder: Path) -> None:
        write_verdict(outcome, folder)
        if by is None or outcome.comparison is None:
            return
        results = open_side(str(bundle), outcome.record.deal).results
        certificate = make_certificate(outcome, results, by=by, day=date.today())
        path = write_certificate(certificate, folder)
        if key is not None:
            signed = make_signature(path.read_bytes(), key, namespace=CERTIFICATE)
            write_bytes(path.with_name(path.name + SSH_SUFFIX), signed)

    return write
