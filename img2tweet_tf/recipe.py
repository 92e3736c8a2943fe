"""The whole way from a pairs folder to a saved captioner: features, vocabulary, word vectors, fitting, saving."""

import json
import time
from functools import partial
from pathlib import Path

import numpy as np

from img2tweet_tf import home
from img2tweet_tf.batches import make_examples, usable_pairs, word_counts
from img2tweet_tf.captioner import Captioner, load_captioner
from img2tweet_tf.console import Img2TweetError, notice
from img2tweet_tf.familiar import Familiar
from img2tweet_tf.features import extract_features, load_encoder
from img2tweet_tf.models import model_class
from img2tweet_tf.pairs import Pairs, check_target, load_pairs, split_pairs
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
    learning_rate=1e-3,
    patience=3,
    sizes=None,
    init=None,
    resume=False,
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
        init: folder of a saved captioner to start from: its weights, sizes, vocabulary and encoder.
        resume: go on with the run in `out`, which must have been started with the same settings.
        seed: int; the same seed gives the same captioner on the same machine.
        watch: number of validation images whose text is printed after each epoch.

    Returns:
        The `Captioner`.

    Raises:
        Img2TweetError: anything in the arguments or the data that the user can mend.
    """
    out, started = Path(out), time.perf_counter()
    check_target(target)
    kind = model_class(model)
    pairs = data if isinstance(data, Pairs) else load_pairs(data)
    start = load_captioner(init) if init else None
    encoder = start.encoder if start else load_encoder(encoder) if isinstance(encoder, str) else encoder
    settings = {
        "data": pairs.name,
        "model": model,
        "target": target,
        "encoder": encoder.config(),
        "glove": glove,
        "min_count": min_count,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "sizes": sizes or {},
        "init": str(init) if init else None,
        "seed": seed,
    }
    _check_run(out, settings, resume)
    set_seed(seed)
    parts = split_pairs(pairs)
    if not parts["train"]:
        raise Img2TweetError(f"{pairs.name}: no pair is in its train part ({len(pairs)} pairs in all)")
    features = extract_features(parts["train"] + parts["val"], encoder)
    train_pairs = usable_pairs(parts["train"], features, target)
    val_pairs = usable_pairs(parts["val"], features, target) if parts["val"] else parts["val"]
    texts = [text for texts in train_pairs.texts(target) for text in texts]
    vocabulary = start.vocabulary if start else Vocabulary.build(texts, min_count=min_count)
    length = _length(vocabulary, texts)
    train_examples, val_examples = (
        make_examples(part, features, vocabulary, target, length) for part in (train_pairs, val_pairs)
    )
    gather = partial(features.grid, dtype=np.float32) if kind.reads_grid else features.pooled
    shape = features.grid_shape if kind.reads_grid else features.grid_shape[-1:]
    notice(f"{pairs.name}: {len(train_pairs)} images to train, {len(val_pairs)} to validate; {len(vocabulary)} words")
    history, vectors = [], None
    if resume:
        net, history = load_checkpoint(out)
    else:
        net, vectors = _new_model(kind, start, vocabulary, shape, sizes or {}, glove, seed)
        if not start:
            net.set_word_frequencies(word_counts(train_examples, len(vocabulary)))
        compile_captioner(net, learning_rate)
        out.mkdir(parents=True, exist_ok=True)
        settings["vectors"] = vectors
        with home.written_whole(out / "run.json") as fresh:
            fresh.write_text(json.dumps(settings, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    familiar = Familiar.of(features.pooled())
    captioner = Captioner(net, vocabulary, encoder, DECODING, {}, familiar)
    watched = val_examples if len(val_examples) else train_examples

    def show(_):
        texts, _ = captioner.write(features.grid(watched.rows[:watch]))
        for pair_id, text in zip(watched.pair_ids[:watch], texts, strict=True):
            notice(f"  {pair_id}: {text}")

    history = fit(
        net, train_examples, val_examples, gather, out, epochs=epochs, batch_size=batch_size, patience=patience,
        seed=seed, history=history, show=show if watch else None,
    )  # fmt: skip
    best = history[best_epoch(history) - 1]
    captioner.training = {
        **json.loads((out / "run.json").read_text(encoding="utf-8")),
        "drawn": pairs.is_sample,
        "images": {"train": len(train_pairs), "val": len(val_pairs)},
        "texts": int((train_examples.ids[:, :, 0] == Vocabulary.START).sum()),
        "words": len(vocabulary),
        "parameters": net.count_params(),
        "epochs": len(history),
        "best": best,
        "seconds": round(sum(record["seconds"] for record in history), 1),
    }
    captioner.save(out)
    notice(f"saved {out}: best epoch {best['epoch']} of {len(history)}, {time.perf_counter() - started:.0f} s in all")
    return captioner


def _check_run(out, settings, resume):
    """Refuses to write over another run, and to resume a run under other settings."""
    file = out / "run.json"
    if not resume:
        if file.exists() or (out / "captioner.json").exists():
            raise Img2TweetError(f"{out}: holds a run already; --resume it, or name another --out")
        if out.exists() and not out.is_dir():
            raise Img2TweetError(f"{out}: a file; expected a folder to write the run to")
        return
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Img2TweetError(f"{out}: no run to resume ({error}); train without --resume first") from None
    for name, value in settings.items():
        if before.get(name) != json.loads(json.dumps(value)):
            was = f"started with {name} {before.get(name)}, not {value}"
            raise Img2TweetError(f"{out}: {was}; resume it as it was started, or name a new --out")


def _length(vocabulary, texts):
    """Returns the ids that 99 of 100 texts fit into, start and end included, at most `LONGEST`."""
    lengths = sorted(len(vocabulary.encode(text)) for text in texts)
    return min(LONGEST, lengths[int(0.99 * (len(lengths) - 1))])


def _new_model(kind, start, vocabulary, shape, sizes, glove, seed):
    """Returns (model, what its word vectors are): of saved weights, of GloVe, or of chance."""
    if start:
        if sizes or not isinstance(start.model, kind):
            raise Img2TweetError(f"--init is a {start.model.name} and brings its sizes; leave out --set, or --init")
        return start.model, f"from {start.training['data']}"
    vectors = None if glove == "none" else load_glove(glove)
    if vectors is not None:
        sizes = {**sizes, "embedding_dim": vectors.vector_size}
    try:
        net = kind(len(vocabulary), shape, **sizes)
    except (TypeError, ValueError) as error:
        raise Img2TweetError(f"{kind.__name__}: a size it can't take ({str(error).splitlines()[0]})") from None
    if vectors is None:
        return net, "random"
    matrix, coverage = embedding_matrix(vocabulary, vectors, seed)
    notice(str(coverage))
    net.set_embeddings(matrix)
    return net, vectors.name
