"""Readers and writers of questionnaire and response formats, one module a format."""
