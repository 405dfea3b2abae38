"""What is said of how an environment's packages are served."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, Message, job

OTHER_MODULE = Message(
    id="other-module",
    kind=DOUBT,
    subject="`module load {theirs}`",
    reason="{name} is loaded after this module, and both do not go together",
    action="take one of the two out",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
module load StdEnv/2020 gcc/9.3.0 netcdf/4.7.4
./solver
python post.py
""",
    good=PLAIN,
)
OTHER_VERSIONS = Message(
    id="other-module-versions",
    kind=DOUBT,
    subject="the modules of this script",
    reason="StdEnv/{year} does not have these versions: {modules}",
    action="take a version that is there",
    bad=job("module load gcc/8.1\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULES_LACKING = Message(
    id="modules-lacking",
    kind=DOUBT,
    subject="the modules of this script",
    reason="StdEnv/{year} has no module {modules}, and what fails to load takes its line along",
    action="take the module out, or load what this cluster has instead",
    bad=job("module load R/4.5.0\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PYTHON_TOO_OLD = Message(
    id="python-too-old",
    kind=DOUBT,
    subject="`module load python/{version}`",
    reason="StdEnv/{year} does not have this Python",
    action="take this line out",
    bad=job("module load python/3.8\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PYTHON_NOT_THERE = Message(
    id="python-not-there",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="StdEnv/{year} does not have this Python, so python/{taken} is taken",
    action="check that python/{taken} will do",
    bad=job("conda activate vision\npython train.py", "python=3.6", "numpy"),
    good=PLAIN,
)
PYTHON_SHOWN = Message(
    id="python-shown",
    kind=DOUBT,
    subject="Python {shown} in the script",
    reason="the environment asks for {asked}, and the environment's Python is taken",
    action="check that {asked} will do",
)
ANOTHER_MAJOR = Message(
    id="another-major",
    kind=DOUBT,
    subject="the versions of this environment",
    reason="wheels have another major version ({changes})",
    action="read what changed in the new version",
    bad=job("conda activate vision\npython train.py", "python=3.11", "numpy=1.11", "pandas=0.20"),
    good=PLAIN,
)
LISTING_OPENED = Message(
    id="listing-opened",
    kind=DOUBT,
    subject="the versions of the full listing",
    reason="{count} packages have no wheel of this version, and {taken} are taken",
    action="run the job's tests once",
)
KEPT_WITHOUT_WHEEL = Message(
    id="kept-without-wheel",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="there is no wheel for Python {python}, and `--pins {pins}` keeps the version",
    action="take {nearest}, the nearest, or build a wheel",
    bad=job(
        "conda activate vision\npython train.py", "python=3.11", "numpy=1.11", command="slurmfix --pins exact job.sh"
    ),
    good=PLAIN,
)
VERSION_MOVED = Message(
    id="version-moved",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="{why}, so {taken} is taken",
    action="check that {taken} will do",
    bad=job("conda activate vision\npython train.py", "python=3.11", "numpy=1.11"),
    good=PLAIN,
)
SAME_MODULE_NAME = Message(
    id="same-module-name",
    kind=DOUBT,
    subject="the module {module}",
    reason="the module has the same name as conda's {package}, and is taken for this",
    action="check that both are the same",
)
BIOCONDUCTOR = Message(
    id="bioconductor",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has many Bioconductor packages",
    action="check that {packages} is among them",
    bad=job("conda activate vision\nRscript a.R", "r-base", "bioconductor-deseq2"),
    good=PLAIN,
)
ONLY_R_ITSELF = Message(
    id="only-r-itself",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has no more than R's own packages",
    action="install {packages} once on a login node",
    bad=job("conda activate vision\nRscript a.R", "r-base", "r-dplyr", "r-lme4"),
    good=PLAIN,
)
TAKEN_FOR_PYPI = Message(
    id="taken-for-pypi",
    kind=DOUBT,
    subject="the package {package}",
    reason="no table knows the package, so PyPI's package of this name is taken",
    action="use `--to apptainer` if this is a program",
)
PROFILE_NOT_CHECKED = Message(
    id="profile-not-checked",
    kind=DOUBT,
    subject="the profile {profile}",
    reason="nobody has tried this profile on its cluster",
    action="check the modules with `module spider`",
    bad=job(
        "conda activate vision\npython train.py", "python=3.11", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
GENERATION_WITHOUT_PYTHON = Message(
    id="generation-without-python",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="no toolchain generation has this Python, so {taken} is taken",
    action="check that Python {taken} will do",
    bad=job(
        "conda activate vision\npython train.py", "python=3.7", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
OTHER_GENERATION = Message(
    id="other-generation",
    kind=DOUBT,
    subject="`module load {theirs}`",
    reason="this module does not go together with {name}",
    action="load modules of one toolchain generation",
    bad=job(
        "module load foss/2023a\nmodule load GROMACS/2021.5-foss-2022b\nconda activate vision\npython train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --profile easybuild job.sh",
    ),
    good=PLAIN,
)
R_BUNDLE = Message(
    id="r-bundle",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has many packages of R",
    action="check that {packages} is among them",
    bad=job("conda activate vision\nRscript a.R", "r-base", "r-dplyr", command="slurmfix --profile easybuild job.sh"),
    good=PLAIN,
)
