"""Sheets out and in: CSV and XLSX that survive Excel, LibreOffice and Google Sheets, or are refused with rows named.

`write_csv` and `xlsx_write.write_xlsx` make them; `read` (one table) and `read_all` (every worksheet) take them back
as text. `guard` keeps formulas harmless, `plain` and `fold` compare what people typed.
"""

from __future__ import annotations

from evidence_review.sheets.csv_file import csv_line, csv_pieces, write_csv
from evidence_review.sheets.read import is_lock_file, read, read_all
from evidence_review.sheets.table import CELL_LIMIT, Row, Table, fold, plain

__all__ = [
    "CELL_LIMIT",
    "Row",
    "Table",
    "csv_line",
    "csv_pieces",
    "fold",
    "is_lock_file",
    "plain",
    "read",
    "read_all",
    "write_csv",
]
