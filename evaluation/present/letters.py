"""Which letters print has: those of the fonts that the PDF is set with, and no others."""

import tempfile
from functools import lru_cache
from pathlib import Path

_SIGNS = "\n\t\u2002\u2003\u2009\u202f\u200b\u2060\ufeff–—‘’‚“”„†•…‰‹›€−×≤≥≠≈←→↑↓○◐●▲▼½"
_SURE = {*map(chr, range(0x20, 0x180)), *_SIGNS}
"""Latin letters and the signs that reports use: the fonts have them, so that they need not be asked."""


def missing_letters(text: str) -> str:
    """Return the letters of a text that no font of print has, in order.

    >>> missing_letters("Één café, 3 ≥ 2"), missing_letters("huis 日")
    ('', '日')
    """
    unsure = sorted(set(text) - _SURE)
    return "".join(letter for letter in unsure if letter in _without_glyph("".join(unsure)))


@lru_cache(maxsize=64)
def _without_glyph(letters: str) -> str:
    """Let typst, which sets the PDF, say which letters its fonts lack."""
    import font_source_sans_pro
    import typst

    lacking = ""
    fonts = [Path(font_source_sans_pro.__file__).parent / "files"]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "letters.typ"
        for letter in letters:
            source.write_text(f'#set text(font: "Source Sans Pro")\n#text("\\u{{{ord(letter):x}}}")', encoding="utf-8")
            try:
                typst.compile_with_warnings(
                    source, root=source.parent, font_paths=fonts, ignore_system_fonts=True, format="pdf",
                    pdf_standards=["ua-1"],
                )  # fmt: skip
            except typst.TypstError as error:
                lacking += letter if "could not be displayed" in error.message else ""
    return lacking
