"""`evidence-review zotero`: records from a Zotero library, and what was decided back into it."""
