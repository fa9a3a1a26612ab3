"""The roadmap: milestones, dependency graph, evidence, schedule, editions, comparison."""
