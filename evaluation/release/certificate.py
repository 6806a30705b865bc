"""A certificate of reproduction: who ran a bundle again, on what, and which numbers came out equal, exhibit by exhibit.

The JSON is what is signed; the page and the PDF are made of it, and are made again wherever they are published.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

import pandas as pd
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation.base import dutch
from evaluation.base.errors import PublishError, SnapshotError, UsageError
from evaluation.base.paths import write_together
from evaluation.base.text import page_slug, without_controls
from evaluation.bundles.environment import describe_machine
from evaluation.bundles.layout import to_json
from evaluation.bundles.reproduce import Reproduction
from evaluation.inputs.theme import theme
from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.release.shell import fill
from evaluation.release.signatures import CERTIFICATE, MINISIGN_SUFFIX, SSH_SUFFIX, find_signer
from evaluation.release.signers import REPRODUCER, Signers
from evaluation.release.statement import Release

NAME = "certificaat"
FILE = f"{NAME}.json"
_FORMAT = 1
_SHA256 = r"[0-9a-f]{64}"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Counts(_Part):
    """How many numbers came out how."""

    expected: int = Field(ge=0)
    equal: int = Field(ge=0)  # to the last digit
    within_tolerance: int = Field(ge=0)
    different: int = Field(ge=0)
    not_made: int = Field(ge=0)


class Exhibit(_Part):
    """A figure, table or text of the report, by its notebook and cell."""

    notebook: str
    cell: str
    numbers: Counts


class Certificate(_Part):
    """What is certified."""

    format: int = Field(ge=_FORMAT, le=_FORMAT)
    by: str = Field(min_length=1, max_length=120)
    date: date
    deal: str
    edition: str
    title: str
    bundle_sha256: str = Field(pattern=_SHA256)
    established_by: str  # sum or signature: how it is known whose bundle it was
    environment: str  # as in the lock file, or that of the machine
    machine: dict[str, str]  # in general terms
    other_versions: list[str]
    newer_vintages: bool
    numbers: Counts
    exhibits: list[Exhibit]

    @property
    def words(self) -> str:
        """Say what came out, in Dutch."""
        counts = self.numbers
        if counts.equal == counts.expected:
            return f"alle {dutch.number(counts.expected)} getallen gelijk"
        parts = [f"{dutch.number(counts.equal)} van {dutch.number(counts.expected)} getallen gelijk"]
        for count, words in (
            (counts.within_tolerance, "binnen de afgesproken marge"),
            (counts.different, "anders"),
            (counts.not_made, "niet gemaakt"),
        ):
            parts += [f"{dutch.number(count)} {words}"] if count else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that was checked: its signature, and that it is of a bundle of this release."""

    certificate: Certificate
    content: bytes  # the JSON, as it was signed
    signature: tuple[str, bytes]  # its suffix, and the signature
    holder: str  # as the list of signers names who signed it

    @property
    def by(self) -> str:
        """Who signed it, as the list of signers names it: the certificate itself may say anything."""
        return self.holder or self.certificate.by

    @property
    def date(self) -> str:
        """ISO day of the reproduction."""
        return self.certificate.date.isoformat()

    @property
    def words(self) -> str:
        """What came out."""
        return self.certificate.words

    @property
    def name(self) -> str:
        """Its folder at the permanent address of the release."""
        return page_slug(f"{self.by} {self.date}")


def make_certificate(outcome: Reproduction, results: pd.DataFrame, *, by: str, day: date) -> Certificate:
    """Certify what came of a reproduction of a bundle.

    Parameters
    ----------
    outcome : Reproduction
        Of an archive whose sum or signature was checked.
    results : pd.DataFrame
        The numbers of the bundle, indexed by result_id, with the columns notebook and cell.
    by, day : str, date
        Who ran it, and when.

    Raises
    ------
    UsageError
        When nothing was run, or it is not established whose bundle it was: there is nothing to certify.
    """
    if outcome.comparison is None:
        raise UsageError("Nothing could be run, so there is nothing to certify.")
    if not outcome.trust.by:
        raise UsageError("A certificate is of a published bundle: give --sha256, --key or --verify.")
    if without_controls(by) != by or not by.strip():
        raise UsageError("--by: expected a name on one line.")
    ways = _ways(outcome, results)
    environment = outcome.environment
    return Certificate(
        format=_FORMAT, by=by.strip(), date=day, deal=outcome.record.deal, edition=outcome.record.edition,
        title=outcome.record.title, bundle_sha256=outcome.trust.sha256, established_by=outcome.trust.by,
        environment="lock file" if environment is not None and environment.is_own else "this machine",
        machine=describe_machine(),
        other_versions=[f"{item.name}: {item.change}" for item in (environment.differences if environment else ())],
        newer_vintages=outcome.vintages, numbers=_count(ways.values()),
        exhibits=[
            Exhibit(notebook=notebook, cell=cell, numbers=_count(ways[name] for name in names))
            for (notebook, cell), names in sorted(results.groupby(["notebook", "cell"]).groups.items())
        ],
    )  # fmt: skip


