"""`evidence-review update`: a living review - search and load again, and screen only what is new."""
