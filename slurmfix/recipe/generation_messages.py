"""What is said of a site's profile and of its toolchain generations."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, NOTE, PLAIN, Message, job

PROFILE_NOT_CHECKED = Message(
    id="profile-not-checked",
    kind=DOUBT,
    subject="the profile {profile}",
    reason="nobody has tried this profile on its cluster yet",
    action="before you submit the job, run `module spider NAME` for each module (NAME) in the `module load` lines",
    bad=job(
        "conda activate vision\npython train.py", "python=3.11", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
GENERATION_WITHOUT_PYTHON = Message(
    id="generation-without-python",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="no module that fits this script has this Python, so slurmfix takes Python {taken}",
    action="test once whether your code runs with Python {taken}",
    bad=job(
        "conda activate vision\npython train.py", "python=3.7", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
OLDER_THAN_THE_PYTHON = Message(
    id="older-than-the-python",
    kind=DOUBT,
    subject="{lines}",
    reason="pip may find no wheel of so old a version for Python {python}",
    action="if `pip install` fails on a login node, write a newer version into the requirements file",
    bad=job(
        "conda activate vision\npython train.py",
        "python=3.7",
        "pytorch=1.8.2",
        "torchvision=0.9.2",
        command="slurmfix --profile easybuild job.sh",
    ),
    good=PLAIN,
)
GENERATION_TAKEN = Message(
    id="generation-taken",
    kind=NOTE,
    subject="the module set {taken}",
    reason="{why}, so slurmfix takes {taken} instead of {preferred}",
    bad=job(
        "conda activate vision\npython train.py", "python=3.11", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
ITS_PYTHON = "the environment asks for Python {asked}"
ITS_LOADED = "the script loads {module}"
ITS_MODULES = "its modules serve more of the environment"
OTHER_GENERATION = Message(
    id="other-generation",
    kind=DOUBT,
    subject="`module load {theirs}`",
    reason="this module cannot be loaded together with {name}, which the job needs",
    action="run `module spider NAME` (NAME: this module), and write a version with the same ending as {name}",
    bad=job(
        "module load foss/2023a\nmodule load GROMACS/2021.5-foss-2022b\nconda activate vision\npython train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --profile easybuild job.sh",
    ),
    good=PLAIN,
)
OTHER_START = Message(
    id="other-start",
    kind=DOUBT,
    subject="`module load {theirs}`",
    reason="the environment needs the modules of {ours}, and only one such collection can be loaded",
    action="write `{ours}` instead. Then look for your other modules with `module spider NAME`, and write "
    "versions that {ours} has",
    bad=job(
        "module load 2022\nconda activate vision\npython train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --profile snellius job.sh",
    ),
    good=job(
        "module load 2023\nconda activate vision\npython train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --profile snellius job.sh",
    ),
)
R_BUNDLE = Message(
    id="r-bundle",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has many R packages, but perhaps not all that you need",
    action="run `module load {module}`, start R, and try `library(NAME)` for each of {packages} (NAME: the name "
    'in R). If one fails, install it once on a login node with `install.packages("NAME")`',
    bad=job("conda activate vision\nRscript a.R", "r-base", "r-dplyr", command="slurmfix --profile easybuild job.sh"),
    good=PLAIN,
)
