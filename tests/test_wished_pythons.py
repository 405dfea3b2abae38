"""Which Python a script wants for an environment, by what its commands show and what its comments and names tell."""

import pytest

from slurmfix.plan import Named
from slurmfix.shell import read
from slurmfix.sources.pythons import hinted_python, shown_python

NAMES = {
    "py36": "3.6",
    "py3.10torch2.0devel": "3.10",
    "tf-gpu-py37": "3.7",
    "env_py_3.9": "3.9",
    "python38": "3.8",
    "PY27": "2.7",
    "py2-tf": "2.7",
    "py2": "2.7",
    "py38_kfac": "3.8",
    "py3": "",
    "py2neo": "",
    "pytorch2.1": "",
    "numpy2": "",
    "py3_20": "",
    "py36_to_py39": "",
    "base": "",
}
SHOWN = {
    "/x/envs/mine/bin/python3.9 a.py\n": "3.9",
    "export PATH=$PATH:/x/envs/other/lib/python3.7/\n": "",
    "export A=/x/envs/other/lib/python3.7:/x/envs/mine/lib/python3.8/site-packages\n": "3.8",
    "python3.6 a.py\n": "3.6",
    "module load miniconda2\n": "2.7",
    "python3.6 a.py\npython3.7 b.py\n": "",
}
TOLD = {
    "# conda create -n mine python=3.9\n": "3.9",
    "#conda create -y --name=mine numpy python==3.8 scipy\n": "3.8",
    "# conda create -n other python=3.9\n": "",
    "# conda create -n mine-too python=3.9\n": "",
    "# conda create -n mine ipython=3.9\n": "",
    "# conda create -n mine\n": "",
    "echo conda create -n mine python=3.9\n": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_python_in_a_name(name):
    assert hinted_python(read("python a.py\n"), Named(name, name, base=name == "base")).python == NAMES[name]


@pytest.mark.parametrize("text", SHOWN)
def test_the_python_that_a_command_shows(text):
    assert shown_python(read(text), Named("mine", "mine")) == SHOWN[text]


@pytest.mark.parametrize("text", TOLD)
def test_the_python_that_a_comment_tells(text):
    assert hinted_python(read(f"{text}python a.py\n"), Named("mine", "mine")).python == TOLD[text]


def test_no_python_2_where_the_script_calls_python_3():
    assert hinted_python(read("python3 a.py\n"), Named("py27", "py27")).python == ""
