"""The avatars: who can be chosen, how a picture becomes one, and what is settled for each."""
