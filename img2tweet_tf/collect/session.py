"""One polite HTTP session under all client libraries: bounded, patient, and never led to private addresses."""

import email.utils
import ipaddress
import json
import math
import time
from datetime import datetime
from importlib import metadata
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from img2tweet_tf.collect.post import ServerTrouble
from img2tweet_tf.utils.log import log, progress

CONNECT_SECONDS, STALL_SECONDS, BODY_SECONDS = 10, 30, 120  # to connect, without a single byte, for a whole body
MOST_BYTES = 50_000_000  # of a body, unpacked
MOST_REDIRECTS = 5
TRIES = 4  # of a request that a server fails to answer; the waits between double
LONGEST_WAIT = 3600  # seconds that a rate limit is waited out; for more the command stops and can go on later
RESETS = ("x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset")  # of X, Bluesky, Mastodon
REMAINING = ("x-rate-limit-remaining", "ratelimit-remaining", "x-ratelimit-remaining")


class PoliteSession(requests.Session):
    """A session of `requests` that client libraries take in place of their own.

    Answers of 429 are waited out, with a countdown; those of 5xx, broken JSON and silence are asked for again a few
    times. An answer of 400 to 499 goes to the caller. Bodies, redirects and times are bounded. No connection goes to an
    address that is not public, wherever a name or a redirect leads, but to `server`.

    Args:
        server: URL of a server to ask in place of `default`, such as a local one; None for the network's own.
        default: address (https://host) that a client library asks and that `server` stands in for.
    """

    def __init__(self, server=None, default=None):
        super().__init__()
        self.server, self.default = server, default
        self.max_redirects = MOST_REDIRECTS
        self.headers["User-Agent"] = f"img2tweet/{metadata.version('img2tweet-tf')} (research on image-tweet pairs)"
        own = {urlsplit(server).hostname} if server else set()
        self.mount("https://", _BoundedAdapter(own))
        self.mount("http://", _BoundedAdapter(own))
        self._not_before = {}  # host: time at which its rate limit is renewed

    def request(self, method, url, **options):
        """Sends a request as `requests` does; see the class.

        Raises:
            ServerTrouble: no usable answer came.
        """
        if self.server and self.default and url.startswith(self.default):
            url = self.server.rstrip("/") + url[len(self.default) :]
        options["timeout"] = (CONNECT_SECONDS, STALL_SECONDS)
        host = urlsplit(url).hostname or url
        failures = 0
        while True:
            if (seconds := self._not_before.pop(host, 0) - time.time()) > 0:
                wait(seconds, f"{host}: rate limit")
            try:
                response = super().request(method, url, **options)
                why = _what_is_wrong(response)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                response, why = None, _reason(error)
            except (requests.RequestException, _Refused, ValueError) as error:  # asking again would not help
                raise ServerTrouble(host, _reason(error)) from None
            if why is None:
                self._heed(host, response)
                return response
            if response is not None and response.status_code == 429:
                self._not_before[host] = _renewed(response) or time.time() + 60
                if self._not_before[host] - time.time() > LONGEST_WAIT:
                    at = datetime.fromtimestamp(self._not_before[host])
                    raise ServerTrouble(host, f"rate limit until {at:%Y-%m-%d %H:%M}; the same command goes on then")
                continue
            failures += 1
            if failures == TRIES:
                raise ServerTrouble(host, f"{why}, {TRIES} times")
            time.sleep(2 ** (failures - 1))

    def _heed(self, host, response):
        """Remembers when to go on, where this was the last request that the rate limit admits."""
        if any(response.headers.get(name) == "0" for name in REMAINING) and (renewed := _renewed(response)):
            self._not_before[host] = min(renewed, time.time() + LONGEST_WAIT)


def wait(seconds, why):
    """Waits, and says how long and why."""
    seconds = math.ceil(seconds)
    log(f"{why}; going on in {seconds // 60}:{seconds % 60:02}")
    for _ in progress(range(seconds), "waiting, seconds", unit="s"):
        time.sleep(1)


class _Refused(Exception):
    """This must not be fetched; asking again would give the same."""


class _BoundedAdapter(HTTPAdapter):
    """Reads bodies up to a size and a time; connects to public addresses and to `own` hosts only."""

    def __init__(self, own):
        self.own = own
        super().__init__()

    def init_poolmanager(self, *args, **options):
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self.own),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self.own),
        }

    def send(self, request, stream=False, **options):
        response = super().send(request, stream=True, **options)
        body, end = bytearray(), time.monotonic() + BODY_SECONDS
        try:
            # One read at a time: a body that comes byte by byte must not hold the clock.
            while chunk := response.raw.read1(1 << 16, decode_content=True):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _Refused(f"more than {MOST_BYTES // 10**6} MB")
                if time.monotonic() > end:
                    raise requests.Timeout(f"not done after {BODY_SECONDS} seconds")
        except (OSError, _Refused):
            response.close()
            raise
        except Exception as error:  # urllib3's, of a body cut short or badly packed
            response.close()
            raise requests.ConnectionError(f"its answer broke off ({type(error).__name__})") from None
        response.close()
        response._content, response._content_consumed = bytes(body), True  # as `Response.content` would
        return response


def _pool(kind, connection, own):
    """Returns a class of connection pools that looks at the address it is connected to, not at a name's promise."""

    class PublicConnection(connection):
        def _new_conn(self):
            opened = super()._new_conn()
            if self.host not in own and not _is_public(opened.getpeername()[0]):
                opened.close()
                raise _Refused("leads to an address that is not public")
            return opened

    return type("PublicPool", (kind,), {"ConnectionCls": PublicConnection})


def _is_public(address):
    address = ipaddress.ip_address(address.partition("%")[0])
    return (getattr(address, "ipv4_mapped", None) or address).is_global


def _what_is_wrong(response):
    """Returns why a request should be sent again; None where it should not."""
    if response.status_code == 429 or response.status_code >= 500:
        return f"answers {response.status_code}"
    if response.ok and "json" in response.headers.get("Content-Type", ""):
        try:
            json.loads(response.content)
        except (ValueError, RecursionError):
            return "answers broken JSON"
    return None


def _renewed(response):
    """Returns the time (seconds since 1970) at which a server takes requests again; None if it does not say."""
    after = response.headers.get("Retry-After", "")
    if after.isdecimal():
        return time.time() + int(after)
    try:
        if after:
            return email.utils.parsedate_to_datetime(after).timestamp()
        said = next(filter(None, (response.headers.get(name) for name in RESETS)), "")
        return float(said) if said.isdecimal() else datetime.fromisoformat(said).timestamp()
    except (ValueError, OverflowError):
        return None


def _reason(error):
    """Returns one line for an error of `requests`, without the address, which may carry what nobody should read."""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, requests.TooManyRedirects):
        return f"more than {MOST_REDIRECTS} redirects"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError) and error.args and isinstance(error.args[0], str):
        return error.args[0]
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached"
    return f"cannot be asked ({type(error).__name__})"
