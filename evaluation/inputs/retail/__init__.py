"""Read the tables of the retail monitor (Art. 4.4c): shopping clusters, premises per year, plan capacity.

In: the tables of ``data/retail/<deal>`` or of the private overlay, and a `Deal`.
Out: `RetailTables`, or every fault; what is counted and shown of them is decided in `evaluation.analysis`.
It may import `evaluation.base`, the deal and the records.
"""
