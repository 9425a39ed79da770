"""What every part of the window is made of: colours, small widgets, actions, background work."""
