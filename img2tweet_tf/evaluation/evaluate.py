"""A captioner against the texts people wrote, beside two systems that any captioner must beat.

Leaves `metrics.json` (flat; `metrics.METRICS` says what each score is) and `predictions.jsonl`. The trivial systems'
figures stand in the same file, under `most_frequent_`, `nearest_image_` and `swapped_` (see `metrics.BASELINES`).
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np

from img2tweet_tf.captioner import Captioner, load_captioner
from img2tweet_tf.context import CONTROLS, controlled, facts_of, hidden_facts, unsupported
from img2tweet_tf.datasets.pairs import SPLITS, load_pairs, split_pairs
from img2tweet_tf.evaluation.facts import FactsMeasure, fact_scores
from img2tweet_tf.evaluation.likelihood import perplexities
from img2tweet_tf.evaluation.metrics import copied, score
from img2tweet_tf.evaluation.tokens import METRIC_TOKENIZER
from img2tweet_tf.features import extract_features
from img2tweet_tf.generation import make_decoding, report_idle
from img2tweet_tf.text import without_marks
from img2tweet_tf.training import read_corpus
from img2tweet_tf.training.run_folder import digest
from img2tweet_tf.utils import paths
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress


def evaluate(
    captioner, data, out=None, *, target=None, split="test", context=None, supported_only=False, **decoding
):
    """Writes a text for every image of a split and measures it against the texts people wrote.

    Args:
        captioner: a `Captioner` or the folder of a saved one.
        data: name, folder or `Pairs`. By "sample" as many pairs of it are meant as the captioner was trained on.
        out: folder for `metrics.json` and `predictions.jsonl`; None writes nothing.
        target: "tweet" or "caption"; None takes what the captioner was trained on.
        split: "train", "val", "test", or "all".
        context: what is told of each pair, of `context.KINDS`, or a control of `context.CONTROLS`; None takes what the
            captioner was trained with. Where it is "typed", or the captioner was trained with that, no hashtag or
            mention counts, on either side.
        supported_only: whether to write no name, number, place or date that no fact supports.
        decoding: options of `generation.Decoding`; each image has one text.

    Returns:
        dict, the contents of `metrics.json`. Where the training data can't be read any more, the figures that need it
        (the trivial systems, `copied`) are left out, and a line says so.

    Raises:
        Img2TweetError: nothing to evaluate, and why.
    """
    if out is not None:
        paths.check_folder(out)
    make_decoding(decoding)
    pairs = data if data == "sample" else load_pairs(data)
    captioner = captioner if isinstance(captioner, Captioner) else load_captioner(captioner)
    if lacking := {"data", "target", "vectors", "seed"} - captioner.training.keys():
        raise Img2TweetError(f"this captioner's training summary lacks {', '.join(sorted(lacking))}; train it again")
    chosen = captioner.decoding_of(decoding)
    report_idle(decoding, chosen)
    if chosen.several > 1:
        raise Img2TweetError(f"several: an evaluation measures one text of each image, not {chosen.several}")
    target = target or captioner.training["target"]
    if data == "sample":
        pairs = load_pairs("sample", _trained_of_sample(captioner))
    part = split_part(pairs, split)
    features = extract_features(part, captioner.encoder)
    corpus = read_corpus(part, features, target)
    told, context = _told(captioner, corpus.pairs, context)
    predictions = write_all(captioner, features, corpus.rows, decoding | {"supported_only": supported_only}, told)
    systems, read = _systems(captioner, predictions, corpus, features, pairs)
    facts = _facts(systems, corpus, pairs) if pairs.is_sample and target == "tweet" else {}
    references = corpus.texts
    if "typed" in (context, captioner.context and captioner.context.kind):
        systems = {prefix: [without_marks(text) for text in texts] for prefix, texts in systems.items()}
        references = [[without_marks(text) for text in texts] for texts in references]
        read = read and [without_marks(text) for text in read]
    results = {
        "system": captioner.model.name,
        "data": pairs.name,
        "split": split,
        "target": target,
        "context": context,
        "images": len(corpus),
        "trained_on": captioner.training["data"],
        "encoder": captioner.encoder.name,
        "vectors": captioner.training["vectors"],
        "seed": captioner.training["seed"],
        "metric_tokenizer": METRIC_TOKENIZER,
        "decoding": json.dumps({**captioner.decoding, **decoding}),
        "supported_only": supported_only,
        **{
            prefix + name: value
            for prefix, texts in systems.items()
            for name, value in score(texts, references).items()
        },
        **perplexities(captioner, corpus, features, told),
        "unsupported": _unsupported(predictions, told, captioner.vocabulary),
        **facts,
    }
    if read is not None:
        results.update({prefix + "copied": copied(written, read) for prefix, written in systems.items()})
    if out is not None:
        _write(Path(out), results, corpus, systems, references)
    return results


def _systems(captioner, predictions, corpus, features, pairs):
    """Returns the texts of the captioner and of every trivial system by prefix, and all texts of the training part.

    Without the training part (None) there are fewer systems.
    """
    half = len(corpus) // 2
    systems = {"": predictions, "swapped_": predictions[half:] + predictions[:half]}
    hidden = [[value for name, value in hidden_facts(pair).items() if name != "account"] for pair in corpus.pairs]
    if any(hidden):
        systems["all_facts_"] = [", ".join(map(str, values)) for values in hidden]
    if (training := training_corpus(captioner, pairs)) is None:
        return systems, None
    known, known_features = training
    read = [text for texts in known.texts for text in texts]
    systems["most_frequent_"] = [most_frequent(read)] * len(corpus)
    pooled, known_pooled = features.pooled(corpus.rows), known_features.pooled(known.rows)
    near = {"nearest_image_": nearest_images(pooled, known_pooled)}
    if any(accounts := _accounts(corpus.pairs)):
        same = accounts[:, None] == _accounts(known.pairs)
        near["nearest_account_"] = nearest_images(pooled, known_pooled, same | ~same.any(axis=1, keepdims=True))
    return systems | {name: [known.texts[place][0] for place in places] for name, places in near.items()}, read


def _trained_of_sample(captioner):
    """Returns how many pairs of the sample a captioner was trained on, None if on other data."""
    return captioner.training["images"]["train"] if captioner.training["data"] == "sample" else None


def split_part(pairs, split):
    """Returns the `Pairs` of "train", "val", "test" or "all"; `Img2TweetError` if there is none."""
    if split not in (*SPLITS, "all"):
        raise Img2TweetError(f'unknown split "{split}" (there are: {", ".join(SPLITS)}, all)')
    part = pairs if split == "all" else split_pairs(pairs)[split]
    if not part:
        raise Img2TweetError(f"{pairs.name}: no pair is in its {split} part ({len(pairs)} in all); try the split all")
    return part


def _told(captioner, pairs, context):
    """Returns the facts of each pair that a captioner is told, None for one that reads none; and the context's name."""
    if captioner.context is None:
        if context not in (None, "none", "typed"):
            raise Img2TweetError(f"this captioner reads no facts; expected the context none, got {context}")
        return None, context or "none"
    context = context or captioner.context.kind
    if context in CONTROLS:
        return controlled(pairs, captioner.context.kind, context, earlier=pairs.whole), context
    return [facts_of(pair, context) for pair in pairs], context


