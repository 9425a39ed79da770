"""What is written in C, for the processor: compiled where a compiler is, never needed."""
