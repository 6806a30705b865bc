"""Bundles that somebody forged: each is named, or harmless and said so; none is taken for the published one.

What runs the notebooks is replaced by what running this bundle would give; everything before and after it is real.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from evaluation.base.errors import BusyError, RegioDealError, UsageError
from evaluation.base.locks import held
from evaluation.bundles import remade
from evaluation.bundles import reproduce as module
from evaluation.bundles.environment import Environment
from evaluation.bundles.layout import NotTheBundle, read_record, write_sums, zip_bytes
from evaluation.bundles.reproduce import ALTERED, DIFFERS, REPRODUCED, UNTRUSTED, Reproduction, reproduce
from evaluation.bundles.verdict import summarise, write_verdict
from tests.bundles import small

PROSE = "project/reports/annual/verantwoording.qmd"
CODE = "project/evaluation/analysis/finance.py"
DEAL = f"project/data/deal/{small.DEAL}.yml"
TABLE = f"project/{small.TABLE}"
EXECUTED = f"run/{small.NOTEBOOK}.ipynb"
SOURCE = f"project/notebooks/{small.NOTEBOOK}.ipynb"
TOLERANCES = "project/reports/toleranties.csv"
LOCK = "project/requirements.lock"
COPY = "check/originals.zip"
AS_MADE = ("as it was made", "zoals het is gemaakt", "the published bundle:", "Dit is de gepubliceerde bundel")

Files = dict[str, bytes]


def edit(name: str, old: bytes = b"", new: bytes = b"\n# altered\n") -> Callable[[Files], Files]:
    """Replace bytes of a file, or put some behind it."""

    def change(files: Files) -> Files:
        assert old in files[name]
        return {**files, name: files[name].replace(old, new, 1) if old else files[name] + new}

    return change


def put(name: str, content: bytes = b"print('here')\n") -> Callable[[Files], Files]:
    return lambda files: {**files, name: content}


def drop(name: str) -> Callable[[Files], Files]:
    return lambda files: {other: content for other, content in files.items() if other != name}


def rename(name: str, new: str) -> Callable[[Files], Files]:
    return lambda files: {**drop(name)(files), new: files[name]}


def both(*changes: Callable[[Files], Files]) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        for one in changes:
            files = one(files)
        return files

    return change


def other_figure(files: Files) -> Files:
    """Alter a figure of a snapshot, and the sum in its metadata."""
    content = files[f"{TABLE}.csv"].replace(b",final", b"1,final", 1)
    digests = [hashlib.sha256(text).hexdigest().encode() for text in (files[f"{TABLE}.csv"], content)]
    return {**files, f"{TABLE}.csv": content, f"{TABLE}.yml": files[f"{TABLE}.yml"].replace(*digests)}


def other_run(**numbers: float) -> Callable[[Files], Files]:
    return lambda files: {**files, **{f"run/{name}": content for name, content in small.small_run(**numbers).items()}}


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


@dataclass(frozen=True)
class Forgery:
    """What somebody did, how far the traces were wiped out, and what the verifier is told."""

    what: str
    # left: the sums tell; sums: SHA256SUMS is written anew; all: copy and descriptions too
    wiped: str
    change: Callable[[Files], Files]
    named: str  # a file that is named
    code: int = ALTERED
    gives: dict[str, float] = field(default_factory=dict)  # numbers that running it gives, where they are others

    def __str__(self) -> str:
        return f"{self.what}, {self.wiped}".replace(" ", "-")


FORGERIES = (
    *(
        Forgery(what, wiped, change, named)
        for wiped in ("left", "sums")
        for what, change, named in (
            ("README", edit("README.md"), "README.md"),
            ("licence", edit("LICENSE"), "LICENSE"),
            ("licence of the project", edit("project/LICENSE"), "project/LICENSE"),
            ("data package", edit("datapackage.json", b"CC BY", b"CC XY"), "datapackage.json"),
            ("catalogue", edit("dcat.jsonld", b"Parkstad", b"Twente"), "dcat.jsonld"),
            ("crate", edit("ro-crate-metadata.json", b"Organization", b"Person"), "ro-crate-metadata.json"),
            ("title in bundle.json", edit("bundle.json", b"over 2021", b"over 2020"), "bundle.json"),
            ("executed notebook", edit(EXECUTED, b"12.5", b"11.5"), EXECUTED),
            ("prose of a page", edit(PROSE), PROSE),
            ("results.csv", edit("run/results.csv", b"12.5", b"11.5"), "run/results.csv"),
            ("run.json", edit("run/run.json", b"2021-12-31", b"2021-12-30"), "run/run.json"),
            ("inputs.json", edit("run/inputs.json", b'"lock": "0"', b'"lock": "1"'), "run/inputs.json"),
            ("module of the package", edit(CODE), CODE),
            ("source of a notebook", edit(SOURCE, b'"cells"', b' "cells"'), SOURCE),
            ("text of the deal", edit(DEAL), DEAL),
            ("snapshot with its sum", other_figure, f"{TABLE}.csv"),
            ("tolerances", edit(TOLERANCES, new=b"value,0.01,0.01,ruim\n"), TOLERANCES),
            ("lock file", edit(LOCK, b"2.4.6", b"2.4.5"), LOCK),
            ("file removed", drop(CODE), CODE),
            ("file renamed", rename(CODE, "project/evaluation/analysis/money.py"), CODE),
            ("capitals of a name", rename(PROSE, PROSE.replace("ver", "Ver")), PROSE),
            ("letters of a name", rename(small.ACCENTED, decomposed(small.ACCENTED)), small.ACCENTED),
            ("copy damaged", edit(COPY, b"PK\x05\x06", b"XXXX"), COPY),
            ("copy removed", drop(COPY), COPY),
        )
        if wiped == "sums" or what in ("README", "licence", "executed notebook", "run.json", "file removed")
    ),
    *(
        Forgery(f"{name.rsplit('/', 1)[-1]} put in", "sums", put(name), name)
        for name in (
            *("project/sitecustomize.py", "project/x.pth", "project/conftest.py", "project/evaluation/analysis/new.py"),
            *("CITATION.cff", "run/extra.ipynb", "run/sitecustomize.py"),
        )
    ),
    Forgery("README", "all", edit("README.md", b"five minutes", b"one minute"), "README.md"),
    Forgery("executed notebook", "all", edit(EXECUTED, b"12.5", b"11.5"), EXECUTED),
    Forgery("results.csv", "all", edit("run/results.csv", b"12.5", b"11.5"), "12.5", DIFFERS),
    Forgery("run.json", "all", edit("run/run.json", b"2021-12-31", b"2021-12-30"), "run/run.json"),
    Forgery("licence", "all", edit("project/LICENSE"), "project/LICENSE", UNTRUSTED),
    Forgery("prose of a page", "all", edit(PROSE), PROSE, UNTRUSTED),
    Forgery("text of the deal", "all", edit(DEAL), DEAL, UNTRUSTED),
    Forgery("snapshot with its sum", "all", other_figure, f"{TABLE}.csv", UNTRUSTED),
    Forgery("source of a notebook", "all", edit(SOURCE, b'"cells"', b' "cells"'), SOURCE, UNTRUSTED),
    Forgery("lock file", "all", edit(LOCK, b"2.4.6", b"2.4.5"), LOCK, UNTRUSTED),
    Forgery("sitecustomize.py put in", "all", put("project/sitecustomize.py"), "project/sitecustomize.py", UNTRUSTED),
    *(
        Forgery(f"{name.rsplit('/', 1)[-1]} put in", "all", put(f"project/{name}"), f"project/{name}", UNTRUSTED)
        for name in (
            *("data/snapshots/cbs/2026-12-01/83625NED.csv", "data/deal/other.yml", "share/jupyter/kernels/kernel.json"),
            *("pip.conf", "uv.toml", "numpy/__init__.py", "evaluation/__pycache__/x.cpython-311.pyc", "evil", ".env"),
        )
    ),
    Forgery("new.py put in", "all", put("project/evaluation/new.py"), "project/evaluation/new.py", UNTRUSTED),
    Forgery(
        "package with results that fit", "all", both(edit(CODE), other_run(woninginbraak=11.5)), CODE, UNTRUSTED,
        {"woninginbraak": 11.5},
    ),
    Forgery(
        "tolerances with numbers that need them", "all",
        both(edit(TOLERANCES, new=b"ci_low2,0.01,0.01,ruim\n"), other_run(woninginbraak=12.6)), "12.6", DIFFERS,
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def honest() -> Files:
    """The files of a bundle as it is made."""
    return small.described(small.small_files())


@pytest.fixture(scope="module", autouse=True)
def described_once() -> Iterator[None]:
    """Read what is here, beside which each bundle is laid, once: nobody changes it meanwhile."""
    hashes = remade.folder_hashes(remade.package_dir())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remade, "folder_hashes", lambda folder: hashes)
        yield


@pytest.fixture
def gives(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What running a bundle gives, in the place of its notebooks."""
    made = small.small_run()

    def run(record, project, environment, cache, log, surroundings):
        folder = project / "build" / "runs" / record.deal / record.edition
        folder.mkdir(parents=True)
        for name, content in made.items():
            (folder / name).write_bytes(content)

    monkeypatch.setattr(module, "_run", run)
    monkeypatch.setattr(module, "use_environment", lambda *_: Environment(module.Path("python"), False, ()))
    return made


