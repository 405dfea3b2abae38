"""All findings of one script become one plan: steps with edits, what stays, and why."""

from slurmfix.plan.block import made_before
from slurmfix.plan.clean import clean_up
from slurmfix.plan.guard import IDLE
from slurmfix.plan.image import image_of
from slurmfix.plan.job import Job, needs
from slurmfix.plan.library import library_commands
from slurmfix.plan.make import gather, make_plan
from slurmfix.plan.names import common_name, file_name, named
from slurmfix.plan.step import MANUAL, REVIEW, SAFE, Named, Need, NewFile, Plan, Served, Site, Step

__all__ = [
    "IDLE",
    "MANUAL",
    "REVIEW",
    "SAFE",
    "Job",
    "Named",
    "Need",
    "NewFile",
    "Plan",
    "Served",
    "Site",
    "Step",
    "clean_up",
    "common_name",
    "file_name",
    "gather",
    "image_of",
    "library_commands",
    "made_before",
    "make_plan",
    "named",
    "needs",
]
