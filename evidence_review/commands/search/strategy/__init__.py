"""A search strategy in PubMed syntax: read to a tree, printed back, translated for other sources, reviewed.

`parse.parse(text)` gives a `tree.Strategy` and never raises; `print.to_pubmed(node)` writes a tree back;
`translate.translate(strategy, target)` writes it for another source and says what became of each term;
`lint.lint(strategy)` says what a peer reviewer of strategies would.
"""
