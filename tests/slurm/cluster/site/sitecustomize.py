"""Shows the packages of loaded modules to every interpreter, after those of its own environment.

The Alliance's python modules do the same through `EBPYTHONPREFIXES`; they are found through the `PYTHONPATH` that the
python module sets.
"""

import os
import site
import sys

for prefix in os.environ.get("EBPYTHONPREFIXES", "").split(os.pathsep):
    folder = os.path.join(prefix, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")  # noqa: UP031
    if prefix and os.path.isdir(folder):
        site.addsitedir(folder)
