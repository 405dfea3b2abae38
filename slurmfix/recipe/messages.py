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
    action="see with `module spider` which versions there are",
    bad=job("module load gcc/8.1\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULES_LACKING = Message(
    id="modules-lacking",
    kind=DOUBT,
    subject="the modules of this script",
    reason="StdEnv/{year} has no module {modules}, and this makes the whole `module load` line fail",
    action="take the module out, or find another one with `module spider`",
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
    action="check that your code runs with Python {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.6", "numpy"),
    good=PLAIN,
)
PYTHON_NOT_LISTED = Message(
    id="python-not-listed",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="the list of wheels does not speak of this Python, so python/{taken} is taken",
    action="check that your code runs with Python {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.6", "numpy", "viennarna>=2.4"),
    good=PLAIN,
)
PYTHON_SHOWN = Message(
    id="python-shown",
    kind=DOUBT,
    subject="Python {shown} in the script",
    reason="the environment asks for {asked}, and the environment's Python is taken",
    action="check that your code runs with Python {asked}",
)
PROGRAM_BY_MODULE = Message(
    id="program-by-module",
    kind=DOUBT,
    subject="the program `{program}`",
    reason="the environment's list does not have this program, so `{module}` is loaded for it",
    action="check that this version does",
    bad=job("conda activate vision\nsamtools index a.bam\npython train.py", "numpy"),
    good=job("conda activate vision\nsamtools index a.bam\npython train.py", "numpy", "samtools=1.22"),
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
    action="test your code once with these versions",
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
    action="check that your code runs with {taken}",
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
ONE_BUILD = Message(
    id="one-build",
    kind=DOUBT,
    subject="the package {package}",
    reason="the package is another build of {taken}, of which the wheelhouse has one build",
    action="check that your code runs with {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.11", "pip:\n    - tb-nightly"),
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
    action="check that your code runs with this Python",
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
IS_THE_INTERPRETER = "the module {module} is the interpreter"  # words of a phrase
_PY = "conda activate vision\npython train.py"
PYTHON_OF_THE_CLUSTER = Message(
    id="python-of-the-cluster",
    kind=DOUBT,
    subject="the Python of the job",
    reason="the job takes the `python3` of the cluster, and the requirements are for Python {python}",
    action="check that `python3 --version` says {python}",
    bad=job(_PY, "python=3.11", "numpy", command="slurmfix --profile generic job.sh"),
    good=PLAIN,
)
FROM_ANOTHER_YEAR = Message(
    id="modules-of-another-year",
    kind=DOUBT,
    subject="the modules of this job",
    reason="only StdEnv/{year} has {modules}, so the job takes all modules from there",
    action="check that your other modules are in StdEnv/{year}",
)
PIP_WITHOUT_WHEEL = Message(
    id="pip-without-wheel",
    kind=DOUBT,
    subject="`pip install {package}` in the script",
    reason="the cluster has no wheel of this package, so the installation stops there",
    action="fetch the package once, on a login node, with `pip download --no-deps {package}`",
    bad=job("conda activate vision\npip install pycircstat\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_OTHER_VERSION = Message(
    id="pip-other-version",
    kind=DOUBT,
    subject="`pip install {package}` in the script",
    reason="no wheel has the version {asked}, so the installation stops there",
    action="write {package}{taken}, the nearest",
    bad=job("conda activate vision\npip install numpy==1.11.0\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_WITHOUT_MODULE = Message(
    id="pip-without-module",
    kind=DOUBT,
    subject="`pip install {package}` in the script",
    reason="the module {module} has this package, and is not in StdEnv/{year}",
    action="load a StdEnv that has the module, or take the line out",
)
PIP_NOT_SERVED = Message(
    id="pip-not-served",
    kind=DOUBT,
    subject="`pip install {package}` in the script",
    reason="pip finds no such package on the cluster ({why})",
    action="take the package out of the line",
)
ASKED_TWICE = Message(
    id="asked-twice",
    kind=DOUBT,
    subject="`{first}` and `{second}`",
    reason="the environment asks for both, and the later one is taken",
    action="check that `{second}` will do",
    bad=job(_PY, "python=3.11", "numpy=1.26", "pip:\n    - numpy==2.1.0"),
    good=PLAIN,
)
WAY_NOT_KNOWN = Message(
    id="way-to-a-module",
    kind=DOUBT,
    subject="the module {module}",
    reason="other modules may have to be loaded before this one",
    action="run `module spider {module}` on the cluster, and load what it names",
)
FOR_OTHER_PYTHONS = Message(
    id="module-for-other-pythons",
    kind=DOUBT,
    subject="the module {module}, which {package} needs",
    reason="no version of this module is for Python {python} ({versions})",
    action="choose another Python with --python",
)
LISTING_LOOSENED = Message(
    id="listing-loosened",
    kind=DOUBT,
    subject="the exact versions in the environment's list",
    reason="the requirements file also allows newer releases for {count} packages, such as {example}",
    action="add `--pins exact` if the results depend on the exact versions",
)
FETCH_THEM = Message(
    id="fetch-packages",
    kind=DOUBT,
    subject="the packages {packages}",
    reason="the cluster has no wheel of these packages",
    action="fetch each on a login node, with the commands in the requirements file",
)
FETCH_ONCE = Message(
    id="fetch-once",
    kind=DOUBT,
    subject="the package {package}",
    reason="{why}",
    action="run `{command}` once, on a login node, beside the requirements file",
    bad=job(_PY, "python=3.11", "numpy", "pip:\n    - pycircstat"),
    good=PLAIN,
)
LOADS_ANOTHER_PYTHON = Message(
    id="loads-another-python",
    kind=DOUBT,
    subject="`module load python/{loaded}`",
    reason="the environment asks for Python {asked}, and the job loads that Python",
    action="take the line out, or check that Python {asked} will do",
    bad=job("module load python/3.10\nconda activate vision\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
WISHED_PYTHON_ELSEWHERE = Message(
    id="wished-python-elsewhere",
    kind=DOUBT,
    subject="Python {python}, which you asked for",
    reason="only StdEnv/{year} has this Python, and this standard environment is {standing}",
    action="see with `avail_wheels` which packages are there",
    bad=job(_PY, "numpy", command="slurmfix --python 3.8 job.sh"),
    good=PLAIN,
)
WISHED_PYTHON_NOWHERE = Message(
    id="wished-python-nowhere",
    kind=DOUBT,
    subject="Python {python}, which you asked for",
    reason="no standard environment has this Python",
    action="choose one that StdEnv/{year} has ({have})",
    bad=job(_PY, "numpy", command="slurmfix --python 3.4 job.sh"),
    good=PLAIN,
)
OLD_PYTHON = Message(
    id="old-python",
    kind=DOUBT,
    subject="Python {python} of the environment",
    reason="only StdEnv/{year} has this Python, and this standard environment is {standing}",
    action="move your code to Python 3 if you can",
    bad=job(_PY, "python=2.7", "numpy"),
    good=PLAIN,
)
KEPT_BY_PYTHON = Message(
    id="versions-of-another-python",
    kind=DOUBT,
    subject="the versions of {packages}",
    reason="StdEnv/{year} has wheels of these versions for Python {python} only",
    action="add `--python {python}` if the job needs these versions",
)
PYTHON_FOR_PACKAGES = Message(
    id="python-for-packages",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="{packages} cannot be had for this Python, so Python {taken} is taken",
    action="check that your code runs with this Python",
)
NOT_IN_THE_IMAGE = Message(
    id="not-in-the-image",
    kind=DOUBT,
    subject="`{option}` in the environment's file",
    reason="the image does not hold what this line installs",
    action="install it in the definition file, or bind its folder",
)
MPICH = Message(
    id="mpich-becomes-openmpi",
    kind=DOUBT,
    subject="the package mpich",
    reason="the cluster has Open MPI, with which programs built for mpich do not run",
    action="compile these programs again",
    bad=job(_PY, "python=3.11", "mpich", "numpy"),
    good=PLAIN,
)
SIMILAR_NAME = Message(
    id="similar-module",
    kind=DOUBT,
    subject="the package {package}",
    reason="slurmfix takes the module {module} for this package, by its name",
    action="check that the module has what the job calls",
    bad=job(_PY, "python=3.11", "samtools1"),
    good=PLAIN,
)
TWO_OF_ONE_NAME = Message(
    id="two-of-one-name",
    kind=DOUBT,
    subject="the package {package}",
    reason="{why}",
    action="check that this is what the job needs",
    bad=job(_PY, "python=3.11", "graphviz"),
    good=PLAIN,
)
VERSION_READ = Message(
    id="version-read-as",
    kind=DOUBT,
    subject="`{requirement}` in the environment's file",
    reason="{why}",
    action="check the version in the requirements file",
    bad=job(_PY, "python=3.11", "numpy=["),
    good=PLAIN,
)
VERSION_CHOSEN = Message(
    id="version-chosen",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="this version is taken, since {why}",
    action="check that your code runs with this version",
)
