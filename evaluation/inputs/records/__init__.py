"""Read the programme office's records, check them against the deal, protect small counts, and hand them on.

In: the tables of ``data/programme/<deal>`` and a `Deal`.
Out: a `Programme` (frames with checked columns), with counts of persons, households and firms as they may be shown.
It may import `evaluation.base` and the deal; `retail` and `workbook` use its tables of text and its types of columns.
"""
