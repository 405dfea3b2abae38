"""Match specs: taken apart as conda does, and said in PEP 440 without losing a version."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from slurmfix.matchspec import BadSpec, MatchSpec, parse, pin, to_pep440

PARSED = [
    pytest.param("numpy", MatchSpec("numpy"), id="a name alone"),
    pytest.param("NumPy", MatchSpec("numpy"), id="conda names are lower case"),
    pytest.param("numpy=1.26", MatchSpec("numpy", "=1.26"), id="one equals sign is fuzzy"),
    pytest.param("numpy = 1.26", MatchSpec("numpy", "=1.26"), id="spaces around the operator"),
    pytest.param("numpy==1.26.4", MatchSpec("numpy", "==1.26.4"), id="two equals signs are exact"),
    pytest.param("numpy 1.26.4", MatchSpec("numpy", "==1.26.4"), id="a version after a space is exact"),
    pytest.param("numpy=1.26.4=py311_0", MatchSpec("numpy", "==1.26.4", "py311_0"), id="with a build it is exact"),
    pytest.param("numpy 1.11.1 *_mkl", MatchSpec("numpy", "==1.11.1", "*_mkl"), id="version and build after spaces"),
    pytest.param("blas * mkl", MatchSpec("blas", "", "mkl"), id="any version, one build"),
    pytest.param("tensorflow=*=*cuda*", MatchSpec("tensorflow", "", "*cuda*"), id="any version, a build glob"),
    pytest.param("numpy=*", MatchSpec("numpy"), id="any version"),
    pytest.param("numpy=", MatchSpec("numpy"), id="an equals sign with nothing behind it"),
    pytest.param("numpy=1.2=", MatchSpec("numpy", "=1.2"), id="an empty build"),
    pytest.param("r-tidyverse>=2.0<=3.0", MatchSpec("r-tidyverse", ">=2.0<=3.0"), id="a range without its comma"),
    pytest.param("python >=3.8, < 3.12", MatchSpec("python", ">=3.8,<3.12"), id="a range with spaces"),
    pytest.param("python >=3.8 <3.12", MatchSpec("python", ">=3.8,<3.12"), id="a range with only a space"),
    pytest.param("checkm-genome =1.1.*", MatchSpec("checkm-genome", "1.1.*"), id="a star makes the equals sign mute"),
    pytest.param("x264=1!161.3030=h7f98852_1", MatchSpec("x264", "==1!161.3030", "h7f98852_1"), id="an epoch"),
    pytest.param("openssl==1.1.1u=h7f8727e_0", MatchSpec("openssl", "==1.1.1u", "h7f8727e_0"), id="exact with a build"),
    pytest.param("conda-forge::numpy>=1", MatchSpec("numpy", ">=1", "", "conda-forge"), id="a channel"),
    pytest.param("conda-forge/linux-64::numpy", MatchSpec("numpy", "", "", "conda-forge"), id="a channel and platform"),
    pytest.param("numpy[version='>=2,<3']", MatchSpec("numpy", ">=2,<3"), id="a version in brackets"),
    pytest.param("numpy[version=1.26]", MatchSpec("numpy", "==1.26"), id="a bare version in brackets is exact"),
    pytest.param("torch[build='*cuda*',channel=x]", MatchSpec("torch", "", "*cuda*", "x"), id="a build in brackets"),
    pytest.param("a==1=b[md5=0123]", MatchSpec("a", "==1", "b"), id="a checksum in brackets"),
    pytest.param("dask[complete]", MatchSpec("dask", extras=("complete",)), id="pip's extras"),
    pytest.param("numpy 1.2|>=3", MatchSpec("numpy", "1.2|>=3"), id="alternatives"),
    pytest.param("numpy=1.2|=3", MatchSpec("numpy", "=1.2|=3"), id="alternatives with equals signs"),
    pytest.param(
        "https://conda.anaconda.org/conda-forge/linux-64/scikit-learn-1.4.2-py311_0.conda#0123",
        MatchSpec("scikit-learn", "==1.4.2", "py311_0", "conda-forge"),
        id="a package's address",
    ),
    pytest.param("zlib-1.2.13-h1_0.tar.bz2", MatchSpec("zlib", "==1.2.13", "h1_0"), id="a package's file name"),
]


@pytest.mark.parametrize(("spec", "expected"), PARSED)
def test_parse(spec: str, expected: MatchSpec) -> None:
    assert parse(spec) == expected


@pytest.mark.parametrize("spec", ["", "=1.2", "@EXPLICIT", "-r other.txt", "<<<", "na?me"])
def test_what_is_no_spec_is_said_so(spec: str) -> None:
    with pytest.raises(BadSpec):
        parse(spec)


CONVERTED = [
    pytest.param("", "", id="nothing"),
    pytest.param("*", "", id="a star"),
    pytest.param("=1.26", "==1.26.*", id="fuzzy"),
    pytest.param("==1.26.4", "==1.26.4", id="exact"),
    pytest.param("1.26.4", "==1.26.4", id="bare"),
    pytest.param("1.26.*", "==1.26.*", id="a star at the end"),
    pytest.param("=1.26.*", "==1.26.*", id="fuzzy with a star"),
    pytest.param("==1.26.*", "==1.26.*", id="exact with a star"),
    pytest.param("1.26*", "==1.26.*", id="a star without its dot"),
    pytest.param(">=1.2,<2", ">=1.2,<2", id="a range"),
    pytest.param(">=1.2<2", ">=1.2,<2", id="a range without its comma"),
    pytest.param(">=1.2.*", ">=1.2", id="a star that says nothing"),
    pytest.param(">1.2.*", ">=1.2", id="a star that lets its version in"),
    pytest.param("!=1.2.*", "!=1.2.*", id="a series left out"),
    pytest.param("!=1.2", "!=1.2", id="a version left out"),
    pytest.param("~=1.2.3", "~=1.2.3", id="compatible"),
    pytest.param("~=1", ">=1", id="compatible with one number"),
    pytest.param("<2.0a0", "<2.0", id="below every pre-release"),
    pytest.param("=1!161.3030", "==1!161.3030.*", id="an epoch"),
    pytest.param(">=1|*", "", id="alternatives that are everything"),
    pytest.param("1.2|1.2", "==1.2", id="the same alternative twice"),
]

NOTED = [
    pytest.param("1.9.*|1.10.*", ">=1.9,<1.11", id="two series"),
    pytest.param(">=1.10|1.9.*", ">=1.9", id="a series and all that follow"),
    pytest.param("1.0|2.0", ">=1.0,<=2.0", id="two versions"),
    pytest.param("<1|>3", "", id="two sides of a gap"),
    pytest.param(">=1,(<2|>3)", ">=1", id="alternatives in parentheses"),
    pytest.param(">=1,<2|>=1,<3", ">=1,<3", id="a comma binds more tightly than a bar"),
    pytest.param("==1.1.1u", "==1.1.1.*", id="a letter behind"),
    pytest.param(">=9e", ">=9", id="a lower bound with a letter"),
    pytest.param("<=9e", "<10", id="an upper bound with a letter"),
    pytest.param("==2020a_3", "==2020.*", id="an underscore"),
    pytest.param("!=9e", "", id="a version that PyPI cannot have, left out"),
    pytest.param("1.*.3", "==1.*", id="a star in the middle"),
    pytest.param("==2.1.0+cu118", "==2.1.0.*", id="a local version"),
    pytest.param("=>1.2", ">=1.2", id="an operator the wrong way round"),
    pytest.param(r"^1\.2.*$", "", id="a regular expression"),
    pytest.param("((1)", "", id="a parenthesis that stays open"),
    pytest.param("(" * 500, "", id="far too many parentheses"),
    pytest.param("git", "", id="a word"),
    pytest.param("१.२", "", id="digits of another script"),
    pytest.param("<=" + "9" * 5000 + "e", "", id="a number of thousands of digits"),
]


@pytest.mark.parametrize(("version", "specifier"), CONVERTED)
def test_to_pep440(version: str, specifier: str) -> None:
    assert (to_pep440(version).specifier, to_pep440(version).note) == (specifier, "")


@pytest.mark.parametrize(("version", "specifier"), NOTED)
def test_what_pep440_cannot_say_is_wider_and_noted(version: str, specifier: str) -> None:
    assert to_pep440(version).specifier == specifier
    assert to_pep440(version).note


PINS = [
    pytest.param("==1.26.4", "exact", True, "==1.26.4", id="exact keeps"),
    pytest.param("==1.26.4", "none", True, "", id="none drops"),
    pytest.param("==1.26.4", "compatible", False, "==1.26.4", id="a person's exact version stays"),
    pytest.param("==1.26.4", "compatible", True, "~=1.26", id="an export's version is a minimum in its major release"),
    pytest.param("==2024.2.2", "compatible", True, ">=2024.2", id="a calendar version is a minimum"),
    pytest.param("==9", "compatible", True, ">=9", id="one number is a minimum"),
    pytest.param("==1!2.3.4", "compatible", True, "~=1!2.3", id="an epoch is kept"),
    pytest.param("==2.0rc1", "compatible", True, ">=2.0rc1", id="a pre-release is let in"),
    pytest.param("==2.8.2.post1", "compatible", True, "~=2.8", id="a post-release"),
    pytest.param("==2.1.0+cu118", "compatible", True, "~=2.1", id="a local version"),
    pytest.param(">=1.2,<2", "compatible", True, ">=1.2,<2", id="a range stays"),
    pytest.param("==1.26.4.*", "compatible", True, "~=1.26", id="of a listing without builds"),
    pytest.param("==1.26.*", "compatible", True, "~=1.26", id="of a listing without builds, two numbers"),
    pytest.param("==2022.7.*", "compatible", True, ">=2022.7", id="of a listing without builds, a year"),
    pytest.param("==2.*", "compatible", True, "==2.*", id="a series stays"),
    pytest.param("==1.26.*", "compatible", False, "==1.26.*", id="a series that someone wrote stays"),
    pytest.param("", "compatible", True, "", id="nothing stays nothing"),
]


@pytest.mark.parametrize(("specifier", "mode", "export", "expected"), PINS)
def test_pin(specifier: str, mode: str, export: bool, expected: str) -> None:
    assert pin(specifier, mode, export) == expected


NUMBERS = st.integers(0, 12)
RELEASES = st.lists(NUMBERS, min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
# Pre- and post-releases get three numbers: 1.0rc1 and 1.0.0rc1 are one version to PEP 440, and two to conda.
SUFFIXED = st.builds(
    "{}.{}.{}{}".format, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["a1", "b2", "rc1", ".post1", ".dev3"])
)
VERSIONS = st.builds("{}{}".format, st.sampled_from(["", "", "", "1!"]), RELEASES | SUFFIXED)
ODD = st.builds(
    "{}{}".format, RELEASES, st.sampled_from(["u", "e", "_3", "a_3", "-2", "alpha", "post1", ".x", "+cu118"])
)
STARRED = st.builds("{}{}".format, RELEASES, st.sampled_from([".*", "*"]))
OPERATORS = st.sampled_from(["", "=", "==", "!=", ">=", "<=", ">", "<", "~="])
ATOMS = st.builds("{}{}".format, OPERATORS, VERSIONS | ODD | STARRED)
SPECS = st.lists(st.lists(ATOMS, min_size=1, max_size=3).map(",".join), min_size=1, max_size=3).map("|".join)


def beside_a_bound(version: str, spec: str) -> bool:
    """Whether the version is a pre- or post-release of a number in the spec, which PEP 440 treats in its own way."""
    if re.fullmatch(r"(\d+!)?[\d.]+", version):
        return False
    release = Version(version).release
    numbers = [
        [int(part) for part in number.split(".")] for number in re.findall(r"\d+(?:\.\d+)*", spec.replace("!", " "))
    ]
    return any(list(release[: len(number)]) == (number + [0] * 9)[: len(release)][: len(number)] for number in numbers)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@example(spec="!=0.*", version="1!0")
@given(spec=SPECS, version=VERSIONS)
def test_no_version_that_conda_takes_is_lost(spec: str, version: str) -> None:
    rattler = pytest.importorskip("rattler", reason="py-rattler, the reference for match specs, is not installed")
    try:
        reference = rattler.MatchSpec(f"x {spec}")
        taken = rattler.VersionSpec(str(reference.version)).matches(rattler.Version(version))
    except Exception:  # rattler raises types of its own for what it refuses
        return
    converted = to_pep440(parse(f"x {spec}").version)
    accepted = SpecifierSet(converted.specifier).contains(version, prereleases=True)
    if beside_a_bound(version, spec) or ("!" in version and re.search(r"~=\d+(?:\.?\*)?(?:[,|]|$)", spec)):
        return  # the second: conda's ~=1 stays in its epoch, which is more than >=1 says and nothing anyone meets
    assert accepted or not taken, f"{converted} loses {version}"
    if not converted.note and not re.search(
        r"==[\d.!]*\*.*[,|]|[,|].*==[\d.!]*\*", spec
    ):  # rattler: ==1.* is ==1 in a list
        assert accepted == taken, f"{converted} does not say so, but takes {version}"


@given(st.text(alphabet="0123456789.*=<>!~|,() abrcpostdev_+-^$", max_size=30) | st.text(max_size=30))
def test_every_specifier_is_one_that_pip_reads(version: str) -> None:
    SpecifierSet(to_pep440(version).specifier)
    SpecifierSet(pin(to_pep440(version).specifier, "compatible", True))


@given(st.text(max_size=60))
def test_parse_fails_only_with_bad_spec(text: str) -> None:
    with contextlib.suppress(BadSpec):
        assert parse(text).name
