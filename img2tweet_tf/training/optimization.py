"""What a captioner is compiled with: Adam and its learning rate, the loss in nats per real token; and the seeds."""

from img2tweet_tf.utils.backend import keras, tf
from img2tweet_tf.utils.errors import Img2TweetError

ops = keras.ops


def set_seed(seed):
    """Seeds Python, numpy and TensorFlow, and makes TensorFlow's operations repeatable on the same machine."""
    if not 0 <= seed < 2**32:
        raise Img2TweetError(f"expected a seed from 0 to {2**32 - 1}, got {seed}")
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def compile_captioner(
    model, learning_rate=None, warmup_steps=None, label_smoothing=None, decay_steps=None, clip_norm=5.0
):
    """Compiles a captioner for `fit`, as a notebook would; returns it.

    The loss is Keras's cross-entropy in nats, its mean over real tokens: padding weighs 0. The metric "cross_entropy"
    is the same without smoothing and without the losses that layers add, so exp of it is the perplexity.

    Args:
        model: a captioner of `models`, or a functional model that ends in one.
        learning_rate, warmup_steps, label_smoothing: None takes the model's own (its `training_defaults`), or 1e-3, 0
            and 0. With warm-up steps the rate is that of `WarmUp`.
        decay_steps: number of all batches, at whose end the rate is 0: after the warm-up it falls along half a cosine
            (Loshchilov and Hutter 2017, "SGDR", eq. 5, without restarts). None: it does not.
        clip_norm: the gradient is shortened to this norm.
    """
    own = {"learning_rate": 1e-3, "warmup_steps": 0, "label_smoothing": 0.0} | getattr(model, "training_defaults", {})
    given = {"learning_rate": learning_rate, "warmup_steps": warmup_steps, "label_smoothing": label_smoothing}
    chosen = own | {name: value for name, value in given.items() if value is not None}
    rate, smoothing = _rate(chosen["learning_rate"], chosen["warmup_steps"], decay_steps), chosen["label_smoothing"]
    model.compile(
        optimizer=keras.optimizers.Adam(rate, global_clipnorm=clip_norm),
        loss=SmoothedCrossentropy(smoothing) if smoothing else cross_entropy_loss(),
        weighted_metrics=[keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy")],
        jit_compile=False,  # XLA's random numbers make dropout slow, and it has no kernel for an LSTM
    )
    if model.built:
        model.optimizer.build(model.trainable_variables)  # else TensorFlow traces the first batch twice
    return model


def _rate(peak, warmup_steps, decay_steps):
    """Returns Adam's learning rate, a number or a schedule."""
    if decay_steps:
        rising = {"warmup_target": peak, "warmup_steps": warmup_steps} if warmup_steps else {}
        falling = max(1, decay_steps - warmup_steps)
        return keras.optimizers.schedules.CosineDecay(0.0 if warmup_steps else peak, falling, **rising)
    return WarmUp(peak, warmup_steps) if warmup_steps else peak


def cross_entropy_loss():
    """Returns Keras's cross-entropy of ids and logits, its mean over tokens of weight 1."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight")


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of ids and logits with label smoothing, which Keras's has for one-hot targets only.

    (1 - smoothing) times the nats of the target, plus `smoothing` times the mean nats of all words.
    Source: Szegedy et al. 2016, section 7.
    """

    def __init__(self, smoothing, reduction="mean_with_sample_weight", name="smoothed_crossentropy", **kwargs):
        super().__init__(name=name, reduction=reduction, **kwargs)
        self.smoothing = smoothing

    def call(self, y_true, y_pred):
        """Ids (..., time) and logits (..., time, V) -> nats (..., time)."""
        nats = ops.sparse_categorical_crossentropy(ops.cast(y_true, "int32"), y_pred, from_logits=True)
        uniform = ops.logsumexp(y_pred, axis=-1) - ops.mean(y_pred, axis=-1)
        return (1 - self.smoothing) * nats + self.smoothing * uniform

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises linearly to `peak` in `steps` batches, then falls with the root of their number.

    Source: Vaswani et al. 2017, section 5.3, with the peak given instead of d_model.
    """

    def __init__(self, peak, steps):
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        done = ops.cast(step, "float32") + 1
        return self.peak * ops.minimum(done / self.steps, ops.sqrt(self.steps / done))

    def get_config(self):
        return {"peak": self.peak, "steps": self.steps}
