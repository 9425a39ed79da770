"""Datasets, losses, the training loop and the evaluation."""
