"""All findings of one script become one plan: steps with edits, what stays, and why."""

from slurmfix.plan.block import made_before
from slurmfix.plan.clean import clean_up
from slurmfix.plan.guard import IDLE
from slurmfix.plan.image import image_of
from slurmfix.plan.library import library_commands
from slurmfix.plan.make import make_plan
from slurmfix.plan.names import common_name, file_name, named
from slurmfix.plan.step import MANUAL, REVIEW, SAFE, Named, NewFile, Plan, Serve, Served, Step, Style

__all__ = [
    "IDLE",
    "MANUAL",
    "REVIEW",
    "SAFE",
    "Named",
    "NewFile",
    "Plan",
    "Serve",
    "Served",
    "Step",
    "Style",
    "clean_up",
    "common_name",
    "file_name",
    "image_of",
    "library_commands",
    "made_before",
    "make_plan",
    "named",
]
