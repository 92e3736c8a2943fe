"""Archives of X, Bluesky and Mastodon, CrisisMMD and Hugging Face, in the shapes in which they are given away."""

import hashlib
import io
import json
import os
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from img2tweet_tf.cli import main
from img2tweet_tf.collect import exports, import_archive
from img2tweet_tf.datasets import load_pairs
from img2tweet_tf.utils.errors import Img2TweetError


def picture(seed, kind="JPEG"):
    """Returns the bytes of an image of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def by_text(folder):
    return {pair.record["text"]: pair for pair in load_pairs(folder)}


def x_tweet(key, text, photos=1, **more):
    link = "https://t.co/abc"
    media = [
        {"type": "photo", "url": link, "media_url_https": f"https://pbs.twimg.com/media/{key}P{number}.jpg"}
        for number in range(photos)
    ]
    return {"tweet": {
        "id_str": str(key), "full_text": f"{text} {link}" if photos else text, "lang": "en", "favorite_count": "4",
        "entities": {"hashtags": [{"text": "tram"}], "media": media[:1]}, "extended_entities": {"media": media},
        "created_at": "Wed May 06 20:19:24 +0000 2026", **more,
    }}  # fmt: skip


def x_archive(file, tweets, circle=(), media=None, name="window.YTD.tweets.part0 = "):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data/account.js", 'window.YTD.account.part0 = [{"account": {"username": "alice"}}]')
        archive.writestr("data/tweets.js", name + json.dumps(tweets))
        archive.writestr("data/twitter-circle-tweet.js", "window.YTD.circle.part0 = " + json.dumps(circle))
        for path, content in (media or {}).items():
            archive.writestr(path, content)
    return file


def test_x_archive(tmp_path, capsys):
    tweets = [
        x_tweet(1, "my cat &amp; me"), x_tweet(2, "two", photos=2), x_tweet(3, "its picture is missing"),
        x_tweet(4, "RT @bob: his cat"), x_tweet(5, "@bob yes", in_reply_to_status_id_str="9"),
        x_tweet(6, "words", photos=0),
    ]  # fmt: skip
    there = ((1, 0), (2, 0), (2, 1), (5, 0))
    media = {f"data/tweets_media/{key}-{key}P{number}.jpg": picture(10 * key + number) for key, number in there}
    media["data/twitter_circle_tweet_media/7-7P0.jpg"] = picture(7)
    circle = [{"twitterCircleTweet": x_tweet(7, "for my circle only")["tweet"]}]
    file = x_archive(tmp_path / "twitter.zip", tweets, circle, media)
    assert import_archive("x-archive", file, tmp_path / "out") == 3
    said = capsys.readouterr().err
    assert "7 posts read, 3 pairs kept" in said and "1 reposts" in said and "1 replies" in said and "1 private" in said
    assert "1 without an image or a text" in said and "x-alice-3-1: its image is not in the archive" in said
    pairs = by_text(tmp_path / "out")
    assert set(pairs) == {"my cat & me", "two"}
    record = pairs["my cat & me"].record
    assert record["created_at"] == "2026-05-06T20:19:24Z" and record["likes"] == 4 and record["hashtags"] == ["tram"]
    assert record["account"] == "alice" and record["context"]["weekday"]["value"] == "Wednesday"
    assert pairs["my cat & me"].path.read_bytes() == picture(10)
    assert len({pair.record["post"] for pair in load_pairs(tmp_path / "out")}) == 2
    assert import_archive("x-archive", file, tmp_path / "all", replies=True, private=True) == 5
    assert "for my circle only" in by_text(tmp_path / "all")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert import_archive("x-archive", tmp_path / "unpacked", tmp_path / "again") == 3


def note(key, text, to=exports.PUBLIC, alt="a cat", image=None, **more):
    attachment = {"type": "Document", "mediaType": "image/jpeg", "url": f"/social/media_attachments/files/{key}/a.jpg"}
    return {"type": "Create", "object": {
        "type": "Note", "id": f"https://toot.example/users/alice/statuses/{key}", "content": f"<p>{text}</p>",
        "attributedTo": "https://toot.example/users/alice", "published": "2026-05-06T20:19:24Z", "to": [to], "cc": [],
        "attachment": [{**attachment, "name": alt}] if image is None else image, "inReplyTo": None, "sensitive": False,
        "tag": [{"type": "Hashtag", "name": "#tram"}], "contentMap": {"en": "..."}, **more,
    }}  # fmt: skip


MASTODON = [
    note(1, "my cat &amp; me<br>today"), note(2, "to followers", to="https://toot.example/users/alice/followers"),
    {"type": "Announce", "object": "https://other.example/1"}, note(3, "a reply", inReplyTo="https://x.example/1"),
    note(4, "hidden", sensitive=True), note(5, "no image", image=[]), note(6, "its file is missing"),
]  # fmt: skip


def mastodon_files():
    files = {"outbox.json": json.dumps({"orderedItems": MASTODON}).encode(), "actor.json": b"PRIVATE KEY"}
    return files | {f"media_attachments/files/{key}/a.jpg": picture(key) for key in (1, 2, 3, 4)}


@pytest.mark.parametrize("kind", ("tar.gz", "zip"))
def test_mastodon_archive(tmp_path, capsys, monkeypatch, kind):
    file = tmp_path / f"archive.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in mastodon_files().items():
                archive.writestr(name, content)
    else:
        with tarfile.open(file, "w:gz") as archive:
            for name, content in mastodon_files().items():
                member = tarfile.TarInfo(f"./{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    opened, read = [], exports._Members.read
    monkeypatch.setattr(
        exports._Members, "read", lambda self, name, *most: opened.append(name) or read(self, name, *most)
    )
    assert import_archive("mastodon-archive", file, tmp_path / "out") == 1
    assert "actor.json" not in "".join(map(str, opened))
    said = capsys.readouterr().err
    for why in ("private", "boosts", "replies", "marked as sensitive", "without an image"):
        assert f", 1 {why}" in said
    assert "its image is not in the archive" in said
    (pair,) = load_pairs(tmp_path / "out")
    assert pair.record["text"] == "my cat & me\ntoday" and pair.record["captions"] == ["a cat"]
    assert pair.record["account"] == "alice@toot.example" and pair.record["hashtags"] == ["tram"]
    assert pair.path.read_bytes() == picture(1) and pair.record["lang"] == "en"
    assert import_archive("mastodon-archive", file, tmp_path / "all", replies=True, private=True) == 3


def bluesky_folder(folder, records, blobs):
    """Writes a repository as CAR: a commit, a tree of two nodes, the records; and its blobs, by their CID."""
    libipld = pytest.importorskip("libipld", reason="import bluesky-archive needs the extra collect")

    def cid(content, codec=0x71):
        return bytes([1, codec, 0x12, 32]) + hashlib.sha256(content).digest()

    def cbor(value):
        if isinstance(value, Link):
            return b"\xd8\x2a\x58\x25\x00" + value.cid  # tag 42 around bytes
        if isinstance(value, dict):
            keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
            return head(5, len(value)) + b"".join(cbor(key) + cbor(value[key]) for key in keys)
        if isinstance(value, list):
            return head(4, len(value)) + b"".join(map(cbor, value))
        if isinstance(value, bytes):
            return head(2, len(value)) + value
        if isinstance(value, str):
            return head(3, len(value.encode())) + value.encode()
        if value is None:
            return b"\xf6"
        return head(0, value)

    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        size = 1 if number < 256 else 2
        return bytes([major << 5 | 23 + size]) + number.to_bytes(size, "big")

    class Link:
        def __init__(self, cid):
            self.cid = cid

    blocks = {}

    def put(value):
        content = cbor(value)
        blocks[cid(content)] = content
        return Link(cid(content))

    (folder / "blobs").mkdir(parents=True)
    for content in blobs.values():
        name = libipld.encode_cid(cid(content, 0x55))
        (folder / "blobs" / name).write_bytes(content)

    def embed(value):
        """Puts links to blobs in the place of their names."""
        if isinstance(value, dict):
            return {key: embed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [embed(each) for each in value]
        return Link(cid(blobs[value], 0x55)) if isinstance(value, str) and value in blobs else value

    keys = sorted(records)
    entries, before = [], b""
    for key in keys:
        name = key.encode()
        shared = len(os.path.commonprefix([before, name]))
        entries.append({"p": shared, "k": name[shared:], "v": put(embed(records[key])), "t": None})
        before = name
    right = put({"l": None, "e": [{**entries[-1], "p": 0, "k": keys[-1].encode()}]})
    tree = put({"l": None, "e": [*entries[:-2], {**entries[-2], "t": right}]})
    commit = put({"did": "did:plc:alice", "version": 3, "data": tree, "rev": "1", "prev": None, "sig": b"sig"})

    def varint(number):
        return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)

    header = cbor({"version": 1, "roots": [commit]})
    car = varint(len(header)) + header
    for name, content in blocks.items():
        car += varint(len(name) + len(content)) + name + content
    (folder / "repo.car").write_bytes(car)
    return folder


def bluesky_post(text, blob=None, **more):
    image = {"alt": "a tram", "image": {"$type": "blob", "ref": blob, "mimeType": "image/jpeg", "size": 1}}
    post = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-05-06T20:19:24.000Z", "langs": ["en"]}
    return post | ({"embed": {"$type": "app.bsky.embed.images", "images": [image]}} if blob else {}) | more


def test_bluesky_archive(tmp_path, capsys):
    posts = {
        "app.bsky.feed.like/3ka": {"$type": "app.bsky.feed.like"},
        "app.bsky.feed.post/3kb": bluesky_post("my tram", "blob one"),
        "app.bsky.feed.post/3kc": bluesky_post("a reply", "blob one", reply={"parent": {"uri": "at://b"}}),
        "app.bsky.feed.post/3kd": bluesky_post("words"),
        "app.bsky.feed.post/3ke": bluesky_post("the last one", "blob two"),
    }
    folder = bluesky_folder(tmp_path / "export", posts, {"blob one": picture(1), "blob two": picture(2)})
    assert import_archive("bluesky-archive", folder, tmp_path / "out", account="alice.bsky.social") == 2
    assert "4 posts read, 2 pairs kept" in capsys.readouterr().err
    pairs = by_text(tmp_path / "out")
    assert pairs["the last one"].path.read_bytes() == picture(2)
    record = pairs["my tram"].record
    assert record["account"] == "alice.bsky.social" and record["captions"] == ["a tram"]
    assert record["created_at"] == "2026-05-06T20:19:24Z"
    for blob in (folder / "blobs").iterdir():
        blob.unlink()
    with pytest.raises(Img2TweetError, match="no image with a text"):
        import_archive("bluesky-archive", folder, tmp_path / "none")
    (folder / "repo.car").write_bytes((folder / "repo.car").read_bytes()[:200])
    with pytest.raises(Img2TweetError, match="cannot be read as Bluesky's export"):
        import_archive("bluesky-archive", folder, tmp_path / "none")


def test_crisismmd(tmp_path, capsys):
    root = tmp_path / "CrisisMMD_v2.0"
    (root / "annotations").mkdir(parents=True)
    (root / "data_image" / "storm").mkdir(parents=True)
    (root / "data_image" / "storm" / "1_0.jpg").write_bytes(picture(1))
    table = "tweet_id\timage_id\ttext_info\ttweet_text\timage_url\timage_path\n"
    table += '1\t1_0\tinformative\tRT "storm" damage\thttp://x\tdata_image/storm/1_0.jpg\n'
    table += "2\t2_0\tinformative\tgone\thttp://x\tdata_image/storm/2_0.jpg\n"
    table += "3\t3_0\tinformative\toutside\thttp://x\t../../../secret.jpg\n"
    (root / "annotations" / "storm_final_data.tsv").write_text(table, encoding="utf-8")
    (tmp_path / "secret.jpg").write_bytes(picture(3))
    assert import_archive("crisismmd", root, tmp_path / "out") == 1
    (pair,) = load_pairs(tmp_path / "out")
    assert pair.record["text"] == 'RT "storm" damage' and pair.record["category"] == "storm"
    assert "account" not in pair.record
    assert "leads out of the folder" in capsys.readouterr().err
    with pytest.raises(Img2TweetError, match="annotations"):
        import_archive("crisismmd", tmp_path / "out", tmp_path / "none")


def test_huggingface(tmp_path, monkeypatch):
    pytest.importorskip("datasets", reason="needs the extra: pip install 'img2tweet-tf[huggingface]'")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    for split, numbers in (("train", (1, 2)), ("test", (3,))):
        folder = tmp_path / "trams" / split
        folder.mkdir(parents=True)
        for number in numbers:
            (folder / f"{number}.jpg").write_bytes(picture(number))
        rows = [{"file_name": f"{number}.jpg", "place": "x", "text": f"tram {number}"} for number in numbers]
        (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert import_archive("huggingface", str(tmp_path / "trams"), tmp_path / "out") == 3
    pairs = by_text(tmp_path / "out")
    splits = {text: pair.split for text, pair in pairs.items()}
    assert splits == {"tram 1": "train", "tram 2": "train", "tram 3": "test"}
    assert pairs["tram 2"].path.read_bytes() == picture(2)
    with pytest.raises(Img2TweetError, match="cannot be read as a dataset"):
        import_archive("huggingface", str(tmp_path / "nowhere"), tmp_path / "none")


def test_hostile_archives(tmp_path, monkeypatch, capsys):
    """Names that lead out, links, sizes that lie, bombs: nothing is written but in the new folder."""
    monkeypatch.setattr(exports, "MOST_BYTES", 100_000)
    tweets = [x_tweet(key, f"tweet {key}") for key in range(1, 5)]
    media = {
        "data/tweets_media/../../../evil/1-1P0.jpg": picture(1), "/abs/data/tweets_media/2-2P0.jpg": picture(2),
        "data/tweets_media/3-3P0.jpg": b"\0" * 5_000_000,
    }  # fmt: skip
    file = x_archive(tmp_path / "twitter.zip", tweets, media=media)
    import_archive("x-archive", file, tmp_path / "a" / "out")
    assert "5,000,000 bytes; at most" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"twitter.zip", "a"}
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"out"}
    with tarfile.open(tmp_path / "links.tar", "w") as archive:
        content = json.dumps({"orderedItems": [note(1, "link")]}).encode()
        member = tarfile.TarInfo("outbox.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("media_attachments/files/1/a.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(Img2TweetError, match="no image with a text"):
        import_archive("mastodon-archive", tmp_path / "links.tar", tmp_path / "b")
    folder = tmp_path / "folder"
    (folder / "media_attachments" / "files" / "1").mkdir(parents=True)
    (folder / "outbox.json").write_text(json.dumps({"orderedItems": [note(1, "link")]}), encoding="utf-8")
    (tmp_path / "secret.jpg").write_bytes(picture(1))
    (folder / "media_attachments" / "files" / "1" / "a.jpg").symlink_to(tmp_path / "secret.jpg")
    with pytest.raises(Img2TweetError, match="no image with a text"):
        import_archive("mastodon-archive", folder, tmp_path / "b")


def test_bad_archives(tmp_path, capsys):
    (tmp_path / "text.txt").write_text("no archive", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("", encoding="utf-8")
    x_archive(tmp_path / "broken.zip", [], name="window.YTD = [{")
    x_archive(tmp_path / "empty.zip", [])
    (tmp_path / "half.zip").write_bytes((tmp_path / "empty.zip").read_bytes()[:100])
    out = tmp_path / "out"
    for arguments, says in (
        (["x-archive", tmp_path / "text.txt"], "expected a zip, a tar or a folder"),
        (["x-archive", tmp_path / "nowhere.zip"], "No such file"),
        (["x-archive", tmp_path / "half.zip"], "expected a zip, a tar or a folder"),
        (["x-archive", tmp_path / "broken.zip"], "no JSON"),
        (["x-archive", tmp_path / "empty.zip"], "no image with a text"),
        (["mastodon-archive", tmp_path / "empty.zip"], "no archive of Mastodon"),
        (["bluesky-archive", tmp_path / "full"], "no .car file"),
        (["x-archive", tmp_path / "full"], "no archive of X"),
        (["facebook", tmp_path / "full"], "invalid choice"),
    ):
        assert main(["import", *map(str, arguments), "--out", str(out)]) == 2
        said = capsys.readouterr().err
        assert says in said and "Traceback" not in said, said
        assert not out.exists()
    assert main(["import", "x-archive", str(tmp_path / "empty.zip"), "--out", str(tmp_path / "full")]) == 2
    assert "not empty" in capsys.readouterr().err
