"""A local server that plays Bluesky, Mastodon and X from a pairs folder: to try `collect`, and to test it.

The answers have the shapes that the networks document (Bluesky's lexicons, docs.joinmastodon.org, docs.x.com), with the
fields that `collect` reads. It listens on this machine only.
"""

import html
import json
import re
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

TID = "234567abcdefghijklmnopqrstuvwxyz"  # the letters of Bluesky's record keys, in their order


class LocalServer:
    """Serves the pairs of a folder as posts of their accounts; use it in a `with` block.

    Attributes:
        url: its address, for `--server`.
        profiles: {account: {"description": ..., "gone": "missing" | "suspended" | "protected"}}, what is not usual.
        deleted: ids of pairs whose posts are gone.
        requests: list of the paths that were asked for; agents: the names by which those who asked were called.
        fault: function of a path that returns None, or what to answer instead: (status, headers, body).
    """

    def __init__(self, pairs):
        self.accounts = {}
        for number, pair in enumerate(pairs):
            at = datetime.fromisoformat(pair.record["created_at"])
            post = {"pair": pair, "at": at, "key": (int(at.timestamp() * 1000) << 22) + number % (1 << 22)}
            self.accounts.setdefault(pair.record["account"].removeprefix("@"), []).append(post)
        for posts in self.accounts.values():
            posts.sort(key=lambda post: post["key"], reverse=True)
        self.numbers = {name: str(1000 + number) for number, name in enumerate(self.accounts)}
        self.images = {post["pair"].id: post["pair"].path for posts in self.accounts.values() for post in posts}
        self.profiles, self.deleted, self.requests, self.agents = {}, set(), [], set()
        self.fault = lambda path: None

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"local": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def posts(self, account, older_than=None, newer_than=None, limit=10**9):
        """Returns the posts of an account, newest first, and whether there are more."""
        found = [
            post
            for post in self.accounts[account]
            if post["pair"].id not in self.deleted
            and (older_than is None or post["key"] < older_than)
            and (newer_than is None or post["key"] > newer_than)
        ]
        return found[:limit], len(found) > limit

    def by_key(self):
        """Returns {key: (account, post)} of all posts that are there."""
        return {post["key"]: (name, post) for name in self.accounts for post in self.posts(name)[0]}

    def answer(self, path):
        """Returns (status, headers, body) for a path; a body of bytes is an image, else it becomes JSON."""
        url = urlsplit(path)
        asked = {name.removesuffix("[]"): values for name, values in parse_qs(url.query).items()}
        for pattern, method in (
            (r"/xrpc/app\.bsky\.actor\.getProfile", _bluesky_profile),
            (r"/xrpc/app\.bsky\.feed\.getAuthorFeed", _bluesky_feed),
            (r"/xrpc/app\.bsky\.feed\.getPosts", _bluesky_posts),
            (r"/api/v1/accounts/lookup", _mastodon_account),
            (r"/api/v1/accounts/(\d+)/statuses", _mastodon_statuses),
            (r"/api/v1/statuses", _mastodon_some),
            (r"/2/users/by/username/([^/]+)", _x_user),
            (r"/2/users/(\d+)/tweets", _x_tweets),
            (r"/2/tweets", _x_some),
            (r"/images/(.+)", _image),
        ):
            if found := re.fullmatch(pattern, unquote(url.path)):
                return method(self, asked, *found.groups())
        return 404, {}, {"error": "no such method"}

    def gone(self, name):
        """Returns why an account is not there; None if it is."""
        if name not in self.accounts:
            return "missing"
        return self.profiles.get(name, {}).get("gone")

    def description(self, name):
        """Returns what an account says of itself."""
        return self.profiles.get(name, {}).get("description", "")

    def address(self, post):
        """Returns the address of a post's image."""
        return f"{self.url}/images/{quote(post['pair'].id)}"

    def name_of(self, number):
        """Returns the name of the account of a number."""
        return next(name for name, each in self.numbers.items() if each == number)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Says nothing of a client that went away in the middle of an answer, which is what is tested here."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # headers and body in one packet, or the client's system waits before it acknowledges the first

    def do_GET(self):
        self.local.requests.append(self.path)
        self.local.agents.add(self.headers.get("User-Agent", ""))
        status, headers, body = self.local.fault(self.path) or self.local.answer(self.path)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "image/jpeg" if isinstance(body, bytes) else "application/json; charset=utf-8"
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Says nothing: a notebook shows what `collect` says."""


def _image(server, asked, name):
    if name in server.images and name not in server.deleted:
        return 200, {}, server.images[name].read_bytes()
    return 404, {}, b""


def _alt(post):
    return (post["pair"].texts("caption") or [""])[0]


def _tags(post):
    return re.findall(r"#(\w+)", post["pair"].record.get("text", ""))


def _stamp(post):
    return post["at"].strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _tid(key):
    return "".join(TID[key >> shift & 31] for shift in range(60, -1, -5))


def _bluesky_profile(server, asked):
    name = asked["actor"][0]
    if why := server.gone(name):
        if why == "suspended":
            return 400, {}, {"error": "AccountTakedown", "message": "Account has been suspended"}
        if why == "missing":
            return 400, {}, {"error": "InvalidRequest", "message": "Profile not found"}
    labels = [{"val": "!no-unauthenticated"}] if server.gone(name) == "protected" else []
    did = f"did:plc:{server.numbers[name]}"
    return 200, {}, {"did": did, "handle": name, "description": server.description(name), "labels": labels}


def _bluesky_view(server, name, post):
    did, record = f"did:plc:{server.numbers[name]}", post["pair"].record
    image = {"thumb": f"{server.url}/thumbnail", "fullsize": server.address(post), "alt": _alt(post)}
    tags = [{"$type": "app.bsky.richtext.facet#tag", "tag": tag} for tag in _tags(post)]
    return {
        "uri": f"at://{did}/app.bsky.feed.post/{_tid(post['key'])}",
        "author": {"did": did, "handle": name},
        "record": {
            "$type": "app.bsky.feed.post", "text": record.get("text", ""), "createdAt": _stamp(post),
            "langs": [record.get("lang", "en")], "facets": [{"features": [tag]} for tag in tags],
        },
        "embed": {"$type": "app.bsky.embed.images#view", "images": [image]},
        "likeCount": post["key"] % 50,
        "indexedAt": _stamp(post),
        "labels": [],
    }  # fmt: skip


def _bluesky_feed(server, asked):
    name = server.name_of(asked["actor"][0].rpartition(":")[2])
    cursor = int(asked["cursor"][0]) if "cursor" in asked else None
    posts, more = server.posts(name, older_than=cursor, limit=int(asked["limit"][0]))
    feed = {"feed": [{"post": _bluesky_view(server, name, post)} for post in posts]}
    return 200, {}, feed | ({"cursor": str(posts[-1]["key"])} if more else {})


def _bluesky_posts(server, asked):
    there = {_tid(key): of for key, of in server.by_key().items()}
    keys = [uri.rpartition("/")[2] for uri in asked["uris"]]
    return 200, {}, {"posts": [_bluesky_view(server, *there[key]) for key in keys if key in there]}


def _mastodon_account(server, asked):
    name = asked["acct"][0].partition("@")[0]
    why = server.gone(name)
    if why == "missing":
        return 404, {}, {"error": "Record not found"}
    account = {"id": server.numbers[name], "username": name, "acct": name, "fields": [], "noindex": why == "protected"}
    return 200, {}, account | {"note": f"<p>{server.description(name)}</p>", "suspended": why == "suspended"}


def _mastodon_status(server, name, post):
    text = html.escape(post["pair"].record.get("text", ""), quote=False)
    media = {"id": "1", "type": "image", "url": server.address(post), "description": _alt(post)}
    return {
        "id": str(post["key"]), "created_at": _stamp(post), "content": f"<p>{text}</p>", "visibility": "public",
        "language": post["pair"].record.get("lang", "en"), "favourites_count": post["key"] % 50, "sensitive": False,
        "in_reply_to_id": None, "reblog": None, "media_attachments": [{**media, "preview_url": f"{server.url}/small"}],
        "tags": [{"name": tag} for tag in _tags(post)], "url": f"{server.url}/@{name}/{post['key']}",
    }  # fmt: skip


def _mastodon_statuses(server, asked, number):
    name = server.name_of(number)
    older, newer = (int(asked[key][0]) if key in asked else None for key in ("max_id", "since_id"))
    posts, _ = server.posts(name, older, newer, int(asked["limit"][0]))
    return 200, {}, [_mastodon_status(server, name, post) for post in posts]


def _mastodon_some(server, asked):
    there = {str(key): of for key, of in server.by_key().items()}
    return 200, {}, [_mastodon_status(server, *there[key]) for key in asked.get("id", []) if key in there]


def _x_user(server, asked, name):
    why = server.gone(name)
    if why in ("missing", "suspended"):
        detail = f"User has been suspended: [{name}]." if why == "suspended" else f"Could not find user: [{name}]."
        return 200, {}, {"errors": [{"detail": detail, "parameter": "username", "value": name}]}
    user = {"id": server.numbers[name], "username": name, "description": server.description(name)}
    return 200, {}, {"data": {**user, "protected": why == "protected"}}


def _x_tweet(server, post):
    key, text = str(post["key"]), post["pair"].record.get("text", "")
    link, media = "https://t.co/abcdefghij", f"3_{key}"
    return {
        "id": key, "text": f"{html.escape(text, quote=False)} {link}", "created_at": _stamp(post),
        "lang": post["pair"].record.get("lang", "en"), "public_metrics": {"like_count": post["key"] % 50},
        "entities": {"hashtags": [{"tag": tag} for tag in _tags(post)], "urls": [{"url": link, "media_key": media}]},
        "attachments": {"media_keys": [media]},
    }  # fmt: skip


def _x_tweets(server, asked, number):
    older, newer = (int(asked[key][0]) if key in asked else None for key in ("until_id", "since_id"))
    posts, more = server.posts(server.name_of(number), older, newer, int(asked["max_results"][0]))
    if not posts:
        return 200, {}, {"meta": {"result_count": 0}}
    media = [
        {"media_key": f"3_{post['key']}", "type": "photo", "url": server.address(post), "alt_text": _alt(post)}
        for post in posts
    ]
    meta = {"result_count": len(posts), "newest_id": str(posts[0]["key"])} | ({"next_token": "more"} if more else {})
    return 200, {}, {"data": [_x_tweet(server, post) for post in posts], "includes": {"media": media}, "meta": meta}


def _x_some(server, asked):
    there = {str(key): of for key, of in server.by_key().items()}
    keys = asked["ids"][0].split(",")
    missing = [{"value": key, "title": "Not Found Error"} for key in keys if key not in there]
    return 200, {}, {"data": [_x_tweet(server, there[key][1]) for key in keys if key in there], "errors": missing}
