"""The retail monitor of Art. 4.4c: tables of premises -> checked rows -> counts per cluster -> what may be shown."""
