"""Readers and writers of roadmap formats, one module a format."""
