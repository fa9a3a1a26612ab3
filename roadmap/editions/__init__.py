"""Published states of a roadmap: their document, their differences, how they come about."""
