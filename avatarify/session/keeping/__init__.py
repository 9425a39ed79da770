"""What lies on the disk between two runs: settings, small JSON files, the tracker's file."""
