"""`dedup`: find duplicates, bring doubtful pairs to people and back, explain, undo.

`normalise` gives each record its matching form; `keys` and `blocks` say which pairs are compared; `score` and `grades`
how far they agree; `rules` what follows; `judging` runs these, `engines` says where; `cluster` which records become
one. `events` turns the outcome into what is appended to the review.
"""
