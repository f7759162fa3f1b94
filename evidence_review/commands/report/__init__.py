"""Flow diagram, report, checklists; check a published flow."""
