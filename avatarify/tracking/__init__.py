"""Finds the face in the camera frame and follows it."""
