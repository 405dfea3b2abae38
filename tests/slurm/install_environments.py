"""Install environments from a folder by the lines of rewritten jobs, each as a job of a real Slurm with stub wheels.

python tests/slurm/install_environments.py FOLDER [FIRST [COUNT [METADATA]]]

The stubs require what the table of this folder says, or, with METADATA, what tools/fetch_metadata.py wrote there.
Prints one line an environment and the figures; exit 1 where one that becomes a virtualenv is not installed.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from installs import Installation, StubCluster, is_installed, rewritten
from lab import Lab
from stub_wheels import read_metadata

AT_ONCE = 3
TELLS = re.compile(r"(?m)^.*(?:[Ee]rror|ERROR| depends on | requested |there is no).*$")


def main(folder: str, first: str = "0", count: str = "1000", metadata: str = "") -> int:
    """Convert, build the stubs, submit, look."""
    if metadata:
        read_metadata(Path(metadata))
    files = [path for path in sorted(Path(folder).iterdir()) if path.suffix in (".yml", ".yaml")]
    files = files[int(first) : int(first) + int(count)]
    found = [rewritten(path.read_text(errors="replace"), path.stem) for path in files]
    ways = Counter(each.strategy or "no environment" for each in found)
    found = [each for each in found if each.strategy == "virtualenv"]
    lab = Lab()
    try:
        cluster = StubCluster(lab, found)
        there = [each for each in found if each.python in cluster.pythons]
        print(f"{len(files)} files: {dict(ways)}; {cluster.wheels} stub wheels, Pythons {' '.join(cluster.pythons)}")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            good = list(pool.map(lambda each: installed(cluster, each), there))
    finally:
        lab.stop()
    print(f"{sum(good)} of {len(there)} installed; {len(found) - len(there)} of a Python that is not here")
    return not all(good)


def installed(cluster: StubCluster, each: Installation) -> bool:
    """Run one job, and print what became of it."""
    result = cluster.start(each).result()
    good = is_installed(result)
    why = " ".join(TELLS.findall(result.output)) or result.output
    told = f"{each.name} (Python {each.python}, {len(each.requirements)} lines)"
    print(f"installed  {told}" if good else f"FAILS      {told} {why[-900:]}", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
