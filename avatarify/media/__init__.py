"""Webcams, video and image files, virtual cameras."""
