"""The neural networks, one idea per file, and their configuration."""
