"""The left column: the avatars, and the ways to bring another one in."""
