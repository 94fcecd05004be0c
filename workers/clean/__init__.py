"""From what a site says to what a table can hold: pure functions, no clock, no network, no database.

Each module is importable and testable alone; "now" is always an argument; nothing here raises on any input.
"""
