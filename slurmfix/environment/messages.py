"""What is said of the description of an environment, where a part of it cannot be taken as it stands."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, Message, job

_TRAIN = "conda activate vision\npython train.py"
_FIX = "correct the line, or add the package to the requirements file"

LINE_LEFT_OUT = Message(
    id="line-left-out",
    kind=DOUBT,
    subject="line {at} of the environment's file",
    reason="slurmfix leaves out this line ({why})",
    action=_FIX,
    bad=job(_TRAIN, "python=3.11", "numpy", "[scipy]"),
    good=PLAIN,
)
ENTRY_LEFT_OUT = Message(
    id="entry-left-out",
    kind=DOUBT,
    subject="`{entry}` in the environment's file",
    reason="slurmfix leaves out this entry ({why})",
    action="add the package to the requirements file if the job needs it",
    bad=job(_TRAIN, "python=3.11", "numpy", "pywin32  # [win]"),
    good=PLAIN,
)
PLACEHOLDER = Message(
    id="placeholder-version",
    kind=DOUBT,
    subject="`{placeholder}` on line {at} of the environment's file",
    reason="a template fills in this version, so slurmfix takes any version",
    action="write the real version instead of `{placeholder}`",
    bad=job(_TRAIN, "python=3.11", "numpy={{ numpy }}"),
    good=PLAIN,
)
KEY_TWICE = Message(
    id="key-twice",
    kind=DOUBT,
    subject="the key `{key}` in the environment's file",
    reason="this key stands twice, and slurmfix takes the one on line {at}",
    action="keep one of the two",
    bad=job(_TRAIN, "python=3.11", "numpy").replace("name: vision", "name: vision\nname: vision"),
    good=PLAIN,
)
VARIABLES = Message(
    id="variables-of-the-environment",
    kind=DOUBT,
    subject="the variables of the environment ({variables})",
    reason="conda sets these variables at each activation, and a virtualenv does not",
    action="write `export NAME=VALUE` for each into the job script",
    bad=job(_TRAIN, "python=3.11", "numpy").replace("name: vision", "name: vision\nvariables:\n  DATA: /scratch/me"),
    good=PLAIN,
)
NO_LIST = Message(
    id="dependencies-no-list",
    kind=DOUBT,
    subject="`dependencies` in the environment's file",
    reason="`{entry}` is no list, so slurmfix takes the whole line as one package",
    action="write one package a line, each behind `- `",
    bad=job(_TRAIN) + "-- environment.yml --\nname: vision\ndependencies: numpy\n",
    good=PLAIN,
)
ONE_PACKAGE = Message(
    id="read-as-one-package",
    kind=DOUBT,
    subject="line {at} of the environment's file",
    reason="slurmfix takes `{entry}` as one package",
    action="write `name=version` if this is a package with its version",
    bad=job(_TRAIN, "python=3.11", "numpy: 1.26"),
    good=PLAIN,
)
WITHOUT_PIP = Message(
    id="explicit-without-pip",
    kind=DOUBT,
    subject="the explicit list of the environment",
    reason="a list of this kind does not name what pip installed",
    action="add the packages that pip installed to the requirements file (`pip list` shows them)",
    bad=job(_TRAIN, command="slurmfix --env vision=list.txt job.sh")
    + """\
-- list.txt --
@EXPLICIT
https://conda.anaconda.org/conda-forge/linux-64/python-3.11.6-h0.conda
https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.0-py311.conda
https://conda.anaconda.org/conda-forge/noarch/pip-23.3-pyhd8ed1ab_0.conda
""",
    good=job(_TRAIN, "python=3.11", "numpy"),
)
OTHER_PLATFORM = Message(
    id="other-platform",
    kind=DOUBT,
    subject="the lock file of the environment",
    reason="the file has nothing for {platform}, so slurmfix takes {taken}",
    action="check the versions in the requirements file",
    bad=job(_TRAIN)
    + """\
-- conda-lock.yml --
version: 1
metadata:
  platforms: [osx-64]
package:
- name: numpy
  version: 1.26.0
  manager: conda
  platform: osx-64
  dependencies: {}
  url: https://x/numpy-1.26.0-0.conda
  hash: {md5: a}
  category: main
  optional: false
-- train.py --
import numpy
""",
    good=PLAIN,
)
NO_PACKAGE = Message(
    id="no-package-in-the-folder",
    kind=DOUBT,
    subject="the folder of the environment",
    reason="nothing in this folder names a package",
    action="run slurmfix again with `--env NAME=FILE`, where FILE lists the packages",
    bad=job("conda activate ./vision\npython train.py")
    + "-- vision/conda-meta/history --\n\n-- vision/bin/python --\n",
    good=PLAIN,
)
RECORDS_NOT_READ = Message(
    id="records-not-read",
    kind=DOUBT,
    subject="the folder of the environment",
    reason="slurmfix cannot read {count} of its files, such as conda-meta/{file}",
    action="check that no package is missing in the requirements file",
    bad=job("conda activate ./vision\npython train.py")
    + """\
-- vision/conda-meta/history --

