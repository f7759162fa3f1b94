"""A rapid evidence review on plain files, from protocol to PRISMA-style report."""

__version__ = "0.1.0"
