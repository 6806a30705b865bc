"""Real surroundings that are not as they should be: disks, rights, languages, temporary folders, the network."""

from __future__ import annotations

import http.server
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluation.base.errors import SettingError, SourceError
from evaluation.run.kernels.fork_server import can_fork
from evaluation.statistics.sources.http import Client, Patience
from tests.cli.test_outside import state
from tests.conftest import ROOT

NEW = ("new", "notebook", "--title", "Nog een", "--theme", "3")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk or be another user")


def regiodeal(root: Path, *arguments: str, variables: dict[str, str] | None = None, before=(), **options):
    """Run the command line as a process of its own."""
    return subprocess.run(
        [*before, sys.executable, "-m", "evaluation.cli", *arguments],
        cwd=root, env={**os.environ, "REGIODEAL_ROOT": str(root), "PYTHONPATH": str(ROOT), **(variables or {})},
        capture_output=True, text=True, errors="replace", check=False, timeout=120, **options,
    )  # fmt: skip


def assert_told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


@as_root
def test_a_full_disk(shared_project, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=True)
    try:
        (small / "filler").write_bytes(b"0" * 60_000)
        done = regiodeal(shared_project.root, "template", "--to", str(small / "leeg.xlsx"))
        assert_told(done, 12, "leeg.xlsx", "the disk is full", "Make room")
        assert [path.name for path in small.iterdir()] == ["filler"], "nothing half written"
        done = regiodeal(shared_project.root, "data", "diff", "cbs/2026-07-17/83625NED", "cbs/2026-11-24/83625NED",
                         "--csv", str(small / "x.csv"))  # fmt: skip
        assert_told(done, 12, "x.csv", "the disk is full")
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_limit_to_the_size_of_files(shared_project):
    before = state(shared_project.root)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    done = regiodeal(shared_project.root, "template", "--to", "klein.xlsx", preexec_fn=limit)
    assert_told(done, 12, "klein.xlsx", "may not become so large", "ulimit -f")
    assert state(shared_project.root) == before


def test_too_little_memory_for_the_libraries_of_others(shared_project):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (150_000_000, 150_000_000))

    done = regiodeal(shared_project.root, "check", preexec_fn=limit)
    assert_told(done, 14, "150 MB", "ulimit -v")


def test_standard_output_on_a_full_disk(shared_project):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "evaluation.cli", "data", "status"], cwd=shared_project.root, check=False,
            env={**os.environ, "REGIODEAL_ROOT": str(shared_project.root)}, stdout=full, stderr=-1, text=True,
        )  # fmt: skip
    assert done.returncode == 12 and "Traceback" not in done.stderr and "disk is full" in done.stderr, done.stderr


def assert_refused(root: Path, commands: Sequence[Sequence[str]], words: str, *before: str) -> None:
    """Give commands in a project that may not be written: each says so, and what only reads does its work."""
    found = state(root)
    variables = {"HOME": "/nonexistent", "REGIODEAL_CACHE": "", "REGIODEAL_OWN_CACHE": "", "XDG_CONFIG_HOME": ""}
    for command in commands:
        assert_told(regiodeal(root, *command, variables=variables, before=before), 13, words)
        assert state(root) == found
    done = regiodeal(root, "data", "status", variables=variables, before=before)
    assert done.returncode == 0, done.stderr


@as_root
def test_a_read_only_drive(shared_project, tmp_path):
    root = tmp_path / "drive"
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(root)], check=True)
    try:
        shutil.copytree(shared_project.root, root, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(root)], check=True)
        assert_refused(root, [NEW, ("template", "--to", "z.xlsx")], "the drive is read-only")
    finally:
        subprocess.run(["umount", str(root)], check=True)


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everything")
@pytest.mark.parametrize(
    "command",
    [("template", "--to", "z.xlsx"), pytest.param(("run", "--year", "2021"), marks=pytest.mark.slow)],
    ids=" ".join,
)
def test_a_project_that_this_user_may_only_read(shared_project, tmp_path, command):
    root = tmp_path / "project"
    shutil.copytree(shared_project.root, root)
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    try:
        for folder in folders:
            folder.chmod(0o555)
        plain = () if os.geteuid() else ("setpriv", "--bounding-set=-dac_override")
        assert_refused(root, [command], "may not read or write it", *plain)
    finally:
        for folder in folders:
            folder.chmod(0o755)


