"""How likely a captioner finds texts that are there already, by teacher forcing."""

import weakref

import numpy as np

_compiled = weakref.WeakKeyDictionary()


def token_nats(model, inputs, ids):
    """Returns the negative log-likelihood of each token after the first, float32 (B, N, T - 1).

    Args:
        model: a captioner of `models`.
        inputs: its images (B, rows, cols, C) as "image" and, for a captioner with context, its facts.
        ids: int (B, N, T), beginning with the start mark; what stands for padding means nothing.
    """
    from img2tweet_tf.utils.backend import keras, tf

    if model not in _compiled:
        weak = weakref.ref(model)  # what is compiled must not keep alive the model that owns it here

        def forward(batch, targets):
            return keras.ops.sparse_categorical_crossentropy(targets, weak()(batch), from_logits=True)

        _compiled[model] = tf.function(forward)
    ids = np.asarray(ids, np.int32)
    batch = {name: tf.constant(array) for name, array in {**inputs, "ids": ids[..., :-1]}.items()}
    return _compiled[model](batch, tf.constant(ids[..., 1:])).numpy()
