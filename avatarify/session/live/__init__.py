"""The live session: camera in, animated avatar out, and everything a user can press meanwhile."""
