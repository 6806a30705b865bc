"""Sign a statement in a role, and establish which roles have signed it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import ProgramError, RegioDealError, SnapshotError, UsageError
from evaluation.base.programs import call
from evaluation.base.ssh_signatures import check, sign
from evaluation.bundles.trust import check_signature
from evaluation.release.signers import Signer, Signers

SSH_SUFFIX, MINISIGN_SUFFIX = ".sig", ".minisig"
RELEASE = "regiodeal-release"
CERTIFICATE = "regiodeal-certificate"
"""Namespaces: what a key signs for one is no signature of the other."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A good signature of a statement."""

    role: str
    holder: str  # as the list of signers names who holds the key
    key: str  # kind and fingerprint or public key, to compare


def make_signature(content: bytes, key: Path, *, is_minisign: bool = False, namespace: str = RELEASE) -> bytes:
    """Sign bytes with a private key of SSH, or of minisign where that program is there.

    Raises UsageError when the key cannot be used, ProgramError when there is no minisign.
    """
    return _minisign(content, key) if is_minisign else sign(content, key, namespace=namespace)


def _minisign(content: bytes, key: Path) -> bytes:
    if shutil.which("minisign") is None:
        raise ProgramError(
            "minisign is not on this machine. Sign statement.json where it is, and add that with --signature."
        )
    if not key.is_file():
        raise UsageError(f"There is no key {key}.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "statement.json")
        file.write_bytes(content)
        done = call(["minisign", "-S", "-s", key.resolve(), "-m", file], stderr=subprocess.PIPE)
        made = file.with_name(file.name + MINISIGN_SUFFIX)
        if done.returncode or not made.is_file():
            raise UsageError(f"Nothing was signed with {key}: minisign ended with {done.returncode}.")
        return made.read_bytes()


def find_signer(
    content: bytes, signature: bytes, keys: Iterable[Signer], *, namespace: str = RELEASE
) -> Signature | None:
    """Return whose signature of these bytes it is, of the keys that are given; None when it is of none of them."""
    for item in keys:
        if told := _key_that_signed(content, signature, item, namespace):
            return Signature(item.role, item.holder, told)
    return None


def _key_that_signed(content: bytes, signature: bytes, signer: Signer, namespace: str) -> str:
    """Return the key in words when the signature is good; empty when it is not."""
    try:
        if signer.is_minisign:
            key = signer.key.partition(" ")[2]
            check_signature(content, signature.decode("utf-8", "replace"), key, name="the statement")
            return signer.key
        with tempfile.TemporaryDirectory() as folder:
            allowed, given = Path(folder, "signers"), Path(folder, "signature")
            allowed.write_text(f"{signer.role} {signer.key}\n", encoding="utf-8")
            given.write_bytes(signature)
            return check(content, given, allowed, namespace=namespace).partition(",")[0]
    except ProgramError:
        raise
    except RegioDealError:
        return ""


def signatures_of(statement: bytes, folder: Path, signers: Signers) -> list[Signature]:
    """Establish who signed a statement: of each role at most once, and only by the keys of that role.

    Raises SnapshotError for a file in the folder that is no good signature of this statement in the role that it names.
    """
    found: dict[str, Signature] = {}
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    for path in files:
        role = path.name.partition(".")[0]
        whose = find_signer(statement, path.read_bytes(), signers.approving(role))
        if whose is None:
            raise SnapshotError(
                f"{path.name}: got no good signature of this release by a key of {role}. What was signed has changed, "
                "or another key did; remove the file and let it be approved again (regiodeal approve)."
            )
        found[role] = whose
    return list(found.values())


def missing_roles(signatures: Sequence[Signature], roles: Sequence[str]) -> list[str]:
    """List the needed roles that have not signed."""
    there = {item.role for item in signatures}
    return [role for role in roles if role not in there]