ONE_CELL = """\
import json, sys
from pathlib import Path
from tests.kernels.test_kernels import PACKAGES, provisioner, run
provisioner.warm_up(PACKAGES)
done = run(Path(sys.argv[1]), "print('\u00e9', 1)")
print(done.status, done.error)
"""


@pytest.mark.skipif(not can_fork(), reason="kernels are not forked on this system")
def test_a_long_temporary_folder_and_the_language_c_with_an_accented_path(tmp_path):
    root = tmp_path / "Régió Deal"
    for name in ("notebooks", "data", "run"):
        (root / name).mkdir(parents=True)
    (root / "requirements.lock").write_text("", encoding="utf-8")
    long = tmp_path / ("x" * 100)
    long.mkdir()
    variables = {"LC_ALL": "C", "TMPDIR": str(long), "REGIODEAL_ROOT": str(root), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", ONE_CELL, str(root)], cwd=ROOT, env={**os.environ, **variables},
                          capture_output=True, text=True, check=False, timeout=300)  # fmt: skip
    assert done.stdout.strip() == "ok None", (done.stdout, done.stderr)
    assert "Errno" not in done.stderr and not any(long.iterdir())


def test_names_that_a_terminal_cannot_show(tmp_path, shared_project):
    root = tmp_path / "Régió"
    root.symlink_to(shared_project.root)
    for variables in ({"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}):
        done = regiodeal(root, "data", "verify", variables=variables)
        assert done.returncode == 0, done.stderr
        assert_told(regiodeal(root, "diff", "é.zip", "x.csv", variables=variables), 2, ".zip")


def test_words_that_are_no_utf8_are_refused_and_a_file_of_such_a_name_is_read(project):
    def add(name: bytes, *words: bytes):
        (Path(os.fsdecode(os.fsencode(project.root) + b"/" + name))).write_text("region,period,value\nGM0917,2020,1\n")
        given = (b"--as", b"proef/x", b"--licence", b"CC0", b"--publisher", b"p", b"--meaning", b"m", b"--unit", b"u")
        return regiodeal(project.root, "data", "add", *map(os.fsdecode, (name, *given, *words)))

    before = state(project.root / "data")
    assert_told(add(b"x.csv", b"--title", b"t\xff"), 2, "is not text in UTF-8")
    assert state(project.root / "data") == before
    done = add(b"a\xff\nb.csv", b"--title", b"t")
    assert done.returncode == 0, done.stderr
    assert regiodeal(project.root, "data", "verify").returncode == 0, "what was written can be read"


def test_a_file_of_gigabytes_is_refused_before_it_is_read(shared_project, tmp_path):
    for name in ("x.xlsx", "x.csv"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(20_000_000_000)
        add = ("data", "add", tmp_path / name, "--as", "a/b", "--licence", "CC0")
        for command in (("import", tmp_path / name), add)[name == "x.csv" :]:
            done = regiodeal(shared_project.root, *map(str, command))
            assert done.returncode == 2 and "20000 MB (at most 60)" in done.stderr, done.stderr


@pytest.mark.parametrize("module", ["typer", "evaluation.base.errors"])
def test_ctrl_c_while_the_command_still_imports_says_nothing(shared_project, module):
    """It comes while a module is imported: the first thing that is looked for in it sends it."""
    code = f"""
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs beside itself ignore it
class Sender:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Sender())
sys.argv = ["regiodeal", "check"]
runpy.run_module("evaluation.cli", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=shared_project.root, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)  # fmt: skip
    assert done.returncode in (-signal.SIGINT, 130) and done.stderr == "", (done.returncode, done.stderr)


def test_no_temporary_folder_at_all(shared_project, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/no/such/folder"])
    done = shared_project.regiodeal_here("data", "add", "x.csv", "--as", "a/b", "--licence", "x")
    assert done.returncode in (2, 16)
    with pytest.raises(FileNotFoundError) as raised:
        tempfile.gettempdir()
    from evaluation.base.outside import explain

    assert isinstance(explain(raised.value), SettingError)


def test_a_folder_that_is_gone(project):
    code = "import os, shutil, sys; os.chdir(sys.argv[1]); shutil.rmtree(sys.argv[1]); sys.argv[1:] = ['check']\n"
    code += "from evaluation.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, str(project.root)], env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert_told(done, 2, "is gone")


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers everything with the body of its server."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def publisher():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.body = b'{"value": []}'
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def bare(monkeypatch):
    """No proxy and no certificates of this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def ask(publisher) -> dict:
    address = f"http://127.0.0.1:{publisher.server_port}"
    with Client("cbs/1", address, patience=Patience(1, 1, 5), sleep=lambda seconds: None) as client:
        return client.json(f"{address}/x")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALL_PROXY", "socks5://user:secret@proxy:1080", "ALL_PROXY is socks5://proxy:1080: only a proxy of the form"),
        ("HTTP_PROXY", "ftp://proxy", "HTTP_PROXY is ftp://proxy"),
        ("HTTP_PROXY", "http://proxy:port", "HTTP_PROXY is http://proxy:port"),
        ("HTTP_PROXY", "http://[::1", "HTTP_PROXY is http://[::1"),
        ("SSL_CERT_FILE", "/no/such/file.pem", "/no/such/file.pem: no certificates can be read there"),
        ("SSL_CERT_FILE", __file__, "no certificates can be read there"),
    ],
)  # fmt: skip
def test_a_setting_of_the_network_that_cannot_be_used(bare, publisher, name, value, words, shared_project):
    bare.setenv(name, value)
    with pytest.raises(SettingError) as raised:
        ask(publisher)
    assert words in str(raised.value) and "secret" not in str(raised.value)
    address = f"http://127.0.0.1:{publisher.server_port}"
    done = shared_project.regiodeal_here("data", "describe", "cbs/82015NED", "--base-url", address)
    assert_told(done, 16, words)
    done = shared_project.regiodeal_here("data", "fetch", "cbs/83625NED", "--base-url", address)
    assert_told(done, 16, words)


@pytest.mark.parametrize("value", ["::1", "[::1]", "fd00::/8,127.0.0.1", "10.0.0.0/8, ::1, 127.0.0.1", "*"])
def test_an_ipv6_address_in_no_proxy_is_no_trouble(bare, publisher, value):
    bare.setenv("NO_PROXY", value)
    assert ask(publisher) == {"value": []}
    if "127" in value or value == "*":
        bare.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert ask(publisher) == {"value": []}, "not by the proxy"


def test_a_proxy_is_used_and_one_that_is_not_there_is_told(bare, publisher, shared_project):
    bare.setenv("HTTP_PROXY", f"http://127.0.0.1:{publisher.server_port}")
    with Client("cbs/1", "http://publisher.test", patience=Patience(1, 1, 5)) as client:
        assert client.json("http://publisher.test/x") == {"value": []}
    bare.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    done = shared_project.regiodeal_here(
        "data", "fetch", "cbs/83625NED", "--base-url", "http://publisher.test", "--attempts", "1"
    )
    assert_told(done, 18, "cannot reach")


def test_an_answer_of_many_brackets(bare, publisher):
    publisher.body = b'{"value": ' + b"[" * 200_000
    with pytest.raises(SourceError, match="nested too deep"):
        ask(publisher)
    publisher.body = b'{"value": []}'
