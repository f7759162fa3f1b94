"""`status`: where the review stands."""
