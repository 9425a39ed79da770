"""Networks rewritten to be fast: cut into parts, each layer made cheap, the results the same."""
