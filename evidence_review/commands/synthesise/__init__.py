"""`synthesise`: tables, matrix, map and pooled effects of what was extracted and appraised."""
