"""A run on a cluster gives the same bytes as one here, also when a worker is lost; what cannot be is told in words."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from distributed import LocalCluster
from typer.testing import CliRunner

from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
from evaluation.base.errors import ClusterError, UsageError
from evaluation.cli import main
from evaluation.inputs import editions
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import annual_edition
from evaluation.run import remote
from evaluation.run.pipeline import run_editions
from evaluation.run.remote import RemoteSlots
from evaluation.run.slots import RunOptions
from evaluation.run.worker import describe_checkout, tell_differences
from tests.conftest import ROOT, Project, copy_project
from tests.generated_deals import generate_deals

FEW = ("8-uitvoering-en-sturing",)
"""A notebook that needs no statistics; the summary of its results comes behind."""


def contents(runs: Path) -> dict[str, bytes]:
    """Return every file of the runs of all deals, without what stands beside a run (locks and times)."""
    return {
        path.relative_to(runs).as_posix(): path.read_bytes() for path in runs.glob("*/[!.]*/**/*") if path.is_file()
    }


def run(project: Project, years: tuple[int, ...], **options) -> None:
    """Run the editions of all deals of a project."""
    wanted = []
    for path in sorted((project.root / "data" / "deal").glob("*.yml")):
        deal = load_deal(path.stem, folder=path.parent)
        wanted += [(deal.id, annual_edition(deal, year)) for year in years]
    outcomes = []
    assert run_editions(wanted, RunOptions(**options), outcomes.append) == []
    assert len(outcomes) == len(wanted) and not any(outcome.failed for outcome in outcomes)


class Killer:
    """Kills a worker in the middle of a notebook, as a lost machine does, once a number of notebooks are done.

    It watches beside the run: who waits for a kernel while the run waits for him may wait for one that never begins.
    """

    def __init__(self, cluster: LocalCluster, after: float) -> None:
        self.cluster, self.left = cluster, after
        self.below: list[psutil.Process] = []
        """What the worker had started: the process that kernels are forked from, and a kernel."""
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._kill_the_first_with_a_kernel)

    def __enter__(self) -> Killer:
        self._watch.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._watch.join()

    def __call__(self, *_) -> None:
        self.left -= 1

    def _kill_the_first_with_a_kernel(self) -> None:
        while not self._ended.wait(0.01):
            for worker in self.cluster.workers.values() if self.left <= 0 else ():
                below = psutil.Process(worker.pid).children(recursive=True) if worker.pid else []
                if len(below) > 1:
                    os.kill(worker.pid, signal.SIGKILL)
                    self.below = below
                    return


@pytest.fixture(scope="module")
def deals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two generated deals with a few notebooks, run here by the command for all deals."""
    project = copy_project(tmp_path_factory.mktemp("deals") / "project")
    names = generate_deals(project.root, 2)
    chapters = {"book": {"chapters": [f"{name}.ipynb" for name in FEW]}}
    (project.root / "_quarto-annual.yml").write_text(yaml.safe_dump(chapters), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(project.root))
        done = CliRunner().invoke(main.app, ["run", "--deal", "all", "--year", "2021"], catch_exceptions=False)
        assert done.exit_code == 0
        lines = done.output.splitlines()
        for name in names:
            assert sum(line.startswith(f"{name}: 2021 ") for line in lines) == len(FEW) + 1
            assert f"Results: build/runs/{name}/2021/results.csv" in lines
        yield project


