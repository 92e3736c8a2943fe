"""The contract that all captioners share, so that training, decoding and tests know none of them by name.

    features (batch, rows, cols, channels), ids (batch * texts, time)  ->  logits (batch * texts, time, vocabulary)

The texts of one image stand together: rows 0 to texts - 1 of `ids` belong to image 0, and so on, so that an image is
encoded once however many texts it has. Logits at a place are for the id that comes next.
"""

import numpy as np

from img2tweet_tf.backend import keras

ops = keras.ops


class CaptionModel(keras.Model):
    """Base class of the captioners.

    A subclass sets `feature_shape` and `vocabulary_size`, makes its layers, calls `build_graph()` last in its
    `__init__`, names its word embedding `embedding` and its last layer `word_logits`, and defines:

        encode(features, training)      -> memory: dict of tensors (batch, ...)
        decode(ids, memory, training)   -> logits (n, time, vocabulary); memory has n rows
        initial_state(memory)           -> state: dict of tensors (n, ...)
        step(ids, state, memory)        -> logits (n, vocabulary), next state; ids (n,)

    `decode` and repeated `step` give the same logits: training takes the first, writing the second.
    """

    reads_grid = True  # False: made for pooled features (channels,)

    def fitting(self, grids):
        """Returns grids (n, rows, cols, channels) in the shape that this model reads: as they are, or their mean."""
        return grids.astype("float32").mean(axis=(1, 2)) if len(self.feature_shape) == 1 else grids

    def build_graph(self):
        """Creates all weights, so that they can be saved, loaded and counted before any data is seen."""
        features = keras.Input(self.feature_shape, name="features")
        self({"features": features, "ids": keras.Input((None,), dtype="int32", name="ids")})

    def call(self, inputs, training=False):
        features, ids = inputs["features"], inputs["ids"]
        memory = self.encode(features, training=training)
        if not isinstance(ids, keras.KerasTensor):  # symbolic inputs have one text an image
            texts = ops.shape(ids)[0] // ops.shape(features)[0]
            memory = {name: ops.repeat(value, texts, axis=0) for name, value in memory.items()}
        return self.decode(ids, memory, training=training)

    def set_word_frequencies(self, counts):
        """Starts the last layer at how often each id (vocabulary,) is a target, so that no epoch is lost on that.

        Ids that never occur, such as padding, count as half an occurrence. Source: the TensorFlow captioning tutorial.
        """
        kernel, _ = self.word_logits.get_weights()
        counts = np.maximum(np.asarray(counts, np.float32), 0.5)
        self.word_logits.set_weights([kernel, np.log(counts / counts.sum())])

    def set_embeddings(self, matrix):
        """Puts word vectors (vocabulary, embedding_dim) where the model's word embedding is."""
        self.embedding.set_weights([matrix])
