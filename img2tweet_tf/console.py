"""What the project says to its user: one-line errors, one-line notices, progress bars.

Every other room speaks through this one, so that a command, a notebook and a test hear the same words.
"""

import sys

from tqdm.auto import tqdm


class Img2TweetError(Exception):
    """Something the user can mend. The message is one line: what was expected, what came, where, what to do."""


def notice(line):
    """Tells the user one line (a string) on standard error, at once."""
    print(line, file=sys.stderr, flush=True)


def report_problems(problems, what, limit=5):
    """Names and counts bad input that was left out.

    Args:
        problems: list of strings, one a problem.
        what: what was left out, in the plural: "images", "lines".
        limit: how many to name before the count.
    """
    for problem in problems[:limit]:
        notice(f"  left out: {problem}")
    if problems:
        more = f" ({len(problems) - limit} more not named)" if len(problems) > limit else ""
        notice(f"{len(problems)} {what} left out{more}")


def progress(iterable, label, total=None, unit="it"):
    """Wraps an iterable in a progress bar that leaves no line behind it."""
    return tqdm(iterable, desc=label, total=total, unit=unit, leave=False, dynamic_ncols=True)
