"""The tables of the retail monitor (Art. 4.4c): shopping clusters, premises per year, plan capacity.

In come the tables of data/retail/<deal> or of the private overlay, and a `Deal`; out come `RetailTables` or all faults.
What is counted from them, and what of that is shown, is decided in `evaluation.analysis`.
It may import `evaluation.base`, the deal and the types of columns of the records.
"""
