"""One file for each thing of this machine that the program needs, and whether it is fit."""
