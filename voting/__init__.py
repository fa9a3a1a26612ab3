"""Votes of member states: rules, electorates, ballots, tallies."""
