"""Read what people write as checked, immutable objects, and tell every fault at once, each with its place.

In: YAML, CSV and .xlsx files of ``data/``, and the lists of notebooks (``_quarto-*.yml``).
Out: `Deal`, `Indicator`, `Design`, `Programme` and `RetailTables`, or one `InputError`; and which chapters a run has.
It computes nothing that a report shows, but what of small counts may be shown.
"""
