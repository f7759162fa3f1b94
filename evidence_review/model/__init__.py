"""The nouns of a review: frozen values without any input or output.

`record` what a source gave; `search_run` how it was identified; `events` what people and rules did to it
(merges, decisions, retrievals, study links, values); `protocol` what was planned; `ledger` what was run.
Import the modules: this package imports none of them, so that a command loads only what it needs.
"""
