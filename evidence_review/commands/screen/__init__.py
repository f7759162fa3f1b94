"""`screen`: sheets for the people who judge records, out and in, at title and abstract and at full text."""
