"""Training the painters of mouth and eyes, on small patches instead of whole frames."""
