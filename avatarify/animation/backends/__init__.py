"""Fast ways to run a motion model, each checked against the readable networks before it is used."""
