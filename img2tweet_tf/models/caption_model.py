"""The contract that all captioners share, so that training, decoding and tests know none of them by name.

    features (images, rows, cols, channels), ids (images * texts, time)  ->  logits (images * texts, time, vocabulary)

The texts of one image stand together: rows 0 to texts - 1 of `ids` belong to image 0, and so on. An image is encoded
once and what is made of it never copied for its texts, be they the five captions of a photograph or the five
beginnings of a beam. Logits at a place are for the id that comes next.
"""

import numpy as np

from img2tweet_tf.backend import fast_bfloat16, keras, tf
from img2tweet_tf.models.adam import FusedAdam

ops = keras.ops


class CaptionModel(keras.Model):
    """Base class of the captioners.

    A subclass sets `feature_shape` and `vocabulary_size`, makes its layers, calls `build_graph()` last in its
    `__init__`, names its word embedding `embedding` and its last layer `word_logits`, and defines:

        encode(features, training)             -> memory: dict of tensors (images, ...)
        decode(ids, memory, training)          -> logits (images * texts, time, vocabulary)
        initial_state(memory, texts, length)   -> state: dict of tensors (images * texts, ...) for up to `length` words
        step(ids, state, memory)               -> logits (images * texts, vocabulary), next state; ids (images * texts,)

    `decode` and repeated `step` give the same logits: training takes the first, writing the second. One that looks at
    places of the image also defines:

        attention_maps(ids, memory)            -> weights (images * texts, time, ..., rows, cols), see `attention`
    """

    reads_grid = True  # False: made for pooled features (channels,)
    attends = False
    label_smoothing = 0.0

    def fitting(self, grids):
        """Returns grids (n, rows, cols, channels) in the shape that this model reads: as they are, or their mean."""
        return grids.astype("float32").mean(axis=(1, 2)) if len(self.feature_shape) == 1 else grids

    def build_graph(self):
        """Creates all weights, so that they can be saved, loaded and counted before any data is seen."""
        self.nats = keras.metrics.Mean(name="nats")
        self({"features": np.zeros((1, *self.feature_shape), np.float32), "ids": np.zeros((1, 2), np.int32)})

    def call(self, inputs, training=False):
        return self.decode(inputs["ids"], self.encode(inputs["features"], training=training), training=training)

    def learning_rate(self):
        """Returns the learning rate that this model trains well with: a number or a schedule over steps."""
        return 1e-3

    def make_optimizer(self, learning_rate, **options):
        """Returns the optimizer that this model trains with; options are those of Keras's Adam."""
        return FusedAdam(learning_rate, **options)

    def attention(self, features, ids):
        """Returns where the model looks while it reads texts that are known.

        Args:
            features: as in `call`.
            ids: (images * texts, time), beginning with the start mark.

        Returns:
            Weights float32 (images * texts, time, rows, cols), or (..., layers, heads, rows, cols) where a model has
            several; place t is the look before word t + 1 is written. Each map sums to 1.
        """
        return ops.convert_to_numpy(self.attention_maps(ids, self.encode(features)))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns the mean over real tokens of nats, smoothed by `label_smoothing`, plus the losses of layers.

        The metric `nats` is the same mean without either, so that exp of it is the perplexity.
        """
        nats, smoothed = cross_entropy(y_pred, y, self.label_smoothing if training else 0.0)
        weights = tf.ones_like(nats) if sample_weight is None else tf.cast(sample_weight, nats.dtype)
        tokens = tf.maximum(tf.reduce_sum(weights), 1.0)
        self.nats.update_state(tf.reduce_sum(nats * weights) / tokens, sample_weight=tokens)
        return tf.reduce_sum(smoothed * weights) / tokens + sum(self.losses)

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

    def with_vocabulary(self, vectors, counts):
        """Returns this captioner with more words behind those it knows, and all else as it is.

        Args:
            vectors: (new vocabulary, embedding_dim), word vectors; those of known words stay as they are here.
            counts: (new vocabulary,), how often each id is a target; new words start at their share.
        """
        grown = type(self).from_config({**self.get_config(), "vocabulary_size": len(counts)})
        for old, new in zip(self.layers, grown.layers, strict=True):
            if old.name not in ("embedding", "word_logits"):
                new.set_weights(old.get_weights())
        known, (embedding,) = self.vocabulary_size, self.embedding.get_weights()
        grown.set_embeddings(np.concatenate([embedding, vectors[known:]]))
        kernel, bias = self.word_logits.get_weights()
        shares = np.log(np.maximum(counts, 0.5) / max(np.sum(counts), 1))
        kernel = np.pad(kernel, ((0, 0), (0, len(counts) - known)))
        grown.word_logits.set_weights([kernel, np.concatenate([bias, shares[known:]])])
        return grown


def cross_entropy(logits, ids, smoothing=0.0):
    """Returns nats of ids (n, time) by logits (n, time, vocabulary), and the same smoothed, both (n, time).

    Smoothed is (1 - smoothing) nats + smoothing * mean nats of all words. One pass over the logits for each sum forward
    and one in all back: TensorFlow's own ops take several where results must be repeatable.
    """

    @tf.custom_gradient
    def run(logits):
        nats, smoothed, log_total = _cross_entropy(logits, ids, smoothing)
        return (nats, smoothed), lambda *d: _cross_entropy_gradient(logits, ids, log_total, smoothing, *d)

    return run(tf.convert_to_tensor(logits))


@tf.function(jit_compile=True)
def _cross_entropy(logits, ids, smoothing):
    log_total = tf.reduce_logsumexp(logits, axis=-1)
    nats = log_total - tf.gather(logits, tf.cast(ids, tf.int32), axis=-1, batch_dims=2)
    if not smoothing:
        return nats, nats, log_total
    uniform = log_total - tf.reduce_mean(logits, axis=-1)
    return nats, (1 - smoothing) * nats + smoothing * uniform, log_total


@tf.function(jit_compile=True)
def _cross_entropy_gradient(logits, ids, log_total, smoothing, d_nats, d_smoothed):
    d_target = d_nats + (1 - smoothing) * d_smoothed
    share = tf.exp(logits - log_total[..., None]) * (d_nats + d_smoothed)[..., None]
    share -= smoothing / logits.shape[-1] * d_smoothed[..., None]
    is_target = tf.range(logits.shape[-1]) == tf.cast(ids, tf.int32)[..., None]
    return share - tf.where(is_target, d_target[..., None], 0.0)


def texts_each(rows, memory):
    """Returns how many texts each image has: `rows` of texts (rows, ...) to a memory of tensors (images, ...)."""
    return ops.shape(rows)[0] // ops.shape(next(iter(memory.values())))[0]


def dense(layer, inputs, training=False):
    """Applies a Dense layer to (..., channels) by `product`, whose gradient is faster than the layer's own."""
    if not layer.built:
        layer.build((None, inputs.shape[-1]))
    return layer.activation(product(inputs, layer.kernel, layer.bias if layer.use_bias else None, training))


