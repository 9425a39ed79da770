"""Settings, and the wiring of source, animator and sink. No Qt."""
