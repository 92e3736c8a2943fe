"""What a network's adapter makes of a post, an account that is left alone, and the pairs that a post becomes.

An adapter is a class with a `name`, a `page_size`, how many posts a `lookup` asks for, the `price` of a post in
dollars, whether there is `one_server` for all accounts, and three methods: `find` an account by name, `page` through
its posts, tell which of some posts are `gone`.
"""

import html.parser
import re
from datetime import UTC, datetime

from img2tweet_tf.datasets.moment import moment
from img2tweet_tf.features.images import image_format
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import report_problems

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
OPTED_OUT = re.compile(r"#\s?no\s?bots?\b|#\s?noindex\b|#\s?noarchive\b", re.IGNORECASE)


class LeftAlone(Exception):
    """An account that is missing, suspended, protected or has opted out, as the message says; then it is `sure`.

    Not sure: its server gave no answer that says so, and what was collected before stays.
    """

    def __init__(self, why, sure=True):
        super().__init__(why)
        self.sure = sure


class ServerTrouble(Img2TweetError):
    """A server gave no usable answer, also after some patience; `host` is its name."""

    def __init__(self, host, why):
        super().__init__(f"{host}: {why}")
        self.host = host


def check_consent(*profile_texts):
    """Raises `LeftAlone` where a profile asks not to be collected."""
    for text in profile_texts:
        if found := OPTED_OUT.search(text or ""):
            raise LeftAlone(f"opted out by {found[0]}")


def make_post(post, created_at, text="", images=(), **more):
    """Returns a post as it stands in the journal.

    Args:
        post: its id (str).
        created_at: its time, ISO 8601 or `datetime`.
        text: plain text.
        images: list of what `picture` returns; empty where the post is not to be kept.
        more: "lang", "likes", "hashtags", "link", "city", "country", "split"; what is empty or of another kind is not
            kept.

    Raises:
        TypeError: the text is none.
    """
    if not isinstance(text, str):
        raise TypeError(f"a text that is {type(text).__name__}")
    images = [image for image in images if text or image["captions"]]  # else there is nothing to learn from
    row = {"post": str(post), "created_at": in_utc(created_at), "text": text, "images": images}
    kinds = {"likes": int, "hashtags": list}
    return row | {name: of for name, of in more.items() if isinstance(of, kinds.get(name, str)) and of not in ("", [])}


def read_posts(items, read):
    """Returns the posts that `read` makes of a page's items; what is not as its network documents it is left out."""
    posts, problems = [], []
    for item in items if isinstance(items, list) else []:
        try:
            posts.append(read(item))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problems.append(f"a post that can't be read ({error})")
    report_problems(problems, "posts")
    return posts


def picture(source, *descriptions):
    """Returns an image of a post: its address (or name in an archive), and what people wrote to describe it."""
    return {"source": source, "captions": [text for text in descriptions if text and isinstance(text, str)]}


def in_utc(time):
    """Returns a time (ISO 8601 or `datetime`) as "2026-05-01T12:00:00Z"; None if it is none."""
    try:
        time = datetime.fromisoformat(time) if isinstance(time, str) else time
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


def pairs_of(post, network, account, category=None):
    """Returns the pairs (dicts without "image") of a post, one an image; an `account` of None is not known.

    They share their `post`, which no split parts. The account, the time and the place stand in `context`, too: what a
    captioner with context is told of who posts, when and where.
    """
    said = {key: post[key] for key in ("lang", "likes", "hashtags", "link", "split") if key in post}
    whose = {} if account is None else {"account": account}
    context = {name: f"@{of}" for name, of in whose.items()} | dict(moment(post["created_at"]))
    context |= {key: post[key] for key in ("city", "country") if key in post}
    pairs = []
    for number, image in enumerate(post["images"], 1):
        parts = (network, *whose.values(), post["post"], str(number))
        row = {"id": "-".join(map(_as_file_name, parts)), "image": None}
        row |= {"text": post["text"]} if post["text"] else {}
        row |= {**whose, "post": f"{account or network}/{post['post']}"}
        row |= {"captions": image["captions"]} if image["captions"] else {}
        row |= {"created_at": post["created_at"]} if post["created_at"] else {}
        row |= {"category": category} if category else {}
        row |= {**said, "context": {name: {"value": value, "visible": False} for name, value in context.items()}}
        pairs.append(row)
    return pairs


def _as_file_name(text):
    """Returns a text that names a file on every system."""
    return re.sub(r"[^A-Za-z0-9_.]", "_", text)[:80]


def image_ending(content):
    """Returns the ending of a file for an image's bytes, after a look at all of it.

    Raises:
        Img2TweetError: it is no image, a broken one, or of a kind that is not kept.
    """
    try:
        kind = image_format(content)
    except Img2TweetError as error:
        raise Img2TweetError(str(error).partition(": ")[2]) from None
    if kind not in FORMATS:
        raise Img2TweetError(f"an image of kind {kind}")
    return FORMATS[kind]


def plain_text(markup):
    """Returns the text of a post that comes as HTML, as Mastodon's do: a line a <br>, an empty one between <p>."""
    reader = _TextOf()
    reader.feed(markup or "")
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts)).strip()


class _TextOf(html.parser.HTMLParser):
    """Collects the text of HTML, without what Mastodon hides (the beginning and end of long links)."""

    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], []

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            self.parts.append("\n")
        elif tag == "span":
            self.hidden.append("invisible" in (dict(attributes).get("class") or "").split())

    def handle_endtag(self, tag):
        if tag == "p":
            self.parts.append("\n\n")
        elif tag == "span" and self.hidden:
            self.hidden.pop()

    def handle_data(self, data):
        if not any(self.hidden):
            self.parts.append(data)
