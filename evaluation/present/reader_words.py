"""The columns of the tidy tables in the words of a reader: what an axis, a legend or a head of a table calls them."""

import re

_WORDS = {
    "indicator": "Indicator", "unit": "Code", "unit_name": "Gebied", "level": "Niveau", "period": "Jaar",
    "value": "Waarde", "numerator": "Teller", "denominator": "Noemer", "status": "Status", "source": "Bron",
    "vintage": "Stand", "note": "Toelichting", "count": "Aantal", "theme": "Thema", "probability": "Aandeel",
}  # fmt: skip


def reader_word(name: str) -> str:
    """Return the Dutch word for a column of `Year.figures` or a count of plotly; another name stays as it is.

    >>> reader_word("unit_name"), reader_word("per_1000")
    ('Gebied', 'per_1000')
    """
    return _WORDS.get(name, name)


def reader_label(label: str) -> str:
    """Return the label of a facet, which plotly writes as a column with its value, as the value alone.

    >>> reader_label("unit_name=Parkstad"), reader_label("a=b")
    ('Parkstad', 'a=b')
    """
    column, sign, value = label.partition("=")
    return value if sign and column in _WORDS and re.search(r"[^\W\d]", value) else label.replace("period=", "")
