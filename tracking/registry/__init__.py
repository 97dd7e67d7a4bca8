"""Bringing the registry up to date from a file: rows → what is wanted → a plan → the database.

``csv_reading`` and ``json_reading`` make rows of a file, ``checking`` what they ask for,
``planning`` compares that with what there is, ``services`` does it: whole, or not at all.
"""
