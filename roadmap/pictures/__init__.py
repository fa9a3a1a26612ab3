"""Drawings of a roadmap as plain coordinates, the same on every run. Pure."""
