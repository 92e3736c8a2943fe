"""The form in a real browser: by mouse and by keyboard, closed, opened again, finished, on two sizes of screen."""

import json
import os
import shutil
import threading

import pytest
from studies import toy_study

from img2tweet_tf.study.answers import DATABASE, check_answers, read_answers, read_study

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the form's tests need the extra: pip install 'img2tweet-tf[browser]'"
)
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
QUESTIONS = ("naturalness", "correspondence", "humour", "like")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return toy_study(tmp_path_factory.mktemp("form"), items=4, raters=3, human=True)


@pytest.fixture(scope="module")
def driver():
    with playwright.sync_playwright() as driver:
        yield driver


@pytest.fixture
def open_browser(driver, tmp_path):
    """Returns a function that opens the browser with one profile, as a rater who comes back does.

    What it asked for stands in its `requests`; the test fails if a page had an error that is not in its `expected`.
    """
    opened = []

    def open_browser(size="desktop"):
        if opened:
            opened.pop().close()
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        context = driver.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=BROWSER, args=sandbox, viewport=SIZES[size]
        )
        opened.append(context)
        page = context.pages[0]
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: requests.append(request.url))
        return page

    errors, requests = [], []
    open_browser.requests, open_browser.expected = requests, ()
    yield open_browser
    for context in opened:
        context.close()
    assert [error for error in errors if not any(each in error for each in open_browser.expected)] == []


def answer(page, value):
    for question in QUESTIONS:
        page.check(f"#{question}-{value}")
    page.get_by_role("button", name="Next").click()


def agree(page):
    page.get_by_role("button", name="Start").click()
    assert "at least 18" in page.get_by_role("alert").inner_text(), "one can start without consent"
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Start").click()


def saved(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Save").click()
    return download.value.path().read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_filled_closed_opened_again_finished(study, open_browser, size):
    address = (study / "forms" / "r01.html").as_uri()
    page = open_browser(size)
    page.goto(address)
    agree(page)
    assert page.locator("h2").inner_text() == "Practice, not counted"
    page.get_by_role("button", name="Next").click()
    assert "4 left" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.name") == "naturalness"
    answer(page, 3)
    answer(page, 4)
    page.check("#humour-5")
    page = open_browser(size)
    page.goto(address)
    assert page.locator("h2").inner_text() == "Image 2 of 6" and page.is_checked("#humour-5")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    for _ in range(5):
        answer(page, 2)
    answers = json.loads(saved(page))
    design, _ = read_study(study)
    check_answers(json.dumps(answers).encode(), design)
    assert [set(said["values"].values()) for said in answers["answers"]] == [{3}, {4}, *[{2}] * 5]
    assert answers["started"] < answers["finished"] and answers["answers"][2]["seconds"] >= 0
    assert all(url.startswith(("file:", "data:", "blob:")) for url in open_browser.requests), "it used the network"


def test_by_keyboard_alone(study, open_browser):
    page = open_browser()
    page.goto((study / "forms" / "r02.html").as_uri())
    press = page.keyboard.press
    for key in ("Tab", "Space", "Tab", "Enter"):
        press(key)
    for _ in range(7):
        assert page.evaluate("document.activeElement.tagName") == "H2"
        for _ in QUESTIONS:
            press("Tab")
            press("Space")
            press("ArrowRight")
        press("Tab")
        press("Enter")
    answers = json.loads(saved(page))
    assert all(set(said["values"].values()) == {2} for said in answers["answers"])


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(study, open_browser, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    page = open_browser(size)
    form = (study / "forms" / "r03.html").read_text(encoding="utf-8")
    page.set_content(form.replace("script-src 'sha256", "script-src 'unsafe-eval' 'sha256"))  # axe is a script, too

    def check(where):
        found = axe.run(page).response["violations"]
        assert not found, f"{where}: " + "; ".join(f"{each['id']} {each['nodes'][0]['html']}" for each in found)

    check("consent")
    agree(page)
    check("question")
    page.get_by_role("button", name="Next").click()
    check("question with a message")
    for _ in range(7):
        answer(page, 3)
    check("end")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x>'")
    with pytest.raises(AssertionError, match="image-alt"):
        check("a planted fault")


def test_hostile_texts_stay_text(study, open_browser):
    page = open_browser()
    page.goto((study / "forms" / "r01.html").as_uri())
    agree(page)
    seen = []
    for _ in range(7):
        seen.append(page.locator("blockquote").inner_text())
        assert page.locator("blockquote *").count() == 0
        answer(page, 3)
    assert any("<script>document.title" in text and "\u202e" in text for text in seen)
    assert page.title() == "Tweets and images"


def test_sent_to_the_server(study, open_browser):
    serving = pytest.importorskip("werkzeug.serving", reason="needs the extra study")
    from img2tweet_tf.study.serve import make_app

    tokens = dict(line.split(",") for line in (study / "tokens.csv").read_text(encoding="utf-8").split()[1:])
    server = serving.make_server("127.0.0.1", 0, make_app(study))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = open_browser()
    page.goto(f"http://127.0.0.1:{server.server_port}/{tokens['r02']}")
    agree(page)
    for _ in range(7):
        answer(page, 3)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Your answers have arrived").wait_for()
    server.shutdown()
    open_browser.expected = ("Failed to load resource",)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("could not be sent").wait_for()
    assert (study / DATABASE).exists() and read_answers(study)[1]["answered"] == ["r02"]
