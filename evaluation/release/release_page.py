"""The page about a release: who signed it, its one sum, who reproduced it, how to cite it, and every other release."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from markupsafe import Markup

from evaluation.base import dutch
from evaluation.release.certificate import Certified
from evaluation.release.shell import fill, in_shell
from evaluation.release.signatures import Signature
from evaluation.release.statement import CERTIFICATES, SIGNATURES, STATEMENT, Release

_TITLE = "Over deze uitgave"
_UNSIGNED = "niet ondertekend"


class Published(Protocol):
    """A release with who signed and who reproduced it."""

    @property
    def release(self) -> Release:
        """What it is."""

    @property
    def signatures(self) -> Sequence[Signature]:
        """Who signed it."""

    @property
    def certificates(self) -> Sequence[Certified]:
        """Who reproduced it."""


def release_page(shell: str, one: Published, editions: Sequence[Published], *, base: str, address: str | None) -> str:
    """Write the page of a release; `base` leads from where it stands to its permanent address.

    The `address` of the site goes into the citation, where it is known.
    """
    newest = editions[-1].release
    up = "" if base else "../"
    body = fill(
        "uitgave.html",
        title=_TITLE,
        release=one.release,
        signatures=one.signatures,
        unsigned=_UNSIGNED,
        newest=newest,
        others=[(item.release, f"{up}{item.release.name}/index.html") for item in reversed(editions)],
        erratum=editions[one.release.number].release.erratum if one.release.number < newest.number else "",
        reproduced=[
            (item, certified, f"{up}{item.release.name}/{CERTIFICATES}/{certified.name}/certificaat.html")
            for item in editions
            if item.release.number <= one.release.number
            for certified in item.certificates
        ],
        base=base,
        statement=STATEMENT,
        folder=SIGNATURES,
        citation=citation(one.release, address),
        bibtex=bibtex(one.release, address),
        day=lambda text: dutch.day(date.fromisoformat(text)),
        roles=role_words,
    )
    return in_shell(shell, _TITLE, body)


def role_words(role: str) -> str:
    """Write a role as readers know it."""
    return role.replace("-", " ")


def unsigned_lines() -> Markup:
    """Say on the account page of a report without a release that nobody signed it."""
    return Markup(
        f'<h2 id="ondertekening">Ondertekening</h2>\n<p>Dit verslag is <strong>{_UNSIGNED}</strong>. Het is geen '
        "uitgave met een blijvend adres: als het opnieuw wordt gemaakt, komt het nieuwe verslag op dit adres.</p>"
    )


def citation(release: Release, address: str | None = None) -> str:
    """Write how to refer to a release: office, year, title, edition, day and its place on the site."""
    words = f"{release.deal_name} ({release.date[:4]}). {release.title}. Uitgave {release.number}, "
    words += f"{dutch.day(date.fromisoformat(release.date))}"
    return f"{words}. " + (f"https://doi.org/{release.doi}" if release.doi else f"Adres: {place(release, address)}")


def place(release: Release, address: str | None = None) -> str:
    """Return the permanent address of a release; on the site of its deal where that has no known address."""
    return (f"{address.rstrip('/')}/" if address else "") + f"{release.edition}/{release.name}/"


def bibtex(release: Release, address: str | None = None) -> str:
    """Write the reference for a list of literature."""
    plain = {"{": "", "}": "", "\\": ""}
    names = [text.translate(str.maketrans(plain)) for text in (release.deal_name, release.title)]
    lines = [
        f"@techreport{{{release.deal}-{release.edition}-{release.number},",
        f"  author = {{{{{names[0]}}}}},",
        f"  title = {{{names[1]}}},",
        f"  type = {{Uitgave {release.number}}},",
        f"  year = {{{release.date[:4]}}},",
        f"  date = {{{release.date}}},",
    ]
    lines.append(f"  doi = {{{release.doi}}}" if release.doi else f"  note = {{Adres: {place(release, address)}}}")
    return "\n".join([*lines, "}"])
