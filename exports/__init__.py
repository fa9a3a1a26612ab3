"""Bytes out of editions and results. Pure: the same input gives the same bytes."""
