"""What a report reads of a run: run.json, and the words in which a failed notebook is told."""

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from evaluation.base.errors import PublishError
from evaluation.inputs.editions import NOTEBOOKS, SITE, SUMMARIES, report_title
from evaluation.inputs.records.checked_rows import EXAMPLE

_STATUSES = (EXAMPLE, "voorlopig", "vastgesteld")
_REQUIRED = (
    *("deal", "deal_name", "edition", "kind", "year"),
    *("dataset", "plan_hash", "versions", "snapshots", "notebooks"),
)
_MAX_LINES = 12
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PATH = re.compile(
    r"(?<![\w.:/\\])(?:/(?:[^\s/'\":;,]+/)+[^\s/'\":;,]*|[A-Za-z]:\\(?:[^\s\\'\":;,]+\\)*[^\s\\'\":;,]*)"
)
_PLAIN = {
    "InputError": "In een bestand dat iemand heeft ingevuld, staat iets dat niet klopt.",
    "UsageError": "Dit hoofdstuk vroeg iets dat met deze gegevens niet kan.",
    "SnapshotError": "Een vastgelegde tabel met statistieken ontbreekt of is beschadigd.",
    "DeadKernelError": "De berekening is halverwege afgebroken.",
    "CellTimeoutError": "De berekening duurde te lang en is afgebroken.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a chapter could not be made."""

    reason: str  # in plain words, for every reader
    # name and message of the error, without paths of the machine and without a traceback; None where there is none
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The parts of run.json that a report shows."""

    deal: str
    deal_name: str
    year: int
    dataset: dict[str, Any]  # status (voorbeeld, voorlopig, vastgesteld), title, version
    plan_hash: str
    versions: dict[str, Any]
    # source, table, vintage, licence, rows and, where recorded, title, publisher and retrieved
    snapshots: tuple[dict[str, Any], ...]
    # name to status and error, and for one of the copies of a notebook that notebook and the title
    notebooks: dict[str, dict[str, Any]]
    edition: str  # folder of the run
    kind: str
    # status, title, version, source, licence, may_publish and private of the retail tables, where there are any
    retail: dict[str, Any] | None = None

    @property
    def title(self) -> str:
        """Of the report, or of the pages around the reports."""
        return report_title(self.kind, self.year, self.edition)

    @property
    def summary(self) -> str:
        """Notebook that becomes the first page."""
        return SUMMARIES[self.kind]

    @property
    def account(self) -> str:
        """Reference in HTML to the page that accounts for data and method."""
        if self.kind == SITE:
            return '<a href="data-en-methode.html">Data en methode</a>'
        return 'de <a href="verantwoording.html">verantwoording</a>'

    @property
    def is_example(self) -> bool:
        """Whether the programme's figures are made up."""
        return self.dataset["status"] == EXAMPLE

    def copies(self, notebook: str) -> dict[str, str]:
        """Return the chapters that were made of a notebook for several things: name to title."""
        return {name: entry["title"] for name, entry in self.notebooks.items() if entry.get("notebook") == notebook}

    def failure(self, notebook: str) -> Failure | None:
        """Return why the run did not finish a notebook, or None when it did."""
        if (entry := self.notebooks.get(notebook)) is None:
            return Failure("Dit hoofdstuk is in deze run niet uitgevoerd.")
        if entry.get("status") == "ok":
            return None
        error = entry.get("error") or {}
        name = str(error.get("name") or "")
        reason = _PLAIN.get(name, "Bij de berekening ging iets mis.")
        words = f"{name}: {plain_message(str(error.get('message') or ''))}".strip(": \n")
        return Failure(reason, words or None)


def read_record(run_dir: Path) -> RunRecord:
    """Read the record of a finished run.

    Raises PublishError when run.json is missing, unreadable or incomplete: a report never guesses what a run did.
    """
    path = run_dir / "run.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PublishError(f"There is no finished run in {run_dir.name}: run.json is missing.") from None
    except ValueError as error:
        raise PublishError(f"run.json of {run_dir.name} cannot be read: {error}") from None
    if missing := [key for key in _REQUIRED if not isinstance(content, dict) or key not in content]:
        raise PublishError(f"run.json of {run_dir.name} is incomplete: {', '.join(missing)} missing.")
    if content["kind"] not in NOTEBOOKS:
        raise PublishError(f"run.json: kind: got {content['kind']!r}; allowed: {', '.join(NOTEBOOKS)}.")
    status = content["dataset"].get("status")
    if status not in _STATUSES:
        raise PublishError(f"run.json: dataset.status: got {status!r}; allowed: {', '.join(_STATUSES)}.")
    required = {key: content[key] for key in _REQUIRED} | {"snapshots": tuple(content["snapshots"])}
    return RunRecord(**required, retail=content.get("retail"))


def public_record(run_dir: Path) -> str:
    """Return run.json as readers may download it: the messages of errors without folders of the machine."""
    content = json.loads((run_dir / "run.json").read_text(encoding="utf-8"))
    for entry in content["notebooks"].values():
        if entry.get("error"):
            entry["error"]["message"] = plain_message(str(entry["error"].get("message") or ""))
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def plain_message(message: str) -> str:
    """Leave out of an error's message what only its machine can use: traceback, colours, folders.

    >>> plain_message("no such file: /home/ann/deal/data/outputs.csv")
    'no such file: outputs.csv'
    """
    text = _ANSI.sub("", message).strip()
    if "Traceback (most recent call last)" in text:
        text = text.splitlines()[-1]
    lines = _PATH.sub(_last_part, text).splitlines()
    return "\n".join([*lines[:_MAX_LINES], *(["..."] if len(lines) > _MAX_LINES else [])])


def _last_part(match: re.Match[str]) -> str:
    path = match.group(0)
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
