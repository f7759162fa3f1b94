"""`run`: everything that needs no person, in order."""