def write_all(captioner, features, rows, decoding, told=None, batch_size=64):
    """Writes a text for each row of cached features; reads `batch_size` images at a time."""
    texts = []
    for start in progress(range(0, len(rows), batch_size), "writing", unit="batch"):
        part = slice(start, start + batch_size)
        texts += captioner.write(features.grid(rows[part]), told and told[part], first=start, **decoding)[0]
    return texts


def training_corpus(captioner, pairs):
    """Returns (`Corpus`, `Features`) that a captioner was trained on; None if they are gone.

    Of a dataset that `pairs` are of, that is the train part of `pairs` if it was trained on just these, else of all.
    """
    source, target = captioner.training["data"], captioner.training["target"]
    try:
        if pairs.name != source:
            pairs = load_pairs(source)
        elif digest(pairs, captioner.training.get("context", "none")) != captioner.training.get("data_digest"):
            pairs = pairs.whole
        train = split_pairs(pairs)["train"]
        features = extract_features(train, captioner.encoder)
        return read_corpus(train, features, target), features
    except Img2TweetError as error:
        log(f"no trivial systems and no share of copies, for they need the training data ({error})")
        return None


def most_frequent(texts):
    """Returns the text that occurs most often; of several the first."""
    return Counter(texts).most_common(1)[0][0]


def nearest_images(pooled, known, among=True):
    """Returns, for each pooled vector (n, channels), the place of the nearest of known ones by cosine, int (n,).

    Args:
        pooled: (n, channels).
        known: (m, channels).
        among: bool (n, m), which of the known ones each may take; True: any.
    """
    return np.argmax(np.where(among, _unit(pooled) @ _unit(known).T, -2), axis=1)


def _facts(systems, corpus, pairs):
    """Returns the facts measure of every system, and of the reference tweets, under their prefixes."""
    measure = FactsMeasure(pairs.whole)
    texts = {**systems, "reference_": [of_pair[0] for of_pair in corpus.texts]}
    return {
        prefix + name: value
        for prefix, its_texts in texts.items()
        for name, value in fact_scores(its_texts, corpus.pairs, measure).items()
    }


def _unsupported(predictions, told, vocabulary):
    """Returns the mean number of names, numbers, places and dates in a text that no fact of its pair supports."""
    told = told or [[]] * len(predictions)
    return float(np.mean([len(unsupported(*each, vocabulary)) for each in zip(predictions, told, strict=True)]))


def _accounts(pairs):
    """Returns the account of each pair, an array of str or None (pairs,)."""
    return np.array([pair.record.get("account") for pair in pairs], object)


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _write(out, results, corpus, systems, references):
    """Leaves metrics.json and predictions.jsonl in a folder, each whole or not at all."""
    with (
        paths.atomic_write(out / "predictions.jsonl") as fresh,
        open(fresh, "w", encoding="utf-8", newline="\n") as lines,
    ):
        for place, pair in enumerate(corpus.pairs):
            row = {"id": pair.id, "image": pair.record["image"], "prediction": systems[""][place]}
            row.update({prefix.rstrip("_"): texts[place] for prefix, texts in systems.items() if prefix})
            lines.write(json.dumps({**row, "references": references[place]}, ensure_ascii=False) + "\n")
    paths.write_json(out / "metrics.json", results)
