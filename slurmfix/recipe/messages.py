"""What is said of how an environment's packages are served."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, Message, job

_PY = "conda activate vision\npython train.py"
OTHER_MODULE = Message(
    id="other-module",
    kind=DOUBT,
    subject="`module load {theirs}`",
    reason="the job also loads {name} for the environment, and only one version can be loaded",
    action="if no program of yours needs {theirs}, delete it from this line. Otherwise keep it, and delete "
    "{name} from the new `module load` line",
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
    reason="{standard} has only other versions ({versions}), so this line would {fail}",
    action="replace the version on this line with one of these. `module spider NAME/VERSION` shows which "
    "modules to load before",
    bad=job("module load gcc/8.1\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULES_LACKING = Message(
    id="modules-lacking",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="{standard} has no such module, so this line would {fail}",
    action="if the job does not need the module, delete it from this line. Otherwise {way}",
    bad=job("module load R/4.5.0\nconda activate vision\npython train.py"),
    good=PLAIN,
)
SEVERAL_LACKING = Message(
    id="several-modules-lacking",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="{standard} does not have these modules, or has other versions, so this line would {fail}",
    action="delete each module that the job does not need. For the others: {ways}. `module spider NAME` "
    "shows the versions of a module (NAME)",
    bad=job("module load R/4.5.0 gcc/8.1\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULE_OF_THE_NODE = Message(
    id="module-of-the-node",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="{standard} has no such module, so this line would {fail}, but `{program}` works without a module",
    action="delete the module from this line",
    bad=job("module load git\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULE_IS_A_WHEEL = Message(
    id="module-is-a-wheel",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="{standard} has no such module, so this line would {fail}, but pip installs {wheel} here",
    action="delete the module from this line. The requirements file already lists {wheel}",
    bad=job("module load pytorch/1.10\nconda activate vision\npython train.py"),
    good=PLAIN,
)
MODULE_REPLACED = Message(
    id="module-replaced",
    kind=DOUBT,
    subject="`module load {modules}`",
    reason="{standard} has no such module, so this line would {fail}",
    action="delete the module from this line. The new lines already load {instead}",
    bad=job("module load foss/2020b\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PROGRAM_BY_MODULE = Message(
    id="program-by-module",
    kind=DOUBT,
    subject="the program `{program}`",
    reason="your package list lacks this program, so the job loads {module}, which has it",
    action="if any version of `{program}` will do, do nothing. Otherwise choose another version of this module "
    "in the `module load` line",
    bad=job("conda activate vision\nsamtools index a.bam\npython train.py", "numpy"),
    good=job("conda activate vision\nsamtools index a.bam\npython train.py", "numpy", "samtools=1.22"),
)
STANDARD_BELOW = Message(
    id="standard-environment-below",
    kind=DOUBT,
    subject="the new `module load {standard}`",
    reason="your job loads {modules} above, and this line then replaces or drops these modules",
    action="write `module load {standard}` above your own `module load` lines. `module spider NAME` shows "
    "their versions there (NAME: the module)",
    bad=job("module load gcc openmpi\nsource activate py27\nmpirun python train.py"),
    good=job("module load StdEnv/2020 gcc openmpi\nsource activate py27\nmpirun python train.py"),
)
SPECIAL_BUILD = Message(
    id="special-build",
    kind=DOUBT,
    subject="the program `{program}`",
    reason="the job loads {module} for this program, but conda's program may be a special build ({build})",
    action="if your job uses nothing of that build, do nothing. Otherwise delete {module} from the new "
    "`module load` line, and ask your support team for that build",
    bad=job("conda activate dpdev\nmpirun lmp -in in.lammps"),
    good=job("conda activate vision\nmpirun lmp -in in.lammps", "python=3.11", "lammps"),
)
ANOTHER_MAJOR = Message(
    id="another-major",
    kind=DOUBT,
    subject="the versions of this environment",
    reason="some versions change a lot, since the cluster does not have yours ({changes})",
    action="read what changed in the release notes of these packages, and test your code",
    bad=job("conda activate vision\npython train.py", "python=3.11", "numpy=1.11", "pandas=0.20"),
    good=PLAIN,
)
LISTING_OPENED = Message(
    id="listing-opened",
    kind=DOUBT,
    subject="your exact package versions",
    reason="the cluster lacks {count} of them or they clash, so slurmfix takes others, such as {taken}",
    action="test your code once with these versions",
    bad=job(_PY, "python=3.11.6=h1_0", "numpy=1.26.0=py311_0", "streamlit=1.40.0=py_0"),
    good=job(_PY, "python=3.11", "numpy"),
)
KEPT_WITHOUT_WHEEL = Message(
    id="kept-without-wheel",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="the cluster does not have this version for Python {python}, and `--pins {pins}` keeps it",
    action="write {nearest}, the nearest version, into the requirements file instead",
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
    action="test once whether your code runs with {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.11", "numpy=1.11"),
    good=PLAIN,
)
AT_ODDS = Message(
    id="versions-at-odds",
    kind=DOUBT,
    subject="the versions of {packages}",
    reason="pip cannot install them together, because one of them refuses the version of another",
    action="allow another version of one of them in the requirements file, then run `slurmfix --rehearse`",
    bad=job(
        "conda activate vision\npython train.py",
        "python=3.11",
        "numba=0.58.1",
        "llvmlite=0.43",
        command="slurmfix --pins exact job.sh",
    ),
    good=PLAIN,
)
SAME_MODULE_NAME = Message(
    id="same-module-name",
    kind=DOUBT,
    subject="the module {module}",
    reason="slurmfix takes this module for the conda package {package}, which has the same name",
    action="run `module spider {module}`. If the description fits, do nothing. Otherwise delete the module "
    "from the `module load` line",
    bad=job(_PY, "python=3.11", "kalign"),
    good=job(_PY, "python=3.11", "numpy"),
)
BIOCONDUCTOR = Message(
    id="bioconductor",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has many Bioconductor packages, but perhaps not all that you need",
    action="run `module load {module}`, start R, and try `library(NAME)` for each of {packages} (NAME: the name "
    'in R). If one fails, install it once on a login node with `BiocManager::install("NAME")`',
    bad=job("conda activate vision\nRscript a.R", "r-base", "bioconductor-deseq2"),
    good=PLAIN,
)
ONLY_R_ITSELF = Message(
    id="only-r-itself",
    kind=DOUBT,
    subject="the module {module}",
    reason="this module has only the packages that come with R itself",
    action="on a login node, run `module load {module}`, start R, and install these once with "
    '`install.packages("NAME")`: {packages}',
    bad=job("conda activate vision\nRscript a.R", "r-base", "r-dplyr", "r-lme4"),
    good=PLAIN,
)
BUNDLE_LEFT = Message(
    id="bundle-left",
    kind=DOUBT,
    subject="the package {package}",
    reason="this package brings many others, of which slurmfix installs only those that it sees in your files",
    action="compare the imports of your code with the requirements file. Write packages that are missing into it",
    bad=job(_PY, "python=3.11", "anaconda"),
    good=PLAIN,
)
ONE_BUILD = Message(
    id="one-build",
    kind=DOUBT,
    subject="the package {package}",
    reason="the cluster has this package only under the name {taken}, which slurmfix takes",
    action="nothing has to be changed. Test once whether your code runs with {taken}",
    bad=job("conda activate vision\npython train.py", "python=3.11", "pip:\n    - tb-nightly"),
    good=PLAIN,
)
OTHER_BUILD = Message(
    id="other-build",
    kind=DOUBT,
    subject="`{package}={build}`",
    reason="you asked for a build {kind}, and that of the cluster may differ",
    action="test once the part of your code that needs this build",
    bad=job("conda activate vision\npython train.py", "python=3.11", "h5py=*=mpi_openmpi*"),
    good=job("conda activate vision\npython train.py", "python=3.11", "netcdf4=*=mpi_openmpi*"),
)
TAKEN_FOR_PYPI = Message(
    id="taken-for-pypi",
    kind=DOUBT,
    subject="the package {package}",
    reason="slurmfix takes the PyPI package of the same name, which may be other software",
    action="look this name up on pypi.org. If the software is the same, do nothing. Otherwise run slurmfix "
    "again with `--to apptainer`, which keeps conda's package",
    bad=job(_PY, "python=3.11", "zz-lab-tools"),
    good=job(_PY, "python=3.11", "harmonypy"),
)
IS_THE_INTERPRETER = "the module {module} is the interpreter"  # words of a phrase
PYTHON_OF_THE_CLUSTER = Message(
    id="python-of-the-cluster",
    kind=DOUBT,
    subject="the Python of the job",
    reason="the job uses the cluster's `python3`, but the requirements file is for Python {python}",
    action="run `python3 --version` on the cluster. If another version is shown, load a module with Python "
    "{python} in the job",
    bad=job(_PY, "python=3.11", "numpy", command="slurmfix --profile generic job.sh"),
    good=PLAIN,
)
FROM_ANOTHER_YEAR = Message(
    id="modules-of-another-year",
    kind=DOUBT,
    subject="the modules of this job",
    reason="only {standard} has {modules}, so the job takes all modules from {standard}",
    action="if the job loads no other modules, do nothing. Otherwise check with `module spider NAME` "
    "(NAME: the module) that {standard} has each of them",
    bad=job(_PY, "kalign2"),
    good=job(_PY, "numpy"),
)
PIP_TAKES_A_FILE = Message(
    id="pip-takes-a-file",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="pip installs this file of yours, and takes what it needs from the cluster alone",
    action="run `slurmfix --rehearse` on a login node, which tries this",
    bad=job("conda activate vision\npip install vision-1.0-py3-none-any.whl", "numpy"),
    good=job("conda activate vision\npip install einops", "numpy"),
)
PIP_WITHOUT_WHEEL = Message(
    id="pip-without-wheel",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="the cluster has no wheel (ready-made package) of it, so the line would fail",
    action="run `pip download --no-deps {package}` on a login node. Then replace `{package}` on this line "
    "with the path of the downloaded file",
    bad=job("conda activate vision\npip install pycircstat\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_OTHER_NAME = Message(
    id="pip-other-name",
    kind=DOUBT,
    subject="`pip install {package}`, by this name",
    reason="on this cluster, the package is called {other}",
    action="write `{other}` instead of `{package}` on this line",
    bad=job("conda activate vision\npip install pytorch\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_OTHER_VERSION = Message(
    id="pip-other-version",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="the cluster does not have `{package}{asked}`, so the line would fail",
    action="write `{package}{taken}`, the nearest version, on this line",
    bad=job("conda activate vision\npip install numpy==1.11.0\npython train.py", "python=3.11", "numpy"),
    good=PLAIN,
)
PIP_WITHOUT_MODULE = Message(
    id="pip-without-module",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="this package comes with the module {module}, which {standard} does not have",
    action="if the job does not need this package, delete it from this line. Otherwise load a standard environment "
    "that `module spider {module}` names",
    bad=job(f"{_PY}\npip install parasail", "numpy", command="slurmfix --python 3.8 job.sh"),
    good=job(f"{_PY}\npip install parasail", "numpy"),
)
PIP_NOT_SERVED = Message(
    id="pip-not-served",
    kind=DOUBT,
    subject="`pip install {package}`",
    reason="this line would fail on the cluster ({why})",
    action="if the job does not need this package, delete it from the line. Otherwise write the path of its "
    "wheel (.whl) here",
    bad=job('conda activate vision\npip install "torch @ file:///home/ana/torch"\npython train.py', "numpy"),
    good=job("conda activate vision\npip install torch\npython train.py", "numpy"),
)
ASKED_TWICE = Message(
    id="asked-twice",
    kind=DOUBT,
    subject="`{first}` and `{second}`",
    reason="your package list asks for both, and slurmfix takes the second",
    action="if `{second}` is right, do nothing. Otherwise delete it from the list, and run slurmfix again",
    bad=job(_PY, "python=3.11", "numpy=1.26", "pip:\n    - numpy==2.1.0"),
    good=PLAIN,
)
WAY_NOT_KNOWN = Message(
    id="way-to-a-module",
    kind=DOUBT,
    subject="the module {module}",
    reason="other modules may have to be loaded before this module",
    action="run `module spider {module}` on the cluster, and add the modules that it names in front of {module}",
)
FOR_OTHER_PYTHONS = Message(
    id="module-for-other-pythons",
    kind=DOUBT,
    subject="the module {module}, which {package} needs",
    reason="no version of this module works with Python {python} (there are {versions})",
    action="run slurmfix again with `--python VERSION`, where VERSION is a Python of this module",
    bad=job(_PY, "python=3.14", "fiona"),
    good=job(_PY, "python=3.11", "fiona"),
)
LISTING_LOOSENED = Message(
    id="listing-loosened",
    kind=DOUBT,
    subject="your exact package versions",
    reason="pip may install newer releases (`~=`) of some packages, such as {example}",
    action="if your results depend on the exact versions, run slurmfix again with `--pins exact`. Otherwise do nothing",
    bad=job(_PY, "python=3.11.6=h1_0", "numpy=1.26.0=py311_0", "scipy=1.11.3=py311_0"),
    good=job(_PY, "python=3.11", "numpy"),
)
FETCH_THEM = Message(
    id="fetch-packages",
    kind=DOUBT,
    subject="the packages {packages}",
    reason="the cluster has no wheels (ready-made packages) of these, so the job cannot install them",
    action="open the requirements file. On a login node, run once each `pip download` command that stands there",
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
    action="in the folder of the requirements file, run `{command}` once on a login node. The job then "
    "finds the package there",
    bad=job(_PY, "python=3.11", "numpy", "pip:\n    - pycircstat"),
    good=PLAIN,
)
NOT_IN_THE_IMAGE = Message(
    id="not-in-the-image",
    kind=DOUBT,
    subject="`{option}` in the environment's file",
    reason="the image does not contain what this line installs",
    action="if the job does not need it, do nothing. Otherwise install it in the `%post` part of the .def file",
    bad=job(_PY, "python=3.11", "numpy", "pip:\n    - -e .", command="slurmfix --to apptainer job.sh"),
    good=job(_PY, "python=3.11", "numpy", command="slurmfix --to apptainer job.sh"),
)
MPICH = Message(
    id="mpich-becomes-openmpi",
    kind=DOUBT,
    subject="the package mpich",
    reason="the cluster has Open MPI instead, which does not run programs built for mpich",
    action="if you compiled no program with mpich, do nothing. Otherwise compile the program again with "
    "`mpicc` of the cluster",
    bad=job(_PY, "python=3.11", "mpich", "numpy"),
    good=PLAIN,
)
SIMILAR_NAME = Message(
    id="similar-module",
    kind=DOUBT,
    subject="the package {package}",
    reason="slurmfix takes the module {module} for this package, since the names are alike",
    action="run `module spider {module}`. If the description fits, do nothing. Otherwise delete the module "
    "from the `module load` line",
    bad=job(_PY, "python=3.11", "samtools1"),
    good=PLAIN,
)
TWO_OF_ONE_NAME = Message(
    id="two-of-one-name",
    kind=DOUBT,
    subject="the package {package}",
    reason="{done} ({why})",
    action="if this is the software that you use, do nothing. Otherwise write the right name into the "
    "requirements file",
    bad=job(_PY, "python=3.11", "graphviz"),
    good=PLAIN,
)
VERSION_READ = Message(
    id="version-read-as",
    kind=DOUBT,
    subject="`{requirement}` in your package list",
    reason="{why}",
    action="if the version in the requirements file is right, do nothing. Otherwise correct it there",
    bad=job(_PY, "python=3.11", "numpy=["),
    good=PLAIN,
)
VERSION_CHOSEN = Message(
    id="version-chosen",
    kind=DOUBT,
    subject="`{requirement}`",
    reason="slurmfix sets this limit, since {why}",
    action="test once whether your code runs with a version inside this limit",
    bad=job(_PY, "python=3.10", "datasets"),
    good=job(_PY, "python=3.11", "numpy"),
)
