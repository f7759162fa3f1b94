"""`protocol`: check, show and amend what was planned."""
