"""Where everything stands today, folded from events by pure functions: no input or output, nothing stored.

`snapshot` what a review holds; `clusters` which records are one; `screening` what was decided; `studies` which reports
belong together; `standing` the one place where each record is; `flow` the counts; `identities` whether they add up.
"""
