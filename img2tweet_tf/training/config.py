"""The settings of a training: one dataclass, read by `train`, the command line, the saved run and resuming."""

import dataclasses
import json
import os
from dataclasses import dataclass, field, fields

from img2tweet_tf.context import KINDS, check_kind
from img2tweet_tf.datasets.pairs import check_target
from img2tweet_tf.utils.errors import Img2TweetError

_WORDS = {str: "a text", str | None: "a text or None", bool: "True or False", dict: "a dict of sizes"}


def _setting(default, says, least=None, most=None, over=None, **more):
    """A field with its help text, its range (from `least` or over `over`, to `most`), what else the parser needs."""
    metadata = {"says": says, "least": least, "most": most, "over": over, **more}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class TrainConfig:
    """What shapes a training besides its pairs; `settings()` lists what each field is, with its range.

    None means: what the model trains well with (its `training_defaults`), or that there is none.
    """

    model: str = _setting("glove_lstm", "captioner: glove_lstm, show_attend_tell or transformer", metavar="NAME")
    target: str = _setting("tweet", "what to write", choices=("tweet", "caption"))
    context: str = _setting("none", "what is known of the world: none, account, phone, facts or typed", choices=KINDS)
    encoder: str = _setting(
        "auto", "image encoder: auto, efficientnet_lite0, inception_v3, a keras.applications backbone", metavar="NAME"
    )
    encoder_weights: str | None = _setting(None, "weights file for the encoder", metavar="FILE")
    glove: str = _setting("auto", "word vectors: auto, none, a GloVe file or name", metavar="NAME|FILE")
    min_count: int = _setting(3, "how often a word must occur to be known", least=1)
    epochs: int = _setting(30, "most epochs", least=1, may_change=True)
    patience: int = _setting(
        3, "stop after so many epochs without a lower validation loss", least=1, may_change=True
    )
    batch_size: int = _setting(32, "images a batch", least=1)
    learning_rate: float | None = _setting(None, "Adam's; after a warm-up its peak (default: the model's own)", over=0)
    warmup_steps: int | None = _setting(
        None, "batches in which the learning rate rises; 0 keeps it constant (default: the model's own)", least=0
    )
    label_smoothing: float | None = _setting(
        None, "share of the target that is spread over all words (default: the model's own)", least=0, most=1
    )
    sizes: dict = _setting({}, "a size of the model, such as units=512; may be repeated", flag="set")
    init: str | None = _setting(None, "start from this saved captioner; it learns new words", metavar="RUN")
    train_encoder: float | None = _setting(
        None, "with --init: train the encoder's last layers, too, at most this share of its parameters (default 0.4)",
        over=0, most=1, const=0.4,
    )  # fmt: skip
    augment: bool = _setting(False, "with --train-encoder: pictures smaller, moved, turned a little in each epoch")
    bfloat16: bool = _setting(True, "large products of bfloat16 numbers where the processor has them")
    watch: int = _setting(3, "images whose text is printed after each epoch", least=0, may_change=True)
    seed: int = _setting(0, "same seed, same result on the same machine", least=0, most=2**32 - 1)

    def __post_init__(self):
        for name, of in settings().items():
            value = getattr(self, name)
            if not _is_a(value, of.type) or (isinstance(value, (int, float)) and not in_range(value, of.metadata)):
                raise Img2TweetError(f"{name}: expected {expected(of)}, got {value!r}")
        check_target(self.target)
        check_kind(self.context)
        if self.train_encoder is not None and self.context != "none":
            raise Img2TweetError("train_encoder: an encoder trains with captioners without context only")
        if self.train_encoder is not None and not self.init:
            raise Img2TweetError("train_encoder: needs a captioner that was trained first; name its run by init")
        if self.augment and self.train_encoder is None:
            raise Img2TweetError("augment: varies pictures only with train_encoder; leave it out, or add that")
        if self.init and (self.encoder != "auto" or self.encoder_weights):
            raise Img2TweetError("init: brings its encoder; leave out encoder and encoder_weights")

    def to_json(self):
        """Returns the settings as a dict for JSON."""
        return json.loads(json.dumps(dataclasses.asdict(self), default=os.fspath))


def settings():
    """Returns the fields of `TrainConfig` by name; `metadata` holds help text and range."""
    return {of.name: of for of in fields(TrainConfig)}


def _is_a(value, kind):
    """Whether a value is of a field's type; whole numbers are numbers, paths are texts, but True is no number."""
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    kind |= {float: int, float | None: int, str: os.PathLike, str | None: os.PathLike}.get(kind, kind)
    return isinstance(value, kind)


def in_range(number, says):
    """Whether a number keeps the range in a field's metadata."""
    return (
        (says["least"] is None or number >= says["least"])
        and (says["most"] is None or number <= says["most"])
        and (says["over"] is None or says["over"] < number < float("inf"))
    )


def expected(of):
    """Returns in words what a field takes."""
    if of.type in _WORDS:
        return _WORDS[of.type]
    whole = "a whole number" if of.type in (int, int | None) else "a number"
    says = of.metadata
    if says["least"] is None:
        return f"{whole} over {says['over']}" + ("" if says["most"] is None else f", at most {says['most']}")
    return f"{whole} from {says['least']}" + ("" if says["most"] is None else f" to {says['most']}")
