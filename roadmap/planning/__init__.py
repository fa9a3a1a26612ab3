"""From milestones and dependencies to dates: network, contradictions, schedule. Pure."""
