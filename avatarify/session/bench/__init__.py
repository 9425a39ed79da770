"""Measures what a frame costs, as ratios of runs that take turns on the same machine."""
