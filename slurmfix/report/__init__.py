"""Outcomes as text for people and programs: text out, no printing."""
