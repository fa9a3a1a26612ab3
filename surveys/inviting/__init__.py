"""People who are invited: lists, tokens, letters, reminders, bounces, and who they stay to be."""
