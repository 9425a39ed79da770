"""Teaches the landmark networks: people and rendered heads in, `landmarks.safetensors` out."""
