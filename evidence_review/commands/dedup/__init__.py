"""`dedup`: find duplicates, bring doubtful pairs to people and back, explain, undo.

`normalise` gives each record its matching form; `keys` and `blocks` say which pairs are compared; `score` and `grades`
how far they agree; `rules` what follows; `cluster` which records become one; `engines` run these four, here or on a
cluster. `events` turns the outcome into what is appended to the review.
"""
