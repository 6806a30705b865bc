"""The report for paper: finished pages to one manuscript, and that to PDF (typst) and Word, without a browser.

In: a staged project and its pages, which passed their checks.  Out: ``.pdf`` and ``.docx`` beside them.
May import what `publish` may, and `publish.pages`.
"""
