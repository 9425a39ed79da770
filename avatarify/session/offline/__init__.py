"""A portrait and a clip in, pictures out: nothing live, nothing dropped."""
