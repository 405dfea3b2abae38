"""Builds the environments of a job once, in a temporary folder, and imports what the job imports."""

from slurmfix.rehearsal.command import Wanted, rehearse_all

__all__ = ["Wanted", "rehearse_all"]
