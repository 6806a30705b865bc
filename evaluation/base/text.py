"""Words of people as parts of names and of Markdown."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")


def normalised(text: str) -> str:
    r"""Give equal words one form, however they were typed: composed letters, and no signs that nobody sees.

    >>> normalised("clie\u0308nten") == "cli\u00ebnten", normalised("\ufeffHeer\u00adlen")
    (True, 'Heerlen')
    """
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def literal(text: str) -> str:
    r"""Write a text that someone else wrote so that Markdown shows it as it is.

    >>> literal("Dorp *Zuid*")
    'Dorp \\*Zuid\\*'
    """
    return re.sub(r"([\\`*_{}\[\]<>#@$^~|])", r"\\\1", text)


def page_slug(words: str) -> str:
    """Write words as the name of a page, a file or a label has them.

    >>> page_slug("Cohésie & buurten"), page_slug("WC_1")
    ('cohesie-buurten', 'wc-1')
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def identity_slug(words: str) -> str:
    """Write words as a part of the identity of a result: spaces, dots and hyphens are one hyphen.

    >>> identity_slug("m² openbare ruimte"), identity_slug("proef tuin") == identity_slug("proef-tuin")
    ('m²-openbare-ruimte', True)
    """
    return re.sub(r"[-.\s]+", "-", words).strip("-")
