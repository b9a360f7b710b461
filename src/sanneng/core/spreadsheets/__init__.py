"""Spreadsheets in and out, for every record type from its one declaration.

``write_rows`` and ``write_records`` write a workbook, ``write_template`` an empty one,
``import_workbook`` takes one in and ``undo_batch`` takes it back.
"""
