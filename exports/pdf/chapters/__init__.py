"""The chapters of a roadmap document, each a function from a composer to blocks."""
