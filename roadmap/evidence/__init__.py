"""What results say about milestones and dependencies, and by which rule."""
