"""A community's whole problem as an Excel workbook, and back: bytes to a document or to faulty cells, and bytes again.

Pure: nothing is stored here. People fill in columns; what a column cannot say stands as JSON in a column of its own, so
that every problem can be written.
"""
