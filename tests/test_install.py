"""What is built installs from a folder of wheels and works, in each of the ways that the tool knows."""

import subprocess
import sys
import sysconfig
from pathlib import Path
from shutil import which

import pytest

pytestmark = pytest.mark.install

CHECK = Path(__file__).parent.parent / "tools" / "check_install.py"
COMPILES = which("cc") and Path(sysconfig.get_path("include"), "Python.h").exists()


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Where the first that runs keeps what it builds."""
    return tmp_path_factory.mktemp("built") / "dist"


@pytest.mark.usefixtures("package_index")
@pytest.mark.parametrize(
    "way",
    [
        "newest",
        "lowest",
        pytest.param("source", marks=pytest.mark.skipif(not COMPILES, reason="no C compiler, or no headers of Python")),
    ],
)
def test_an_install_converts_the_examples(way, dist):
    if not which("git"):
        pytest.skip("git says what belongs into the sdist")
    done = subprocess.run([sys.executable, CHECK, "--way", way, "--dist", dist], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f", {way}: the examples are converted" in done.stdout
