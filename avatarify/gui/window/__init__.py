"""The window itself: puts the rooms together and connects them with the live session."""
