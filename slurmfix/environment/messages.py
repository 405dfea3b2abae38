"""What is said of the description of an environment, where a part of it cannot be taken as it stands."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, Message, job

_TRAIN = "conda activate vision\npython train.py"

LINE_LEFT_OUT = Message(
    id="line-left-out",
    kind=DOUBT,
    subject="line {at} of your package list",
    reason="slurmfix does not use this line ({why})",
    action="if the job does not need the line, do nothing. Otherwise correct the line, and run slurmfix again",
    bad=job(_TRAIN, "python=3.11", "numpy", "[scipy]"),
    good=PLAIN,
)
ENTRY_LEFT_OUT = Message(
    id="entry-left-out",
    kind=DOUBT,
    subject="`{entry}` in your package list",
    reason="slurmfix does not use this entry ({why})",
    action="if the job does not need the package, do nothing. Otherwise add it to the requirements file",
    bad=job(_TRAIN, "python=3.11", "numpy", "pywin32  # [win]"),
    good=PLAIN,
)
PLACEHOLDER = Message(
    id="placeholder-version",
    kind=DOUBT,
    subject="`{placeholder}` on line {at} of your package list",
    reason="this version is a placeholder, so slurmfix takes any version",
    action="write the real version instead of `{placeholder}`, such as 3.11, and run slurmfix again",
    bad=job(_TRAIN, "python=3.11", "numpy={{ numpy }}"),
    good=PLAIN,
)
KEY_TWICE = Message(
    id="key-twice",
    kind=DOUBT,
    subject="the key `{key}` in your package list",
    reason="this key stands twice, and slurmfix reads only the one on line {at}",
    action="move all entries under one `{key}`, delete the other, and run slurmfix again",
    bad=job(_TRAIN, "python=3.11", "numpy").replace("name: vision", "name: vision\nname: vision"),
    good=PLAIN,
)
VARIABLES = Message(
    id="variables-of-the-environment",
    kind=DOUBT,
    subject="the variables of the environment ({variables})",
    reason="conda sets these variables whenever the environment is activated, but a virtualenv does not",
    action="write `export NAME=VALUE` for each variable into the job, below the activation",
    bad=job(_TRAIN, "python=3.11", "numpy").replace("name: vision", "name: vision\nvariables:\n  DATA: /scratch/me"),
    good=PLAIN,
)
NO_LIST = Message(
    id="dependencies-no-list",
    kind=DOUBT,
    subject="`dependencies` in your package list",
    reason="`{entry}` is not a list, so slurmfix reads the whole line as one package",
    action="write one package per line, each after `- `, and run slurmfix again",
    bad=job(_TRAIN) + "-- environment.yml --\nname: vision\ndependencies: numpy\n",
    good=PLAIN,
)
ONE_PACKAGE = Message(
    id="read-as-one-package",
    kind=DOUBT,
    subject="line {at} of your package list",
    reason="slurmfix reads `{entry}` as the name of one package",
    action="if this is a name and a version, write `name=version`, and run slurmfix again. Otherwise do nothing",
    bad=job(_TRAIN, "python=3.11", "numpy: 1.26"),
    good=PLAIN,
)
WITHOUT_PIP = Message(
    id="explicit-without-pip",
    kind=DOUBT,
    subject="the environment's explicit list (`@EXPLICIT`)",
    reason="such a list does not contain what pip installed",
    action="where this environment exists, run `pip list`. Add the packages that are missing to the requirements file",
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
    reason="this file has no packages for {platform}, so slurmfix takes those for {taken}",
    action="test once whether your code runs with the versions in the requirements file",
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
    reason="slurmfix finds no package in this folder",
    action="run slurmfix again with `--env NAME=FILE` (NAME: the environment, FILE: a list of its packages)",
    bad=job("conda activate ./vision\npython train.py")
    + "-- vision/conda-meta/history --\n\n-- vision/bin/python --\n",
    good=PLAIN,
)
RECORDS_NOT_READ = Message(
    id="records-not-read",
    kind=DOUBT,
    subject="the folder of the environment",
    reason="slurmfix cannot read {count} of its files, such as conda-meta/{file}",
    action="see whether a package that you use is missing from the requirements file, and add it",
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
    reason="setup.py lists more packages than slurmfix reads, so some are missing",
    action="see whether a package that you use is missing from the requirements file, and add it",
)
LISTED_ELSEWHERE = Message(
    id="listed-elsewhere",
    kind=DOUBT,
    subject="the packages of the project",
    reason="{file} takes its packages from {files}, which slurmfix does not read here",
    action="run slurmfix again with `--env NAME=FILE` (NAME: the environment, FILE: the list)",
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
    reason="the project computes its package list with code, which slurmfix does not run",
    action="add the packages that your code imports to the requirements file",
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
    action="if the version of {package} in the requirements file is right, do nothing. Otherwise correct it there",
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
    reason="slurmfix reads only the packages of pixi's default feature",
    action="if the job does not use these features, do nothing. Otherwise add their packages to the requirements file",
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
    reason="pixi sets these variables or runs these scripts, but the job no longer uses pixi",
    action="if the job does not need them, do nothing. Otherwise write `export` or `source` lines for them "
    "below the activation",
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
    reason="uv also installs the project itself, which the requirements file does not do",
    action="if the job does not import `{name}`, do nothing. Otherwise write `pip install --no-index "
    "--no-deps .` below the activation",
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
    subject="the paths in your package list",
    reason="some lines ({count}) name folders of another machine, so slurmfix leaves out these paths",
    action="if any version of these packages will do, do nothing. Otherwise write their versions into the "
    "requirements file",
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
    reason="your code also runs without these, so slurmfix leaves them out of the requirements file",
    action="if the job does not need them, do nothing. Otherwise add their packages to the requirements file",
    bad=job(_TRAIN) + "-- train.py --\nimport numpy\ntry:\n    import wandb\nexcept ImportError:\n    wandb = None\n",
    good=job(_TRAIN) + "-- train.py --\nimport numpy\n",
)

NO_NAME = "`{entry}` cannot be the name of a conda package"  # words of a phrase
