"""What is said of where an environment's packages are known from."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, REFUSAL, Message, job

_TRAIN = "conda activate vision\npython train.py\n-- environment.yml --\nname: vision\ndependencies: [numpy]"

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
    action="give the file with --env",
    bad=job("conda env create -n vision -f gone.yml\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NEED_NOT_FOLLOWED = Message(
    id="need-not-followed",
    kind=DOUBT,
    subject="`{source}`",
    reason="only the running job knows what runs here, so no import of it is held against the list",
    action="check that the list has what it imports",
    bad=job(_TRAIN.replace("train.py", '"$1"')),
    good=job(_TRAIN),
)
R_PACKAGES_LACKING = Message(
    id="r-packages-lacking",
    kind=DOUBT,
    subject="the R packages {names}",
    reason="the job loads them, and {origin} has none of R",
    action="install them once into a library of your own, with the module r",
    bad=job("conda activate vision\nRscript fit.R\n-- fit.R --\nlibrary(lme4)", "numpy"),
    good=job("conda activate vision\nRscript fit.R\n-- fit.R --\nlibrary(stats)", "numpy"),
)
INSTALLED_IN_THE_JOB = Message(
    id="installed-in-the-job",
    kind=DOUBT,
    subject="`conda install` in this script",
    reason="the requirements file holds these packages now",
    action="check that this file has all that the job needs",
    bad=job("conda install -n vision numpy\nconda activate vision\npython train.py"),
    good=PLAIN,
)
IMAGE_NOT_KNOWN = Message(
    id="image-not-known",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="only the running job knows which image, so a virtualenv takes its place",
    action="check that a virtualenv will do",
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
    subject="the name `{environment}`",
    reason="only the running job knows which environment this is",
    action="write a requirements file for each value that this name can have",
    bad=job("conda activate $1\npython train.py"),
    good=PLAIN,
)
ONE_OF_SEVERAL = Message(
    id="one-of-several",
    kind=DOUBT,
    subject="the name `{environment}`",
    reason="requirements files are there for {values}, and for no other value",
    action="write a requirements file for each other value",
    bad=job("for e in a b; do\nconda activate $e\npython train.py\ndone"),
    good=PLAIN,
)
SEEN_IN_THE_IMAGE = Message(
    id="seen-in-the-image",
    kind=DOUBT,
    subject="the modules {modules}",
    reason="the image of `{environment}` sees what these modules set",
    action="load the modules only if the job needs them",
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
    reason="no `#SBATCH` line gives the number of nodes, so slurmfix assumes a job on one node",
    action="give --nodes if the job has several, and never source the script outside of a job",
    bad="#!/bin/bash\nconda activate vision\npython train.py\n",
    good=PLAIN,
)
PROJECT_BY_ADDRESS = Message(
    id="project-by-address",
    kind=DOUBT,
    subject="`pip install` of the project",
    reason="{file} asks for {package} from {address}, which the job cannot reach",
    action="install {package} on a login node with `pip wheel --no-deps -w wheels`, and the project with --no-deps",
    bad=job("conda activate vision\npip install -e .[hpo]\npython train.py")
    + "-- setup.py --\nsetup(extras_require={'hpo': ['helper @ git+https://example.org/helper.git']})\n",
    good=job("conda activate vision\npip install -e .\npython train.py"),
)
JOB_IS_A_LINK = Message(
    id="job-is-a-link",
    kind=DOUBT,
    subject="the job script, a link to `{target}`",
    reason="the job finds the new file only when submitted in `{folder}`",
    action="submit it there, or set `submit-dir`",
    bad=job("conda activate vision") + "-- lib/train.py --\nimport numpy\n-- job.sh -> lib/job.sh --\n",
    good=PLAIN,
)
OTHER_PYTHON_CALLED = Message(
    id="other-python-called",
    kind=DOUBT,
    subject="the call of {program}",
    reason="the virtualenv has `python{python}` and `python` only",
    action="write `python`",
)
SEVERAL_PYTHONS = Message(
    id="several-pythons",
    kind=DOUBT,
    subject="the name `{environment}`",
    reason="the values want several Pythons ({pythons})",
    action="set one Python with --python",
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
    reason="{taken} is taken, and {others} has other packages under the same name",
    action="say which file with --env",
)
KEPT_AS_IT_IS = Message(
    id="file-kept",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="this file is there already and is kept ({difference})",
    action="compare the two lists",
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
    reason="the packages are those of {origin}, which {about}",
    action="name another file with --env",
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
    action="give the file with {option}",
)
LACKS_IMPORTS = Message(
    id="lacks-imports",
    kind=DOUBT,
    subject="{origin}",
    reason="the {needs} need {names}, which this list does not have",
    action="check the packages added at the end of the requirements file",
    bad=job(f"{_TRAIN}\n-- train.py --\nimport wandb"),
    good=job(f"{_TRAIN}\n-- train.py --\nimport numpy"),
)
IMPORT_NOT_KNOWN = Message(
    id="import-not-known",
    kind=DOUBT,
    subject="the import of {names}",
    reason="the {needs} need this module, and slurmfix knows no package that has it",
    action="find the package, and add it to the requirements file",
)
FROM_COMMENTS = Message(
    id="packages-from-comments",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="the packages stand in {origin}, which may be old",
    action="name a newer list with --env",
)
FROM_GUIDE = Message(
    id="packages-from-a-guide",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="the packages stand in {origin}, which may be old or for another machine",
    action="name a newer list with --env",
)
FROM_SCRIPT = Message(
    id="packages-from-a-script",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="the script {path} installs its packages",
    action="check that the script is the one that was used",
)
OTHER_SCRIPTS = Message(
    id="packages-from-other-scripts",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="{others} installs other packages into the same environment",
    action="say which list holds with --env",
)
PASSED_OVER = Message(
    id="file-passed-over",
    kind=DOUBT,
    subject="the file `{path}`",
    reason="{about}, so its packages are not used",
    action="add `--env {environment}={path}` if this file describes `{environment}`",
)
CANNOT_BE_READ = Message(
    id="environment-not-read",
    kind=REFUSAL,
    subject="the environment `{environment}`",
    reason="slurmfix cannot read the description of its packages ({why})",
    action="mend the file, or name another one with --env",
)
PLACE_TAKEN = Message(
    id="place-taken",
    kind=REFUSAL,
    subject="the file `{file}`",
    reason="the new requirements file goes there, and the one that is there cannot be read ({why})",
    action="move the file away",
)
INCLUDED_NOT_READ = Message(
    id="included-not-read",
    kind=DOUBT,
    subject="the file `{file}`",
    reason="the list of packages includes this file, which cannot be read ({why})",
    action="mend the file, or add its packages to the requirements file",
)
CONSTRAINTS_BESIDE = Message(
    id="constraints-beside",
    kind=DOUBT,
    subject="the constraints file `{file}`",
    reason="the file also bounds packages that the list does not ask for ({packages})",
    action="add those that the job needs to the requirements file",
)
