"""The parts of make_tables.py: each turns one kind of source into the rows of one table."""
