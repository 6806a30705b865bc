"""Sign a file with a key of SSH and check such a signature, by OpenSSH's own `ssh-keygen -Y`."""

import subprocess
from pathlib import Path

from evaluation.base.errors import SnapshotError, UsageError
from evaluation.base.programs import call

_NAMESPACE = "regiodeal-plan"


def sign(content: bytes, key: Path, *, namespace: str = _NAMESPACE) -> bytes:
    """Sign bytes with a private key, whose passphrase ssh-keygen or its agent asks for; UsageError when it cannot.

    The `namespace` says what is signed: a signature of one thing is none of another.
    """
    if not key.is_file():
        raise UsageError(f"There is no key {key}; make one with: ssh-keygen -t ed25519")
    done = _ssh_keygen("sign", "-f", key, content=content, namespace=namespace)
    if done.returncode != 0 or b"BEGIN SSH SIGNATURE" not in done.stdout:
        raise UsageError(f"Nothing was signed with {key}: {_told(done)}. Give a private key of SSH.")
    return done.stdout


def check(content: bytes, signature: Path, signers: Path | None, *, namespace: str = _NAMESPACE) -> str:
    """Check a signature and say whose it is.

    `signers` lists who may sign (ALLOWED SIGNERS of ssh-keygen); without it only the key is told, not whose it is.
    Raises SnapshotError when the signature is not of this content, or of nobody in the list.
    """
    if signers is None:
        done = _ssh_keygen("check-novalidate", "-s", signature, content=content, namespace=namespace)
        whose = "whose key it is, is not established: give a list with --signers"
    else:
        names = _ssh_keygen("find-principals", "-s", signature, "-f", signers, content=content)
        found = names.stdout.decode("utf-8", "replace").splitlines()
        if names.returncode != 0 or not found:
            raise SnapshotError(f"{signature.name}: got the signature of a key that {signers} does not name.")
        words = ("-s", signature, "-f", signers, "-I", found[0])
        done = _ssh_keygen("verify", *words, content=content, namespace=namespace)
        whose = f"of {found[0]}"
    if done.returncode != 0:
        raise SnapshotError(f"{signature.name}: got no good signature of this file ({_told(done)}).")
    key = done.stdout.decode("utf-8", "replace").strip().rpartition(" ")[2]
    return f"{key}, {whose}"


def _ssh_keygen(what: str, *words: object, content: bytes, namespace: str = "") -> subprocess.CompletedProcess:
    import tempfile  # here, as the help of a command needs none of it

    name = ("-n", namespace) if namespace else ()
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return call(["ssh-keygen", "-Y", what, *words, *name], stdin=file, stdout=pipe, stderr=pipe)


def _told(done: subprocess.CompletedProcess) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip(" .") if lines else f"ssh-keygen ended with {done.returncode}"
