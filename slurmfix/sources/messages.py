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
    action="run `{ask} > environment.yml` where this environment exists, and put the file beside this script",
    bad=job("conda activate vision"),
    good=job("conda activate vision\npython train.py\n-- environment.yml --\nname: vision\ndependencies: [numpy]"),
)
GUESSED = Message(
    id="packages-guessed",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix found no list of its packages, and guessed them from the {origin}",
    action="run `{ask} > environment.yml` where this environment exists, and put the file beside this script",
    bad=job("conda activate vision\npython train.py\n-- train.py --\nimport numpy"),
    good=PLAIN,
)
LOST_FILE = Message(
    id="file-not-here",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="the script makes the environment from this file, which is not here",
    action="put the file beside this script, or run slurmfix again with `--env {environment}=FILE`",
    bad=job("conda env create -n vision -f gone.yml\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NEED_NOT_FOLLOWED = Message(
    id="need-not-followed",
    kind=DOUBT,
    subject="`{source}`",
    reason="only the running job knows which code runs here, so slurmfix cannot check its imports",
    action="check that the requirements file lists every package that this code imports",
    bad=job(_TRAIN.replace("train.py", '"$1"')),
    good=job(_TRAIN),
)
FROM_A_PROJECT = Message(
    id="packages-of-a-project",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix takes its packages from {origin}, and pip takes the versions that the cluster has",
    action="compare the requirements file with the versions that your project needs",
    bad=job("uv run train.py\n-- pyproject.toml --\n[project]\nname = 'x'\ndependencies = ['numpy']"),
    good=job("conda activate vision\npython train.py", "numpy"),
)
R_PACKAGES_LACKING = Message(
    id="r-packages-lacking",
    kind=DOUBT,
    subject="the R packages {names}",
    reason="R code of the job loads these, and {origin} lists no R package",
    action="run `module load r` on a login node, and install them once with `install.packages()`",
    bad=job("conda activate vision\nRscript fit.R\n-- fit.R --\nlibrary(lme4)", "numpy"),
    good=job("conda activate vision\nRscript fit.R\n-- fit.R --\nlibrary(stats)", "numpy"),
)
INSTALLED_IN_THE_JOB = Message(
    id="installed-in-the-job",
    kind=DOUBT,
    subject="the packages that this script installs ({packages})",
    reason="slurmfix takes this line out, and puts the packages into the requirements file",
    action="check that no package is missing in the requirements file",
    bad=job("conda install -n vision numpy\nconda activate vision\npython train.py"),
    good=PLAIN,
)
IMAGE_NOT_KNOWN = Message(
    id="image-not-known",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="only the running job knows which environment this is, so slurmfix makes a virtualenv, no image",
    action="check that pip can install all packages of this environment",
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
    reason="only the running job knows which environment this is",
    action="beside this script, write a file `{file}` for each environment NAME, with one package a line",
    bad=job("conda activate $1\npython train.py"),
    good=PLAIN,
)
ONE_OF_SEVERAL = Message(
    id="one-of-several",
    kind=DOUBT,
    subject="the environment name `{environment}`",
    reason="slurmfix writes requirements files for {values}, and for no other value",
    action="write a requirements file for each other value that the name can have",
    bad=job("for e in a b; do\nconda activate $e\npython train.py\ndone"),
    good=PLAIN,
)
SEEN_IN_THE_IMAGE = Message(
    id="seen-in-the-image",
    kind=DOUBT,
    subject="the modules {modules}",
    reason="the image of `{environment}` sees what these modules set",
    action="delete these modules from the script, unless other commands need them",
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
    action="if the job uses several, add `#SBATCH --nodes=N`, and run slurmfix again",
    bad="#!/bin/bash\nconda activate vision\npython train.py\n",
    good=PLAIN,
)
PROJECT_BY_ADDRESS = Message(
    id="project-by-address",
    kind=DOUBT,
    subject="`pip install` of the project",
    reason="{file} asks for {package} from {address}, which the job cannot reach",
    action="run `pip wheel --no-deps -w wheels {address}` once on a login node. Install the project with `--no-deps`",
    bad=job("conda activate vision\npip install -e .[hpo]\npython train.py")
    + "-- setup.py --\nsetup(extras_require={'hpo': ['helper @ git+https://example.org/helper.git']})\n",
    good=job("conda activate vision\npip install -e .\npython train.py"),
)
JOB_IS_A_LINK = Message(
    id="job-is-a-link",
    kind=DOUBT,
    subject="the job script, a link to `{target}`",
    reason="the job finds the new file only when submitted in `{folder}`",
    action="submit the job in `{folder}`, or set `submit-dir` in slurmfix.toml",
    bad=job("conda activate vision") + "-- lib/train.py --\nimport numpy\n-- job.sh -> lib/job.sh --\n",
    good=PLAIN,
)
OTHER_PYTHON_CALLED = Message(
    id="other-python-called",
    kind=DOUBT,
    subject="the command `{program}`",
    reason="the virtualenv has `python{python}` and `python` only",
    action="write `python` instead of `{program}`",
    bad=job("conda activate vision\npython3.9 train.py", "python=3.11", "numpy"),
    good=job(_RUN, "python=3.11", "numpy"),
)
SEVERAL_PYTHONS = Message(
    id="several-pythons",
    kind=DOUBT,
    subject="the environment name `{environment}`",
    reason="the environments of this name need different Pythons ({pythons}), and the job loads one",
    action="run slurmfix again with `--python VERSION`, a version that suits all",
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
    reason="slurmfix takes {taken}, and {others} has other packages under the same name",
    action="if this is the wrong file, run slurmfix again with `--env {environment}=FILE`",
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
    reason="this file is there already, so slurmfix does not write it again ({difference})",
    action="compare the file with the environment's list, and add what the job needs",
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
    reason="slurmfix found no list of this name, and takes the packages from {origin}, which {about}",
    action="if this file is for another environment, run slurmfix again with `--env {environment}=FILE`, "
    "the right list",
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
    reason="the script makes the environment from this file, which lies outside of {bound}",
    action="run slurmfix again with `{option}`",
    bad=job("conda env create -n vision -f /etc/hosts\nconda activate vision\npython train.py"),
    good=PLAIN,
)
LACKS_IMPORTS = Message(
    id="lacks-imports",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix added {names} ({needs}) to the packages from {origin}",
    action="check the names and versions at the end of the requirements file",
    bad=job(f"{_TRAIN}\n-- train.py --\nimport wandb"),
    good=job(f"{_TRAIN}\n-- train.py --\nimport numpy"),
)
IMPORT_NOT_KNOWN = Message(
    id="import-not-known",
    kind=DOUBT,
    subject="`import {names}`",
    reason="the job needs this ({needs}), and slurmfix knows no package for it",
    action="if this is not your own code, find its package on pypi.org, and add the package to the requirements file",
    bad=job(_RUN, "python=3.11", "numpy") + "-- train.py --\nimport numpy, zzunknownlib\n",
    good=job(_RUN, "python=3.11", "numpy") + "-- train.py --\nimport numpy\n",
)
FROM_COMMENTS = Message(
    id="packages-from-comments",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix took the packages from {origin}, which may be out of date",
    action="if you have a newer list, run slurmfix again with `--env {environment}=FILE`",
    bad=job("# conda create -n vision python=3.11 numpy\n" + _RUN),
    good=PLAIN,
)
FROM_GUIDE = Message(
    id="packages-from-a-guide",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix took the packages from {origin}, which may be old or for another machine",
    action="if you have a newer list, run slurmfix again with `--env {environment}=FILE`",
    bad=job(_RUN) + "-- README.md --\n    conda create -n vision python=3.11 numpy\n",
    good=PLAIN,
)
FROM_SCRIPT = Message(
    id="packages-from-a-script",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix took the packages from the installation commands in {path}",
    action="if {path} did not make this environment, run slurmfix again with `--env {environment}=FILE`",
    bad=job(_RUN) + "-- install.sh --\n#!/bin/bash\nconda create -y -n vision python=3.11 numpy\n",
    good=PLAIN,
)
OTHER_SCRIPTS = Message(
    id="packages-from-other-scripts",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="other packages for the same environment stand in {others}",
    action="choose the right list, and run slurmfix again with `--env {environment}=FILE`",
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
    action="if `{environment}` should have these packages, run slurmfix again with `--env {environment}={path}`",
    bad=job(_RUN) + "-- environment.yml --\ndependencies: [numpy]\n-- train.py --\nimport torch, scipy, pandas\n",
    good=job(_RUN, "numpy"),
)
CANNOT_BE_READ = Message(
    id="environment-not-read",
    kind=REFUSAL,
    subject="the environment `{environment}`",
    reason="slurmfix cannot read the description of its packages ({why})",
    action="mend the file, or run slurmfix again with `--env {environment}=FILE`",
    bad=job(_RUN) + "-- environment.yml --\nname: vision\ndependencies: {numpy: 1.26}\n",
    good=job(_RUN, "numpy=1.26"),
)
PLACE_TAKEN = Message(
    id="place-taken",
    kind=REFUSAL,
    subject="the file `{file}`",
    reason="the new requirements file goes there, and slurmfix cannot read this one ({why})",
    action="move this file away, and run slurmfix again",
    bad=job(_RUN, "numpy") + "-- requirements-vision.txt/notes.md --\nThis folder has the name of the new file.\n",
    good=job(_RUN, "numpy") + "-- requirements/notes.md --\nThis folder has another name.\n",
)
_INCLUDING = "-- environment.yml --\nname: vision\ndependencies:\n  - numpy\n  - pip: [-r more.txt]\n-- more.txt --\n"
INCLUDED_NOT_READ = Message(
    id="included-not-read",
    kind=DOUBT,
    subject="the file `{file}`",
    reason="the list of packages includes this file, which cannot be read ({why})",
    action="mend the file, or add its packages to the requirements file",
    bad=job(_RUN) + _INCLUDING,
    good=job(_RUN) + _INCLUDING + "pandas\n",
)
CONSTRAINTS_BESIDE = Message(
    id="constraints-beside",
    kind=DOUBT,
    subject="the constraints file `{file}`",
    reason="the file also bounds packages that the list does not ask for ({packages})",
    action="add those packages that the job needs to the requirements file",
    bad=job("conda activate vision\npip install -r requirements.txt\npython train.py")
    + "-- requirements.txt --\n-c bounds.txt\nnumpy\n-- bounds.txt --\nnumpy<2\nscipy<2\n",
    good=job(_RUN) + "-- requirements.txt --\n-c bounds.txt\nnumpy\n-- bounds.txt --\nnumpy<2\n",
)
