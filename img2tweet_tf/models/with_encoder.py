"""A captioner together with the upper part of its image encoder, so that both train as one."""

from img2tweet_tf.backend import keras
from img2tweet_tf.models.adam import FusedAdam
from img2tweet_tf.models.caption_model import CaptionModel

ops = keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class WithEncoder(CaptionModel):
    """Any captioner behind the last blocks of a CNN: features are what the CNN's lower part gives.

        memory = captioner.encode(upper(features))      the rest is the captioner's own

    Batch normalisation keeps the statistics it came with, in training too: those of a batch of captioned photographs
    are worse than those of ImageNet. Its scales and shifts train. A captioner made for pooled features gets the mean of
    the grid.

    Args:
        upper: `keras.Model`, features (images, rows, cols, channels) -> the grid that the captioner was made for.
        captioner: a `CaptionModel`.
        encoder_rate: the upper part's learning rate as a share of the captioner's, see `FusedAdam`.
    """

    def __init__(self, upper, captioner, encoder_rate=0.1, name="with_encoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.upper = upper  # the first attribute with weights: make_optimizer counts on it
        self.captioner = captioner
        self.encoder_rate = encoder_rate
        self.vocabulary_size, self.feature_shape = captioner.vocabulary_size, tuple(upper.input_shape[1:])
        self.attends = captioner.attends
        self.build_graph()

    @property
    def label_smoothing(self):
        return self.captioner.label_smoothing

    def encode(self, features, training=False):
        grid = self.upper(features, training=False)
        grid = ops.mean(grid, axis=(1, 2)) if len(self.captioner.feature_shape) == 1 else grid
        return self.captioner.encode(grid, training=training)

    def decode(self, ids, memory, training=False):
        return self.captioner.decode(ids, memory, training=training)

    def initial_state(self, memory, texts, length):
        return self.captioner.initial_state(memory, texts, length)

    def step(self, ids, state, memory):
        return self.captioner.step(ids, state, memory)

    def attention_maps(self, ids, memory):
        return self.captioner.attention_maps(ids, memory)

    def learning_rate(self):
        return self.captioner.learning_rate()

    def make_optimizer(self, learning_rate, **options):
        """Returns the optimizer that this model trains with: Adam, slower for the upper part."""
        return FusedAdam(learning_rate, len(self.upper.trainable_variables), self.encoder_rate, **options)

    def set_word_frequencies(self, counts):
        self.captioner.set_word_frequencies(counts)

    def set_embeddings(self, matrix):
        self.captioner.set_embeddings(matrix)

    def get_config(self):
        return {
            **super().get_config(),
            "upper": keras.saving.serialize_keras_object(self.upper),
            "captioner": keras.saving.serialize_keras_object(self.captioner),
            "encoder_rate": self.encoder_rate,
        }

    @classmethod
    def from_config(cls, config):
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("upper", "captioner")}
        return cls(**{**config, **parts})
