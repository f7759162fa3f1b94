"""Pooling effects: measures from counts, means or estimates; fixed and random effects; heterogeneity; plots.

`effects` makes an effect and its variance of each row; `heterogeneity` estimates τ²; `models` pools; `extras` are
subgroups, leave-one-out, meta-regression and Egger's test; `distributions` has the quantiles that they need.
"""
