"""Measures what a motion model does on people that it never saw."""
