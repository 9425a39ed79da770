"""The face engine: a portrait moved by every tracked landmark, in layers."""
