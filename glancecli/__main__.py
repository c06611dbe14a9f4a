"""The umbrella program, as ``python -m glancecli``."""

import sys

from glancecli.main import glancecli

if __name__ == "__main__":
    sys.exit(glancecli())
