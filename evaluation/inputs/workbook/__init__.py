"""Make the workbook of the programme office, read it when it is filled in, and mark its faults in Dutch.

In: a `Deal`, the rules of disclosure, and an .xlsx.
Out: an .xlsx to fill in, a `Programme`, or a copy with each faulty cell coloured and explained.
The checks are those of `evaluation.inputs.records`, and get words here.  It may import `evaluation.base`, the deal and
the records.
"""
