"""Published corpora of posts with images: CrisisMMD v2, and image-text datasets of Hugging Face."""

import csv
import functools
from pathlib import Path

from img2tweet_tf.collect.exports import MOST_BYTES
from img2tweet_tf.collect.post import make_post, picture
from img2tweet_tf.utils.errors import Img2TweetError

TEXTS = ("text", "tweet", "post", "caption", "captions", "sentence", "sentences", "description", "title")
SPLITS = {"train": "train", "validation": "val", "test": "test"}


def read_crisismmd(source, **_):
    """Reads the unpacked folder of CrisisMMD v2.0 (Alam et al. 2018): `annotations/*.tsv` and the images they name.

    The category is the event; what people judged of text and image stays in the corpus.
    """
    folder = Path(source)
    tables = sorted(folder.glob("**/annotations/*.tsv"))
    if not tables:
        raise Img2TweetError(f"{source}: expected CrisisMMD's folder, with annotations/*.tsv in it")
    for table in tables:
        read = functools.partial(_inside, table.parent.parent)
        with open(table, encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := {"tweet_id", "image_path", "tweet_text"} - set(rows.fieldnames or []):
                raise Img2TweetError(f"{table}: no column {', '.join(sorted(missing))}")
            for row in rows:
                images = [picture(row["image_path"])]
                post = make_post(row.get("image_id") or row["tweet_id"], None, row["tweet_text"] or "", images)
                post["category"] = table.name.removesuffix(".tsv").removesuffix("_final_data")
                yield post, None if post["images"] else "without a text", read


def _inside(folder, name):
    """Returns the bytes of a file of a folder, wherever a link may lead."""
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents:
        raise Img2TweetError(f"{name}: leads out of the folder")
    if path.stat().st_size > MOST_BYTES:
        raise Img2TweetError(f"{name}: {path.stat().st_size:,} bytes; at most {MOST_BYTES:,}")
    return path.read_bytes()


def read_huggingface(source, **_):
    """Reads an image-text dataset of Hugging Face, by name or from a folder, by the library `datasets` (an extra).

    The first column of images counts, and the first of texts by a usual name (`TEXTS`), else the first of texts; a list
    of texts is read as captions.
    """
    try:
        import datasets
    except ModuleNotFoundError:
        raise Img2TweetError("import huggingface needs datasets: pip install 'img2tweet-tf[huggingface]'") from None
    try:
        found = datasets.load_dataset(source)
    except Exception as error:  # of many kinds, from many libraries
        raise Img2TweetError(f"{source}: cannot be read as a dataset ({' '.join(str(error).split())[:200]})") from None
    divided = {"train", "test"} <= set(found)
    for split, rows in found.items():
        images = [name for name, kind in rows.features.items() if isinstance(kind, datasets.Image)]
        texts = [name for name, kind in rows.features.items() if "string" in str(kind) and name not in images]
        texts.sort(key=lambda name: TEXTS.index(name.lower()) if name.lower() in TEXTS else len(TEXTS))
        if not images or not texts:
            got = ", ".join(rows.features)
            raise Img2TweetError(f"{source}: expected a column of images and one of texts, got {got}")
        for number, row in enumerate(rows.cast_column(images[0], datasets.Image(decode=False))):
            text = row[texts[0]] or ""
            pictures = [picture(row[images[0]], *(text if isinstance(text, list) else []))] if row[images[0]] else []
            post = make_post(
                f"{split}-{number}", None, text if isinstance(text, str) else "", pictures,
                split=SPLITS.get(split) if divided else None,
            )  # fmt: skip
            yield post, None if post["images"] else "without an image or a text", _bytes


def _bytes(picture):
    return picture["bytes"] or Path(picture["path"]).read_bytes()
