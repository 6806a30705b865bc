"""Reports made by the package, and by a plain papermill loop followed by one render: time and memory in the same run.

The loop is what a person writes who has papermill: the command ``papermill`` for notebook after notebook, each with an
ordinary new kernel, and then one render with the same engine.  Beside it stands, for one year, the same loop in one
process that imports papermill once (``papermill.execute_notebook``), which is the strictest comparison.  The notebooks
are the same, with the same parameters.  A loop keeps nothing from one notebook for the next, so the package's cache of
computed values is a new, empty folder for each notebook.

    python benchmarks/editions.py                        all years and the final evaluation: ten minutes or more
    python benchmarks/editions.py --editions 2021        one year

Printed as ``name: value``:

year_cold_ratio
    Seconds of the loop over one year, divided by those of ``regiodeal report --year`` with an empty cache.
all_cold_ratio
    The same for all editions, ``regiodeal report final --years``.
year_cold_strict_ratio
    As year_cold_ratio, with the loop in one process.
year_unchanged_pct
    Seconds of ``regiodeal report --year`` when nothing changed, in per cent of the loop's.
one_change_pct
    The same after one sentence of one notebook changed.
help_ratio
    Seconds of ``regiodeal --help``, divided by those of ``python -c 'import typer'``: the median of several.
..._peak_mb
    Largest sum over all processes of a side (each shared page counted once, divided over those that share it).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARRIED = (
    "data",
    "notebooks",
    "reports",
    "_quarto.yml",
    "_quarto-annual.yml",
    "_quarto-final.yml",
    "_quarto-site.yml",
    "requirements.lock",
)
DEAL = "parkstad-limburg"
FINAL = "eindevaluatie"
EDITIONS = ("2019", "2020", "2021", "2022", FINAL)
CHANGED = ("3-veiligheid.ipynb", "Projecten van dit thema", "De projecten van dit thema")
REPEATS = 9


def main() -> None:
    """Make the reports both ways and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--editions", nargs="+", choices=EDITIONS, default=EDITIONS)
    parser.add_argument("--loop", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        plain_loop(*given.loop)
        return
    engine = "quarto" if shutil.which("quarto") else "embedded"
    year = next(name for name in given.editions if name != FINAL)
    print(f"engine: {engine}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ours = copy_project(Path(folder) / "ours")
        one_year = ["report", "--year", year, "--engine", engine]
        cold, cold_mb = measure([*command(), *one_year], ours)
        unchanged, _ = measure([*command(), *one_year], ours, memory=False)
        name, old, new = CHANGED
        notebook = ours / "notebooks" / name
        text = notebook.read_text(encoding="utf-8")
        notebook.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert text != notebook.read_text(encoding="utf-8")
        changed, _ = measure([*command(), *one_year], ours, memory=False)

        everything = copy_project(Path(folder) / "everything")
        years = [name for name in given.editions if name != FINAL]
        wanted = ["--years", f"{years[0]}-{years[-1]}", *(["final"] if FINAL in given.editions else [])]
        all_cold, all_mb = measure([*command(), "report", *wanted, "--engine", engine], everything)

        loop, loop_mb = {}, {}
        for edition in given.editions:
            loop[edition], loop_mb[edition] = measure(loop_script("command", edition, engine, folder), everything)
        strict, _ = measure(loop_script("process", year, engine, folder), everything)
        print_figures(
            {
                "year_loop_seconds": loop[year],
                "year_strict_loop_seconds": strict,
                "year_cold_seconds": cold,
                "year_unchanged_seconds": unchanged,
                "one_change_seconds": changed,
                "all_loop_seconds": sum(loop.values()),
                "all_cold_seconds": all_cold,
                "loop_peak_mb": max(loop_mb.values()),
                "year_cold_peak_mb": cold_mb,
                "all_cold_peak_mb": all_mb,
                "help_ratio": help_ratio(),
                "year_unchanged_pct": 100 * unchanged / loop[year],
                "one_change_pct": 100 * changed / loop[year],
                "year_cold_strict_ratio": strict / cold,
                "all_cold_ratio": sum(loop.values()) / all_cold,
                "year_cold_ratio": loop[year] / cold,
            }
        )


def loop_script(how: str, edition: str, engine: str, folder: str) -> list[str]:
    """Return the command that runs the plain loop in a process of its own, into a folder of its own."""
    return [sys.executable, __file__, "--loop", how, edition, engine, str(Path(folder) / how)]


def plain_loop(how: str, edition_id: str, engine: str, folder: str) -> None:
    """Execute the notebooks of an edition one by one in new kernels, then render its report."""
    import nbformat

    from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
    from evaluation.base.paths import build_dir, project_root
    from evaluation.base.run_variables import RUN_VARIABLE
    from evaluation.inputs.chapter_list import list_chapters, make_copy
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition
    from evaluation.inputs.retail.tables import load_retail
    from evaluation.present import results
    from evaluation.publish.publishing import render_report
    from evaluation.run.pipeline import notebook_results

    execute = {"command": by_command, "process": in_process}[how]
    deal = load_deal(DEAL)
    edition = choose_edition(deal, edition_id, None)
    run = Path(folder) / "runs" / DEAL / edition_id
    run.mkdir(parents=True)
    os.environ[RUN_VARIABLE] = str(run)
    records: list[dict[str, object]] = []
    for chapter in list_chapters(edition.notebooks, deal, load_retail(deal)):
        if chapter.notebook == edition.summary:
            (run / "results.csv").write_text(results.to_csv(records), encoding="utf-8")
        source = project_root() / "notebooks" / f"{chapter.notebook}.ipynb"
        parameters = {"deal": DEAL, "year": edition.year, **chapter.parameters}
        target = run / f"{chapter.name}.ipynb"
        nbformat.write(make_copy(nbformat.read(source, as_version=4), chapter), target)
        with tempfile.TemporaryDirectory() as nothing_kept:
            os.environ[CACHE_VARIABLE] = os.environ[OWN_VARIABLE] = nothing_kept
            execute(target, parameters, source.parent)
        records += notebook_results(target)
    (run / "results.csv").write_text(results.to_csv(records), encoding="utf-8")
    shutil.copyfile(build_dir() / "runs" / DEAL / edition_id / "run.json", run / "run.json")
    render_report(run, site=Path(folder) / "site", name=edition_id, engine=engine)


def by_command(notebook: Path, parameters: dict[str, object], folder: Path) -> None:
    """Execute a notebook in place with the command of papermill."""
    words = [word for name, value in parameters.items() for word in ("-p", name, str(value))]
    papermill = str(Path(sys.executable).with_name("papermill"))
    options = ["--cwd", str(folder), "--kernel", "python3", "--no-progress-bar", "--no-log-output"]
    subprocess.run([papermill, str(notebook), str(notebook), *words, *options], check=True)


def in_process(notebook: Path, parameters: dict[str, object], folder: Path) -> None:
    """Execute a notebook in place with papermill as a library."""
    import papermill

    papermill.execute_notebook(
        notebook, notebook, parameters=parameters, kernel_name="python3", cwd=folder, progress_bar=False
    )


def command() -> list[str]:
    """Return the command of the package as a person has it."""
    return [str(Path(sys.executable).with_name("regiodeal"))]


def copy_project(target: Path) -> Path:
    """Copy what a report is made of; nothing that was made."""
    target.mkdir()
    for name in CARRIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        else:
            shutil.copyfile(source, target / name)
    return target


def measure(arguments: Sequence[str], project: Path, *, memory: bool = True) -> tuple[float, float]:
    """Run a command in a project: its seconds, and the peak of the memory of all its processes in MB.

    Looking at memory takes time itself, which counts for a command of a few seconds: without `memory` nobody looks.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGIODEAL_")}
    environment = {**kept, "REGIODEAL_ROOT": str(project)}
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(arguments, cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        peak = [0.0]
        watcher = threading.Thread(target=watch_memory, args=(process, peak), daemon=True)
        if memory:
            watcher.start()
        process.wait()
        seconds = time.perf_counter() - start
        if memory:
            watcher.join()
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}:\n{log.read()}")
    return seconds, peak[0]


def watch_memory(process: subprocess.Popen, peak: list[float]) -> None:
    """Keep the largest memory of a process and its descendants, in MB, where the system tells it."""
    while process.poll() is None:
        peak[0] = max(peak[0], sum(memory_of(pid) for pid in family(process.pid)))
        time.sleep(1)


def family(root: int) -> list[int]:
    """List a process and its descendants."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def memory_of(pid: int) -> float:
    """Return the proportional share of memory of a process in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def help_ratio() -> float:
    """Return the median of the seconds of our help, divided by that of the import of typer; the two take turns."""
    commands = ([*command(), "--help"], [sys.executable, "-c", "import typer"])
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for arguments, measured in zip(commands, seconds, strict=True):
            start = time.perf_counter()
            subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)
            measured.append(time.perf_counter() - start)
    return statistics.median(seconds[0]) / statistics.median(seconds[1])


def print_figures(figures: dict[str, float]) -> None:
    """Print one line per figure."""
    for name, value in figures.items():
        print(f"{name}: {value:.2f}")


if __name__ == "__main__":
    main()
