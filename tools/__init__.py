"""Makers of what the repository keeps: example records, and the tables of municipalities.  No report needs them."""