def forge(honest: Files, forgery: Forgery) -> bytes:
    """Pack what somebody made of an honest bundle."""
    if forgery.wiped == "all":
        own = {name: content for name, content in honest.items() if name.startswith(("project/", "run/"))}
        if forgery.named in own or forgery.named not in honest:
            return small.packed_as_made(forgery.change(own))
    files = forgery.change(honest)
    if forgery.wiped != "left":
        files = {**files, "SHA256SUMS": write_sums(drop("SHA256SUMS")(files))}
    return zip_bytes(files)


def verify(path, to, **given) -> tuple[Reproduction, str]:
    """Reproduce, and give all that a person reads of it: lines, page and report."""
    lines: list[str] = []
    outcome = reproduce(path, to, here=True, report=lines.append, **given)
    page = write_verdict(outcome, to)
    return outcome, "\n".join(
        [*lines, summarise(outcome), page.read_text("utf-8"), (to / "report.json").read_text("utf-8")]
    )


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_a_forgery_is_named_and_never_taken_for_the_published_bundle(honest, gives, tmp_path, forgery):
    gives |= small.small_run(**forgery.gives)
    path = tmp_path / "forged.zip"
    path.write_bytes(forge(honest, forgery))
    outcome, told = verify(path, tmp_path / "again")
    assert outcome.exit_code == forgery.code, told
    assert forgery.named in told and not [words for words in AS_MADE if words in told]
    published = hashlib.sha256(zip_bytes(honest)).hexdigest()
    with pytest.raises(NotTheBundle, match="is not the published bundle"):
        reproduce(path, tmp_path / "refused", here=True, sha256=published)
    assert not (tmp_path / "refused").exists()


