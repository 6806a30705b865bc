"""Who may sign a release of a deal, and in which role: ``data/deal/<deal>-signers``.

A line has a role, the kind of key with the key, and the name of the office that holds it.  The deal names the roles
that a release needs (``release: roles:``), two by default; a line that begins with ``roles`` says it again for who has
this list and not the deal.  Keys are those of ``ssh-keygen`` or of minisign::

    roles evaluator programmabureau
    evaluator ssh-ed25519 AAAAC3Nza... Bureau X
    programmabureau minisign RWQf6LRCGA9i... Programmabureau
    narekenaar ssh-ed25519 AAAAC3Nzb... Planbureau
"""

import re
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import Fault, InputError
from evaluation.base.fingerprints import SIGNERS_SUFFIX
from evaluation.base.paths import data_dir, shown
from evaluation.inputs.deal import load_deal
from evaluation.inputs.deal_terms import REPRODUCER

DEFAULT_ROLES = ("evaluator", "programmabureau")
"""The two that approve where the deal names no roles: who made the report, and whose programme it is about."""

MINISIGN = "minisign"
_ROLE = re.compile(r"[a-z][a-z-]*")
_SSH = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*")
_MINISIGN_KEY = re.compile(r"minisign RW[A-Za-z0-9+/]{54}")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign in one role."""

    role: str
    key: str  # as it stands in the list: kind and key
    holder: str  # the name of who holds it; empty where none is given

    @property
    def is_minisign(self) -> bool:
        """Whether the key is one of minisign, in place of SSH."""
        return self.key.startswith(MINISIGN)


@dataclass(frozen=True, slots=True)
class Signers:
    """The list of a deal; `roles` is empty where there is no list, and then nothing is signed."""

    roles: tuple[str, ...]  # that a release needs
    keys: tuple[Signer, ...]

    def of(self, role: str) -> tuple[Signer, ...]:
        """Return the keys that may sign in a role."""
        return tuple(item for item in self.keys if item.role == role)

    def approving(self, role: str) -> tuple[Signer, ...]:
        """Return the keys that may approve a release in a role; who reproduces it approves nothing."""
        return () if role == REPRODUCER else self.of(role)


def signers_file(deal_id: str) -> Path:
    """Return where the list of a deal stands; it need not be there."""
    return data_dir() / "deal" / f"{deal_id}{SIGNERS_SUFFIX}"


def load_signers(deal_id: str) -> Signers:
    """Read who may sign a release of a deal; without a list nobody is needed, unless the deal names roles.

    Raises InputError with every fault: a line of another shape, a key in two roles, a needed role without a key, other
    roles than the deal names.
    """
    path, agreed = signers_file(deal_id), load_deal(deal_id).release
    named = () if agreed is None else agreed.roles
    if path.is_file():
        return read_signers(path.read_text(encoding="utf-8"), shown(path), named)
    if named:
        raise InputError([Fault(shown(path), "no such list", f"a key for each role of the deal: {', '.join(named)}")])
    return Signers((), ())


def read_signers(text: str, file: str, named: tuple[str, ...] = ()) -> Signers:
    """Read a list of signers; `file` names it in what is told, `named` are the roles that the deal names, if any.

    Raises InputError as `load_signers`.
    """
    roles: tuple[str, ...] = ()
    found: list[Signer] = []
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split(maxsplit=3)
        if not words:
            continue
        if words[0] == "roles":
            roles = tuple(line.partition("#")[0].split()[1:])
            wrong = [role for role in roles if not _ROLE.fullmatch(role) or role == REPRODUCER]
            if wrong or not roles or len(set(roles)) < len(roles):
                roles = ()
                expected = f"one role or more, each once and none {REPRODUCER}, as in: roles evaluator programmabureau"
                faults.append(Fault(file, repr(line), expected, row=number))
            elif named and set(named) != set(roles):
                faults.append(Fault(file, repr(line), f"the roles of the deal: {' '.join(named)}", row=number))
            continue
        key = " ".join(words[1:3])
        if not (_ROLE.fullmatch(words[0]) and (_SSH.fullmatch(key) or _MINISIGN_KEY.fullmatch(key))):
            expected = "a role, a key (ssh-ed25519 AAAA... or minisign RW...) and who holds it"
            faults.append(Fault(file, repr(line[:80]), expected, row=number))
            continue
        if any(item.key == key for item in found):
            expected = "a key of its own for each role: who approves is not who is approved"
            faults.append(Fault(file, f"the key of {words[0]} again", expected, row=number))
        found.append(Signer(words[0], key, words[3] if len(words) > 3 else ""))
    roles = named or roles or DEFAULT_ROLES
    there = {item.role for item in found}
    if not faults and (missing := [role for role in roles if role not in there]):
        faults.append(Fault(file, f"no key of {', '.join(missing)}", f"a key for each of {', '.join(roles)}"))
    if faults:
        raise InputError(faults)
    return Signers(roles, tuple(found))
