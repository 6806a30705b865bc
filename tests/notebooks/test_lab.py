"""A notebook run by hand, in the server behind JupyterLab and over its API, gives the numbers of the batch run."""

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

import nbformat
import pytest

from evaluation.base.run_variables import INPUT_LOG_VARIABLE, RUN_VARIABLE
from evaluation.cli.desk import lab_command, lab_environment
from evaluation.present.display import FIGURE_MIME
from evaluation.present.results import RESULTS_MIME
from tests.conftest import ROOT, Project, copy_project

LACKING = [name for name in ("jupyter_server", "websocket") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}")
NUMBERS = ("result_id", "value", "unit_of_measure", "status", "source", "vintage")
_PATIENCE = 120


class Server:
    """The server of `regiodeal lab`, without JupyterLab's own pages."""

    def __init__(self, project: Project) -> None:
        self.token = uuid.uuid4().hex
        options = [*lab_command()[3:], "--no-browser", "--port=0", f"--IdentityProvider.token={self.token}"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options],
            cwd=project.root,
            env=lab_environment() | {"JUPYTER_RUNTIME_DIR": str(project.root / "runtime")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = next(
            word.partition("?")[0].rstrip("/")
            for line in self.process.stderr
            for word in line.split()
            if word.startswith("http://127.0.0.1:") or word.startswith("http://localhost:")
        )

        threading.Thread(target=self.process.stderr.read, daemon=True).start()  # a full pipe would keep it waiting
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.ask("/api/status")
                return
            except urllib.error.URLError:  # it tells its address a moment before it listens there
                assert self.process.poll() is None and time.monotonic() < until, "the server does not answer"
                time.sleep(0.1)

    def ask(self, path: str, content: dict | None = None) -> dict:
        asked = urllib.request.Request(
            f"{self.address}{path}",
            headers={"Authorization": f"token {self.token}"},
            data=None if content is None else json.dumps(content).encode(),
        )
        with urllib.request.urlopen(asked, timeout=_PATIENCE) as answer:
            return json.load(answer)

    def open(self, name: str) -> "Opened":
        return Opened(self, f"notebooks/{name}.ipynb")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stderr.close()


class Opened:
    """A notebook that is opened, with the kernel that it names."""

    def __init__(self, server: Server, path: str) -> None:
        import websocket

        self.cells = server.ask(f"/api/contents/{path}")["content"]["cells"]
        kernel = server.ask(f"/api/contents/{path}")["content"]["metadata"]["kernelspec"]["name"]
        asked = {"path": path, "name": path.rpartition("/")[2], "type": "notebook", "kernel": {"name": kernel}}
        self.kernel = server.ask("/api/sessions", asked)["kernel"]
        address = server.address.replace("http", "ws") + f"/api/kernels/{self.kernel['id']}/channels"
        self.socket = websocket.create_connection(f"{address}?token={server.token}", timeout=_PATIENCE)

    def run(self, code: str) -> list[dict]:
        """Execute a cell; return its outputs."""
        message = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s",
                  "version": "5.3"}  # fmt: skip
        self.socket.send(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": message,
                                     "channel": "shell"}))  # fmt: skip
        outputs = []
        while True:
            got = json.loads(self.socket.recv())
            if got["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            kind, content = got["header"]["msg_type"], got["content"]
            assert kind != "error", content
            outputs += [content] if kind in ("display_data", "execute_result", "stream") else []
            if kind == "status" and content["execution_state"] == "idle":
                return outputs

    def run_all(self) -> list[dict]:
        """Run every code cell in order, as a person does; return what they display."""
        outputs = [output for cell in self.cells if cell["cell_type"] == "code" for output in self.run(cell["source"])]
        self.refused = "".join(output["text"] for output in outputs if "report refuses" in output.get("text", ""))
        return [output["data"] for output in outputs if "data" in output]


def numbers(displays: list[dict]) -> dict[str, tuple]:
    """Return the numbers that displays show."""
    records = [record for data in displays for record in data.get(RESULTS_MIME, ())]
    return {record["result_id"]: tuple(record[name] for name in NUMBERS) for record in records}


@pytest.fixture
def server(reported, tmp_path, monkeypatch):
    project = copy_project(tmp_path / "project")
    shutil.copytree(reported.runs / "2021", project.runs / "2021")
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    started = Server(project)
    yield started
    started.close()


def in_batch(reported: Project, notebook: str = "") -> dict[str, tuple]:
    """Return the numbers of the run over 2021: of a notebook, or all."""
    with (reported.runs / "2021" / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if notebook in ("", row["notebook"])]
    values = [{**row, "value": float(row["value"]) if row["value"] else None} for row in rows]
    return {row["result_id"]: tuple(row[name] for name in NUMBERS) for row in values}


def test_a_notebook_run_by_hand_gives_the_numbers_of_the_batch_run(server, reported):
    theme = server.open("3-veiligheid")
    assert server.ask("/api/kernelspecs")["default"] == "python3" and theme.kernel["name"] == "python3"
    said, *_ = theme.run("import os; print(os.getcwd(), open(f'/proc/{os.getppid()}/cmdline').read())")
    assert f"{os.environ['REGIODEAL_ROOT']}/notebooks " in said["text"]
    assert not sys.platform.startswith("linux") or "forkserver" in said["text"], "the kernel is a warm one"
    displays = theme.run_all()
    assert theme.refused == "", "what a report takes is refused nowhere"
    in_run, by_hand = in_batch(reported), numbers(displays)
    assert by_hand == {identity: in_run[identity] for identity in by_hand}
    assert len(by_hand) > 300 and set(in_batch(reported, "3-veiligheid")) <= set(by_hand)

    refused = theme.run("from datetime import datetime\nprint(f'{datetime.now():%Y} was het')")
    refused = "".join(item["text"] for item in refused)
    assert "A report refuses this" in refused and "datetime.now on line 2" in refused
    refused = theme.run("import plotly.express as px\npx.scatter(x=[1], y=[2])")
    assert "shows a Figure by itself" in "".join(item.get("text", "") for item in refused)
    figure, below = theme.run("#| label: fig-nieuw\n#| fig-cap: x\nveiligheid.indicator('woninginbraak', 'nieuw')")
    assert figure["data"][FIGURE_MIME]["layout"]["paper_bgcolor"] == "#FFFFFF", "readable in a dark theme"
    assert "Bron: " in below["data"]["text/html"] and "<table" in below["data"]["text/html"]
    assert "Bron: " not in figure["data"]["text/html"], "once, also where another program shows the notebook"
    assert theme.run("print(1)") == [{"name": "stdout", "text": "1\n"}], "where nothing is wrong nothing is said"

    executed = nbformat.read(reported.runs / "2021" / "0-samenvatting.ipynb", as_version=4)
    outputs = [output.data for cell in executed.cells for output in cell.get("outputs", ())]
    shown = server.open("0-samenvatting").run_all()  # it takes the numbers of the others from the last run
    tables = [[data["text/html"] for data in some if "text/html" in data and FIGURE_MIME not in data
               and "onder-figuur" not in data["text/html"]] for some in (shown, outputs)]  # fmt: skip
    assert tables[0] == tables[1] and tables[0]


def test_the_server_is_of_this_project_and_of_no_run(monkeypatch, project):
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    monkeypatch.setenv(RUN_VARIABLE, "elsewhere")
    monkeypatch.setenv(INPUT_LOG_VARIABLE, "log")
    variables = lab_environment()
    assert variables["JUPYTER_DEFAULT_PROVISIONER_NAME"] == "regiodeal-warm"
    assert variables["REGIODEAL_ROOT"] == str(project.root)
    assert RUN_VARIABLE not in variables and INPUT_LOG_VARIABLE not in variables
    assert f"--ServerApp.preferred_dir={project.root / 'notebooks'}" in lab_command()
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert lab_command(["--ip=0.0.0.0"])[-2:] == ["--allow-root", "--ip=0.0.0.0"], "in a container there is only root"
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert "--allow-root" not in lab_command()


def test_plain_papermill_gives_the_numbers_of_the_batch_run_from_any_folder(reported, tmp_path, monkeypatch):
    """As somebody runs it who knows papermill and nothing of this project: no option but the year."""
    monkeypatch.delenv("REGIODEAL_ROOT", raising=False)
    command = ["-m", "papermill", str(ROOT / "notebooks" / "3-veiligheid.ipynb"), "out.ipynb", "-p", "year", "2021"]
    subprocess.run([sys.executable, *command, "-k", "python3"], cwd=tmp_path, check=True, capture_output=True)
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    shown = numbers([output.data for cell in executed.cells for output in cell.get("outputs", ()) if "data" in output])
    in_run = in_batch(reported)
    assert shown == {identity: in_run[identity] for identity in shown} and len(shown) > 300
