"""Typed forms: from a protocol's form, or an appraisal tool, to sheets that people fill in, and back to checked values.

`cells` reads one cell by its field's type; `layout` places fields in columns; `issue` writes a person's sheets;
`collect` reads them back, all or nothing; `consensus` puts two people's differences side by side; `work` does these in
a review folder, for extraction and appraisal alike; `tools` are the appraisal tools, shipped as data.
"""
