"""What an image-tweet pair is: a pairs folder in, `Pairs` out, and their division into train, val and test.

A pairs folder holds `pairs.jsonl` (UTF-8, one JSON object a line) beside the images it names; `data/README.md` lists
its keys. Bad lines are named, counted and left out; they never take the rest down with them.
"""

import base64
import codecs
import hashlib
import html
import io
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, report_problems

SPLITS = ("train", "val", "test")
TARGETS = ("tweet", "caption")
SHOWN, THUMBNAIL = 5, 120  # pairs that a notebook shows of `Pairs`, and pixels of the longer side of their pictures
LONGEST_TEXT = 25_000  # characters of a tweet or caption; X admits no longer ones, either
# How many pairs a name stands for, where a folder of that name may hold a part only.
FULL_SIZE = {"flickr8k": 8091}


@dataclass(frozen=True)
class Pair:
    """One line of `pairs.jsonl`: its `record` (dict, unknown keys kept) and the folder it was read from."""

    record: dict
    folder: Path

    def __repr__(self):
        text = (self.texts("tweet") or self.texts("caption"))[0]
        return f"Pair({self.id}: {text if len(text) <= 80 else text[:77] + '...'!r})"

    @property
    def id(self):
        return self.record["id"]

    @property
    def path(self):
        """The image file (absolute `Path`)."""
        return self.folder / self.record["image"]

    @property
    def split(self):
        return self.record.get("split")

    def texts(self, target):
        """Returns the raw texts of this image (list of str): its tweet, or its captions. Empty if it has none."""
        if target == "tweet":
            return [self.record["text"]] if self.record.get("text") else []
        return list(self.record.get("captions") or [])


