"""`python -m avatarify`: the same as the command `avatarify`."""

import sys

from avatarify.cli import main

if __name__ == "__main__":
    sys.exit(main())
