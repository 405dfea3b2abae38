"""Builds the environments of a job once, in a temporary folder, and imports what the job imports."""

from slurmfix.rehearsal.command import Wanted, data, rehearse_all

__all__ = ["Wanted", "data", "rehearse_all"]