def product(inputs, kernel, bias=None, training=False):
    """Returns inputs (..., channels) @ kernel + bias as one matrix product.

    In training the product is of bfloat16 numbers where the processor multiplies these twice as fast; weights and all
    sums over rows stay float32.
    """
    flat, kernel = ops.reshape(inputs, (-1, inputs.shape[-1])), tf.convert_to_tensor(kernel)
    bias = tf.zeros(kernel.shape[-1]) if bias is None else tf.convert_to_tensor(bias)
    low = training and fast_bfloat16()
    made = _bfloat16_product(flat, kernel, bias) if low else tf.nn.bias_add(flat @ kernel, bias)
    return ops.reshape(made, (*sizes(inputs)[:-1], kernel.shape[-1]))


@tf.custom_gradient
def _bfloat16_product(inputs, kernel, bias):
    """inputs @ kernel + bias, of which only the products are of bfloat16 numbers.

    Left to TensorFlow, the gradient of the bias would be a sum of bfloat16 numbers, and that stops growing: of 3,000
    rows four fifths are lost.
    """
    low_inputs, low_kernel = tf.cast(inputs, tf.bfloat16), tf.cast(kernel, tf.bfloat16)

    def gradient(d):
        low = tf.cast(d, tf.bfloat16)
        of_inputs = tf.cast(tf.matmul(low, low_kernel, transpose_b=True), tf.float32)
        return of_inputs, tf.cast(tf.matmul(low_inputs, low, transpose_a=True), tf.float32), tf.reduce_sum(d, axis=0)

    made = tf.nn.bias_add(low_inputs @ low_kernel, tf.cast(bias, tf.bfloat16))
    return tf.cast(made, tf.float32), gradient


def sizes(tensor):
    """Returns the shape of a tensor for `ops.reshape`, with -1 for the one size that is not known before it runs.

    A size that has to be asked for while running costs several operations, and their tracing.
    """
    known = tuple(tensor.shape)
    return ops.shape(tensor) if known.count(None) > 1 else tuple(-1 if n is None else n for n in known)
