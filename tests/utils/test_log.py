"""What the user hears: one line each, and progress that floods no log."""

import io
import sys

from img2tweet_tf.utils import log


class Terminal(io.StringIO):
    def isatty(self):
        return True


def work(label="reading", total=200):
    for _ in log.progress(iter(range(total)), label, total=total, unit="image"):
        pass


def test_a_notice_is_one_line_of_bounded_length(capsys):
    log.log("a\nb\r\x1b[31m\u2028 \ud83d \U0001f469\u200d\U0001f4bb" + "x" * 5000)
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and len(err) < 1100 and "\x1b" not in err and "\r" not in err
    assert err.startswith("a\\nb\\r\\x1b[31m\\u2028 \\ud83d \U0001f469\u200d\U0001f4bbxx") and "xx ... xx" in err


def test_short_work_leaves_nothing_in_a_log(capsys):
    work()
    assert capsys.readouterr() == ("", "")


def test_long_work_says_how_far_it_is_in_plain_lines(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(log.time, "monotonic", lambda: now[0])
    for item in log.progress(iter(range(2000)), "reading", total=2000):
        now[0] += 65 if item in (3, 1233) else 0.001  # two items that take long
    assert capsys.readouterr().err == "reading: 4 of 2,000 after 1:05\nreading: 1,234 of 2,000 after 2:11\n"
    for _ in log.progress(iter(range(2)), "words"):
        now[0] += 30
    assert capsys.readouterr().err == "words: 1 after 0:30\n"


def test_a_terminal_has_a_bar_that_is_gone_in_the_end(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    work()
    assert "reading: " in terminal.getvalue() and terminal.getvalue().endswith("\r")


def test_problems_are_named_up_to_a_limit_and_counted(capsys):
    log.report_problems([], "images")
    log.report_problems(["one"], "images")
    log.report_problems([str(n) for n in range(7)], "texts")
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["  left out: one", "1 image left out"]
    assert len(lines) == 8 and lines[-1] == "7 texts left out (2 more not named)"
