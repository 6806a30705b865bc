"""What exactly is released, as an in-toto statement in the shape of SLSA provenance: one sum over every file.

References
----------
In-toto attestation framework, statement v1: https://in-toto.io/Statement/v1.
SLSA provenance v1: https://slsa.dev/provenance/v1.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.base.errors import SnapshotError, UsageError
from evaluation.bundles.layout import to_json

STATEMENT = "statement.json"
SITE = "site"
PLOTLY = "assets/plotly.min.js"
"""What draws the figures of a release, which a newer version may draw otherwise."""

SIGNATURES = "handtekeningen"
CERTIFICATES = "certificaten"
_BESIDE = {STATEMENT, SIGNATURES, CERTIFICATES}
_TYPE, _PREDICATE = "https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"
_BUILD_TYPE = "urn:regiodeal-evaluation:release:1"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Release:
    """What a release is; its files and their sums are in `files`.

    Attributes
    ----------
    number : int    1 for the first release of an edition.
    date : str    ISO day of the release.
    note, erratum : str    Why there is a new one, and what was wrong in the one before; empty where nothing is told.
    doi : str    Empty where none was given.
    roles : tuple[str, ...]    The roles that had to sign when it was made; none where the deal had no signers.
    previous : str    sha256 of the statement of the release before; empty for the first.
    changes : int    Numbers that differ from those of the release before.
    """

    deal: str
    deal_name: str
    edition: str
    title: str
    number: int
    date: str
    results_sha256: str
    bundle: str  # name of the bundle
    note: str = ""
    erratum: str = ""
    doi: str = ""
    roles: tuple[str, ...] = ()
    previous: str = ""
    changes: int = 0
    files: Mapping[str, str] = field(default_factory=dict)  # path in the folder of the release to sha256
    sha256: str = ""  # of the statement: the one sum over all

    @property
    def name(self) -> str:
        """The folder of its permanent address."""
        return f"uitgave-{self.number}"

    @property
    def bundle_sha256(self) -> str:
        """The sum of its bundle."""
        return self.files[self.bundle]


_PARAMETERS = (
    "deal", "deal_name", "edition", "title", "number", "date", "results_sha256", "bundle", "note", "erratum", "doi",
    "roles", "previous", "changes",
)  # fmt: skip


def hash_files(folder: Path) -> dict[str, str]:
    """Sum every file of a release but its statement, signatures and certificates: path to sha256."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in _BESIDE:
            found[name.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def write_statement(release: Release, run: Mapping, folder: Path) -> bytes:
    """Write the statement of a release of which the files are in `folder`, made from what `run` (run.json) records."""
    subject = [{"name": name, "digest": {"sha256": digest}} for name, digest in hash_files(folder).items()]
    parameters = {name: getattr(release, name) for name in _PARAMETERS}
    sums = [
        (f"data/snapshots/{item['source']}/{item['vintage']}/{item['table']}", item["sha256"])
        for item in run.get("snapshots", ())
    ]
    sums += [
        (name, run[key])
        for name, key in (("plan", "plan_hash"), ("package", "package_sha256"), ("requirements.lock", "lock_sha256"))
        if run.get(key)
    ]
    content = {
        "_type": _TYPE,
        "subject": subject,
        "predicateType": _PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": parameters,
                "resolvedDependencies": [{"name": name, "digest": {"sha256": digest}} for name, digest in sums],
            },
            "runDetails": {"builder": {"id": "urn:regiodeal-evaluation", "version": dict(run.get("versions", {}))}},
        },
    }
    text = to_json(content).encode()
    (folder / STATEMENT).write_bytes(text)
    return text


def read_statement(content: bytes, name: str = STATEMENT) -> Release:
    """Read a statement.  Raises UsageError when it is none of ours."""
    try:
        found = json.loads(content)
        given = found["predicate"]["buildDefinition"]
        if (found["_type"], found["predicateType"], given["buildType"]) != (_TYPE, _PREDICATE, _BUILD_TYPE):
            raise ValueError("another kind of statement")
        files = {item["name"]: item["digest"]["sha256"] for item in found["subject"]}
        parameters = {key: given["externalParameters"][key] for key in _PARAMETERS}
        whole = isinstance(parameters["number"], int) and _DAY.fullmatch(parameters["date"])
        if not whole or parameters["bundle"] not in files or len(files) != len(found["subject"]):
            raise ValueError("a number, a date or a bundle is missing")
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{name} is no statement of a release ({error}).") from None
    parameters["roles"] = tuple(parameters["roles"])
    return Release(**parameters, files=files, sha256=hashlib.sha256(content).hexdigest())


def open_release(folder: Path) -> Release:
    """Read a release and hold every file to its statement.

    Raises SnapshotError with the files that were changed, came or went; UsageError when there is no release.
    """
    path = folder / STATEMENT
    if not path.is_file():
        raise UsageError(f"There is no release in {folder.name}.")
    release = read_statement(path.read_bytes(), path.name)
    found = hash_files(folder)
    faults = [
        f"{name} {'is gone' if name not in found else 'was added' if name not in release.files else 'was changed'}"
        for name in sorted({*found, *release.files})
        if found.get(name) != release.files.get(name)
    ]
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise SnapshotError(
            f"Release {release.number} of {release.edition} is not what was released: {'; '.join(faults[:5])}{more}. "
            f"What was signed is void; make it anew with: regiodeal release {release.edition}"
        )
    return release
