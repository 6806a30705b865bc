"""The programme office's records: read, checked against the deal, protected, and handed on.

In come the tables of data/programme/<deal> and a `Deal`; out comes a `Programme` (frames with checked columns), with
the counts of persons, households and firms as they may be shown.  `text_tables`, `checked_rows`, `column_types` and
`cell_suppression` serve other tables of people as well.  It may import `evaluation.base` and the deal.
"""
