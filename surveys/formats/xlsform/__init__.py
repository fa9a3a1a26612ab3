"""XLSForm workbooks (.xlsx): reading, in `reading`, and writing, in `export`."""
