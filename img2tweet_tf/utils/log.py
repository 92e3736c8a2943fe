"""What the project says to its user: one line at a time, and progress bars.

The whole package speaks through this module, so that a command, a notebook and a test hear the same words.
"""

import re
import sys
import time

from tqdm import tqdm

LONGEST_LINE = 1000  # characters; what is longer loses its middle
QUIET_SECONDS = 20  # between two lines of progress where no bar can be drawn, and before the first
left_out = []  # every problem that `report_problems` was told of, for a command's list of them
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def log(line):
    """Tells the user one line (a string) at once; line breaks and control characters are escaped.

    It goes to standard error, but in a notebook to standard output: there it is part of what the reader came to see.
    """
    line = printable(line)
    if len(line) > LONGEST_LINE:
        line = f"{line[: LONGEST_LINE // 2]} ... {line[-LONGEST_LINE // 2 :]}"
    print(line, file=_stream(), flush=True)


def printable(text):
    """Returns a text with line breaks and control characters escaped."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def in_notebook():
    """Whether this process is a notebook's kernel, and not merely one that has loaded such a thing."""
    return type(sys.stdout).__module__.startswith("ipykernel")


def report_problems(problems, what, limit=5):
    """Names and counts bad input that was left out, and adds it to `left_out`.

    Args:
        problems: list of strings, one a problem.
        what: what was left out, in the plural: "images", "texts".
        limit: how many to name before the count.
    """
    left_out.extend(problems)
    for problem in problems[:limit]:
        log(f"  left out: {problem}")
    if problems:
        what = what[:-1] if len(problems) == 1 and what in ("images", "texts") else what
        more = f" ({len(problems) - limit} more not named)" if len(problems) > limit else ""
        log(f"{len(problems)} {what} left out{more}")


def progress(iterable, label, total=None, unit="it"):
    """Wraps an iterable in a progress bar that leaves no line behind it.

    Where standard error is no terminal (a log, a pipe, a notebook to be saved), it says how far it is in a plain line
    now and then instead, and nothing at all about what is done sooner.
    """
    if sys.stderr.isatty():
        return tqdm(iterable, desc=label, total=total, unit=unit, leave=False, dynamic_ncols=True)
    total = len(iterable) if total is None and hasattr(iterable, "__len__") else total
    return _progress_lines(iterable, label, total)


def _progress_lines(iterable, label, total):
    """Yields the items, and says now and then how many are done."""
    started = said = time.monotonic()
    for done, item in enumerate(iterable):
        now = time.monotonic()
        if now - said >= QUIET_SECONDS and done:
            said, minutes = now, f"{int(now - started) // 60}:{int(now - started) % 60:02}"
            log(f"{label}: {done:,}" + (f" of {total:,}" if total is not None else "") + f" after {minutes}")
        yield item


def _stream():
    return sys.stdout if in_notebook() else sys.stderr
