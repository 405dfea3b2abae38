"""What is said of where an environment's packages are known from."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, REFUSAL, Message, job

_TRAIN = "conda activate vision\npython train.py\n-- environment.yml --\nname: vision\ndependencies: [numpy]"

_RUN = "conda activate vision\npython train.py"
UNKNOWN = Message(
    id="packages-unknown",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix found no list of its packages",
    action="where this environment exists, run `{ask} > {file}`. Copy that file beside this "
    "script, and run slurmfix again",
    bad=job("conda activate vision"),
    good=job("conda activate vision\npython train.py\n-- environment.yml --\nname: vision\ndependencies: [numpy]"),
)
GUESSED = Message(
    id="packages-guessed",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix found no list of its packages, so it guessed them from {origin}",
    action="where this environment exists, run `{ask} > {file}`. Copy that file beside this "
    "script, and run slurmfix again",
    bad=job("conda activate vision\npython train.py\n-- train.py --\nimport numpy"),
    good=PLAIN,
)
LOST_FILE = Message(
    id="file-not-here",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="the script makes the environment from this file, which slurmfix cannot find",
    action="copy the file beside this script, or run slurmfix again with `--env {environment}=FILE` (FILE: the path)",
    bad=job("conda env create -n vision -f gone.yml\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NEED_NOT_FOLLOWED = Message(
    id="need-not-followed",
    kind=DOUBT,
    subject="`{source}`",
    reason="which code runs here is known only when the job runs, so slurmfix cannot check its imports",
    action="see whether the requirements file lists all packages that this code imports. If the code uses "
    "no Python, do nothing",
    bad=job(_TRAIN.replace("train.py", '"$1"')),
    good=job(_TRAIN),
)
FROM_A_PROJECT = Message(
    id="packages-of-a-project",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix takes the packages from {origin}, in the versions that the cluster has",
    action="if any recent version will do, do nothing. Otherwise write the versions that you need into the "
    "requirements file",
    bad=job("uv run train.py\n-- pyproject.toml --\n[project]\nname = 'x'\ndependencies = ['numpy']"),
    good=job("conda activate vision\npython train.py", "numpy"),
)
R_PACKAGES_LACKING = Message(
    id="r-packages-lacking",
    kind=DOUBT,
    subject="the R packages {names}",
    reason="the R code of the job loads these, but {origin} does not list them",
    action='on a login node, run `module load {r}`, start R, and run `install.packages("NAME")` once for each',
    bad=job("conda activate vision\nRscript fit.R\n-- fit.R --\nlibrary(lme4)", "numpy"),
    good=job("conda activate vision\nRscript fit.R\n-- fit.R --\nlibrary(stats)", "numpy"),
)
INSTALLED_IN_THE_JOB = Message(
    id="installed-in-the-job",
    kind=DOUBT,
    subject="the packages that this script installs ({packages})",
    reason="slurmfix removes this line, and puts these packages into {list}",
    action="compare the line with {all}. If all packages are named there, do nothing. Otherwise add what is missing",
    bad=job("conda install -n vision numpy\nconda activate vision\npython train.py"),
    good=PLAIN,
)
IMAGE_NOT_KNOWN = Message(
    id="image-not-known",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="this name is known only when the job runs, so slurmfix makes a virtualenv, no image",
    action="write the real name instead of `{environment}`, and run slurmfix again, if you need the image",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00
for e in vision other; do
conda activate $e
python train.py
done
-- environment.yml --
name: vision
dependencies:
  - python=3.11
  - numpy
-- other.yml --
name: other
dependencies:
  - python=3.12
  - numpy
-- command --
slurmfix --to apptainer job.sh
""",
    good=PLAIN,
)
NAME_NOT_KNOWN = Message(
    id="name-not-known",
    kind=DOUBT,
    subject="the environment name `{environment}`",
    reason="this name is known only when the job runs, so slurmfix cannot list its packages",
    action="for each real name NAME, write a file `{file}` beside this script, with one package per line",
    bad=job("conda activate $1\npython train.py"),
    good=PLAIN,
)
ONE_OF_SEVERAL = Message(
    id="one-of-several",
    kind=DOUBT,
    subject="the environment name `{environment}`",
    reason="slurmfix writes requirements files for the values {values} only",
    action="if the name has no other value, do nothing. Otherwise write a requirements file for each other value, too",
    bad=job("for e in a b; do\nconda activate $e\npython train.py\ndone"),
    good=PLAIN,
)
SEEN_IN_THE_IMAGE = Message(
    id="seen-in-the-image",
    kind=DOUBT,
    subject="the modules {modules}",
    reason="these modules also change what programs in the image of `{environment}` find",
    action="if no other command needs these modules, delete them from the script. Otherwise do nothing",
    bad=job(
        "module load r\nconda activate vision\npython train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --to apptainer job.sh",
    ),
    good=PLAIN,
)
NO_OPTIONS = Message(
    id="no-options",
    kind=DOUBT,
    subject="this script",
    reason="no `#SBATCH` line gives the number of nodes, so slurmfix assumes one node",
    action="if the job uses one node, do nothing. Otherwise add `#SBATCH --nodes=N` (N: their number), and "
    "run slurmfix again",
    bad="#!/bin/bash\nconda activate vision\npython train.py\n",
    good=PLAIN,
)
PROJECT_BY_ADDRESS = Message(
    id="project-by-address",
    kind=DOUBT,
    subject="`pip install` of the project",
    reason="{file} asks for {package} from {address}, which the job cannot reach",
    action="on a login node, run `pip wheel --no-deps -w wheels {address}`. Then write `pip install "
    "--no-index --find-links wheels .` here",
    bad=job("conda activate vision\npip install -e .[hpo]\npython train.py")
    + "-- setup.py --\nsetup(extras_require={'hpo': ['helper @ git+https://example.org/helper.git']})\n",
    good=job("conda activate vision\npip install -e .\npython train.py"),
)
JOB_IS_A_LINK = Message(
    id="job-is-a-link",
    kind=DOUBT,
    subject="the job script, a link to `{target}`",
    reason="the job finds its requirements file only if you run sbatch in `{folder}`",
    action="run sbatch in `{folder}`. If you already do so, nothing has to change",
    bad=job("conda activate vision") + "-- lib/train.py --\nimport numpy\n-- job.sh -> lib/job.sh --\n",
    good=PLAIN,
)
OTHER_PYTHON_CALLED = Message(
    id="other-python-called",
    kind=DOUBT,
    subject="the command `{program}`",
    reason="the new virtualenv has only the commands `python{python}` and `python`",
    action="write `python` instead",
    bad=job("conda activate vision\npython3.9 train.py", "python=3.11", "numpy"),
    good=job(_RUN, "python=3.11", "numpy"),
)
SEVERAL_PYTHONS = Message(
    id="several-pythons",
    kind=DOUBT,
    subject="the environment name `{environment}`",
    reason="the environments of this name need different Pythons ({pythons}), but a job loads only one",
    action="run slurmfix again with `--python VERSION`, where VERSION suits all of them",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00
for e in vision other; do
conda activate $e
python train.py
done
-- environment.yml --
name: vision
dependencies:
  - python=3.11
  - numpy
-- other.yml --
name: other
dependencies:
  - python=3.12
  - numpy
""",
    good=PLAIN,
)
SAME_NAME_TWICE = Message(
    id="same-name-twice",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix takes {taken}, but {others} has other packages under the same name",
    action="if {taken} is the right file, do nothing. Otherwise run slurmfix again with `--env "
    "{environment}=FILE` (FILE: the right one)",
    bad=job(_RUN)
    + """\
-- a/environment.yml --
name: vision
dependencies: [numpy]
-- b/environment.yml --
name: vision
dependencies: [scipy]
""",
    good=job(_RUN, "numpy"),
)
KEPT_AS_IT_IS = Message(
    id="file-kept",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="this file exists already, so slurmfix leaves it as it is ({difference})",
    action="if the file is right, do nothing. Otherwise delete this file, and run slurmfix again, which writes it anew",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# Someone's own requirements file is never overwritten.
conda activate myenv
python train.py
-- environment.yml --
name: myenv
dependencies:
  - python=3.11
  - numpy=1.26
-- requirements-myenv.txt --
numpy==1.24.0
tqdm
""",
    good=PLAIN,
)
NOT_SAID_TO_BE_IT = Message(
    id="not-said-to-be-it",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix found no list named `{environment}`, so it takes {origin}, which {about}",
    action="if that file belongs to `{environment}`, do nothing. Otherwise run slurmfix again with `--env "
    "{environment}=FILE` (FILE: the right list)",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00
conda activate vision
python train.py
-- train.py --
import numpy
-- requirements.txt --
numpy
""",
    good=PLAIN,
)
OUTSIDE_FILE = Message(
    id="file-outside",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="the script makes the environment from this file, which slurmfix does not read outside of {bound}",
    action="if you trust the file, run slurmfix again with `{option}`",
    bad=job("conda env create -n vision -f /etc/hosts\nconda activate vision\npython train.py"),
    good=PLAIN,
)
LACKS_IMPORTS = Message(
    id="lacks-imports",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix added {names} ({needs}) to the packages from {origin}",
    action="look at these names in {list}. If they are packages that you use, do nothing. Otherwise delete them",
    bad=job(f"{_TRAIN}\n-- train.py --\nimport wandb"),
    good=job(f"{_TRAIN}\n-- train.py --\nimport numpy"),
)
IMPORT_NOT_KNOWN = Message(
    id="import-not-known",
    kind=DOUBT,
    subject="`import {names}`",
    reason="the job uses this ({needs}), but slurmfix knows no pip package of this name",
    action="if this is your own code, do nothing. Otherwise find its package on pypi.org, and add the name "
    "to the requirements file",
    bad=job(_RUN, "python=3.11", "numpy") + "-- train.py --\nimport numpy, zzunknownlib\n",
    good=job(_RUN, "python=3.11", "numpy") + "-- train.py --\nimport numpy\n",
)
FROM_COMMENTS = Message(
    id="packages-from-comments",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix took the packages from {origin}, which may be out of date",
    action="if the list is still right, do nothing. Otherwise run slurmfix again with `--env "
    "{environment}=FILE` (FILE: an environment.yml or requirements.txt)",
    bad=job("# conda create -n vision python=3.11 numpy\n" + _RUN),
    good=PLAIN,
)
FROM_GUIDE = Message(
    id="packages-from-a-guide",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix took the packages from {origin}, which may be old or meant for another machine",
    action="if the list is still right, do nothing. Otherwise run slurmfix again with `--env "
    "{environment}=FILE` (FILE: an environment.yml or requirements.txt)",
    bad=job(_RUN) + "-- README.md --\n    conda create -n vision python=3.11 numpy\n",
    good=PLAIN,
)
FROM_SCRIPT = Message(
    id="packages-from-a-script",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix took the packages from the installation commands in {path}",
    action="if {path} made this environment, do nothing. Otherwise run slurmfix again with `--env "
    "{environment}=FILE` (FILE: the right list)",
    bad=job(_RUN) + "-- install.sh --\n#!/bin/bash\nconda create -y -n vision python=3.11 numpy\n",
    good=PLAIN,
)
OTHER_SCRIPTS = Message(
    id="packages-from-other-scripts",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="{others} installs other packages for the same environment",
    action="if slurmfix took the right ones, do nothing. Otherwise run slurmfix again with `--env "
    "{environment}=FILE` (FILE: the right list)",
    bad=job(_RUN)
    + """\
-- install.sh --
#!/bin/bash
conda create -y -n vision python=3.11 numpy
-- install2.sh --
#!/bin/bash
conda create -y -n vision python=3.11 scipy
""",
    good=PLAIN,
)
PASSED_OVER = Message(
    id="file-passed-over",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="{about}, so slurmfix does not use its packages",
    action="if the file does not belong to `{environment}`, do nothing. Otherwise run slurmfix again with "
    "`--env {environment}={path}`",
    bad=job(_RUN) + "-- environment.yml --\ndependencies: [numpy]\n-- train.py --\nimport torch, scipy, pandas\n",
    good=job(_RUN, "numpy"),
)
CANNOT_BE_READ = Message(
    id="environment-not-read",
    kind=REFUSAL,
    subject="the environment `{environment}`",
    reason="slurmfix cannot read the list of its packages ({why})",
    action="correct that file, or run slurmfix again with `--env {environment}=FILE` (FILE: another list)",
    bad=job(_RUN) + "-- environment.yml --\nname: vision\ndependencies: {numpy: 1.26}\n",
    good=job(_RUN, "numpy=1.26"),
)
PLACE_TAKEN = Message(
    id="place-taken",
    kind=REFUSAL,
    subject="the file `{file}`",
    reason="slurmfix wants to write its requirements file here, but cannot read the one that is there ({why})",
    action="rename or move this file, and run slurmfix again",
    bad=job(_RUN, "numpy") + "-- requirements-vision.txt/notes.md --\nThis folder has the name of the new file.\n",
    good=job(_RUN, "numpy") + "-- requirements/notes.md --\nThis folder has another name.\n",
)
_INCLUDING = "-- environment.yml --\nname: vision\ndependencies:\n  - numpy\n  - pip: [-r more.txt]\n-- more.txt --\n"
INCLUDED_NOT_READ = Message(
    id="included-not-read",
    kind=DOUBT,
    subject="the file `{file}`",
    reason="your package list includes this file, which slurmfix cannot read ({why})",
    action="correct this file, or add its packages to the requirements file",
    bad=job(_RUN) + _INCLUDING,
    good=job(_RUN) + _INCLUDING + "pandas\n",
)
CONSTRAINTS_BESIDE = Message(
    id="constraints-beside",
    kind=DOUBT,
    subject="the constraints file `{file}`",
    reason="this file also limits packages that your list does not ask for ({packages})",
    action="if the job does not import them, do nothing. Otherwise add them to the requirements file",
    bad=job("conda activate vision\npip install -r requirements.txt\npython train.py")
    + "-- requirements.txt --\n-c bounds.txt\nnumpy\n-- bounds.txt --\nnumpy<2\nscipy<2\n",
    good=job(_RUN) + "-- requirements.txt --\n-c bounds.txt\nnumpy\n-- bounds.txt --\nnumpy<2\n",
)
