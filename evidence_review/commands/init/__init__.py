"""`init`: start a review."""
