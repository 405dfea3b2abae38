"""How the property tests search: at random by hand, so that a run may find something new; in CI the same each time."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
