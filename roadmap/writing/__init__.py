"""Writing the document together: chapters, differences, merges, suggestions, comments, notices."""
