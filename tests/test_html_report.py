"""The HTML report in a real browser: every control, hostile text, what is read aloud, paper."""

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from shutil import which

import forked
import pytest

from slurmfix.report.html import embedded

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent.parent
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
try:
    from playwright.sync_api import sync_playwright
except ImportError:
    CHROMIUM = None
browsed = pytest.mark.skipif(
    CHROMIUM is None, reason="the page is not tested: Chromium or playwright is missing (apt-get install chromium)"
)

SAFE = """\
#!/bin/bash
#SBATCH --time=1
module load anaconda3 samtools
source activate simple
python a.py
conda deactivate
"""
REVIEW = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3
conda activate torch

# prepare
python prepare.py "$SCRATCH/in put"
for fold in 1 2; do
    python train.py --fold "$fold"
done
cat > config.txt <<END
words $HOME
END
python last.py

conda deactivate
"""
MANUAL = "#!/bin/bash\n#SBATCH --time=1\nsource activate simple | tee log\npython x.py\n"
HOSTILE = (
    "#!/bin/bash\n#SBATCH --time=1\n"
    "# </script><script>window.broken = 1</script><!-- <img src=x onerror='window.broken=1'>\n"
    "# \u2028\u2029\u202e\x1b[31m {{data}} {{script}}\nconda activate '</script><b onclick=1>&amp;'\necho \"<i>`\"\n"
)
NAMES = {
    "safe/simple.sh": SAFE,
    "review/train.sh": REVIEW,
    "manual/piped.sh": MANUAL,
    "odd/</title><b>&\"'.sh".replace("/title", "title"): HOSTILE,
    "odd/cshell.sh": "#!/bin/csh\n#SBATCH --time=1\nconda activate x\n",
    "clean/hello.sh": "#!/bin/bash\n#SBATCH --time=1\necho hello\n",
    "slurmfix.toml": 'to = "virtualenv"\n',
    "simple.yml": "name: simple\ndependencies:\n  - python=3.11\n  - numpy=1.26\n",
    "torch.yml": "name: torch\ndependencies:\n  - python=3.10\n  - pytorch\n  - pyarrow\n  - perl-json\n  - mkl\n",
}


def report(folder, *words):
    done = forked.slurmfix("-o", "html", *words, cwd=folder, environ={**os.environ, "HOME": str(folder)})
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    lab = tmp_path_factory.mktemp("lab")
    (lab / ".git").mkdir()  # environments are looked for up to the repository's root
    for name, text in NAMES.items():
        (lab / name).parent.mkdir(exist_ok=True)
        (lab / name).write_text(text)
    (lab / "odd" / "latin.sh").write_bytes(SAFE.replace("a.py", "'\xe9t\xe9.py'").encode("latin-1"))
    return lab


@pytest.fixture(scope="module")
def page_file(folder, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(report(folder, ".", "missing.sh"), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Told(list):
    """What the browser complained about, and what left the page."""


@pytest.fixture
def open_page(browser, page_file):
    told = Told()
    contexts = []

    def opened(file=page_file, context=None, **wanted):
        if context is None:
            context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **wanted})
            contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(5000)
        tab.on("console", lambda message: told.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: told.append(f"error: {error}"))
        tab.on("request", lambda request: told.append(request.url) if request.url != tab.url.split("#")[0] else None)
        tab.on("dialog", lambda dialog: told.append("a dialog"))
        tab.route("**/*", lambda route: route.continue_())
        tab.goto(file.as_uri())
        told[:] = [entry for entry in told if entry != file.as_uri()]
        tab.locator("#listed").wait_for()
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert told == []


def names(tab):
    """The scripts in the list, as far as they show: those without conda stand folded."""
    shown = tab.locator("#list li:not([hidden]) .name").all_inner_texts()
    return [text.split("\n")[-1] for text in shown if text]


def title(tab):
    return tab.locator("main h2").inner_text()


# Without a browser


def test_the_page_is_one_file_that_refers_to_nothing(page_file):
    text = page_file.read_text(encoding="utf-8")
    head = text.split('<script type="application/json"')[0] + text.rsplit("</script>", 2)[1]
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//|url\(|@import|https?://", head)
    assert "default-src 'none'" in text
    assert '<html lang="en">' in text


def test_data_cannot_end_the_element_they_stand_in(page_file):
    text = page_file.read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1]
    assert not re.search(r"[<>&\u2028\u2029]|[^\x00-\x7f]", data)
    assert len(json.loads(data)["scripts"]) == 8
    assert text.count("</script>") == 2


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028", "\udc80", "]]>", "&lt;", "{{data}}"])
def test_any_text_comes_through_as_it_is(text):
    assert json.loads(embedded(text)) == text
    assert "<" not in embedded(text)


# In a browser


@browsed
def test_the_overview_counts(open_page):
    tab = open_page()
    assert tab.locator("h1").inner_text() == "4 of 7 scripts can leave conda behind"
    assert tab.locator("#grades label").all_inner_texts() == [
        "2 ready", "2 to look at", "2 left for you", "1 with an error", "1 nothing to do"
    ]  # fmt: skip
    assert tab.locator("#bar i").count() == 5
    assert "2 ready" in tab.locator("#bar").get_attribute("aria-label")


@browsed
def test_grades_filter(open_page):
    tab = open_page()
    assert "hello.sh" not in names(tab)
    tab.locator("#grades").get_by_label("nothing to do").check()
    tab.get_by_text("hello.sh").first.wait_for()
    assert "hello.sh" in names(tab)
    for label in ("ready", "to look at", "with an error", "nothing to do"):
        tab.locator("#grades").get_by_label(label).uncheck()
    assert sorted(names(tab)) == ["cshell.sh", "piped.sh"]
    assert tab.locator("#listed").inner_text() == "2 scripts"


@browsed
def test_rules_filter(open_page):
    tab = open_page()
    tab.locator("#rule").select_option("conda-module")
    assert sorted(names(tab)) == ["latin.sh", "simple.sh", "train.sh"]


@browsed
def test_text_is_found_in_paths_old_and_new_text(open_page):
    tab = open_page()
    for text, found in (("REVIEW/", ["train.sh"]), ("--fold", ["train.sh"]), ("arrow/", ["train.sh"]), ("zzz", [])):
        tab.locator("#find").fill(text)
        tab.wait_for_function(
            "count => document.querySelectorAll('#list li:not([hidden])').length === count", arg=len(found)
        )
        assert names(tab) == found
    assert tab.locator("main").inner_text().startswith("No script is like that.")
    tab.get_by_role("button", name="Show all scripts").click()
    assert len(names(tab)) == 8


@browsed
def test_a_mark_is_kept_and_filters(open_page):
    tab = open_page()
    first = names(tab)[0]
    tab.get_by_label("Looked at", exact=True).check()
    assert "1 looked at" in tab.locator("#listed").inner_text()
    again = open_page(context=tab.context)
    assert again.get_by_label("Looked at", exact=True).is_checked()
    again.get_by_label("Not yet looked at").check()
    assert first not in names(again)
    again.get_by_label("Not yet looked at").uncheck()
    again.locator("#list li:not([hidden]) a").first.click()
    again.get_by_label("Looked at", exact=True).uncheck()
    assert "looked at" not in again.locator("#listed").inner_text()


@browsed
def test_a_mark_goes_when_the_script_changes(open_page, folder, tmp_path):
    tab = open_page()
    tab.locator("#list a", has_text="simple.sh").click()
    tab.get_by_label("Looked at", exact=True).check()
    other = tmp_path / "lab"
    (other / ".git").mkdir(parents=True)
    for name in ("simple.yml", "safe/simple.sh"):
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_text(NAMES[name].replace("a.py", "b.py"))
    (tmp_path / "again.html").write_text(report(other, "."), encoding="utf-8")
    again = open_page(tmp_path / "again.html", context=tab.context)
    assert not again.get_by_label("Looked at", exact=True).is_checked()


@browsed
def test_keys_walk_and_act(open_page):
    tab = open_page()
    shown = names(tab)
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    assert title(tab).endswith(shown[2])
    tab.keyboard.press("k")
    assert title(tab).endswith(shown[1])
    tab.keyboard.press("x")
    assert tab.get_by_label("Looked at", exact=True).is_checked()
    tab.keyboard.press("v")
    assert tab.get_by_label("Side by side", exact=True).is_checked()
    tab.keyboard.press("/")
    tab.keyboard.type("jk")
    assert tab.locator("#find").input_value() == "jk"
    tab.keyboard.press("Escape")  # clears the search
    assert tab.locator("#find").input_value() == ""
    tab.keyboard.press("Escape")  # leaves it
    assert tab.evaluate("document.activeElement.id") != "find"
    for _ in range(20):
        tab.keyboard.press("k")


@browsed
def test_everything_is_reached_by_the_tab_key(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()
    tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    seen = set()
    for _ in range(120):
        tab.keyboard.press("Tab")
        seen.add(
            tab.evaluate("document.activeElement.id || document.activeElement.name || document.activeElement.tagName")
        )
    assert {"find", "rule", "open", "theme", "view", "A", "seen", "whole", "SUMMARY", "BUTTON"} <= seen


@browsed
def test_both_views_show_the_same_lines(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()

    def lines(kind):
        return tab.locator(f"main .code td.t.{kind}").all_inner_texts()

    unified = {kind: lines(kind) for kind in ("add", "del")}
    assert "conda activate torch" in unified["del"]
    assert any("virtualenv" in line for line in unified["add"])
    tab.get_by_label("Side by side", exact=True).check()
    assert tab.locator("main .code.split").count() > 0
    assert {kind: lines(kind) for kind in ("add", "del")} == unified
    tab.get_by_label("Unified", exact=True).check()
    assert tab.locator("main .code.split").count() == 0


@browsed
def test_the_whole_script_is_shown_on_demand(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()
    assert "prepare.py" in tab.locator("main").inner_text()
    assert "<<END" not in tab.locator("main .code").first.inner_text()
    tab.get_by_role("button", name="Show the whole script").click()
    whole = tab.locator("main .code td.t:not(.add)").all_inner_texts()
    assert [line for line in whole if line.strip()] == [line for line in REVIEW.splitlines() if line]
    tab.get_by_role("button", name="Show the changes only").click()


@browsed
def test_shell_is_coloured(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()
    tab.get_by_role("button", name="Show the whole script").click()

    def painted(kind):
        return tab.locator(f"main .code td.t:not(.add) .{kind}").all_inner_texts()

    assert "# prepare" in painted("c")
    assert "#SBATCH --time=1:00:00" in painted("d")
    assert {"for", "do", "done", "in"} <= set(painted("k"))
    assert "$SCRATCH" in painted("v")
    assert "--fold" in painted("o")
    assert "words $HOME" in painted("q")


@browsed
def test_words_that_changed_are_marked(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="simple.sh").click()
    assert [text.strip() for text in tab.locator("main .code mark").all_inner_texts()] == ["anaconda3", "conda"]


@browsed
def test_each_change_says_why_and_what_the_rule_says(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()
    assert "Line 4: activates the conda environment torch" in tab.locator("main .whys").first.inner_text()
    pages = tab.locator("main details.manual")
    assert pages.count() == 3
    pages.first.locator("summary").click()
    assert "Why it matters" in pages.first.inner_text()


@browsed
def test_environments_are_told_in_full(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()
    told = tab.locator("main .environment").inner_text()
    assert "Python 3.10" in told
    assert "torch.yml" in told
    assert "module load StdEnv/2023 python/3.10" in told
    rows = [row.split("\t")[:2] for row in tab.locator("main .left tbody tr").all_inner_texts()]
    assert ["perl-json", "nothing known"] in rows
    assert ["pyarrow", "a module"] in rows
    assert "perl-json of the environment" in tab.locator("main .notice").inner_text()
    tab.get_by_role("button", name="Copy").first.click()
    tab.locator("main .command button", has_text=re.compile("Copied|Selected")).wait_for()
    tab.locator("main details.file summary").click()
    tab.locator("main details.file", has_text="Requirements of torch").wait_for()


@browsed
def test_an_image_comes_with_the_commands_that_build_it(open_page, tmp_path):
    (tmp_path / "lab" / ".git").mkdir(parents=True)
    (tmp_path / "lab" / "job.sh").write_text(REVIEW)
    (tmp_path / "lab" / "torch.yml").write_text(NAMES["torch.yml"])
    (tmp_path / "page.html").write_text(report(tmp_path / "lab", "--to", "apptainer", "."), encoding="utf-8")
    told = open_page(tmp_path / "page.html").locator("main .environment").inner_text()
    assert "an Apptainer image" in told
    assert "Once, on a login node" in told
    assert "apptainer build" in told


@browsed
def test_what_is_left_shows_its_lines(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="piped.sh").click()
    assert tab.locator("main .code .t.point").all_inner_texts() == ["source activate simple | tee log"]
    tab.locator("#list a", has_text="cshell.sh").click()
    assert "csh" in tab.locator("main .notice").inner_text()


@browsed
def test_errors_are_told(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="missing.sh").click()
    assert "no such file" in tab.locator("main .notice.bad").inner_text().lower()


@browsed
def test_text_of_scripts_stays_text(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="<title>").click()
    tab.get_by_role("button", name="Show the whole script").click()
    text = tab.locator("main .code").first.inner_text()
    assert "</script><script>window.broken = 1</script><!-- <img" in text
    assert "\u27e8U+2028\u27e9\u27e8U+2029\u27e9\u27e8U+202E\u27e9\u241b[31m {{data}}" in text
    assert tab.evaluate("window.broken") is None
    assert tab.locator("main img, main b, main i, main script").count() == 0
    assert title(tab) == "odd/<title><b>&\"'.sh"


@browsed
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_and_the_switch(open_page, scheme):
    tab = open_page(color_scheme=scheme)

    def ground():
        return tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    own = ground()
    tab.get_by_label("Dark" if scheme == "light" else "Light").check()
    assert ground() != own
    again = open_page(context=tab.context)
    # The browser hands what one page keeps to another page when it likes: the second is read anew once that is there.
    again.wait_for_function("localStorage.getItem('slurmfix:theme') !== null")
    again.reload()
    again.wait_for_function(f"getComputedStyle(document.documentElement).backgroundColor === '{ground()}'")
    tab.get_by_label("Auto").check()
    assert ground() == own


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (x) => x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const found = parse(getComputedStyle(element).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest("script, site, .unseen, .skip")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) bad.push(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return bad;
}"""


