"""Where the one file begins."""

import sys
from os import environ  # here is no config.py to read it

from concord.pocket.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], environ))
