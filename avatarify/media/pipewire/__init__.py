"""A virtual camera for Linux without a kernel module: a `Video/Source` node in PipeWire."""
