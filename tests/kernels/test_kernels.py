"""Warm kernels: each as a new process would be, and none left behind, however a notebook or its run ends."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import v4
from papermill.exceptions import PapermillExecutionError

from evaluation.base.cache import find_made
from evaluation.inputs.chapter_list import RunChapter
from evaluation.run import execute
from evaluation.run.cell_errors import place_of, tell_error
from evaluation.run.execute import NotebookOutcome, run_notebook
from evaluation.run.kernels import provisioner
from evaluation.run.kernels.fork_server import PACKAGES, can_fork
from tests.conftest import ROOT, heed_interrupts

needs_fork = pytest.mark.skipif(not can_fork(), reason="kernels are not forked on this system")

STATE = """\
import json, locale, os, random, signal, sys
import numpy, pandas, plotly.io
print(json.dumps({
    "folder": os.getcwd(),
    "mark": os.environ.get("MARK"),
    "left over": os.environ.get("LEFT_OVER"),
    "main": [sys.modules["__main__"].__name__, "__mp_main__" in sys.modules],
    "path": [entry for entry in sys.path if entry.endswith("site-packages")] != [],
    "locale": locale.setlocale(locale.LC_CTYPE),
    "renderer": plotly.io.renderers.default,
    "rows": pandas.options.display.max_rows,
    "numpy": float(numpy.random.random()),
    "random": random.random(),
    "group": os.getpgid(0) == os.getpid(),
    "deaf to": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "told by": sys.excepthook.__module__,
}))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project of nothing but notebooks."""
    root = tmp_path / "project"
    for name in ("notebooks", "data", "run"):
        (root / name).mkdir(parents=True)
    (root / "requirements.lock").write_text("", encoding="utf-8")
    monkeypatch.setenv("REGIODEAL_ROOT", str(root))
    provisioner.warm_up(PACKAGES)
    return root


def run(folder: Path, *cells: str, **limits: float) -> NotebookOutcome:
    """Run a notebook of these cells."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells.insert(0, v4.new_code_cell("year = 1", metadata={"tags": ["parameters"]}))
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    nbformat.write(notebook, folder / "notebooks" / "x.ipynb")
    return run_notebook(RunChapter("x", "x"), {"year": 2}, folder / "run", force=True, **limits)


def printed(folder: Path) -> dict[str, object]:
    """Return what the last cell of the executed notebook printed."""
    notebook = nbformat.read(folder / "run" / "x.ipynb", as_version=4)
    return json.loads(notebook.cells[-1].outputs[0].text)


