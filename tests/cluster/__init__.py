"""A run on a dask cluster."""
