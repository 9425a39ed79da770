"""Rendered heads: unlimited training data and the built-in avatars."""
