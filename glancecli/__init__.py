"""OpenStack images from the shell."""

__version__ = "1.0.0"
