"""Ways to run a motion model fast, each checked against the readable networks before its use."""