@pytest.fixture(scope="module")
def cluster(deals: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two worker processes with a checkout and a cache of their own."""
    own = tmp_path_factory.mktemp("workers")
    shutil.copytree(deals.root, own / "project", ignore=shutil.ignore_patterns("build"))
    environment = {"REGIODEAL_ROOT": str(own / "project"), CACHE_VARIABLE: (own / "cache").as_uri()}
    environment[OWN_VARIABLE] = str(own / "computed")
    with local_cluster(own, **environment) as made:
        yield made


def local_cluster(folder: Path, **environment: str) -> LocalCluster:
    return LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=":0",
        local_directory=str(folder / "scratch"),
        env=environment,
        silence_logs=50,
    )


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_when_a_worker_is_killed(deals, cluster, monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    before = contents(deals.root / "build" / "runs")
    shutil.rmtree(deals.root / "build" / "runs")
    lines = []
    with Killer(cluster, after=0) as killer:
        run(deals, (2021,), cluster=cluster.scheduler_address, report=lines.append)
    assert contents(deals.root / "build" / "runs") == before
    assert lines[0].startswith("Cluster: 2 workers, 2 notebooks at a time, cache /")
    assert not any(" cached " in line for line in lines), "the workers have a cache of their own"
    assert killer.below, "a worker was killed in the middle of a notebook"
    _, alive = psutil.wait_procs(killer.below, timeout=30)
    assert alive == [], "kernels end with their worker"
    assert not (tmp_path / "cache" / "notebooks").exists(), "workers keep what they made, not who asks"


def test_a_worker_with_another_checkout_is_refused_with_what_differs(deals, cluster, monkeypatch, tmp_path):
    other = tmp_path / "project"
    shutil.copytree(deals.root, other, ignore=shutil.ignore_patterns("build"))
    payments = "data/programme/voorbeeld-01/payments.csv"
    (other / payments).write_bytes((other / payments).read_bytes() + b"\n")
    (other / "data" / "private").mkdir()
    (other / "data" / "private" / "own.csv").write_text("x\n", encoding="utf-8")
    monkeypatch.setenv("REGIODEAL_ROOT", str(other))
    done = CliRunner().invoke(
        main.app, ["run", "--deal", "all", "--year", "2021", "--cluster", cluster.scheduler_address]
    )
    assert isinstance(done.exception, UsageError) and done.exception.exit_code == 2
    assert f"data/private/own.csv is not there; {payments} differs" in str(done.exception)
    assert str(done.exception).count("worker tcp://") == 2
    assert not (other / "build" / "runs" / "voorbeeld-01" / "2021").exists()


def test_files_that_change_during_a_run_stop_it(deals, cluster, monkeypatch):
    options = RunOptions(cluster=cluster.scheduler_address, report=lambda line: None)
    chapter = remote.RunChapter(FEW[0], FEW[0])
    with RemoteSlots(options) as slots:
        monkeypatch.setitem(slots.checkout, "requirements.lock", "another")
        with pytest.raises(UsageError, match=r"a worker: requirements\.lock differs"):
            slots.execute(chapter, {"deal": "voorbeeld-01", "year": 2021}, deals.root, force=False)


def test_a_notebook_that_ends_every_worker_is_a_notebook_that_failed(deals, cluster, monkeypatch):
    from distributed import KilledWorker

    def end(task):
        raise KilledWorker("task", None, 3)

    options = RunOptions(cluster=cluster.scheduler_address, report=lambda line: None)
    chapter = remote.RunChapter(FEW[0], FEW[0])
    with RemoteSlots(options) as slots:
        monkeypatch.setattr(slots, "_answer_to", end)
        outcome = slots.execute(chapter, {"deal": "voorbeeld-01", "year": 2021}, deals.root, force=False)
    assert (outcome.status, outcome.error["name"]) == ("failed", "KilledWorker") and outcome.key


def test_a_scheduler_that_is_lost_ends_the_run_in_words(deals, tmp_path, monkeypatch):
    script = (
        "import time\nfrom distributed import LocalCluster\n"
        "print(LocalCluster(n_workers=0, dashboard_address=':0').scheduler_address, flush=True)\ntime.sleep(600)\n"
    )
    monkeypatch.setattr(remote, "_CONNECT_WITHIN", 5.0)
    monkeypatch.setattr(RemoteSlots, "_prepare", lambda slots, options: 1)  # there is no worker
    chapter = remote.RunChapter(FEW[0], FEW[0])
    with subprocess.Popen([sys.executable, "-c", script], stdout=-1, text=True, cwd=tmp_path) as scheduler:
        address = scheduler.stdout.readline().strip()
        with RemoteSlots(RunOptions(cluster=address)) as slots:
            threading.Timer(0.5, scheduler.kill).start()
            with pytest.raises(ClusterError, match=r"was lost\. Give the same command again") as lost:
                slots.execute(chapter, {"deal": "voorbeeld-01", "year": 2021}, deals.root, force=False)
            with pytest.raises(ClusterError, match="was lost"):
                slots.execute(chapter, {"deal": "voorbeeld-01", "year": 2021}, deals.root, force=False)
    assert lost.value.exit_code == 10


@pytest.mark.parametrize(
    ("address", "error", "words"),
    [
        ("tcp://127.0.0.1:9", ClusterError, "No scheduler answers at tcp://127.0.0.1:9"),
        ("nonsense://x", UsageError, "tcp://host:8786"),
    ],
)
def test_an_address_without_a_scheduler_is_told(monkeypatch, address, error, words):
    monkeypatch.setattr(remote, "_CONNECT_WITHIN", 1.0)
    with pytest.raises(error, match=words):
        RemoteSlots(RunOptions(cluster=address))


def test_a_cluster_without_workers_is_told(monkeypatch):
    monkeypatch.setattr(remote, "_WAIT_FOR_WORKERS", 0.5)
    empty = LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50)
    with empty, pytest.raises(ClusterError, match="has no workers"):
        RemoteSlots(RunOptions(cluster=empty.scheduler_address))


def test_a_cluster_that_loses_its_last_worker_ends_the_run_in_words(deals, monkeypatch):
    monkeypatch.setattr(remote, "_WAIT_FOR_WORKERS", 0.3)
    monkeypatch.setattr(remote, "_LOOK_EVERY", 0.1)
    monkeypatch.setattr(RemoteSlots, "_prepare", lambda slots, options: 1)
    chapter = remote.RunChapter(FEW[0], FEW[0])
    empty = LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50)
    lost = pytest.raises(ClusterError, match=r"no workers any more\. Give the same command again")
    with empty, RemoteSlots(RunOptions(cluster=empty.scheduler_address)) as slots, lost:
        slots.execute(chapter, {"deal": "voorbeeld-01", "year": 2021}, deals.root, force=False)


def test_without_the_packages_it_says_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="make cluster"):
        RemoteSlots(RunOptions(cluster="tcp://host:8786"))


def test_a_run_here_imports_nothing_of_a_cluster():
    script = (
        "import sys, evaluation.cli, evaluation.run.pipeline, evaluation.publish.publishing\n"
        "print(*({'distributed', 'dask', 'fsspec', 'upath', 'evaluation.run.remote'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_differences_are_told_by_name_and_the_first_of_many(project, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    here = describe_checkout()
    assert tell_differences(here, here) == ""
    there = {**here, "version of pandas": "1.0", "the package": "another"}
    assert tell_differences(here, there) == (
        f"the package differs; version of pandas is 1.0 there, {here['version of pandas']} here"
    )
    many = {name: digest for name, digest in here.items() if not name.startswith("notebooks/")}
    assert tell_differences(here, many).endswith(f"is not there; and {len(here) - len(many) - 3} more")


@pytest.mark.slow
def test_thirty_deals_over_four_years_are_the_same_bytes_with_a_worker_killed_halfway(tmp_path, monkeypatch):
    monkeypatch.delenv(CACHE_VARIABLE)
    project = copy_project(tmp_path / "project")
    generate_deals(project.root, 30, retail=3)
    years = (2019, 2020, 2021, 2022)
    found = []
    for where in ("here", "cluster", "with a kill"):
        monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / where))
        if where == "here":
            run(project, years)
            notebooks = sum(path.endswith(".ipynb") for path in contents(project.root / "build" / "runs"))
        else:
            with local_cluster(tmp_path) as made:
                with Killer(made, after=notebooks // 2 if where == "with a kill" else math.inf) as killer:
                    run(project, years, cluster=made.scheduler_address, finished=killer)
                assert bool(killer.below) == (where == "with a kill")
        found.append(contents(project.root / "build" / "runs"))
        shutil.rmtree(project.root / "build")
    assert len(found[0]) > 30 * 4 * len(editions.NOTEBOOKS["annual"])
    assert found[0] == found[1] == found[2]