def is_running(pid: int) -> bool:
    """Tell whether there is such a process that is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def is_of_group(pid: int, group: int) -> bool:
    """Tell whether a process is of a group of processes."""
    try:
        return os.getpgid(pid) == group
    except OSError:
        return False


def ends(pid: int, *, within: float = 5) -> bool:
    """Wait until a process has ended."""
    until = time.monotonic() + within
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(pid)


def written(path: Path, *, within: float = 60) -> list[int]:
    """Wait for a file of numbers."""
    until = time.monotonic() + within
    while not (path.is_file() and path.read_text(encoding="utf-8").endswith("\n")) and time.monotonic() < until:
        time.sleep(0.05)
    return [int(word) for word in path.read_text(encoding="utf-8").split()]


@needs_fork
def test_a_forked_kernel_is_as_a_new_one_and_shares_nothing_with_the_last(folder, monkeypatch):
    monkeypatch.setenv("MARK", "1")
    leave = "import os, pandas, sys\nos.environ['LEFT_OVER'] = 'x'\npandas.options.display.max_rows = 3\nos.chdir('/')"
    done = run(folder, leave)
    assert done.status == "ok", done.error
    assert run(folder, STATE).status == "ok"
    first = printed(folder)
    assert run(folder, STATE).status == "ok"
    second = printed(folder)
    monkeypatch.setattr(provisioner, "can_fork", lambda: False)
    assert run(folder, STATE).status == "ok"
    ordinary = printed(folder)
    assert first["folder"] == str(folder / "notebooks") and first["mark"] == "1" and first["left over"] is None
    random = {"numpy", "random"}
    assert all(first[name] != second[name] for name in random)
    state = [{key: value for key, value in found.items() if key not in random} for found in (first, second, ordinary)]
    assert state[0] == state[1] == state[2]


@needs_fork
def test_a_kernel_that_dies_is_told_and_gone(folder, tmp_path):
    pids = tmp_path / "pids"
    write = f"import os\nprint(os.getpid(), file=open({str(pids)!r}, 'w'), flush=True)"
    outcome = run(folder, write, "os.kill(os.getpid(), 9)")
    assert (outcome.status, outcome.error["name"]) == ("failed", "DeadKernelError")
    assert ends(*written(pids)) and not (folder / "run" / "x.ipynb").exists()
    assert find_made({key: value for key, value in outcome.inputs.items() if key != "files"}) is None


@needs_fork
@pytest.mark.parametrize(
    ("limits", "hang"),
    [({"cell_limit": 2}, "while True: pass"), ({"notebook_limit": 8.0}, "import time; time.sleep(600)")],
    ids=["cell", "notebook"],
)
def test_a_kernel_that_hangs_is_stopped_with_what_it_started(folder, tmp_path, monkeypatch, limits, hang):
    monkeypatch.setattr(execute, "machine_load", lambda: 1.0)
    pids = tmp_path / "pids"
    write = (
        "import os, subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
        f"print(os.getpid(), child.pid, file=open({str(pids)!r}, 'w'), flush=True)"
    )
    outcome = run(folder, write, hang, **limits)
    assert (outcome.status, outcome.error["name"]) == ("failed", "CellTimeoutError")
    assert all(ends(pid) for pid in written(pids))


@needs_fork
def test_a_kernel_that_is_lost_gets_one_other_chance(folder, tmp_path):
    mark = tmp_path / "mark"
    once = f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})\n"
    once += "if not mark.exists():\n    mark.touch()\n    os.kill(os.getpid(), 9)\nprint(1)"
    assert run(folder, once).status == "ok"
    assert printed(folder) == 1


@needs_fork
def test_a_full_disk_in_a_cell_stops_the_run_and_not_only_its_chapter(folder):
    with pytest.raises(OSError) as raised:
        run(folder, "open('/dev/full', 'w').write('x' * 100_000)")
    assert raised.value.errno == errno.ENOSPC


def test_limits_follow_the_load_of_the_machine(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load, times in ((0.1, 1), (2.0, 1), (8.0, 4), (1000.0, 10)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0, 0))
        assert execute.machine_load() == times
        config = execute.kernel_config(str(tmp_path), {}, tmp_path)
        assert config.NotebookClient.iopub_timeout == 120 * times


def test_only_what_the_kernel_itself_failed_at_is_tried_again():
    late = CellTimeoutError.error_from_timeout_and_cell("Timeout waiting for IOPub output", 4, None)
    slow = CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", 900, None)
    wrong = PapermillExecutionError(0, 1, "1/0", "ZeroDivisionError", "", [])
    lost = [execute._is_lost(problem) for problem in (late, DeadKernelError("x"), RuntimeError("x"), slow, wrong)]
    assert lost == [True, True, True, False, False]


@needs_fork
@pytest.mark.parametrize("killed", ["run", "kernel", "server"])
@pytest.mark.parametrize(
    "hang",
    [
        pytest.param("import time; time.sleep(600)", id="python", marks=pytest.mark.slow),
        pytest.param("import re; re.match('(a+)+$', 'a' * 40 + 'b')", id="c"),
    ],
)
def test_nothing_outlives_what_is_killed(folder, tmp_path, hang, killed):
    pids = tmp_path / "pids"
    write = (
        "import os, subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
        f"print(os.getpid(), os.getppid(), child.pid, file=open({str(pids)!r}, 'w'), flush=True)"
    )
    script = (
        "from pathlib import Path\nfrom tests.kernels.test_kernels import provisioner, run\n"
        f"provisioner.warm_up(['evaluation.base.garbage'])\nrun(Path({str(folder)!r}), {write!r}, {hang!r})\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as runner:
        kernel, server, child = written(pids)
        group = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_of_group(pid, kernel)]
        assert {kernel, child} < set(group) and is_running(server)
        pids.unlink()
        os.kill({"run": runner.pid, "kernel": kernel, "server": server}[killed], signal.SIGKILL)
        assert all([ends(pid) for pid in group])
        if killed != "run":  # the notebook is tried once more
            kernel, server, child = written(pids)
            runner.kill()
        runner.wait()
    assert all([ends(pid) for pid in (kernel, server, child)])


SERVER = """\
import multiprocessing.forkserver as server, os, socket, sys, time
from evaluation.run.kernels import fork_server
fork_server.start_server(sys.argv[1:] or fork_server.PACKAGES[:1])
try:
    {}
