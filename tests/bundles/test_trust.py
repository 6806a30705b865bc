"""Whose bundle it is: sums and signatures of minisign; and what its code is run with."""

from __future__ import annotations

import ast
import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evaluation.base.errors import CouldNotRun, UsageError
from evaluation.bundles import environment
from evaluation.bundles.compare import own_tolerances
from evaluation.bundles.environment import make_environment
from evaluation.bundles.layout import NotTheBundle
from evaluation.bundles.surroundings import clean_surroundings
from evaluation.bundles.trust import check_signature, establish

# What minisign's own libraries publish to test with: of the content "test", by hash and (as it was done once) as it is.
KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
PREHASHED = """untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==
"""
LEGACY = """untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
"""


def signed(content: bytes, *, key: Ed25519PrivateKey, number: bytes = b"12345678") -> tuple[str, str]:
    """Sign as minisign does now: public key and signature."""
    raw = b"Ed" + number + key.public_key().public_bytes_raw()
    first = key.sign(hashlib.blake2b(content).digest())
    comment = "timestamp:1"
    lines = (b"ED" + number + first, key.sign(first + comment.encode()))
    one, two = (base64.b64encode(line).decode() for line in lines)
    return base64.b64encode(raw).decode(), f"untrusted comment: x\n{one}\ntrusted comment: {comment}\n{two}\n"


@pytest.mark.parametrize("signature", [PREHASHED, LEGACY])
def test_the_published_signatures_of_minisign_are_right_of_this_content_and_key_only(signature):
    check_signature(b"test", signature, KEY, name="x.zip")
    check_signature(b"test", signature, f"untrusted comment: minisign public key\n{KEY}\n", name="x.zip")
    other, _ = signed(b"test", key=Ed25519PrivateKey.generate())
    lines = signature.splitlines()
    kind = base64.b64decode(lines[1])
    same_number = base64.b64encode(b"Ed" + kind[2:10] + base64.b64decode(other)[10:]).decode()
    for content, text, key, said in (
        (b"tesT", signature, KEY, "not the bundle that was signed"),
        (b"test", signature.replace("file:test", "file:best"), KEY, "its signature was altered"),
        (b"test", signature, same_number, "not the bundle that was signed"),
        (b"test", signature, other, "another key"),
    ):
        with pytest.raises(NotTheBundle, match=said):
            check_signature(content, text, key, name="x.zip")
    swapped = base64.b64encode((b"Ed" if kind.startswith(b"ED") else b"ED") + kind[2:]).decode()
    with pytest.raises(NotTheBundle):
        check_signature(b"test", signature.replace(lines[1], swapped), KEY, name="x.zip")


@pytest.mark.parametrize(
    "signature", ["", "x", PREHASHED.replace("RUQf", "AAAA"), PREHASHED[:150], "a\nb\nc\nd", "é" * 200]
)
def test_what_is_no_signature_is_told(signature):
    with pytest.raises(UsageError, match="no signature of minisign"):
        check_signature(b"test", signature, KEY, name="x.zip")


def test_a_signature_stands_beside_the_bundle_and_its_key_does_not(tmp_path):
    path = tmp_path / "2021.zip"
    path.write_bytes(b"content")
    key, signature = signed(b"content", key=Ed25519PrivateKey.generate())
    path.with_name("2021.zip.minisig").write_text(signature)
    (tmp_path / "office.pub").write_text(f"untrusted comment: x\n{key}\n")
    assert establish(path, b"content").by == "", "a signature without a key that is known says nothing"
    for given in (key, str(tmp_path / "office.pub")):
        assert establish(path, b"content", key=given).by == "signature"
    assert establish(path, b"content", key=key, sha256=hashlib.sha256(b"content").hexdigest()).by == "sum"
    for given, said in (
        ({"signature": tmp_path / "2021.zip.minisig"}, "give the public key"),
        ({"key": key, "signature": tmp_path / "none.minisig"}, "There is no signature"),
        ({"key": "none.pub"}, "There is no public key"),
        ({"key": KEY[:-4] + "===="}, "expected a public key"),
    ):
        with pytest.raises(UsageError, match=said):
            establish(path, b"content", **given)
    with pytest.raises(NotTheBundle):
        establish(path, b"Content", key=key)


def test_the_code_of_a_bundle_finds_nothing_of_the_user(monkeypatch):
    for name in ("HTTPS_PROXY", "GITHUB_TOKEN", "PIP_INDEX_URL", "SSH_AUTH_SOCK", "REGIODEAL_CACHE", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "secret")
    with clean_surroundings() as variables:
        code = "import os, tempfile as t; print(sorted(os.environ), os.path.expanduser('~'), t.gettempdir(), sep='\\n')"
        done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
        names, home, temporary = done.stdout.splitlines()
        assert "secret" not in variables.values() and home != os.path.expanduser("~")
        assert not {"HTTPS_PROXY", "GITHUB_TOKEN", "PIP_INDEX_URL", "VIRTUAL_ENV", "USER"} & set(
            ast.literal_eval(names)
        )
        assert Path(home).is_dir() and not list(Path(home).iterdir()) and Path(temporary) != Path(home)
    assert not Path(home).exists() and not Path(temporary).exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("requirements-uv.lock", "--index-url https://elsewhere.example/simple"),
        ("requirements-uv.lock", "uv @ https://elsewhere.example/uv.whl"),
        ("requirements-uv.lock", "vu==1.0 \\"),
        ("requirements.lock", "-r /etc/passwd"),
        ("requirements.lock", "--extra-index-url=https://elsewhere.example"),
        ("requirements.lock", "-e ."),
    ],
)
def test_a_lock_file_names_packages_and_no_place(tmp_path, monkeypatch, name, line):
    monkeypatch.setattr(environment, "_call", lambda *_: pytest.fail("something was installed"))
    for lock in ("requirements-uv.lock", "requirements.lock"):
        (tmp_path / lock).write_text(f"uv==0.9 \\\n    --hash=sha256:{'0' * 64}\n    # via x\n")
    with (tmp_path / name).open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(CouldNotRun, match=rf"{name}, row 4: got .*Nothing was installed"):
        make_environment(tmp_path, tmp_path / "environment", "", {}, {})


def test_packages_are_fetched_before_and_outside_what_the_bundle_may_run(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(environment, "_call", lambda *given: called.append(given))
    monkeypatch.setattr(environment, "_installed", lambda python, surroundings: {})
    monkeypatch.setattr(environment, "_own_index", lambda python, variables: "an index of pip.conf")
    monkeypatch.setenv("HTTPS_PROXY", "proxy")
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    for lock in ("requirements-uv.lock", "requirements.lock"):
        (tmp_path / lock).write_text(f"uv==0.9 \\\n    --hash=sha256:{'0' * 64}\n")
    make_environment(tmp_path / ".", tmp_path / "work" / "environment", "", {}, {"HOME": "own"})
    *fetched, built = called
    assert all(folder == tmp_path / "work" and "HTTPS_PROXY" in variables for _, folder, variables in fetched)
    assert all({"--only-binary", ":all:"} <= set(map(str, command)) for command, *_ in fetched[1:])
    assert fetched[-1][2]["UV_DEFAULT_INDEX"] == "an index of pip.conf"
    assert built[2] == {"HOME": "own"} and "--offline" in built[0], "only this runs code of the bundle"


def test_tolerances_are_those_beside_the_package_of_this_command(tmp_path, monkeypatch):
    known = own_tolerances()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "toleranties.csv").write_text("maat,relatief,absoluut,reden\nvalue,0.01,0.01,ruim\n")
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert own_tolerances() == known and "value" not in known
