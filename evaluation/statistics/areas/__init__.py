"""Where figures are about: the municipalities of each year, the regions made of them, and who was treated when.

In: the tables and registers of ``data/regions``, and figures of any year.  Out: those figures on the boundaries of one
year, for any group of municipalities (`harmonise`); neighbours and tiles; donor pools and what they estimate.
May import: `evaluation.base`, `evaluation.inputs`, and of `evaluation.statistics` only `snapshot_schema`.
"""
