"""People's own archives of X, Bluesky and Mastodon.

Each reader yields (post, why it is left out or None, how to read an image); a post is as `post.make_post` says, and the
third reads the "source" of its images. Nothing is ever unpacked: members are read one by one, up to a size, so that
neither their names nor their number lead anywhere.
"""

import contextlib
import html
import json
import re
import tarfile
import zipfile
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from img2tweet_tf.collect.post import make_post, picture, plain_text
from img2tweet_tf.utils.errors import Img2TweetError

MOST_BYTES = 50_000_000  # of an image
MOST_BYTES_POSTS = 1_000_000_000  # of a file of posts
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
X_TIME = "%a %b %d %H:%M:%S %z %Y"


def read_x(source, replies, private):
    """Reads "your archive" of X: a zip, or the folder it was unpacked to.

    `data/tweets.js` holds JSON behind the name of a variable, media lie in `data/tweets_media/<tweet>-<file>`. What was
    posted to a circle lies apart, and is private.
    """
    with _opened(source) as members:
        account = None
        if name := members.find("data/account.js"):
            account = _js(members, name)[0].get("account", {}).get("username")
        parts = members.all(r"data/tweets?(-part\d+)?\.js")
        if not parts:
            raise Img2TweetError(f"{source}: no archive of X (no data/tweets.js in it)")
        circle = members.all(r"data/twitter-circle-tweets?(-part\d+)?\.js")
        for part in parts + circle:
            for row in _js(members, part):
                tweet = next((of for of in row.values() if isinstance(of, dict)), row)
                post = _x_post(tweet, members)
                if account:
                    post["account"] = account
                why = _why_not(
                    post, repost=post["text"].startswith("RT @"), private=not private and part in circle,
                    reply=not replies and tweet.get("in_reply_to_status_id_str"),
                )  # fmt: skip
                yield post, why, members.read


def read_mastodon(source, replies, private):
    """Reads a Mastodon archive (tar.gz, zip, or a folder): `outbox.json` and the images that it names, nothing else.

    The other files, the account's private key among them, are never opened.
    """
    with _opened(source) as members:
        outbox = members.find("outbox.json")
        if not outbox:
            raise Img2TweetError(f"{source}: no archive of Mastodon (no outbox.json in it)")
        for activity in _json(members, outbox).get("orderedItems") or []:
            note = activity.get("object")
            if activity.get("type") != "Create" or not isinstance(note, dict):
                yield {}, "boosts", None
                continue
            files = [each for each in note.get("attachment") or [] if str(each.get("mediaType")).startswith("image/")]
            who = urlsplit(note.get("attributedTo") or activity.get("actor") or "")
            images = [
                picture(members.find(str(each.get("url")).partition("media_attachments/")[2]), each.get("name"))
                for each in files
            ]
            post = make_post(
                note["id"].rpartition("/")[2], note.get("published"), plain_text(note.get("content")), images,
                lang=next(iter(note.get("contentMap") or []), None), link=note.get("url") or note["id"],
                hashtags=[tag["name"].lstrip("#") for tag in note.get("tag") or [] if tag.get("type") == "Hashtag"],
            )  # fmt: skip
            post["account"] = f"{who.path.rpartition('/')[2]}@{who.hostname}"
            public = PUBLIC in _list(note.get("to")) + _list(note.get("cc"))
            why = _why_not(
                post, reply=not replies and note.get("inReplyTo"), private=not private and not public,
                sensitive=note.get("sensitive"),
            )  # fmt: skip
            yield post, why, members.read


def read_bluesky(source, replies, private):
    """Reads a folder with Bluesky's export (`repo.car`) and the blobs, which come apart: files named by their CID."""
    try:
        import libipld
    except ModuleNotFoundError:
        raise Img2TweetError("import bluesky-archive needs libipld: pip install 'img2tweet-tf[collect]'") from None
    with _opened(source) as members:
        names = members.all(r"[^/]*\.car")
        if not names:
            raise Img2TweetError(f"{source}: no .car file in it; expected a folder with repo.car and the blobs")
        try:
            header, blocks = libipld.decode_car(members.read(names[0], MOST_BYTES_POSTS))
            commit = blocks[header["roots"][0]]
            records = list(_records(blocks, commit["data"]))
        except Exception as error:  # the decoder raises errors of many kinds
            raise Img2TweetError(f"{source}: cannot be read as Bluesky's export ({type(error).__name__})") from None
        for key, record in records:
            if not key.startswith("app.bsky.feed.post/") or not isinstance(record, dict):
                continue
            embed = record.get("embed") or {}
            images = [
                picture(members.find(_cid(each, libipld)), each.get("alt"))
                for each in (embed.get("media") or embed).get("images") or []
                if isinstance(each, dict)
            ]
            post = make_post(
                key.partition("/")[2], record.get("createdAt"), record.get("text") or "", images,
                lang=next(iter(record.get("langs") or []), None),
                link=f"https://bsky.app/profile/{commit['did']}/post/{key.partition('/')[2]}",
            )  # fmt: skip
            post["account"] = commit["did"]
            why = _why_not(post, reply=not replies and record.get("reply"), sensitive=record.get("labels"))
            yield post, why, members.read


