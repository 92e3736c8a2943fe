"""The whole way from a pairs folder to a saved captioner: features, vocabulary, word vectors, fitting, saving."""

import json
import time
import warnings
from pathlib import Path

import numpy as np

from img2tweet_tf import home
from img2tweet_tf.batches import gatherer, make_examples, usable_pairs, word_counts
from img2tweet_tf.captioner import Captioner, load_captioner
from img2tweet_tf.console import Img2TweetError, notice
from img2tweet_tf.familiar import Familiar
from img2tweet_tf.features import Version, extract_features, load_encoder, split_encoder, trainable_copy
from img2tweet_tf.features.trainable import SHARE, VERSIONS
from img2tweet_tf.models import model_class
from img2tweet_tf.models.with_encoder import WithEncoder
from img2tweet_tf.pairs import Pairs, check_target, load_pairs, split_pairs
from img2tweet_tf.run_settings import check_run, check_sizes, digest
from img2tweet_tf.text import Vocabulary, embedding_matrix, load_glove
from img2tweet_tf.training import best_epoch, compile_captioner, fit, load_checkpoint, set_seed

LONGEST = 40  # ids of a text at most, start and end included; longer ones are cut in training
DECODING = {"method": "beam", "beam_width": 5, "length_power": 0.7, "no_repeat_ngram": 3, "max_length": LONGEST}


def train(
    data,
    out,
    *,
    model="glove_lstm",
    target="tweet",
    encoder="auto",
    glove="auto",
    min_count=3,
    epochs=30,
    batch_size=32,
    learning_rate=None,
    patience=3,
    sizes=None,
    init=None,
    resume=False,
    train_encoder=None,
    augment=None,
    seed=0,
    watch=3,
):
    """Trains a captioner on the train part of `data`, stops early on its val part, and saves it.

    Args:
        data: name, folder, or `Pairs`.
        out: run folder, new or without a run in it: the saved captioner, `history.json`, `checkpoints/`, `run.json`.
        model: name of a captioner in `models.MODELS`.
        target: "tweet" or "caption".
        encoder: an `Encoder`, or a name for `load_encoder`.
        glove: word vectors for `load_glove`; "none" starts from random ones.
        min_count: how often a word must occur in the training texts to be known.
        epochs, batch_size (images), learning_rate (Adam), patience (epochs): numbers.
        sizes: dict of further arguments of the model, such as `{"units": 512}`.
        init: folder of a saved captioner to start from: its weights, sizes, encoder and vocabulary, which the words of
            the new texts are added to.
        resume: go on with the run in `out`, which must have been started with the same settings.
        train_encoder: share of the encoder's parameters to train with the captioner, its last ones (see
            `features.split_encoder`), or True for the default share; None leaves the encoder as it is.
        augment: with `train_encoder`, how many versions of each training picture the epochs go through in turn (see
            `features.vary`); 1 is the picture alone. By default 4.
        seed: int; the same seed gives the same captioner on the same machine.
        watch: number of validation images whose text is printed after each epoch.

    Returns:
        The `Captioner`.

    Raises:
        Img2TweetError: anything in the arguments or the data that the user can mend.
    """
    out, started = Path(out), time.perf_counter()
    check_target(target)
    if min(epochs, batch_size, patience, min_count) < 1:
        raise Img2TweetError("epochs, batch_size, patience and min_count must be 1 or more")
    pairs = data if isinstance(data, Pairs) else load_pairs(data)
    kind = model_class(model)
    check_sizes(kind, sizes or {})
    start = load_captioner(init) if init else None
    encoder = start.encoder if start else load_encoder(encoder) if isinstance(encoder, str) else encoder
    train_encoder, augment = _encoder_training(train_encoder, augment)
    settings = {
        "data": pairs.name,
        "data_digest": digest(pairs),
        "model": model,
        "target": target,
        "encoder": encoder.config(),
        "glove": glove,
        "min_count": min_count,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "sizes": sizes or {},
        "init": str(init) if init else None,
        "train_encoder": train_encoder,
        "augment": augment,
        "seed": seed,
    }
    lower, upper = encoder, None
    if train_encoder is not None:
        encoder = trainable_copy(encoder)
        lower, upper = split_encoder(encoder, train_encoder)
    resume = check_run(out, settings, resume)
    set_seed(seed)
    vectors = None if resume or glove == "none" else load_glove(glove)
    parts = split_pairs(pairs)
    if not parts["train"]:
        raise Img2TweetError(f"{pairs.name}: no pair is in its train part ({len(pairs)} pairs in all)")
    features = extract_features(parts["train"] + parts["val"], lower)
    train_pairs = usable_pairs(parts["train"], features, target)
    val_pairs = _usable_or_none(parts["val"], features, target)
    texts = [text for texts in train_pairs.texts(target) for text in texts]
    vocabulary = Vocabulary.build(texts, min_count=min_count)
    vocabulary = start.vocabulary.extended(vocabulary) if start else vocabulary
    length = _length(vocabulary, texts)
    train_examples, val_examples = (
        make_examples(part, features, vocabulary, target, length) for part in (train_pairs, val_pairs)
    )
    shape = encoder.grid_shape if kind.reads_grid else encoder.grid_shape[-1:]
    notice(f"{pairs.name}: {len(train_pairs)} images to train, {len(val_pairs)} to validate; {len(vocabulary)} words")
    if upper:
        trains = f"{upper.count_params():,} of its {encoder.model.count_params():,} parameters train"
        notice(f"{encoder.name}: {trains}, {augment} version{'s' if augment > 1 else ''} of each picture")
    history = []
    if resume:
        net, history = load_checkpoint(out)
    else:
        counts = word_counts(train_examples, len(vocabulary))
        if start:
            net = _grown(kind, start, vocabulary, sizes, vectors, counts, seed)
            settings["vectors"] = f"from {start.training['data']}"
        else:
            net, settings["vectors"] = _new_model(kind, vocabulary, shape, sizes or {}, vectors, seed)
            net.set_word_frequencies(counts)
        net = WithEncoder(upper, net) if upper else net
        compile_captioner(net, learning_rate)
        home.write_json(out / "run.json", settings)
    gather = gatherer(net, features)
    captioner = Captioner(net, vocabulary, encoder, DECODING, {})
    watched = val_examples if len(val_examples) else train_examples

    def show(_):
        texts, _ = captioner.write(features.grid(watched.rows[:watch]))
        for pair_id, text in zip(watched.pair_ids[:watch], texts, strict=True):
            notice(f"  {pair_id}: {text}")

    try:
        versions = [gather]
        for number in range(1, min(augment or 1, epochs + 1)):
            version = extract_features(train_pairs, Version(lower, number))
            versions.append(_gather_instead(train_examples, version))
        history = fit(
            net, train_examples, val_examples, gather, out, epochs=epochs, batch_size=batch_size, patience=patience,
            seed=seed, history=history, show=show if watch else None, versions=versions,
        )  # fmt: skip
    except KeyboardInterrupt:
        notice(f"{out}: stopped; the same again with --resume goes on")
        raise
    if upper:
        upper.set_weights(net.upper.get_weights())  # a resumed run's have been in variables of their own
        encoder.weights, encoder.trained = f"{encoder.weights}, last blocks trained on {pairs.name}", True
        captioner.model = net.captioner
        features = extract_features(parts["train"] + parts["val"], encoder)
    captioner.familiar = Familiar.of(features.pooled())
    best = history[best_epoch(history) - 1]
    captioner.training = {
        **json.loads((out / "run.json").read_text(encoding="utf-8")),
        "drawn": pairs.is_sample,
        "images": {"train": len(train_pairs), "val": len(val_pairs)},
        "texts": int((train_examples.ids[:, :, 0] == Vocabulary.START).sum()),
        "words": len(vocabulary),
        "parameters": captioner.model.count_params(),
        "epochs": len(history),
        "best": best,
        "seconds": round(sum(record["seconds"] for record in history), 1),
    }
    captioner.save(out)
    notice(f"saved {out}: best epoch {best['epoch']} of {len(history)}, {time.perf_counter() - started:.0f} s in all")
    return captioner


