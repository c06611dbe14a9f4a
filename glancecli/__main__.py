"""The umbrella program, as ``python -m glancecli``."""

from glancecli.cli.start import glancecli

if __name__ == "__main__":
    glancecli()
