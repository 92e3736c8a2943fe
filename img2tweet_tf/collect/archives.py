"""Archives that people and projects give away -> a pairs folder: the road without any API."""

from collections import Counter
from pathlib import Path

from img2tweet_tf.collect import corpora, exports
from img2tweet_tf.collect.post import image_ending, pairs_of
from img2tweet_tf.datasets.pairs import write_pairs
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress, report_problems
from img2tweet_tf.utils.paths import check_folder

ARCHIVES = {
    "x-archive": exports.read_x,
    "bluesky-archive": exports.read_bluesky,
    "mastodon-archive": exports.read_mastodon,
    "crisismmd": corpora.read_crisismmd,
    "huggingface": corpora.read_huggingface,
}


def import_archive(kind, source, out, account=None, replies=False, private=False):
    """Reads an archive into a new pairs folder; says what was read, what was left out, and why.

    Args:
        kind: of `ARCHIVES`.
        source: the archive: a zip, a tar, a folder that was unpacked; of huggingface a name on the Hub or a folder.
        out: new or empty folder. Nothing is written outside, whatever names an archive holds.
        account: whose posts these are, where the archive does not say it.
        replies: whether replies are kept. Reposts never are.
        private: whether posts are kept that not everybody could see.

    Returns:
        How many pairs there are.

    Raises:
        Img2TweetError: it can't be read, is of another kind, or has no pair in it.
    """
    if kind not in ARCHIVES:
        raise Img2TweetError(f"import: unknown kind {kind} (there are: {', '.join(ARCHIVES)})")
    out = Path(out)
    check_folder(out)
    if out.is_dir() and any(out.iterdir()):
        raise Img2TweetError(f"{out}: not empty; name a new folder")
    records, skipped, problems, posts = {}, Counter(), [], 0
    for post, why, read in progress(ARCHIVES[kind](source, replies=replies, private=private), f"reading {source}"):
        posts += 1
        if why is not None:
            skipped[why] += 1
            continue
        whose = account or post.get("account")
        pairs = pairs_of(post, kind.removesuffix("-archive"), whose, post.get("category"))
        for pair, image in zip(pairs, post["images"], strict=True):
            try:
                content = read(image["source"])
                pair["image"] = f"images/{pair['id']}.{image_ending(content)}"
            except (Img2TweetError, OSError, ValueError) as error:
                problems.append(f"{pair['id']}: {error}")
                continue
            if pair["id"] in records:
                skipped["twice in it"] += 1
                continue
            (out / "images").mkdir(parents=True, exist_ok=True)
            (out / pair["image"]).write_bytes(content)
            records[pair["id"]] = pair
    report_problems(problems, "images")
    counts = "".join(f", {number:,} {why}" for why, number in skipped.most_common())
    log(f"{source}: {posts:,} posts read, {len(records):,} pairs kept{counts}")
    if not records:
        raise Img2TweetError(f"{source}: no image with a text in it{counts}")
    write_pairs(out, records.values())
    return len(records)