except KeyboardInterrupt:
    pass
"""


@needs_fork
def test_ctrl_c_while_the_server_imports_leaves_no_trace(tmp_path):
    pids = tmp_path / "pids"
    slow = f"import os, time\nprint(os.getpid(), file=open({str(pids)!r}, 'w'), flush=True)\ntime.sleep(600)"
    (tmp_path / "slow_to_import.py").write_text(slow, encoding="utf-8")
    command = [sys.executable, "-c", SERVER.format("time.sleep(600)"), "slow_to_import"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    options = {"env": environment, "stderr": -1, "text": True}
    with subprocess.Popen(command, preexec_fn=heed_interrupts, **options) as runner:
        server = written(pids)[0]
        os.kill(server, signal.SIGINT)  # a terminal gives it to both; which of them is first is chance
        went_on = not ends(server, within=0.5)
        runner.send_signal(signal.SIGINT)
        assert runner.communicate(timeout=30) == (None, "")
    assert went_on and ends(server), "who began it ends it"


@needs_fork
@pytest.mark.parametrize(
    "leave",
    [
        "[os.close(end) for end in server.connect_to_new_process([])]",
        "socket.socket(socket.AF_UNIX).connect(server._forkserver._forkserver_address)",
        "end = server.connect_to_new_process([])[1]; os.write(end, b'\\x80\\x04\\x95'); os.close(end)",
    ],
    ids=["before a word", "before the pipes", "halfway"],
)
def test_who_is_killed_while_a_kernel_starts_leaves_no_trace(leave):
    command = [sys.executable, "-c", SERVER.format(f"{leave}; time.sleep(1)")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@needs_fork
def test_ctrl_c_ends_a_run_at_once_with_its_kernels_and_without_a_trace(project, tmp_path):
    profile = project.root / "_quarto-annual.yml"  # a report of one chapter is enough
    lines = [line for line in profile.read_text(encoding="utf-8").splitlines(keepends=True)
             if "3-veiligheid" in line or not re.match(r"    - \S+ipynb", line)]  # fmt: skip
    profile.write_text("".join(lines), encoding="utf-8")
    path = project.root / "notebooks" / "3-veiligheid.ipynb"
    notebook = nbformat.read(path, as_version=4)
    pids = tmp_path / "pids"
    source = "from evaluation.base import cache\nmachine = getattr(cache, 'o' + 's')\n"  # a cell may not import it
    source += f"machine.popen('echo %s > {pids}' % machine.getpid()).read()\nwhile True:\n    pass"
    cell = v4.new_code_cell(source)
    cell["id"] = "hang"
    notebook.cells.insert(3, cell)
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "evaluation.cli", "run", "--year", "2021"]
    environment = {**os.environ, "REGIODEAL_ROOT": str(project.root)}
    options = {"cwd": project.root, "env": environment, "stdout": -1, "stderr": -1, "text": True}
    with subprocess.Popen(command, preexec_fn=heed_interrupts, **options) as runner:
        try:
            kernel = written(pids)[0]
            runner.send_signal(signal.SIGINT)
            _, errors = runner.communicate(timeout=30)
        finally:
            runner.kill()
    assert runner.returncode not in (0, None) and "Traceback" not in errors
    assert ends(kernel)
    assert not (project.runs / "2021").exists() and not list(project.runs.glob(".2021-run-*"))


def test_what_cannot_be_forked_starts_as_ever(monkeypatch):
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "x.json"]
    assert provisioner._is_forkable(command, dict(os.environ)) == can_fork()
    assert not provisioner._is_forkable(["R", *command[1:]], dict(os.environ))
    assert not provisioner._is_forkable(command, {**os.environ, "PYTHONPATH": "/elsewhere"})
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not provisioner.can_fork() and not provisioner._is_forkable(command, dict(os.environ))


def test_jupyterlab_finds_the_provisioner():
    found = entry_points(group="jupyter_client.kernel_provisioners", name=provisioner.NAME)
    assert [item.load() for item in found] == [provisioner.WarmProvisioner]


USER = """\
import json, os, sys
print(json.dumps({
    "names": sorted(name for name in globals() if name.startswith("of_the_")),
    "modules": sorted(name for name in sys.modules if name.startswith("of_the_")),
    "profile": get_ipython().profile_dir.location,
    "digits": get_ipython().precision if hasattr(get_ipython(), "precision") else "",
    "ast": get_ipython().ast_node_interactivity,
    "python": sys.executable,
    "variables": [name for name in os.environ if name.startswith(("IPYTHON", "JUPYTER", "PYTHONSTART", "PLOTLY"))],
    "user packages": __import__("site").ENABLE_USER_SITE,
}))
"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a user with a profile, startup files, packages, a kernel called python3 and a configured machine."""
    home = tmp_path / "home"
    mark = "import builtins; builtins.of_the_{0} = 1; get_ipython().user_ns['of_the_{0}'] = 1\n"
    for place, text in {
        ".ipython/profile_default/startup/00-mine.py": mark.format("startup"),
        ".ipython/profile_default/startup/01-mine.ipy": mark.format("startup_ipy"),
        ".ipython/profile_default/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['of_the_config = 1']\n",
        ".ipython/profile_default/ipython_kernel_config.py": (
            "c.InteractiveShellApp.exec_lines = ['of_the_kernel_config = 1']\n"
            "c.InteractiveShell.ast_node_interactivity = 'none'\n"
        ),
        "machine/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['of_the_machine = 1']\n",
        "machine/ipython_kernel_config.py": "c.InteractiveShellApp.exec_files = ['/nowhere.py']\n",
        "machine/startup/00-all.py": mark.format("machine_startup"),
        "start.py": "of_the_pythonstartup = 1\n",
        "jupyter/kernels/python3/kernel.json": json.dumps(
            {"argv": ["/bin/false", "{connection_file}"], "display_name": "mine", "language": "python"}
        ),
        "config/jupyter_config.py": "raise SystemExit('read')\n",
    }.items():
        path = home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    variables = {
        "HOME": home, "IPYTHONDIR": home / ".ipython", "PYTHONSTARTUP": home / "start.py", "PLOTLY_RENDERER": "png",
        "JUPYTER_PATH": home / "jupyter", "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_DATA_DIR": home / "jupyter",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    import IPython.core.application
    import IPython.core.shellapp

    for module in (IPython.core.application, IPython.core.shellapp):  # as a fork of this process has them
        monkeypatch.setattr(module, "SYSTEM_CONFIG_DIRS", [str(home / "machine")])
        monkeypatch.setattr(module, "ENV_CONFIG_DIRS", [str(home / "machine")])
    return home


@pytest.mark.parametrize("is_forked", [pytest.param(True, marks=needs_fork), False], ids=["forked", "ordinary"])
def test_a_batch_kernel_reads_nothing_of_the_user(folder, user, monkeypatch, is_forked):
    if not is_forked:
        monkeypatch.setattr(provisioner, "can_fork", lambda: False)
    outcome = run(folder, USER)
    assert outcome.status == "ok", outcome.error
    found = printed(folder)
    assert found["names"] == found["modules"] == [] and found["ast"] == "last_expr"
    assert not found["profile"].startswith(str(user)) and not Path(found["profile"]).exists(), "empty, and gone"
    assert os.path.samefile(found["python"], sys.executable) and not found["user packages"]
    assert found["variables"] == ["IPYTHONDIR"]
    failed = run(folder, "of_the_startup")
    assert (failed.status, failed.error["name"]) == ("failed", "NameError"), "a name of the user's profile is none"


def test_a_batch_kernel_is_deaf_to_the_configuration_of_the_machine(user):
    from ipykernel.kernelapp import IPKernelApp

    from evaluation.run.kernels.batch import BatchKernelApp

    for kind, expected in ((IPKernelApp, ["/nowhere.py"]), (BatchKernelApp, [])):
        app = kind()
        app.init_profile_dir()
        app.init_config_files()
        app.load_config_file()
        assert str(user / "machine") in app.config_file_paths
        assert list(app.exec_files) == expected, "an ordinary kernel reads them, so that this test sees something"


def test_a_process_with_packages_of_its_user_is_not_forked(monkeypatch, tmp_path):
    import site

    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path))
    assert not provisioner._has_user_packages()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert provisioner._has_user_packages()