def _encoder_training(share, augment):
    """Returns (share of the encoder that trains, versions of each picture), both None where the encoder stays."""
    if share is None or share is False:
        if augment is not None:
            raise Img2TweetError("pictures vary only where the encoder trains; leave out augment, or add train_encoder")
        return None, None
    augment = VERSIONS if augment is None else augment
    if augment < 1:
        raise Img2TweetError(f"expected 1 version of each picture or more, got {augment}")
    return SHARE if share is True else share, augment


def _gather_instead(examples, version):
    """Returns the function from the examples' rows to the grids of the same pictures in other `Features`."""
    row = dict(zip(examples.rows.tolist(), version.rows(examples.pair_ids).tolist(), strict=True))
    return lambda rows: version.grid([row[place] for place in rows.tolist()], dtype=np.float32)


def _usable_or_none(part, features, target):
    """Returns the usable pairs of a validation part; none, with a notice, where that has none."""
    try:
        return usable_pairs(part, features, target) if part else part
    except Img2TweetError as error:
        notice(f"nothing to validate on ({error})")
        return part[:0]


def _length(vocabulary, texts):
    """Returns the ids that 99 of 100 texts fit into, start and end included, at most `LONGEST`."""
    lengths = sorted(len(vocabulary.encode(text)) for text in texts)
    return min(LONGEST, lengths[int(0.99 * (len(lengths) - 1))])


def _grown(kind, start, vocabulary, sizes, vectors, counts, seed):
    """Returns the model of a saved captioner, with the words of the new data that it does not know yet."""
    if sizes or not isinstance(start.model, kind):
        raise Img2TweetError(f"{start.model.name} of --init brings its sizes; leave out --set, or --init")
    new = len(vocabulary) - start.model.vocabulary_size
    if not new:
        return start.model
    known = start.model.embedding.get_weights()[0]
    if vectors is not None and vectors.vector_size == known.shape[1]:
        matrix, _ = embedding_matrix(vocabulary, vectors, seed)
    else:
        matrix = np.random.default_rng(seed).normal(0, known.std(), (len(vocabulary), known.shape[1]))
    notice(f"{start.training['data']}: its {len(start.vocabulary)} words are known; {new} more are learned")
    return start.model.with_vocabulary(matrix, counts)


def _new_model(kind, vocabulary, shape, sizes, vectors, seed):
    """Returns (model, what its word vectors are): of GloVe (`vectors`), or of chance."""
    if vectors is not None:
        if sizes.get("embedding_dim", vectors.vector_size) != vectors.vector_size:
            raise Img2TweetError(f"embedding_dim is {vectors.vector_size} with {vectors.name}; leave out either")
        sizes = {**sizes, "embedding_dim": vectors.vector_size}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # keras warns before it raises
            net = kind(len(vocabulary), shape, **sizes)
    except Exception as error:  # keras and TensorFlow raise errors of many kinds on sizes out of range
        reason = " ".join(str(error).split())
        if reason.startswith("Exception encountered"):  # keras has lost the first error by then
            reason = "it cannot be built; is one too large for the memory here?"
        raise Img2TweetError(f"{kind.__name__}: a size it can't take ({reason})") from None
    if vectors is None:
        return net, "random"
    matrix, coverage = embedding_matrix(vocabulary, vectors, seed)
    notice(str(coverage))
    net.set_embeddings(matrix)
    return net, vectors.name
