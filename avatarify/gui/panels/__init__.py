"""What stands in the window all the time: stage, device, calibration, motion, guide, status."""
