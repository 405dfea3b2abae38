"""How the property tests search, and what skips the tests that install where there is no package index."""

import os
import subprocess
import sys

import pytest
from hypothesis import settings

# At random by hand, so that a run may find something new; in CI the same each time.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def package_index(tmp_path_factory):
    """Skips where pip reaches no package index."""
    folder = tmp_path_factory.mktemp("pip")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "setuptools"]
    if subprocess.run(download, capture_output=True).returncode:
        pytest.skip("nothing can be installed: pip reaches no package index here")
