"""Where the desktop begins: the icon beside the clock, and keys while others have the keyboard."""
