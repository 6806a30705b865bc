"""A run as one archive for others, and the same archive run again elsewhere with every number compared."""