def test_the_kernels_of_jupyterlab_keep_what_the_user_set_up(user, monkeypatch):
    from jupyter_client.manager import start_new_kernel

    monkeypatch.delenv("JUPYTER_PATH")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(user / "none"))
    provisioner.warm_up(PACKAGES)
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        assert isinstance(manager.provisioner, provisioner.WarmProvisioner) and not manager.provisioner.is_batch
        answer = client.execute_interactive("", user_expressions={"x": "of_the_startup"}, timeout=60)
        assert answer["content"]["user_expressions"]["x"]["data"]["text/plain"] == "1"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@needs_fork
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("import os\nos._exit(3)", "the kernel ended with exit code 3"),
        ("import ctypes\nctypes.string_at(0)", "signal 11 (SIGSEGV: a crash in compiled code)"),
        (
            "import os\nos.kill(os.getpid(), 9)",
            "signal 9 (SIGKILL: ended from outside, mostly because memory was full)",
        ),
    ],
)
def test_where_and_how_a_kernel_ended_is_told_with_the_memory_that_it_took(folder, cell, message):
    outcome = run(folder, "x = bytearray(200_000_000)", f"#| label: fig-x\n{cell}")
    assert message in outcome.error["message"]
    assert place_of(outcome.error) == "cell 3 (fig-x)"
    memory = re.search(r"at ([\d,]+) MB of memory", outcome.error["message"])
    assert int(memory[1].replace(",", "")) > 200


