"""The cluster that the tests of this folder share."""

import pytest
from lab import Lab, LabError


@pytest.fixture(scope="session")
def lab():
    try:
        cluster = Lab()
    except LabError as why:
        pytest.skip(str(why))
    yield cluster
    cluster.stop()
