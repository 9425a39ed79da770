"""Pure tensor functions: grids, heatmaps, keypoint transfer, warps."""