@needs_fork
def test_an_error_is_told_with_its_cell_as_an_evaluator_counts_line_and_last_names(folder):
    helper = "def deel(tabel):\n    return tabel['b']\n\nclass A:\n    def geef(self, x):\n        return deel(x)"
    outcome = run(folder, helper, "pass", "pass", "pass", "#| label: tbl-x\n#| tbl-cap: x\nA().geef({'a': 1})")
    assert outcome.error == {
        "name": "KeyError", "message": "'b'", "cell": "tbl-x", "number": 6, "line": 3, "code": "A().geef({'a': 1})",
        "names": ["A.geef", "deel"],
    }  # fmt: skip
    assert place_of(outcome.error) == "cell 6 (tbl-x), line 3"
    assert tell_error(outcome.error) == "KeyError: 'b' At: A().geef({'a': 1}) In: A.geef, deel."
    assert run(folder, "raise SystemExit", "print(1)").error["number"] == 2
    assert run(folder, "import warnings\nwarnings.warn('let op')").status == "ok"
    (warned,) = nbformat.read(folder / "run" / "x.ipynb", as_version=4).cells[-1].outputs
    assert warned.text.startswith("cell:2: UserWarning: let op"), "no process and folder of this machine"


@needs_fork
@pytest.mark.parametrize(
    "cell",
    [
        "while True:\n    print('x' * 1000)",
        "from IPython.display import display\nwhile True:\n    display({'text/plain': 'x' * 100_000}, raw=True)",
        "import sys\nwhile True:\n    sys.stderr.write('x' * 1000)",
    ],
    ids=["print", "display", "stderr"],
)
def test_a_cell_that_shows_without_end_is_stopped_where_it_does(folder, cell):
    outcome = run(folder, "print('x' * 9_000_000)\npass", cell, cell_limit=60)
    assert outcome.error["name"] == "OutputTooLarge" and "more than 10 MB" in outcome.error["message"]
    assert place_of(outcome.error).startswith("cell 3 (cell-2), line")
