"""LimeSurvey structure exports (.lss): reading, in `reading`, and writing, in `export`."""
