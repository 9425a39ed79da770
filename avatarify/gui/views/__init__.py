"""Pictures of what happens: the camera, the output, and the model's X-ray."""
