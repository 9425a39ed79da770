"""Learns how skin folds: what brightens and darkens on people who move their faces."""
