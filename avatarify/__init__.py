"""Animate a portrait with the motion of a face, live."""
