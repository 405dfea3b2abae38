"""The catalogues of other languages: complete, with the same names in braces, and chosen by option or locale."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from test_cli import ENVIRONMENT, folder, run

import slurmfix
from slurmfix import at_hand, knowledge
from slurmfix.cli import main
from slurmfix.language import catalogue, choose, languages
from slurmfix.remarks import messages
from slurmfix.report.html import words_of_the_page
from slurmfix.report.manual import words_of_pages

__all__ = ["folder"]  # the fixture
PACKAGE = Path(slurmfix.__file__).parent
OTHERS = [name for name in languages() if name != "en"]
NAMES = re.compile(r"\{\w*\}")


@pytest.fixture(autouse=True)
def english_again():
    """The language is one for the process: what a test has chosen is not that of the next one."""
    yield
    choose("en")


def says_something(part):
    """Whether a part has words of its own, outside of names in braces and of code."""
    return bool(re.search(r"[A-Za-z]", re.sub(r"`[^`]*`|\{\w*\}", "", part)))


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_a_translation(language):
    known = catalogue(language)
    parts = {part for message in messages() for part in message.parts if says_something(part)}
    assert sorted(parts - set(known)) == []


# The functions that make a phrase of an argument, and of how many.
WORDED = {"tr": 1, "phrase": 1, "BadEnvironment": 1, "counted": 2}


def words_of(path):
    """The words that a module hands to `tr`, `phrase` and what else makes a phrase of its first arguments."""
    module = import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WORDED:
            firsts = node.args[: WORDED[node.func.id]]
            arms = [(each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,) for each in firsts]
            for each in (each for pair in arms for each in pair):
                value = each.value if isinstance(each, ast.Constant) else getattr(module, getattr(each, "id", ""), "")
                if isinstance(value, str):
                    yield value


@pytest.mark.parametrize("language", OTHERS)
def test_every_phrase_has_a_translation(language):
    paths = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")
    phrases = {words for path in paths for words in words_of(path) if says_something(words)}
    assert len(phrases) > 150
    assert sorted(phrases - set(catalogue(language))) == []


# The columns that are sentences, or words of one.
NOTES = {"traps": (4,), "nowhere": (1,), "dropped_reasons": (1, 2), "special_builds": (1,)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_of_the_tables_has_a_translation(language):
    notes = {row[at] for table, columns in NOTES.items() for row in knowledge.rows(table) for at in columns if row[at:]}
    assert len(notes) > 50
    assert sorted(notes - set(catalogue(language)) - {""}) == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_told_of_other_files_has_a_translation(language):
    parts = at_hand.told_of_files()
    assert sorted(part for part in parts - set(catalogue(language)) if " " in part) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_the_page_has_a_translation(language):
    words = words_of_the_page()
    assert len(words) > 100
    assert sorted(word for word in words if says_something(word) and word not in catalogue(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_manual_page_has_a_translation(language):
    words = words_of_pages()
    assert len(words) > 60
    assert sorted(word for word in words if says_something(word) and word not in catalogue(language)) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("activate", "Un environnement conda est activé."),
        ("review", "Le changement est très probablement juste, mais relisez-le une fois."),
        ("unknown", "On ne connaît rien qui fournisse la dépendance."),
        ("packages-unknown", "L'environnement `{environment}` : slurmfix n'a trouvé aucune liste de ses paquets."),
    ],
)
def test_a_manual_page_is_in_french(folder, name, line):
    told = run("--lang", "fr", "--explain", name).stdout.split("\n")
    assert told[0] == line
    assert max(map(len, told)) <= 120
    assert not {"What it finds", "What it means", "What to do"} & set(told)


@pytest.mark.parametrize("language", OTHERS)
def test_every_option_has_a_translation(language):
    helps = {option.help for option in main.params if getattr(option, "help", None)}
    assert sorted(helps - set(catalogue(language))) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_no_words_that_nothing_says(language):
    trees = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    said = {value for value in constants if isinstance(value, str)} | {main.help, inspect.cleandoc(main.help)}
    said |= {*words_of_pages(), *words_of_the_page(), *at_hand.told_of_files()}
    said |= {cell for table in (*NOTES, "standard_environments") for row in knowledge.rows(table) for cell in row}
    assert sorted(set(catalogue(language)) - said) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_the_same_names(language):
    for original, said in catalogue(language).items():
        assert set(NAMES.findall(said)) <= set(NAMES.findall(original)), original


def test_french_is_there():
    assert "fr" in OTHERS


@pytest.mark.parametrize(
    ("wanted", "environ", "chosen"),
    [
        ("fr", {}, "fr"),
        (None, {"LANG": "fr_CA.UTF-8"}, "fr"),
        (None, {"LANG": "fr_CA.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LANG": "en_CA.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ("en", {"LANG": "fr_CA.UTF-8"}, "en"),
        (None, {}, "en"),
    ],
)
def test_the_option_wins_over_the_locale(wanted, environ, chosen):
    assert choose(wanted, environ) == chosen
    choose("en")


def test_what_is_said_is_in_french(folder):
    (folder / "environment.yml").write_text(ENVIRONMENT.replace("myenv", "other"))
    done = run("--lang", "fr", "job.sh")
    assert re.search(r"^job\.sh:4: \[review\] l'environnement `myenv` : ", done.stderr, re.M)
    assert done.stderr.endswith("1 fichier : 1 à modifier.\n")
    assert "nobody could see" not in done.stderr


def test_the_report_for_programs_stays_in_english(folder):
    (folder / "environment.yml").unlink()
    assert "slurmfix found no list of its packages" in run("--lang", "fr", "-o", "json", "job.sh").stdout


def test_the_help_is_in_french(folder):
    assert "Réécrit des scripts" in run("--lang", "fr", "--help").output
    assert "Rewrite Slurm job scripts" in run("--help").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--bogus",), "il n'y a pas d'option --bogus"),
        (("--pins", "odd", "job.sh"), "'odd' n'est pas parmi 'exact'"),
        (("--env", "odd", "job.sh"), "'odd' n'a pas la forme NOM=FICHIER"),
        (("--python", "odd", "job.sh"), "doit être une version comme 3.11"),
        (("--ignore", "activat", "job.sh"), "vouliez-vous dire 'activate'"),
        (("--lock", "job.sh"), "--lock et --yes vont avec --rehearse"),
    ],
)
def test_a_wrong_use_is_told_in_the_language_of_the_run(folder, words, said):
    done = run("--lang", "fr", *words)
    assert done.exit_code == 2
    assert done.stderr.startswith("Utilisation : ") and said in done.stderr