@browsed
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(open_page, scheme):
    tab = open_page(color_scheme=scheme, reduced_motion="reduce")
    for name in ("train.sh", "piped.sh", "missing.sh"):
        tab.locator("#list a", has_text=name).click()
        if name == "train.sh":
            tab.locator("main details.manual summary").first.click()
            tab.locator("main details.file summary").click()
        assert tab.evaluate(CONTRAST) == []


NAMELESS = """() => [...document.querySelectorAll(
  "input, select, button, a, summary, [role=region], fieldset, nav"
)].filter((each) => each.checkVisibility()).filter((each) => {
  const label = each.getAttribute("aria-label") || each.getAttribute("aria-labelledby") || each.innerText
    || each.closest("label")?.innerText || each.labels?.[0]?.innerText || each.closest("label")?.textContent
    || each.querySelector("legend")?.textContent;
  return !label || !label.trim();
}).map((each) => each.outerHTML)"""


@browsed
def test_controls_have_names_and_headings_have_an_order(open_page):
    tab = open_page()
    tab.locator("#list a", has_text="train.sh").click()
    assert tab.evaluate(NAMELESS) == []
    levels = tab.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))
    assert "to look at" in tab.locator("#told").inner_text()


@browsed
def test_nothing_moves_for_who_wants_it_still(open_page):
    tab = open_page(reduced_motion="reduce")
    moving = "[...document.querySelectorAll('*')].map((each) => getComputedStyle(each).transitionDuration)"
    assert set(tab.evaluate(moving)) == {"0s"}


