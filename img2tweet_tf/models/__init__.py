"""The captioners: arithmetic only. Every one keeps the contract of `CaptionModel`; `MODELS` lists them by name."""

from img2tweet_tf.console import Img2TweetError
from img2tweet_tf.models.caption_model import CaptionModel
from img2tweet_tf.models.glove_lstm import GloVeLSTM
from img2tweet_tf.models.show_attend_tell import ShowAttendTell
from img2tweet_tf.models.transformer import TransformerCaptioner

MODELS = {"glove_lstm": GloVeLSTM, "show_attend_tell": ShowAttendTell, "transformer": TransformerCaptioner}

__all__ = ["MODELS", "CaptionModel", "GloVeLSTM", "ShowAttendTell", "TransformerCaptioner", "model_class"]


def model_class(name):
    """Returns the class of a captioner by its name on the command line; `Img2TweetError` if there is none."""
    if name not in MODELS:
        raise Img2TweetError(f'unknown model "{name}" (there are: {", ".join(MODELS)})')
    return MODELS[name]