class Pairs(Sequence):
    """A sequence of `Pair`; slices are `Pairs` again.

    `folder` is where it lies, `load_pairs(name)` reads it again; `whole` is what this is a slice or a part of, or this.
    """

    def __init__(self, items, folder, name, whole=None):
        self.items, self.folder, self.name, self.whole = list(items), Path(folder), name, whole or self

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self._part(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __add__(self, other):
        return self._part([*self.items, *other.items])

    def __repr__(self):
        return f"Pairs({len(self):,} of {self.name})"

    def _part(self, items):
        return Pairs(items, self.folder, self.name, self.whole)

    def _repr_html_(self):
        rows = "".join(_html_row(pair) for pair in self.items[:SHOWN])
        return f"<p>{html.escape(repr(self))}, the first {min(SHOWN, len(self))}:</p><table>{rows}</table>"

    @property
    def is_sample(self):
        """Whether these are drawn scenes of the embedded sample world."""
        return (self.folder / "sample.json").is_file()

    def where(self, keep):
        """Returns the `Pairs` for which `keep(pair)` is true."""
        return self._part([pair for pair in self.items if keep(pair)])

    def texts(self, target):
        """Returns the raw texts of every image: a list of lists of str."""
        check_target(target)
        return [pair.texts(target) for pair in self.items]


def load_pairs(name_or_folder, pairs=None):
    """Reads a pairs folder, or the dataset of a name, as `Pairs`.

    Args:
        name_or_folder: a folder; or a name: `"sample"` (the embedded sample world, made on first use), or a folder of
            that name in the data home. `Pairs` are returned as they are.
        pairs: of the sample alone, how many pairs to train on (by default `sample.PAIRS`); what it validates and tests
            with is the same for every number.

    Raises:
        Img2TweetError: there is no such folder or name, no `pairs.jsonl` in it, or no usable line in that; `pairs` is
            given and it is not the sample.
    """
    if isinstance(name_or_folder, Pairs) and pairs is None:
        return name_or_folder
    if not isinstance(name_or_folder, (str, Path)):
        raise Img2TweetError(f"expected Pairs, a pairs folder or the name of one, got {type(name_or_folder).__name__}")
    try:
        folder, name = _folder_of(str(name_or_folder), pairs)
        file = folder / "pairs.jsonl"
        lines = file.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n")
    except OSError as error:
        raise Img2TweetError(f"{name_or_folder}: cannot be read as a pairs folder ({error.strerror})") from None
    items, problems, seen = [], [], {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = _checked(line, folder, seen, number)
        except ValueError as error:
            problems.append(f"{file.name} line {number}: {error}")
        else:
            items.append(Pair(record, folder))
    if not items:
        why = f": {problems[0]}" if problems else ", it is empty"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise Img2TweetError(f"{file}: no usable pair{why}{more}")
    report_problems(problems, f"of {len(items) + len(problems)} lines of {file}")
    if len(items) < FULL_SIZE.get(name, 0):
        log(f"{name}: a part of it, {len(items)} of {FULL_SIZE[name]} images")
    found = Pairs(items, folder, name)
    if pairs is None and name != "sample":
        return found
    return Pairs(_first_to_train(found, pairs), folder, name)


def write_pairs(folder, records):
    """Writes `pairs.jsonl` (whole or not at all) into a folder that holds the images which `records` (dicts) name."""
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    with paths.atomic_write(Path(folder) / "pairs.jsonl") as fresh:
        fresh.write_bytes(lines.encode())


def split_pairs(pairs, val=0.1, test=0.1, seed=0):
    """Divides pairs into train, val and test.

    Where the pairs carry a `split`, that holds. Else chance decides, by a hash of the id, so that a pair stays where it
    is when others come or go; images of the same bytes or of one post, and tweets of the same words, stay together.

    Args:
        pairs: `Pairs`.
        val, test: shares in 0..1, about kept.
        seed: int; another seed, another division.

    Returns:
        dict of `Pairs` by "train", "val", "test"; each may be empty.

    Raises:
        Img2TweetError: some pairs carry a `split` and some don't, or the shares are none.
    """
    if not isinstance(pairs, Pairs):
        raise Img2TweetError(f"split_pairs: expected Pairs (see load_pairs), got {type(pairs).__name__}")
    if not (0 <= val <= 1 and 0 <= test <= 1 and val + test <= 1):
        raise Img2TweetError(f"split_pairs: expected shares of at most 1 together, got val {val} and test {test}")
    marked = sum(pair.split is not None for pair in pairs)
    if marked == len(pairs):
        return {split: pairs.where(lambda pair, split=split: pair.split == split) for split in SPLITS}
    if marked:
        raise Img2TweetError(f'{pairs.folder}: {marked} of {len(pairs)} pairs have a "split"; give all one, or none')
    parts = {split: [] for split in SPLITS}
    for pair, group in zip(pairs, _groups(pairs), strict=True):
        at = int.from_bytes(hashlib.sha256(f"{seed}:{group}".encode()).digest()[:8], "big") / 2**64
        parts["test" if at < test else "val" if at < test + val else "train"].append(pair)
    return {split: Pairs(items, pairs.folder, pairs.name, pairs.whole) for split, items in parts.items()}


def check_target(target):
    """Raises `Img2TweetError` unless target is "tweet" or "caption"."""
    if target not in TARGETS:
        raise Img2TweetError(f'unknown target "{target}" (there are: {", ".join(TARGETS)})')


def _first_to_train(found, pairs):
    """Returns a sample with its first `pairs` pairs to train on, and all that validate and test."""
    from img2tweet_tf.sample import PAIRS

    if not found.is_sample:
        raise Img2TweetError(f"{found.name}: not the sample world; only of that a number of pairs can be asked for")
    train = [pair for pair in found if pair.split == "train"]
    pairs = PAIRS if pairs is None else pairs
    if pairs > len(train):
        raise Img2TweetError(f"{found.name}: {len(train)} pairs to train on, {pairs} asked for; make a larger sample")
    left_out = {pair.id for pair in train[pairs:]}
    return found.where(lambda pair: pair.id not in left_out)


def _folder_of(name, pairs):
    """Returns (the folder of a name or path, the name under which it is found again)."""
    path = Path(os.path.expanduser(name))
    if (path / "pairs.jsonl").is_file():
        return path.resolve(), str(path.resolve())
    if name == "sample":
        from img2tweet_tf.sample import PAIRS, sample_folder

        return sample_folder(PAIRS if pairs is None else pairs), name
    if path.name == name and (paths.data_home() / name / "pairs.jsonl").is_file():
        return paths.data_home() / name, name
    if path.is_dir():
        raise Img2TweetError(f"{path.resolve()}: no pairs.jsonl in it; expected a pairs folder (see data/README.md)")
    if path.exists():
        raise Img2TweetError(f"{name}: a file; expected a pairs folder (one with pairs.jsonl in it)")
    raise Img2TweetError(f'{name}: no such folder, nor a dataset in {paths.data_home()} ("sample" is always there)')


def _checked(line, folder, seen, number):
    """Returns the record of one line; raises ValueError with what is wrong with it."""
    try:
        record = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # includes UnicodeDecodeError
        raise ValueError(f"not JSON in UTF-8 ({error})") from None
    if not isinstance(record, dict):
        raise ValueError(f"expected a JSON object, got {type(record).__name__}")
    for key in ("id", "image"):
        if not isinstance(record.get(key), str) or not record[key]:
            what = f'"{key}" is no text' if key in record else f'no "{key}" key'
            raise ValueError(f"{what} (keys: {', '.join(record) or 'none'})")
    if record["id"] in seen:
        raise ValueError(f'id "{record["id"]}" stands on line {seen[record["id"]]} already')
    text, captions = record.get("text"), record.get("captions")
    if text is not None and not isinstance(text, str):
        raise ValueError(f'"text" is {type(text).__name__}, expected a text')
    if captions is not None and not (isinstance(captions, list) and all(isinstance(item, str) for item in captions)):
        raise ValueError('"captions" is not a list of texts')
    if not text and not captions:
        raise ValueError('neither "text" nor "captions"')
    if (longest := max(map(len, [text or "", *(captions or [])]))) > LONGEST_TEXT:
        raise ValueError(f"a text of {longest:,} characters, at most {LONGEST_TEXT:,} are read")
    if record.get("split") not in (None, *SPLITS):
        raise ValueError(f'"split" is {record["split"]!r}, expected one of {", ".join(SPLITS)}')
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half an emoji in it (a lone surrogate); expected whole characters") from None
    image = Path(record["image"])
    if image.is_absolute() or ".." in image.parts:
        raise ValueError(f'image "{image}" leads out of the folder')
    if not os.path.isfile(folder / image):  # of all ways to ask the one that raises nothing
        what = "no file" if os.path.exists(folder / image) else "missing"
        raise ValueError(f"image {image} is {what}")
    seen[record["id"]] = number
    return record


def _html_row(pair):
    """Returns a row of a table (HTML): the picture, small, and the texts."""
    try:
        with Image.open(pair.path) as image, io.BytesIO() as file:
            image.draft(None, (THUMBNAIL, THUMBNAIL))
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            image.convert("RGB").save(file, "JPEG")
            picture = f'<img src="data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}">'
    except Exception as error:  # Pillow's readers raise errors of many kinds on broken files
        picture = html.escape(f"no picture ({type(error).__name__})")
    texts = "<br>".join(html.escape(text) for target in TARGETS for text in pair.texts(target)[:1])
    return f"<tr><td>{picture}</td><td style='text-align:left'>{texts}</td></tr>"


def _groups(pairs):
    """Returns a name for each pair, the same for pairs that must not be divided: union by image bytes and by tweet."""
    leader = {}

    def find(key):
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    sizes = Counter(pair.path.stat().st_size for pair in pairs)
    for pair in pairs:
        keys = [("text", " ".join(pair.record["text"].split()).lower())] if pair.record.get("text") else []
        if pair.record.get("post"):
            keys.append(("post", str(pair.record["post"])))
        if sizes[pair.path.stat().st_size] > 1:  # only files of one size can be of the same bytes
            keys.append(("image", hashlib.sha256(pair.path.read_bytes()).hexdigest()))
        for key in keys:
            leader[max(find(("id", pair.id)), find(key))] = min(find(("id", pair.id)), find(key))
    return [":".join(find(("id", pair.id))) for pair in pairs]