def _why_not(post, repost=False, reply=False, private=False, sensitive=False):
    """Returns why a post is left out, in words that follow a number; None where it is kept."""
    reasons = {"reposts": repost, "replies": reply, "private": private, "marked as sensitive": sensitive}
    reasons["without an image or a text"] = not post["images"]
    return next((why for why, true in reasons.items() if true), None)


def _x_post(tweet, members):
    entities = tweet.get("entities") or {}
    media = (tweet.get("extended_entities") or entities).get("media") or []
    text = tweet.get("full_text") or tweet.get("text") or ""
    for each in media:
        text = text.replace(each.get("url") or "\0", "").strip()
    try:
        time = datetime.strptime(tweet.get("created_at") or "", X_TIME)
    except ValueError:
        time = tweet.get("created_at")
    key, likes = tweet.get("id_str") or str(tweet.get("id")), str(tweet.get("favorite_count"))
    files = [urlsplit(each.get("media_url_https") or "").path.rpartition("/")[2] for each in media if _is_photo(each)]
    return make_post(
        key, time, html.unescape(text), [picture(members.find(f"{key}-{file}"), "") for file in files],
        lang=tweet.get("lang"), likes=int(likes) if likes.isdecimal() else None,
        hashtags=[tag["text"] for tag in entities.get("hashtags") or [] if tag.get("text")],
        link=f"https://x.com/i/web/status/{key}",
    )  # fmt: skip


def _is_photo(media):
    return media.get("type") == "photo"


def _records(blocks, cid):
    """Yields (key, record) of a repository: its Merkle search tree, in order of the keys.

    Each node has a left subtree and entries; a key shares its first bytes with the key before it, as
    https://atproto.com/specs/repository says.
    """
    node, key = blocks[cid], b""
    if node.get("l"):
        yield from _records(blocks, node["l"])
    for entry in node["e"]:
        key = key[: entry["p"]] + entry["k"]
        yield key.decode(), blocks.get(entry["v"])
        if entry.get("t"):
            yield from _records(blocks, entry["t"])


def _cid(image, libipld):
    """Returns the CID of an image's blob as text."""
    ref = (image.get("image") or {}).get("ref")
    return libipld.encode_cid(ref) if isinstance(ref, bytes) else str(ref)


def _js(members, name):
    """Returns the list of objects behind `window.YTD.tweets.part0 = ` in a file of X's archive."""
    return [row for row in _json(members, name, after=b"=") if isinstance(row, dict)]


def _json(members, name, after=b""):
    content = members.read(name, MOST_BYTES_POSTS)
    try:
        found = json.loads(content.partition(after)[2] if after else content)
    except (ValueError, RecursionError) as error:
        raise Img2TweetError(f"{name}: no JSON in UTF-8 ({error})") from None
    if not isinstance(found, list if after else dict):
        raise Img2TweetError(f"{name}: expected a {'list' if after else 'JSON object'}, got {type(found).__name__}")
    return found


def _list(value):
    return value if isinstance(value, list) else [value]


class _Members:
    """The files of an archive by name; `read` gives the bytes of one."""

    def __init__(self, source, sizes, open_member):
        self.source, self.sizes, self._open = source, sizes, open_member
        self._by_name = {}
        for name in sorted(sizes):
            for key in {PurePosixPath(name).name, PurePosixPath(name).stem}:
                self._by_name.setdefault(key, []).append(name)

    def all(self, pattern):
        """Returns the sorted names of which the last parts match a pattern."""
        return sorted(name for name in self.sizes if re.search(rf"(^|/){pattern}$", name))

    def find(self, end):
        """Returns the first name that ends on this path, with or without its ending; None if there is none."""
        for name in self._by_name.get(end.rpartition("/")[2], []):
            if f"/{name}".endswith(f"/{end}") or f"/{name}".rpartition(".")[0].endswith(f"/{end}"):
                return name
        return None

    def read(self, name, most=None):
        """Returns the bytes of a file.

        Raises:
            Img2TweetError: there is none of this name, or it is larger than `most` bytes (`MOST_BYTES`).
        """
        if name is None:
            raise Img2TweetError("its image is not in the archive")
        most = most or MOST_BYTES
        if self.sizes[name] > most:
            raise Img2TweetError(f"{name}: {self.sizes[name]:,} bytes; at most {most:,}")
        with self._open(name) as file:
            content = file.read(most + 1)  # a size that an archive states need not be true
        if len(content) > most:
            raise Img2TweetError(f"{name}: more than {most:,} bytes")
        return content


@contextlib.contextmanager
def _opened(source):
    """Yields the `_Members` of a zip, a tar or a folder."""
    path = Path(source)
    try:
        if path.is_dir():
            files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
            inside = {name: file for name, file in files.items() if path.resolve() in file.resolve().parents}
            sizes = {name: file.stat().st_size for name, file in inside.items()}
            yield _Members(source, sizes, lambda name: open(inside[name], "rb"))
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                sizes = {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}
                yield _Members(source, sizes, archive.open)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                members = {member.name.removeprefix("./"): member for member in archive if member.isfile()}
                sizes = {name: member.size for name, member in members.items()}
                yield _Members(source, sizes, lambda name: archive.extractfile(members[name]))
        else:
            raise Img2TweetError(f"{source}: expected a zip, a tar or a folder")
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, NotImplementedError) as error:
        raise Img2TweetError(f"{source}: cannot be read as an archive ({' '.join(str(error).split())})") from None
