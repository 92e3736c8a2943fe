"""The captioners: plain Keras, equations only. `MODELS` lists them by name; all keep one contract.

    call({"image": (B, rows, cols, C), "ids": (B, N, T)}, training) -> logits (B, N, T, V), place t for the id at t + 1
    encode(image, training)                 -> memory: tensors (B, ...) in a dict; the image is encoded once
    initial_state(memory, n)                -> state before the first token: tensors (B, n, ...) in a dict
    step(ids (B, N), state, memory)         -> logits (B, N, V), next state, attention

B images, N texts an image, T tokens, V ids of the vocabulary. `call` and repeated `step` give the same logits: training
takes the first, generation the second. Attention is (B, N, cells), or (B, N, layers, heads, cells) where a model has
several, or None where it doesn't look at cells. The word embedding is called `embedding`, the last layer `word_logits`.
What a model trains well with stands in its `training_defaults` (fields of `training.TrainConfig`).
"""

from img2tweet_tf.models.glove_lstm import GloVeLSTM
from img2tweet_tf.models.show_and_tell import ShowAndTell
from img2tweet_tf.models.show_attend_tell import ShowAttendTell
from img2tweet_tf.models.transformer import TransformerCaptioner
from img2tweet_tf.utils.errors import Img2TweetError

MODELS = {
    "glove_lstm": GloVeLSTM,
    "show_attend_tell": ShowAttendTell,
    "transformer": TransformerCaptioner,
    "show_and_tell": ShowAndTell,
}

__all__ = ["MODELS", "GloVeLSTM", "ShowAndTell", "ShowAttendTell", "TransformerCaptioner", "model_class"]


def model_class(name):
    """Returns the class of a captioner by its name on the command line; `Img2TweetError` if there is none."""
    if name not in MODELS:
        raise Img2TweetError(f'unknown model "{name}" (there are: {", ".join(MODELS)})')
    return MODELS[name]
