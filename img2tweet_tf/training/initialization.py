"""A captioner before its first batch: sizes, word vectors, word frequencies; or another's weights and more words."""

import inspect
import json
import warnings

import numpy as np

from img2tweet_tf.text import embedding_matrix
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log


def new_captioner(kind, grid_shape, **sizes):
    """Returns a captioner whose weights exist, so that they can be set, counted and saved before any data is seen.

    Args:
        kind: a class of `models`.
        grid_shape: (rows, cols, C) of one image's grid.
        sizes: arguments of the class, `vocabulary_size` among them.

    Raises:
        Img2TweetError: sizes that it can't be built with.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # keras warns before it raises
            model = kind(**sizes)
            inputs = {"image": np.zeros((1, *grid_shape), np.float32), "ids": np.zeros((1, 1, 2), np.int32)}
            if getattr(model, "sizes", {}).get("num_fields"):
                inputs |= {"context": np.zeros((1, 1, 4), np.int32), "account": np.zeros(1, np.int32)}
            model(inputs)
    except Exception as error:  # keras and TensorFlow raise errors of many kinds on sizes out of range
        reason = " ".join(str(error).split())
        if reason.startswith("Exception encountered"):  # keras has lost the first error by then
            reason = "it cannot be built; is one too large for the memory here?"
        raise Img2TweetError(f"{kind.__name__}: a size it can't take ({reason[:300]})") from None
    return model


def check_sizes(kind, sizes):
    """Raises `Img2TweetError` unless a captioner of this class has these sizes, of these types."""
    known = {
        name: parameter.default
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if isinstance(parameter.default, (bool, int, float)) and name not in ("num_fields", "num_accounts")
    }
    for name, value in sizes.items():
        if name not in known:
            there = ", ".join(f"{name}={default}" for name, default in known.items())
            raise Img2TweetError(f'{kind.__name__} has no size "{name}" (there are, with their defaults: {there})')
        number = isinstance(known[name], float) and type(value) is int
        if type(value) is not type(known[name]) and not number:
            expected = f"a value like {json.dumps(known[name])}"
            raise Img2TweetError(f"{kind.__name__}: expected {expected} for {name}, got {json.dumps(value)}")
        if type(value) is int and value < 1 and not number:
            raise Img2TweetError(f"{kind.__name__}: expected a size of 1 or more, got {name}={value}")


def from_word_vectors(kind, vocabulary, grid_shape, sizes, vectors, counts, seed):
    """Returns a new captioner that starts from GloVe and from how frequent words are; and what its vectors are.

    Args:
        vectors: gensim `KeyedVectors`, or None to start from random word vectors.
        counts: (vocabulary,), how often each id is a target.
    """
    if vectors is not None:
        if sizes.get("embedding_dim", vectors.vector_size) != vectors.vector_size:
            raise Img2TweetError(f"embedding_dim is {vectors.vector_size} with {vectors.name}; leave out either")
        sizes = {**sizes, "embedding_dim": vectors.vector_size}
    model = new_captioner(kind, grid_shape, vocabulary_size=len(vocabulary), **sizes)
    set_word_frequencies(model, counts)
    if vectors is None:
        return model, "random"
    matrix, coverage = embedding_matrix(vocabulary, vectors, seed)
    log(str(coverage))
    model.embedding.set_weights([matrix])
    return model, vectors.name


def set_word_frequencies(model, counts):
    """Starts the last layer's bias at how often each id (V,) is a target, so that no epoch is lost on learning that.

    Ids that never occur, such as padding, count as half an occurrence. Source: the TensorFlow captioning tutorial.
    """
    model.word_logits.bias.assign(_log_shares(counts))


def with_more_words(start, vocabulary, grid_shape, vectors, counts, seed):
    """Returns the model of a saved captioner with the words of new data behind those it knows, and all else as it is.

    Args:
        start: a `Captioner`.
        vocabulary: its own, extended.
        vectors: gensim `KeyedVectors` for the new words; None, or other sizes than the model's, draws them.
        counts: (vocabulary,), how often each id is a target in the new data; new words start at their share.
    """
    model, known = start.model, len(start.vocabulary)
    if len(vocabulary) == known:
        return model
    log(f"{start.training['data']}: its {known} words are known; {len(vocabulary) - known} more are learned")
    (embedding,) = model.embedding.get_weights()
    if vectors is not None and vectors.vector_size == embedding.shape[1]:
        matrix, _ = embedding_matrix(vocabulary, vectors, seed)
    else:
        matrix = np.random.default_rng(seed).normal(0, embedding.std(), (len(vocabulary), embedding.shape[1]))
    grown = with_sizes(model, grid_shape, vocabulary_size=len(vocabulary))
    grown.embedding.set_weights([np.concatenate([embedding, matrix[known:]])])
    kernel = model.word_logits.product.kernel.numpy()
    grown.word_logits.product.kernel.assign(np.pad(kernel, ((0, 0), (0, len(vocabulary) - known))))
    bias = np.concatenate([model.word_logits.bias.numpy(), _log_shares(counts)[known:]])
    grown.word_logits.bias.assign(bias)
    return grown


def with_sizes(model, grid_shape, **sizes):
    """Returns a captioner with other arguments and the same weights, wherever a layer's weights have kept their shapes.

    Args:
        model: a captioner.
        grid_shape: (rows, cols, C) of one image's grid.
        sizes: what is to be different, such as `product_dtype="float32"`.
    """
    config = {**model.get_config(), **sizes}
    other = new_captioner(type(model).from_config, grid_shape, config=config)
    for old, new in zip(model.layers, other.layers, strict=False):  # layers for facts may be new; they come last
        if [weight.shape for weight in old.weights] == [weight.shape for weight in new.weights]:
            new.set_weights(old.get_weights())
    return other


def freeze(model, names):
    """Makes layers of a captioner keep their weights in training; `Img2TweetError` for a name that it has not."""
    parts = {name: part for name, part in vars(model).items() if not name.startswith("_") and _is_layer(part)}
    for name in names:
        if name not in parts:
            raise Img2TweetError(f'freeze: {model.name} has no layer "{name}" (there are: {", ".join(parts)})')
        for layer in parts[name] if isinstance(parts[name], list) else [parts[name]]:
            layer.trainable = False


def _is_layer(part):
    """Whether this is a Keras layer, or a list of them, that has weights to train."""
    layers = part if isinstance(part, list) else [part]
    return bool(layers) and all(getattr(layer, "trainable_weights", None) for layer in layers)


def _log_shares(counts):
    counts = np.maximum(np.asarray(counts, np.float32), 0.5)
    return np.log(counts / counts.sum())
