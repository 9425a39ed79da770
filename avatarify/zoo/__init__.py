"""Published and shipped models: names, hashes, download, storage."""
