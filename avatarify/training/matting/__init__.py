"""Training the network that tells people from rooms, on people laid over rooms."""
