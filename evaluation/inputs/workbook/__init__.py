"""The workbook of the programme office: made for a deal, read when it is filled in, its faults marked in Dutch.

In come a `Deal`, the disclosure rules and an .xlsx; out come an empty or filled .xlsx, a `Programme`, or a copy with
each faulty cell coloured and explained.  The checks are those of `evaluation.inputs.records`: here they get words.
It may import `evaluation.base`, the deal and the records.
"""