def _ways(outcome: Reproduction, results: pd.DataFrame) -> dict[str, str]:
    """Say of each number of the bundle how it came out."""
    comparison = outcome.comparison
    ways = dict.fromkeys(map(str, results.index), "equal")
    ways |= {identity: "within_tolerance" for identity, *_ in comparison.within}
    ways |= {item.result_id: "different" for item in comparison.differences if item.result_id in ways}
    return ways | {item.result_id: "not_made" for item in outcome.not_run if item.result_id in ways}


def _count(ways) -> Counts:
    found = list(ways)
    kinds = ("equal", "within_tolerance", "different", "not_made")
    return Counts(expected=len(found), **{kind: found.count(kind) for kind in kinds})


def write_certificate(certificate: Certificate, folder: Path) -> Path:
    """Write a certificate as JSON, page and PDF; return the JSON, which is what is signed."""
    content = to_json(certificate.model_dump(mode="json")).encode()
    write_together({folder / FILE: content, **{folder / name: made for name, made in pages_of(certificate).items()}})
    return folder / FILE


def pages_of(certificate: Certificate) -> Mapping[str, bytes]:
    """Make the page and the PDF of a certificate: name of the file to its bytes."""
    page = fill(f"{NAME}.html", policy=Markup(POLICY_TAG), item=certificate, day=dutch.day(certificate.date))
    return {f"{NAME}.html": page.encode(), f"{NAME}.pdf": _pdf(certificate)}


def _pdf(certificate: Certificate) -> bytes:
    """Set the certificate as PDF/UA-1 with the typst of the wheel."""
    import font_source_sans_pro
    import typst

    text = (resources.files("evaluation.release") / f"{NAME}.typ").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"{NAME}.typ")
        source.write_text(text, encoding="utf-8")
        given = certificate.model_dump(mode="json") | {
            "words": certificate.words,
            "day": dutch.day(certificate.date),
            "font": theme().fonts.print,
        }
        Path(folder, FILE).write_text(json.dumps(given), encoding="utf-8")
        fonts = Path(font_source_sans_pro.__file__).parent / "files"
        try:
            return typst.compile(
                source, root=folder, font_paths=[fonts], ignore_system_fonts=True, format="pdf", pdf_standards=["ua-1"]
            )
        except typst.TypstError as error:
            raise PublishError(f"typst could not set the certificate: {error.message}") from None


def check_certificate(content: bytes, signature: bytes, suffix: str, release: Release, signers: Signers) -> Certified:
    """Check a certificate: its shape, its signature by a key of a reproducer, and that it is of this release.

    Raises SnapshotError when it is forged, of another bundle or signed by nobody who is known.
    """
    whose = find_signer(content, signature, signers.of(REPRODUCER), namespace=CERTIFICATE)
    if whose is None:
        raise SnapshotError(
            f"The certificate is not signed by a key of a {REPRODUCER} in the list of signers, or was changed after it."
        )
    try:
        certificate = Certificate.model_validate_json(content)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise SnapshotError(f"The certificate has another form: {place or 'it is no JSON'}.") from None
    if certificate.bundle_sha256 != release.bundle_sha256:
        raise SnapshotError(f"The certificate is of another bundle than that of release {release.number}.")
    if certificate.newer_vintages:
        raise SnapshotError("The certificate is of a run on newer statistics, which is no reproduction of the release.")
    return Certified(certificate, content, (suffix, signature), whose.holder)


def read_signed(folder: Path) -> tuple[bytes, bytes, str]:
    """Read a certificate with its signature: content, signature and suffix of that.  Raises UsageError without."""
    path = folder / FILE if folder.is_dir() else folder
    signed = [(path.with_name(path.name + suffix), suffix) for suffix in (SSH_SUFFIX, MINISIGN_SUFFIX)]
    there = [(file, suffix) for file, suffix in signed if file.is_file()]
    if not path.is_file() or not there:
        raise UsageError(f"{folder} has no {FILE} with a signature beside it ({FILE}{SSH_SUFFIX}).")
    return path.read_bytes(), there[0][0].read_bytes(), there[0][1]


def read_certificates(folder: Path, release: Release, signers: Signers) -> list[Certified]:
    """Read every certificate of a release, each checked, in order of the day.  Raises SnapshotError as the check."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    found = [check_certificate(*read_signed(path), release, signers) for path in folders]
    return sorted(found, key=lambda item: (item.date, item.name))


def publish_certificate(certified: Certified, folder: Path) -> None:
    """Write a checked certificate where readers find it; page and PDF are made of what was signed."""
    suffix, signature = certified.signature
    files = {FILE: certified.content, f"{FILE}{suffix}": signature, **pages_of(certified.certificate)}
    write_together({folder / name: content for name, content in files.items()})
