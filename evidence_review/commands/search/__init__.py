"""`evidence-review search`: one strategy, every source, nothing silently missing."""
