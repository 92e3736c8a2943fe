"""The settings of a training: one dataclass, read by `train`, the command line, the saved run and resuming."""

import dataclasses
import json
import os
from dataclasses import dataclass

from img2tweet_tf.context import KINDS
from img2tweet_tf.datasets.pairs import TARGETS
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.settings import check_settings, setting


@dataclass(frozen=True)
class TrainConfig:
    """What shapes a training besides its pairs; its fields' metadata hold help texts and ranges.

    None means: what the model trains well with (its `training_defaults`), or that there is none.
    """

    model: str = setting(
        "glove_lstm", "captioner: glove_lstm, show_attend_tell, transformer or show_and_tell", metavar="NAME"
    )
    target: str = setting("tweet", "what to write", choices=TARGETS)
    context: str = setting("none", "what is known of the world: none, account, phone, facts or typed", choices=KINDS)
    encoder: str = setting(
        "auto", "image encoder: auto, efficientnet_lite0, inception_v3, a keras.applications backbone", metavar="NAME"
    )
    encoder_weights: str | None = setting(None, "weights file for the encoder", metavar="FILE")
    glove: str = setting("auto", "word vectors: auto, none, a GloVe file or name", metavar="NAME|FILE")
    min_count: int = setting(3, "how often a word must occur to be known", least=1)
    vocabulary_from: tuple = setting(
        (), "know the words of these data, too: of their training tweets and captions", metavar="DATA"
    )
    epochs: int = setting(30, "most epochs", least=1, may_change=True)
    patience: int = setting(
        3, "stop after so many epochs without a lower validation loss", least=1, may_change=True
    )
    batch_size: int = setting(32, "images a batch", least=1)
    learning_rate: float | None = setting(None, "Adam's; after a warm-up its peak (default: the model's own)", over=0)
    warmup_steps: int | None = setting(
        None, "batches in which the learning rate rises; 0 keeps it constant (default: the model's own)", least=0
    )
    decay: bool = setting(False, "let the learning rate fall to 0 at the end of the last epoch, along half a cosine")
    label_smoothing: float | None = setting(
        None, "share of the target that is spread over all words (default: the model's own)", least=0, most=1
    )
    sizes: dict = setting({}, "a size of the model, such as units=512; may be repeated", flag="set")
    init: str | None = setting(None, "start from this saved captioner; it learns new words", metavar="RUN")
    freeze: tuple = setting((), "layers of the captioner that don't train, such as embedding lstm", metavar="LAYER")
    captions_from: str | None = setting(
        None, "mix captions of this data in, so that the captioner does not forget what images show", metavar="DATA"
    )
    captions_share: float = setting(
        0.5, "how much of an epoch's texts are captions of --captions-from", over=0, most=0.95
    )
    train_encoder: float | None = setting(
        None, "with --init: train the encoder's last layers, too, at most this share of its parameters (default 0.4)",
        over=0, most=1, const=0.4,
    )  # fmt: skip
    augment: bool = setting(False, "with --train-encoder: pictures smaller, moved, turned a little in each epoch")
    bfloat16: bool = setting(True, "large products of bfloat16 numbers where the processor has them")
    watch: int = setting(3, "images whose text is printed after each epoch", least=0, may_change=True)
    seed: int = setting(0, "same seed, same result on the same machine", least=0, most=2**32 - 1)

    def __post_init__(self):
        check_settings(self)
        if self.train_encoder is not None and self.context != "none":
            raise Img2TweetError("train_encoder: an encoder trains with captioners without context only")
        if self.train_encoder is not None and self.captions_from:
            raise Img2TweetError("captions_from: mixes captions in only where the encoder does not train")
        if self.train_encoder is not None and not self.init:
            raise Img2TweetError("train_encoder: needs a captioner that was trained first; name its run by init")
        if self.augment and self.train_encoder is None:
            raise Img2TweetError("augment: varies pictures only with train_encoder; leave it out, or add that")
        if self.init and (self.encoder != "auto" or self.encoder_weights):
            raise Img2TweetError("init: brings its encoder; leave out encoder and encoder_weights")

    def to_json(self):
        """Returns the settings as a dict for JSON."""
        return json.loads(json.dumps(dataclasses.asdict(self), default=os.fspath))
