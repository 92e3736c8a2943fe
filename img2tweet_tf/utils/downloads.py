"""Bounds the downloads of other libraries: says a file's size before it comes, gives up soon without a network."""

import contextlib
import http.client
import io
import sys
import threading
import urllib.error
import urllib.request

from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log

CONNECT_SECONDS = 8  # for name look-up and the server's first answer
STALL_SECONDS = 20  # without a single byte


@contextlib.contextmanager
def bounded_downloads(what):
    """Bounds every `urllib.request` download inside the block, which is how keras.applications fetches weights.

    The size is said before the first byte comes. What the library prints goes to standard error, once a server answers.

    Args:
        what: what may be fetched, for the user: "ImageNet weights of inception_v3".

    Raises:
        Img2TweetError: a download could not begin; the line says why.
    """
    before = getattr(urllib.request, "_opener", None)
    opener = urllib.request.build_opener()
    printed = _Printed()
    opener.open = _bounded(opener.open, what, printed)
    urllib.request.install_opener(opener)
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        urllib.request.install_opener(before)


class _Printed(io.TextIOBase):
    """Where a library's own words go: nowhere at first, to standard error after `heard` was set."""

    heard = False

    def write(self, text):
        return sys.stderr.write(text) if self.heard else len(text)

    def flush(self):
        sys.stderr.flush()


def _bounded(open_url, what, printed):
    def open_soon(url, data=None, timeout=None):
        try:
            response = _within(CONNECT_SECONDS, lambda: open_url(url, data, STALL_SECONDS))
        except (OSError, http.client.HTTPException) as error:
            raise Img2TweetError(f"{what} cannot be downloaded ({_reason(error)})") from None
        size = response.headers.get("Content-Length")
        log(f"downloading {what}: {f'{int(size) / 1e6:.0f} MB' if size else 'size unknown'}, once")
        printed.heard = True
        return response

    return open_soon


def _within(seconds, action):
    """Runs an action in a thread of its own, since nothing else bounds a name look-up.

    Raises:
        TimeoutError: no answer in time. The thread is left to itself and ends with its own time limit.
    """
    result = {}

    def run():
        try:
            result["value"] = action()
        except Exception as error:
            result["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if "error" in result:
        raise result["error"]
    if "value" not in result:
        raise TimeoutError(f"no answer in {seconds} seconds")
    return result["value"]


def _reason(error):
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        error = error.reason
    return " ".join(str(error).split()) or type(error).__name__
