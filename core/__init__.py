"""The kernel every package may rely on: database base, ids, clock, localised text, errors,
audit log, outbox. Imports nothing of ours."""
