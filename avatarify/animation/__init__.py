"""A checkpoint and a device turned into a portrait that moves."""
