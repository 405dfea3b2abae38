"""What is said of the Python that a recipe takes."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, Message, job

_PY = "conda activate vision\npython train.py"
PYTHON_TOO_OLD = Message(
    id="python-too-old",
    kind=DOUBT,
    subject="`module load python/{version}`",
    reason="{standard} does not have this Python, so this line would {fail}",
    action="delete this module from the line. The job now loads python/{taken}",
    bad=job("module load python/3.8\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PYTHON_NOT_THERE = Message(
    id="python-not-there",
    kind=DOUBT,
    subject="Python {asked} {where}",
    reason="{standard} does not have this Python, so the job loads python/{taken}",
    action="test once whether your code runs with Python {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.6", "numpy"),
    good=PLAIN,
)
PYTHON_NOT_LISTED = Message(
    id="python-not-listed",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="the cluster has no packages for this Python, so the job loads python/{taken}",
    action="test once whether your code runs with Python {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.6", "numpy", "viennarna>=2.4"),
    good=PLAIN,
)
PYTHON_SHOWN = Message(
    id="python-shown",
    kind=DOUBT,
    subject="Python {shown} in the script",
    reason="the environment asks for Python {asked}, which the job now loads",
    action="test once whether your code runs with Python {asked}",
    bad=job(
        "conda activate vision\n$CONDA_PREFIX/bin/python train.py\nls $CONDA_PREFIX/lib/python3.9/site-packages",
        "python=3.11",
        "numpy",
    ),
    good=job(_PY, "python=3.11"),
)
LOADS_ANOTHER_PYTHON = Message(
    id="loads-another-python",
    kind=DOUBT,
    subject="`module load python/{loaded}`",
    reason="the environment asks for Python {asked}, which the job now loads",
    action="delete this module from the line. If your code needs Python {loaded}, run slurmfix again with "
    "`--python {loaded}`",
    bad=job("module load python/3.10\nconda activate vision\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
WISHED_PYTHON_ELSEWHERE = Message(
    id="wished-python-elsewhere",
    kind=DOUBT,
    subject="Python {python}, which you asked for",
    reason="only {standard} has this Python, and {standard} is {standing}",
    action="run `avail_wheels --python {python} NAME` for your packages (NAME) to see whether they are there",
    bad=job(_PY, "numpy", command="slurmfix --python 3.8 job.sh"),
    good=PLAIN,
)
WISHED_PYTHON_NOWHERE = Message(
    id="wished-python-nowhere",
    kind=DOUBT,
    subject="Python {python}, which you asked for",
    reason="this cluster does not have this Python",
    action="run slurmfix again with one of the Pythons of {standard} ({have})",
    bad=job(_PY, "numpy", command="slurmfix --python 3.4 job.sh"),
    good=PLAIN,
)
OLD_PYTHON = Message(
    id="old-python",
    kind=DOUBT,
    subject="Python {python} {where}",
    reason="slurmfix loads {standard}, the only one with this Python, but {standard} is {standing}",
    action="nothing has to be done now. Move your code to Python 3 if you can",
    bad=job(_PY, "python=2.7", "numpy"),
    good=PLAIN,
)
KEPT_BY_PYTHON = Message(
    id="versions-of-another-python",
    kind=DOUBT,
    subject="the versions of {packages}",
    reason="the cluster has the versions that you ask for only for Python {python}",
    action="if near versions will do, do nothing. Otherwise run slurmfix again with `--python {python}`",
    bad=job(_PY, "python=3.11", "tensorflow=2.8"),
    good=job(_PY, "python=3.11", "numpy"),
)
PYTHON_FOR_PACKAGES = Message(
    id="python-for-packages",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="the cluster does not have {packages} for this Python, so slurmfix takes Python {taken}",
    action="test once whether your code runs with Python {taken}",
    bad=job(_PY, "python=3.14", "tensorflow", "numpy"),
    good=job(_PY, "python=3.11", "numpy"),
)
