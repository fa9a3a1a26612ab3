"""Checking editions with nothing but the standard library: ours, and as a script for others."""