def test_the_published_bundle_is_told_from_one_of_which_nothing_is_known(honest, gives, tmp_path):
    path = tmp_path / "2021.zip"
    path.write_bytes(zip_bytes(honest))
    outcome, told = verify(path, tmp_path / "again")
    assert (outcome.exit_code, [change for change in outcome.changes]) == (UNTRUSTED, [])
    assert "Niet vastgesteld is van wie deze bundel is" in told and not [words for words in AS_MADE if words in told]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert told.startswith(f"sha256 of 2021.zip: {digest}\nCompare it with the sum on the account page")
    outcome, told = verify(path, tmp_path / "again", sha256=digest.upper())
    assert outcome.exit_code == REPRODUCED and all(words in told for words in AS_MADE)
    assert told.index("sha256 of") < told.index("The code in this bundle is run now, by you") < told.index("Run: every")


def test_what_a_killed_reproduction_left_goes_with_the_next_and_two_at_once_are_told(honest, gives, tmp_path):
    path, to = tmp_path / "2021.zip", tmp_path / "again"
    path.write_bytes(zip_bytes(honest))
    for name in (".again-ab12_x9z", ".again-two-ab12_x9z"):
        (tmp_path / name / "project").mkdir(parents=True)
    with held(tmp_path / ".again.lock", "x"), pytest.raises(BusyError, match="reproduces a bundle in again"):
        verify(path, to)
    assert (tmp_path / ".again-ab12_x9z").exists(), "it may be that of the other"
    verify(path, to)
    assert {item.name for item in tmp_path.iterdir()} == {"2021.zip", "again", ".again-two-ab12_x9z"}


