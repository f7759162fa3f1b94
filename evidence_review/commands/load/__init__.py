"""`load`: read export files and manual search logs; convert and export records."""
