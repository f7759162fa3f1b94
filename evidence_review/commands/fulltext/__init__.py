"""`fulltext`: which full texts were sought, where, and what came of it."""
