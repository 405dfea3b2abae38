"""Looks up what a script's environments hold: a list of sources, the best first, held against what the job shows."""

from slurmfix.sources.answer import Answers
from slurmfix.sources.order import SOURCES
from slurmfix.sources.world import World

__all__ = ["SOURCES", "Answers", "World"]
