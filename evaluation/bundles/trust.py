"""Whose bundle it is: its sha256 beside the one that was published, or a signature with a key that is known.

Sums and copies inside a bundle tell of damage, and not of who made it: whoever forges a bundle writes them anew.

References
----------
Minisign, https://jedisct1.github.io/minisign/ ("Signature format"; signatures of the file and of its BLAKE2b hash).
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.base.errors import UsageError
from evaluation.bundles.layout import NotTheBundle

SIGNATURE = ".minisig"
_MOST_SIGNATURE = 10_000
_LEGACY, _PREHASHED = b"Ed", b"ED"


@dataclass(frozen=True, slots=True)
class Trust:
    """What is established of whose bundle it is."""

    sha256: str = ""  # of the archive; empty for a folder, which has none
    by: Literal["", "sum", "signature"] = ""  # what established it; empty: nothing did

    @property
    def words(self) -> str:
        """Say what is established, and what to do where nothing is."""
        if self.by:
            return f"this is the published bundle: its {self.by} was checked"
        if not self.sha256:
            return "not established whose bundle this is: a folder has no sum; give the .zip with --sha256"
        return (
            "not established whose bundle this is: compare its sha256 with the published one, and give that as --sha256"
        )


def establish(
    path: Path, content: bytes, *, sha256: str | None = None, signature: Path | None = None, key: str | None = None
) -> Trust:
    """Compare an archive with the sum that was published, and check its signature with the key of the office.

    Parameters
    ----------
    path : Path
        The archive; its signature stands beside it with ``.minisig`` behind its name, unless `signature` names another.
    content : bytes
        Its bytes.
    sha256 : str | None
        The published sum.
    signature : Path | None
        A signature of minisign.
    key : str | None
        The public key of minisign, or the file that holds it.

    Returns
    -------
    Trust

    Raises
    ------
    NotTheBundle
        When the sum is another, or the signature is not of this archive and this key.
    UsageError
        When what was given is no sum, no signature or no key.
    """
    found = hashlib.sha256(content).hexdigest()
    by: Literal["", "sum", "signature"] = ""
    if sha256 is not None:
        if not re.fullmatch(r"[0-9a-f]{64}", wanted := sha256.strip().lower()):
            raise UsageError(f"--sha256: got {sha256[:80]!r}; expected the 64 digits and letters of a sha256.")
        if wanted != found:
            raise NotTheBundle(f"{path} is not the published bundle: its sha256 is {found}, and not {wanted}.")
        by = "sum"
    if signature is not None or key is not None:
        if key is None:
            raise UsageError("--signature: give the public key of the office too, with --key.")
        place = signature or path.with_name(path.name + SIGNATURE)
        check_signature(content, _read(place, "signature"), _read_key(key), name=str(path))
        by = by or "signature"
    return Trust(found, by)


def check_signature(content: bytes, signature: str, key: str, *, name: str) -> None:
    """Check a signature of minisign, of the content or of its hash, and the comment that is signed with it.

    Raises NotTheBundle when it is not of this content and key, UsageError when it is no signature or no key.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    lines = signature.splitlines()
    is_whole = len(lines) == 4 and lines[0].startswith("untrusted comment:") and lines[2].startswith("trusted comment:")
    first = _decode(lines[1], 74, (_LEGACY, _PREHASHED)) if is_whole else None
    last = _decode(lines[3], 64) if is_whole else None
    known = _decode(key.strip().splitlines()[-1] if key.strip() else "", 42, (_LEGACY,))
    if first is None or last is None:
        raise UsageError(f"The signature of {name} is no signature of minisign.")
    if known is None:
        raise UsageError("--key: expected a public key of minisign (RW...), or the file that holds one.")
    if first[2:10] != known[2:10]:
        raise NotTheBundle(f"{name} is signed with another key than the one that was given.")
    signed = hashlib.blake2b(content).digest() if first.startswith(_PREHASHED) else content
    try:
        verify = Ed25519PublicKey.from_public_bytes(known[10:]).verify
        verify(first[10:], signed)
        verify(last, first[10:] + lines[2].removeprefix("trusted comment: ").encode())
    except InvalidSignature:
        raise NotTheBundle(f"{name} is not the bundle that was signed, or its signature was altered.") from None


def _decode(line: str, size: int, kinds: tuple[bytes, ...] = (b"",)) -> bytes | None:
    try:
        found = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == size and found.startswith(kinds) else None


def _read_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9+/=]{56}", key.strip()) else _read(Path(key), "public key")


def _read(path: Path, what: str) -> str:
    try:
        if path.is_file() and path.stat().st_size <= _MOST_SIGNATURE:
            return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        pass
    raise UsageError(f"There is no {what} {str(path)[:120]} that can be read.")
