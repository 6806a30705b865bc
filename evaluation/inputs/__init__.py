"""What people write, as checked and immutable objects: the deal, the indicators with their plan, and the records.

In come YAML, CSV and .xlsx files of data/; out come `Deal`, `Indicator`, `Design`, `Programme` and `RetailTables`, or
one `InputError` with every fault at its place.  Which chapters a run has follows from them too (`editions`,
`chapter_list`).  It computes nothing that a report shows.  It may import `evaluation.base`.
"""
