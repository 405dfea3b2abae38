"""What is said of how an environment's packages are served."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, NOTE, PLAIN, Message, job

_PY = "conda activate vision\npython train.py"
OTHER_MODULE = Message(
    id="other-module",
    kind=DOUBT,
    subject="`module load {theirs}`",
    reason="the job also loads {name}, and both versions do not go together",
    action="delete {theirs} from this line, unless another program of the job needs this version",
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
    subject="`module load {modules}`",
    reason="StdEnv/{year} only has other versions ({versions}), so this line would {fail}",
    action="write one of these versions here. `module spider NAME/VERSION` shows which modules to load before",
    bad=job("module load gcc/8.1\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULES_LACKING = Message(
    id="modules-lacking",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="StdEnv/{year} has no such module, so this whole line would {fail}",
    action="{way}, or delete the module from this line",
    bad=job("module load R/4.5.0\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULE_OF_THE_NODE = Message(
    id="module-of-the-node",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="StdEnv/{year} has no such module, so this whole line would {fail}, but every node has `{program}`",
    action="delete the module from this line",
    bad=job("module load git\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULE_IS_A_WHEEL = Message(
    id="module-is-a-wheel",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="StdEnv/{year} has no such module, so this whole line would {fail}, but {wheel} is a wheel here",
    action="delete the module from this line, since {wheel} is in the requirements file",
    bad=job("module load pytorch/1.10\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULE_REPLACED = Message(
    id="module-replaced",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="StdEnv/{year} has no such module, so this whole line would {fail}",
    action="delete the module from this line, since the new lines load {instead}",
    bad=job("module load foss/2020b\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PROGRAM_BY_MODULE = Message(
    id="program-by-module",
    kind=DOUBT,
    subject="the program `{program}`",
    reason="the environment's list does not name this program, so the job loads {module}, which has it",
    action="check that `{program}` in {module} has the version that you need",
    bad=job("conda activate vision\nsamtools index a.bam\npython train.py", "numpy"),
    good=job("conda activate vision\nsamtools index a.bam\npython train.py", "numpy", "samtools=1.22"),
)
ANOTHER_MAJOR = Message(
    id="another-major",
    kind=DOUBT,
    subject="the versions of this environment",
    reason="slurmfix takes wheels of another major version ({changes})",
    action="read in the release notes what changed, and test your code",
    bad=job("conda activate vision\npython train.py", "python=3.11", "numpy=1.11", "pandas=0.20"),
    good=PLAIN,
)
LISTING_OPENED = Message(
    id="listing-opened",
    kind=DOUBT,
    subject="the exact versions in the environment's list",
    reason="the cluster lacks {count} of these versions, so slurmfix takes {taken}",
    action="test your code once with these versions",
    bad=job(_PY, "python=3.11.6=h1_0", "numpy=1.26.0=py311_0", "streamlit=1.40.0=py_0"),
    good=job(_PY, "python=3.11", "numpy"),
)
KEPT_WITHOUT_WHEEL = Message(
    id="kept-without-wheel",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="the cluster has no such wheel for Python {python}, and `--pins {pins}` keeps the version",
    action="write {nearest}, the nearest version, into the requirements file, or build a wheel",
    bad=job(
        "conda activate vision\npython train.py", "python=3.11", "numpy=1.11", command="slurmfix --pins exact job.sh"
    ),
    good=PLAIN,
)
VERSION_MOVED = Message(
    id="version-moved",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="{why}, so slurmfix takes {taken}",
    action="check that your code runs with {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.11", "numpy=1.11"),
    good=PLAIN,
)
SAME_MODULE_NAME = Message(
    id="same-module-name",
    kind=DOUBT,
    subject="the module {module}",
    reason="slurmfix takes this module for conda's package {package}, which has the same name",
    action="check with `module spider {module}` that both are the same software",
    bad=job(_PY, "python=3.11", "kalign"),
    good=job(_PY, "python=3.11", "numpy"),
)
BIOCONDUCTOR = Message(
    id="bioconductor",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has many Bioconductor packages, but perhaps not all that you need",
    action="check in R that each one loads: {packages}",
    bad=job("conda activate vision\nRscript a.R", "r-base", "bioconductor-deseq2"),
    good=PLAIN,
)
ONLY_R_ITSELF = Message(
    id="only-r-itself",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has the packages of R itself, and no others",
    action="install once, in R on a login node, with `install.packages()`: {packages}",
    bad=job("conda activate vision\nRscript a.R", "r-base", "r-dplyr", "r-lme4"),
    good=PLAIN,
)
ONE_BUILD = Message(
    id="one-build",
    kind=DOUBT,
    subject="the package {package}",
    reason="the cluster has this package under the name {taken} only, so slurmfix takes {taken}",
    action="check that your code runs with {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.11", "pip:\n    - tb-nightly"),
    good=PLAIN,
)
OTHER_BUILD = Message(
    id="other-build",
    kind=DOUBT,
    subject="`{package}={build}`",
    reason="this is a build {kind}, and the wheel of the cluster may be another one",
    action="test once the part of your code that needs this build",
    bad=job("conda activate vision\npython train.py", "python=3.11", "h5py=*=mpi_openmpi*"),
    good=job("conda activate vision\npython train.py", "python=3.11", "netcdf4=*=mpi_openmpi*"),
)
TAKEN_FOR_PYPI = Message(
    id="taken-for-pypi",
    kind=DOUBT,
    subject="the package {package}",
    reason="slurmfix does not know pip's name for this package, and takes PyPI's package of this name",
    action="check on pypi.org that both are the same software. Otherwise keep conda's package in an "
    "image, with `--to apptainer`",
    bad=job(_PY, "python=3.11", "zz-lab-tools"),
    good=job(_PY, "python=3.11", "harmonypy"),
)
PROFILE_NOT_CHECKED = Message(
    id="profile-not-checked",
    kind=DOUBT,
    subject="the profile {profile}",
    reason="nobody has tried this profile on its cluster",
    action="check each module with `module spider NAME` before you submit the job",
    bad=job(
        "conda activate vision\npython train.py", "python=3.11", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
GENERATION_WITHOUT_PYTHON = Message(
    id="generation-without-python",
    kind=DOUBT,
    subject="Python {asked} of the environment",
    reason="no toolchain generation for this script has this Python, so slurmfix takes Python {taken}",
    action="check that your code runs with Python {taken}",
    bad=job(
        "conda activate vision\npython train.py", "python=3.7", "numpy", command="slurmfix --profile easybuild job.sh"
    ),
    good=PLAIN,
)
GENERATION_TAKEN = Message(
    id="generation-taken",
    kind=NOTE,
    subject="the toolchain generation {taken}",
    reason="{why}, so slurmfix takes no modules of {preferred}",
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
    reason="this module does not go together with {name}, which the job loads",
    action="write a version of this module from the same toolchain generation",
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
    reason="the modules of the environment need {ours}, and only one such module can be loaded",
    action="write `{ours}` instead, and write versions from {ours} for the other modules of this job",
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
    action="check in R that each one loads: {packages}",
    bad=job("conda activate vision\nRscript a.R", "r-base", "r-dplyr", command="slurmfix --profile easybuild job.sh"),
    good=PLAIN,
)
IS_THE_INTERPRETER = "the module {module} is the interpreter"  # words of a phrase
PYTHON_OF_THE_CLUSTER = Message(
    id="python-of-the-cluster",
    kind=DOUBT,
    subject="the Python of the job",
    reason="the job takes the `python3` of the cluster, and the requirements are for Python {python}",
    action="check that `python3 --version` says {python}, or load a module with this Python",
    bad=job(_PY, "python=3.11", "numpy", command="slurmfix --profile generic job.sh"),
    good=PLAIN,
)
FROM_ANOTHER_YEAR = Message(
    id="modules-of-another-year",
    kind=DOUBT,
    subject="the modules of this job",
    reason="only StdEnv/{year} has {modules}, so the job takes all modules from there",
    action="check that your other modules are in StdEnv/{year}",
    bad=job(_PY, "kalign2"),
    good=job(_PY, "numpy"),
)
PIP_WITHOUT_WHEEL = Message(
    id="pip-without-wheel",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="the cluster has no wheel of this package, so the line would fail",
    action="run `pip download --no-deps {package}` once on a login node, and write the path of the file here instead",
    bad=job("conda activate vision\npip install pycircstat\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_OTHER_NAME = Message(
    id="pip-other-name",
    kind=DOUBT,
    subject="`pip install {package}`, by this name",
    reason="pip has no such wheel here. The wheel of this package is called {other}",
    action="write `{other}` in place of `{package}`",
    bad=job("conda activate vision\npip install pytorch\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_OTHER_VERSION = Message(
    id="pip-other-version",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="the cluster has no wheel for `{package}{asked}`, so the line would fail",
    action="write `{package}{taken}`, the nearest version",
    bad=job("conda activate vision\npip install numpy==1.11.0\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_WITHOUT_MODULE = Message(
    id="pip-without-module",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="this package comes with the module {module}, which StdEnv/{year} does not have",
    action="delete the package from the line, or load a StdEnv that has the module",
    bad=job(f"{_PY}\npip install parasail", "numpy", command="slurmfix --python 3.8 job.sh"),
    good=job(f"{_PY}\npip install parasail", "numpy"),
)
PIP_NOT_SERVED = Message(
    id="pip-not-served",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="the line would fail on the cluster ({why})",
    action="delete the package from the line",
)
ASKED_TWICE = Message(
    id="asked-twice",
    kind=DOUBT,
    subject="`{first}` and `{second}`",
    reason="the environment asks for both, and slurmfix takes the later one",
    action="check that `{second}` is the version that you need",
    bad=job(_PY, "python=3.11", "numpy=1.26", "pip:\n    - numpy==2.1.0"),
    good=PLAIN,
)
WAY_NOT_KNOWN = Message(
    id="way-to-a-module",
    kind=DOUBT,
    subject="the module {module}",
    reason="other modules may have to be loaded before this one",
    action="run `module spider {module}` on the cluster, and load the modules that it names",
)
FOR_OTHER_PYTHONS = Message(
    id="module-for-other-pythons",
    kind=DOUBT,
    subject="the module {module}, which {package} needs",
    reason="no version of this module is for Python {python} ({versions})",
    action="run slurmfix again with `--python VERSION`, one that the module has",
    bad=job(_PY, "python=3.14", "fiona"),
    good=job(_PY, "python=3.11", "fiona"),
)
LISTING_LOOSENED = Message(
    id="listing-loosened",
    kind=DOUBT,
    subject="the exact versions in the environment's list",
    reason="newer releases are allowed for {count} of the packages, such as {example}",
    action="run slurmfix again with `--pins exact` if your results depend on the exact versions",
    bad=job(_PY, "python=3.11.6=h1_0", "numpy=1.26.0=py311_0", "scipy=1.11.3=py311_0"),
    good=job(_PY, "python=3.11", "numpy"),
)
FETCH_THEM = Message(
    id="fetch-packages",
    kind=DOUBT,
    subject="the packages {packages}",
    reason="the cluster has no wheels for these, so the job cannot install them",
    action="run the `pip download` commands in the requirements file once, on a login node",
    bad=job(
        _PY,
        "python=3.11",
        "pip:\n    - aaa-not\n    - bbb-not\n    - ccc-not\n    - ddd-not\n    - eee-not\n    - fff-not",
    ),
    good=job(_PY, "python=3.11", "numpy"),
)
FETCH_ONCE = Message(
    id="fetch-once",
    kind=DOUBT,
    subject="the package {package}",
    reason="{why}",
    action="run `{command}` once on a login node, in the folder of the requirements file. The job then "
    "finds the package there",
    bad=job(_PY, "python=3.11", "numpy", "pip:\n    - pycircstat"),
    good=PLAIN,
)
NOT_IN_THE_IMAGE = Message(
    id="not-in-the-image",
    kind=DOUBT,
    subject="`{option}` in the environment's file",
    reason="the image does not hold what this line installs",
    action="install this in the definition file, or bind its folder with `apptainer --bind`",
    bad=job(_PY, "python=3.11", "numpy", "pip:\n    - -e .", command="slurmfix --to apptainer job.sh"),
    good=job(_PY, "python=3.11", "numpy", command="slurmfix --to apptainer job.sh"),
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
    reason="slurmfix takes the module {module} for this package, since the names are alike",
    action="check with `module spider {module}` that this is the same software",
    bad=job(_PY, "python=3.11", "samtools1"),
    good=PLAIN,
)
TWO_OF_ONE_NAME = Message(
    id="two-of-one-name",
    kind=DOUBT,
    subject="the package {package}",
    reason="{done} ({why})",
    action="if you need other software, write its name into the requirements file",
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
    reason="slurmfix sets this limit, since {why}",
    action="test your code with this version",
    bad=job(_PY, "python=3.10", "datasets"),
    good=job(_PY, "python=3.11", "numpy"),
)