@browsed
def test_a_narrow_window_needs_no_sideways_scrolling(open_page):
    tab = open_page(viewport={"width": 360, "height": 700})
    for name in names(tab):
        tab.locator("#list a", has_text=name).click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, name


@browsed
def test_paper_holds_every_script_that_is_shown(open_page, tmp_path):
    tab = open_page()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator("#paper article").count() == len(names(tab))
    assert "Requirements of torch" in tab.locator("#paper").inner_text()
    assert not tab.locator(".tools").is_visible()
    assert tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#paper article").count() == 0
    tab.emulate_media(media="screen")
    assert tab.pdf()[:5] == b"%PDF-"


@browsed
def test_the_address_leads_back_to_a_script(open_page, page_file):
    tab = open_page()
    tab.keyboard.press("j")
    shown = title(tab)
    mark = tab.evaluate("location.hash")
    assert len(mark) == 17
    again = open_page()
    again.goto(page_file.as_uri() + mark)
    again.reload()
    assert title(again) == shown


@browsed
def test_a_page_of_no_scripts_says_so(open_page, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.html").write_text(report(tmp_path / "empty", "."), encoding="utf-8")
    tab = open_page(tmp_path / "empty.html")
    assert tab.locator("h1").inner_text() in ("No job scripts", "1 script, and nothing to change")


# What axe finds, and the page in another language


def axe():
    """axe-core, as a package of Python brings it."""
    package = pytest.importorskip("axe_playwright_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text()


@browsed
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1360])
def test_axe_finds_nothing(browser, folder, tmp_path, language, scheme, width):
    page = tmp_path / "page.html"
    page.write_text(report(folder, "--lang", language, "."))
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    try:
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
        tab.evaluate(axe())
        found = tab.evaluate("axe.run().then((found) => found.violations.map((each) => [each.id, each.nodes[0].html]))")
        assert found == []
    finally:
        context.close()


@browsed
def test_the_page_is_in_french(browser, folder, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(report(folder, "--lang", "fr", "."))
    tab = browser.new_page()
    tab.goto(page.as_uri())
    assert tab.evaluate("document.documentElement.lang") == "fr"
    assert "se passer de conda" in tab.locator("#headline").inner_text()
    assert tab.get_by_placeholder("Chercher dans les chemins et les scripts").count() == 1
    tab.close()
