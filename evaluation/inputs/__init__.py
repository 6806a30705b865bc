"""Read and check what people write: deal, indicators, plan, records, workbook.

In: the YAML, CSV and Excel files of ``data/deal``, ``data/indicators``, ``data/programme`` and ``data/retail``.
Out: frozen, checked objects and tables; every fault of a file at once, with its place, in one `InputError`.
"""