-- vision/conda-meta/numpy-1.0-0.json --
{
-- vision/conda-meta/python-3.11.0-0.json --
{"name": "python", "version": "3.11.0"}
""",
    good=PLAIN,
)
TOO_MANY = Message(
    id="too-many-requirements",
    kind=DOUBT,
    subject="the requirements in setup.py",
    reason="setup.py names more packages than slurmfix reads, so some are left out",
    action="check that no package is missing in the requirements file",
)
LISTED_ELSEWHERE = Message(
    id="listed-elsewhere",
    kind=DOUBT,
    subject="the packages of the project",
    reason="{file} takes the packages from {files}, which slurmfix does not read here",
    action="run slurmfix again with `--env NAME=FILE`, where FILE is that list",
    bad=job(_TRAIN, command="slurmfix --env vision=pyproject.toml job.sh")
    + """\
-- pyproject.toml --
[project]
name = 'x'
dynamic = ['dependencies']
[tool.setuptools.dynamic]
dependencies = {file = ['deps.txt']}
""",
    good=job(_TRAIN, command="slurmfix --env vision=pyproject.toml job.sh")
    + "-- pyproject.toml --\n[project]\nname = 'x'\ndependencies = ['numpy']\n",
)
COMPUTED = Message(
    id="computed-requirements",
    kind=DOUBT,
    subject="the packages of the project",
    reason="the project computes this list while it is built, so slurmfix cannot read the list",
    action="add the packages to the requirements file",
    bad=job(_TRAIN, command="slurmfix --env vision=pyproject.toml job.sh")
    + "-- pyproject.toml --\n[project]\nname = 'x'\ndynamic = ['dependencies']\n",
    good=job(_TRAIN, command="slurmfix --env vision=pyproject.toml job.sh")
    + "-- pyproject.toml --\n[project]\nname = 'x'\ndependencies = ['numpy']\n",
)
SEVERAL_CONSTRAINTS = Message(
    id="several-constraints",
    kind=DOUBT,
    subject="the package {package}",
    reason="the project gives several versions of this package, and slurmfix takes the first",
    action="check the version of {package} in the requirements file",
    bad=job(_TRAIN)
    + """\
-- train.py --
import numpy
-- pyproject.toml --
[tool.poetry]
name = 'x'
[tool.poetry.dependencies]
python = '^3.10'
numpy = [{version = '1.24', python = '<3.11'}, {version = '1.26', python = '>=3.11'}]
""",
    good=PLAIN,
)
FEATURES = Message(
    id="pixi-features",
    kind=DOUBT,
    subject="the pixi features {features}",
    reason="slurmfix reads the default feature only",
    action="if the job needs these features, add their packages to the requirements file",
    bad=job(_TRAIN)
    + """\
-- train.py --
import numpy
-- pixi.toml --
[project]
name = 'x'
channels = []
platforms = ['linux-64']
[dependencies]
numpy = '*'
[feature.gpu.dependencies]
torch = '*'
[environments]
gpu = ['gpu']
""",
    good=PLAIN,
)
ACTIVATION = Message(
    id="pixi-activation",
    kind=DOUBT,
    subject="the activation of pixi ({names})",
    reason="without pixi, nothing sets these variables or runs these scripts",
    action="if the job needs them, write `export` or `source` lines below the activation",
    bad=job("pixi run python train.py")
    + """\
-- pixi.toml --
[workspace]
name = 'x'
channels = []
[dependencies]
numpy = '*'
[activation.env]
DATA = '/data'
""",
    good=PLAIN,
)
PROJECT_ITSELF = Message(
    id="project-itself",
    kind=DOUBT,
    subject="the project `{name}`",
    reason="uv installs the project itself, too, and the requirements file does not hold it",
    action="if the job imports `{name}`, write `pip install --no-index --no-deps .` below the activation",
    bad=job("uv run train.py")
    + """\
-- pyproject.toml --
[project]
name = 'lake'
dependencies = ['numpy']
[build-system]
requires = ['hatchling']
build-backend = 'hatchling.build'
""",
    good=job("uv run train.py") + "-- pyproject.toml --\n[project]\nname = 'lake'\ndependencies = ['numpy']\n",
)
BUILT_BY_CONDA = Message(
    id="folders-of-conda",
    kind=DOUBT,
    subject="the paths in the list of packages",
    reason="{count} lines name folders of another machine, so slurmfix leaves these paths out",
    action="write versions into the requirements file if the job needs certain ones",
    bad=job(_TRAIN)
    + """\
-- train.py --
import numpy
-- requirements.txt --
numpy @ file:///croot/numpy_1/work
scipy @ file:///croot/scipy_1/work
""",
    good=job(_TRAIN) + "-- train.py --\nimport numpy\n-- requirements.txt --\nnumpy==1.26.0\n",
)
OPTIONAL_IMPORTS = Message(
    id="optional-imports",
    kind=DOUBT,
    subject="the imports of {names}",
    reason="the code also runs without these, so slurmfix leaves them out of the requirements file",
    action="add those that the job needs to the requirements file",
    bad=job(_TRAIN) + "-- train.py --\nimport numpy\ntry:\n    import wandb\nexcept ImportError:\n    wandb = None\n",
    good=job(_TRAIN) + "-- train.py --\nimport numpy\n",
)

NO_NAME = "`{entry}` cannot be the name of a conda package"  # words of a phrase
