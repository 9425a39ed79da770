"""The live loop: threads, hand-over, pacing."""
