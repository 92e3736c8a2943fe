"""The whole way from a pairs folder to a saved captioner: features, vocabulary, word vectors, fitting, saving."""

import time
from pathlib import Path

from img2tweet_tf.captioner import Captioner, load_captioner
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.features import extract_features, load_encoder
from img2tweet_tf.features.out_of_distribution import FeatureDistribution
from img2tweet_tf.models import model_class
from img2tweet_tf.text import KnownTexts, detokenize, load_glove
from img2tweet_tf.training.batches import word_counts
from img2tweet_tf.training.callbacks import best_record
from img2tweet_tf.training.config import TrainConfig
from img2tweet_tf.training.encoder import unfrozen_copy
from img2tweet_tf.training.examples import LONGEST, read_examples
from img2tweet_tf.training.fit import fit
from img2tweet_tf.training.initialization import check_sizes, freeze, from_word_vectors, with_more_words, with_sizes
from img2tweet_tf.training.optimization import set_seed
from img2tweet_tf.training.run_folder import open_run
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.backend import product_dtype
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log

DECODING = {"method": "beam", "beam_width": 5, "length_power": 0.7, "no_repeat_ngram": 3, "max_length": LONGEST}


def train(data, out, *, encoder=None, resume=False, **settings):
    """Trains a captioner on the train part of `data`, stops early on its val part, and saves it.

    Args:
        data: name, folder, or `Pairs`.
        out: run folder, new or without a run in it: the saved captioner, `history.json`, `checkpoints/`, `run.json`.
        encoder: an `Encoder`, or a name for `load_encoder`; None is "auto", or that of `init`.
        resume: go on with the run in `out`, which must have been started with the same settings.
        settings: fields of `TrainConfig`, such as `model="transformer", epochs=10, sizes={"d_model": 128}`.

    Returns:
        The `Captioner`.

    Raises:
        Img2TweetError: anything in the arguments or the data that the user can mend.
    """
    out, started = Path(out), time.perf_counter()
    encoder, config = _settings(encoder, settings)
    kind = model_class(config.model)
    check_sizes(kind, config.sizes)
    pairs = load_pairs(data)
    start = _start(config, kind)
    encoder = start.encoder if start else encoder or load_encoder(config.encoder, weights=config.encoder_weights)
    trained = encoder if config.train_encoder is None else unfrozen_copy(encoder, config.train_encoder)
    vectors = None if config.glove == "none" else load_glove(config.glove)
    resume, about = open_run(out, config, pairs, encoder, resume)
    set_seed(config.seed)
    try:
        examples = read_examples(pairs, encoder, config, start)
        model, vectors = _new_model(kind, config, start, examples, vectors)
        freeze(model, config.freeze)
        captioner = Captioner(model, examples.vocabulary, trained, DECODING, {}, context=examples.context)
        if not resume:
            paths.write_json(out / "run.json", about)
        history = fit(captioner, examples, out, config, resume)
    except KeyboardInterrupt:
        log(f"{out}: stopped; the same again with --resume (resume=True) goes on")
        raise
    except OSError as error:
        raise paths.with_path(error, out) from None
    if trained is not encoder:
        trained.weights, trained.trained = f"{trained.weights}, last layers trained on {pairs.name}", True
        examples.features = extract_features(examples.pairs(), trained)
    captioner.model = with_sizes(captioner.model, encoder.grid_shape, product_dtype="float32")
    captioner.feature_distribution = FeatureDistribution.from_features(examples.features.pooled())
    texts = map(detokenize, examples.train.flat_tokens())
    captioner.known_texts = KnownTexts.from_texts(map(captioner.own_words, texts))
    captioner.training = {
        **config.to_json(), **about, "vectors": vectors, **_summary(examples, captioner.model, history),
        "drawn": pairs.is_sample,
    }
    captioner.save(out)
    best = captioner.training["best"]["epoch"]
    still = " (still improving)" if best == config.epochs else ""
    log(f"saved {out}: best epoch {best} of {len(history)}{still}, {time.perf_counter() - started:.0f} s in all")
    return captioner


def _settings(encoder, given):
    """Returns the encoder (None where it is still to be loaded) and the `TrainConfig`."""
    if unknown := given.keys() - TrainConfig.__dataclass_fields__.keys():
        there = ", ".join(TrainConfig.__dataclass_fields__)
        raise Img2TweetError(f"train has no setting {', '.join(sorted(unknown))} (there are: {there})")
    if encoder is None or isinstance(encoder, str):
        return None, TrainConfig(encoder=encoder or "auto", **given)
    if not hasattr(encoder, "fingerprint"):
        raise Img2TweetError(f"train: expected an encoder or the name of one, got {type(encoder).__name__}")
    if given.get("init"):
        return None, TrainConfig(**given)  # its encoder is the one to use
    return encoder, TrainConfig(encoder=encoder.name, **given)


def _start(config, kind):
    """Returns the saved captioner to start from, None where there is none."""
    if not config.init:
        return None
    start = load_captioner(config.init)
    if config.sizes or not isinstance(start.model, kind):
        raise Img2TweetError(f"{start.model.name} of init brings its sizes; leave out sizes, or init")
    if start.context and start.context.kind != config.context:
        raise Img2TweetError(f"init: {config.init} reads the context {start.context.kind}, not {config.context}")
    return start


def _new_model(kind, config, start, examples, vectors):
    """Returns the captioner's network before its first batch, and what its word vectors are."""
    vocabulary, counts = examples.vocabulary, word_counts(examples.ids["train"], len(examples.vocabulary))
    grid, dtype = examples.features.grid_shape, product_dtype() if config.bfloat16 else "float32"
    more = examples.context.sizes() if examples.context else {}
    if not start:
        sizes = {**config.sizes, **more, "product_dtype": dtype}
        return from_word_vectors(kind, vocabulary, grid, sizes, vectors, counts, config.seed)
    model = with_more_words(start, vocabulary, grid, vectors, counts, config.seed)
    return with_sizes(model, grid, product_dtype=dtype, **more), f"from {start.training['data']}"


def _summary(examples, model, history):
    """Returns what the saved captioner says of its training besides the settings."""
    return {
        "images": {"train": len(examples.train), "val": len(examples.val or [])},
        "texts": sum(map(len, examples.train.tokens)),
        "words": len(examples.vocabulary),
        "parameters": model.count_params(),
        "epochs": len(history),
        "best": best_record(history),
        "seconds": round(sum(record["seconds"] for record in history), 1),
    }
