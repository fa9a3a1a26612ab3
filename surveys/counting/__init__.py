"""From responses to results: the projection, counts, figures, disclosure control, marks."""
