"""Making a questionnaire: its steps and their undoing, translation, comparison, the library."""