def test_the_published_bundle_of_an_older_version_has_its_own_readme(honest, gives, tmp_path):
    path = tmp_path / "2021.zip"
    path.write_bytes(forge(honest, Forgery("README", "all", edit("README.md"), "README.md")))
    assert verify(path, tmp_path / "again")[0].exit_code == ALTERED
    outcome, told = verify(path, tmp_path / "again", sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    assert outcome.exit_code == REPRODUCED and "another version of it made them" in told
    assert not outcome.changes[0].counts and outcome.changes[0].name == "README.md"


@pytest.mark.parametrize("name", ["project/sitecustomize.py", "project/x.pth", "project/conftest.py", "project/new.py"])
def test_what_was_put_beside_the_files_is_not_used_and_said_so(honest, gives, tmp_path, name):
    path = tmp_path / "beside.zip"
    path.write_bytes(zip_bytes(put(name)(honest)))
    outcome, told = verify(path, tmp_path / "again")
    assert outcome.exit_code == UNTRUSTED and f"<td>{name}</td>" in told and "hoort er niet bij; niet gebruikt" in told
    assert not (tmp_path / "again" / name).exists()


def test_other_versions_explain_another_notebook_and_leave_it_named(honest, gives, tmp_path, monkeypatch):
    gives[f"{small.NOTEBOOK}.ipynb"] = gives[f"{small.NOTEBOOK}.ipynb"].replace(b"12.5", b"12,5")
    path = tmp_path / "2021.zip"
    path.write_bytes(zip_bytes(honest))
    assert verify(path, tmp_path / "again")[0].exit_code == ALTERED
    newer = Environment(module.Path("python"), False, (module.Cause("version", "plotly", "7.1.0 -> 8.0.0"),))
    monkeypatch.setattr(module, "use_environment", lambda *_: newer)
    outcome, told = verify(path, tmp_path / "again")
    assert outcome.exit_code == UNTRUSTED and f"{EXECUTED}" in told and "other versions of packages" in told


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("bundle.json", b'"format": 1', b'"format": 2', "is of format 2; this version reads format 1"),
        ("bundle.json", b'"deal": "parkstad-limburg"', b'"deal": "../../etc"', "text that is no name"),
        ("bundle.json", b'"deal": "parkstad-limburg"', b'"deal": "--help"', "text that is no name"),
        ("bundle.json", b"over 2021", b"\\u001b[2K as it was made", "text that is no name"),
        ("bundle.json", b'"year": 2021', b'"year": []', "other fields: year"),
        ("bundle.json", b'"year": 2021', b'"year": ' + b"[" * 100_000 + b"]" * 100_000, "too deep"),
        ("run/run.json", b'"status": "ok"', b'"status": ' + b"[" * 100_000 + b"]" * 100_000, "too deep"),
        ("run/run.json", b'"snapshots": []', b'"snapshots": [1]', "snapshots.0 has another form"),
        ("run/inputs.json", b'"names": []', b'"names": {}', "names has another form"),
        ("run/results.csv", b"3.verschil", b"3.woningwaarde", "two numbers under one id"),
        ("run/results.csv", b"CBS", b"\x1b[2KCBS", "text that cannot be shown"),
        ("run/results.csv", b"3.verschil", b"\xff", "can't decode"),
    ],
)
def test_what_says_what_a_bundle_is_has_its_form_or_is_refused_in_words(honest, tmp_path, name, old, new, said):
    files = edit(name, old, new)(honest)
    if name.startswith("run/"):  # also in the copy, from which the numbers are taken
        own = {other: content for other, content in files.items() if other.startswith(("project/", "run/"))}
        files |= {COPY: zip_bytes({key: text for key, text in own.items() if not key.endswith(".ipynb")})}
    files["SHA256SUMS"] = write_sums(drop("SHA256SUMS")(files))
    path = tmp_path / "forged.zip"
    path.write_bytes(zip_bytes(files))
    with pytest.raises(RegioDealError, match=said.replace(".", r"\.")):
        reproduce(path, tmp_path / "again", here=True)
    assert not (tmp_path / "again").exists()


def test_a_sum_is_told_once_and_a_folder_has_none(honest, tmp_path):
    path = tmp_path / "twice.zip"
    path.write_bytes(zip_bytes({**honest, "SHA256SUMS": honest["SHA256SUMS"] * 2}))
    with pytest.raises(UsageError, match=r"has 'LICENSE' twice|has '.*' twice"):
        reproduce(path, tmp_path / "again", here=True)
    with pytest.raises(UsageError, match="is a folder, of which no sum was published"):
        reproduce(tmp_path, tmp_path / "again", here=True, sha256="0" * 64)
    path.write_bytes(zip_bytes(honest))
    with pytest.raises(UsageError, match="expected the 64 digits"):
        reproduce(path, tmp_path / "again", here=True, sha256="abc")


def test_the_record_is_the_one_that_the_run_gives(honest):
    record = read_record(honest["bundle.json"])
    assert record.numbers == len(small.NUMBERS) and record.title == "Voortgangsrapportage over 2021"
    older = {**json.loads(honest["bundle.json"]), "absent": [{"what": "x", "why": "y", "effect": "z", "notebooks": []}]}
    assert replace(record, absent=()) == replace(read_record(json.dumps(older).encode()), absent=())
