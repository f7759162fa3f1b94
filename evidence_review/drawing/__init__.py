"""SVG: measured text, boxes, arrows, accessible titles. No font, no program and no network is needed."""
