"""`evidence-review chase`: citations followed backward and forward from the documents at hand."""
