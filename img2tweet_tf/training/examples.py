"""What a captioner learns from: pairs as cached features and token ids, in a train and a val part."""

from dataclasses import dataclass, field

from img2tweet_tf.context import ContextReader, facts_of
from img2tweet_tf.datasets.pairs import TARGETS, load_pairs, split_pairs
from img2tweet_tf.features import Features, extract_features
from img2tweet_tf.text import Vocabulary, clean, tokenize
from img2tweet_tf.training.batches import make_ids
from img2tweet_tf.training.corpus import Corpus, read_corpus
from img2tweet_tf.training.mixing import CAPTIONING, Captions, read_captions
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log

LONGEST = 40  # ids of a text at most, start and end included; longer ones are cut in training
TEXTS = 5  # of an image at most
ANONYMOUS = "@anonymous"


@dataclass
class Examples:
    """What a captioner learns from.

    `features` of all images; `train` and `val`, the `Corpus` of each part (val: None where there is none); the
    `vocabulary`; `ids` by part, (images, n, time) with n and time alike. Of a captioner with context the
    `ContextReader`, and by part the arrays that it made; else None and an empty dict. `captions` to be mixed in, or
    None.
    """

    features: Features
    train: Corpus
    val: Corpus | None
    vocabulary: Vocabulary
    ids: dict
    context: ContextReader | None = None
    facts: dict = field(default_factory=dict)
    captions: Captions | None = None

    def pairs(self):
        """Returns all `Pairs`, those of the train part first."""
        return self.train.pairs + self.val.pairs if self.val else self.train.pairs


def read_examples(pairs, encoder, config, start=None):
    """Returns the `Examples` of pairs: images encoded, texts tokenized, the vocabulary built from the train part.

    Args:
        pairs: `Pairs`.
        encoder: `Encoder`.
        config: `TrainConfig`.
        start: `Captioner` whose vocabulary is extended, or None.
    """
    target, context = config.target, config.context
    parts = split_pairs(pairs)
    if not parts["train"]:
        raise Img2TweetError(f"{pairs.name}: no pair is in its train part ({len(pairs)} pairs in all)")
    features = extract_features(parts["train"] + parts["val"], encoder)
    train, val = read_corpus(parts["train"], features, target), None
    try:
        val = read_corpus(parts["val"], features, target) if parts["val"] else None
    except Img2TweetError as error:
        log(f"nothing to validate on ({error})")
    further = [tokens for name in config.vocabulary_from for tokens in _training_tokens(_named(name, pairs))]
    if config.captions_from and context != "none":
        further += [[CAPTIONING]] * config.min_count  # a word of its own, so that no unknown account is taken for it
    vocabulary = Vocabulary.build(train.flat_tokens() + further, min_count=config.min_count)
    vocabulary = start.vocabulary.extended(vocabulary) if start else vocabulary
    lengths = sorted(len(tokens) + 2 for tokens in train.flat_tokens())
    length = min(LONGEST, lengths[int(0.99 * (len(lengths) - 1))])  # 99 of 100 texts fit into it
    n = min(TEXTS, max(map(len, train.tokens)))
    corpora = {"train": train, "val": val}
    reader = start.context if start else None
    if context != "none":
        captioning = [[("account", CAPTIONING)]] * len(train) if config.captions_from else []
        reader = reader or ContextReader.build(context, [facts_of(pair, context) for pair in train.pairs] + captioning)
        if not reader.fields:
            raise Img2TweetError(f"{pairs.name}: no facts to train on for the context {context}")
    ids, facts = {}, {}
    for part, corpus in corpora.items():
        if corpus:
            told = [facts_of(pair, context) for pair in corpus.pairs]
            told = _some_untold(told) if part == "train" else told
            facts[part], own = reader.read(told, vocabulary) if reader else (None, None)
            ids[part] = make_ids(corpus.tokens, vocabulary, length, n, own)
    images = f"{len(train)} images to train, {len(val or [])} to validate"
    log(f"{pairs.name}: {images}; {len(vocabulary)} words")
    captions = None
    if config.captions_from:
        others = split_pairs(_named(config.captions_from, pairs))["train"]
        captions = read_captions(others, encoder, vocabulary, n, length, reader)
    return Examples(features, train, val, vocabulary, ids, reader, facts, captions)


def _named(name, pairs):
    """Returns the `Pairs` of a name; those that are trained on, whole, where it is theirs."""
    return pairs.whole if name == pairs.name else load_pairs(name)


def _training_tokens(pairs):
    """Returns the tokens of all tweets and captions of the train part, a list of lists of str."""
    texts = (text for pair in split_pairs(pairs)["train"] for target in TARGETS for text in pair.texts(target))
    return [tokenize(clean(text)) for text in texts]


def _some_untold(told):
    """Returns facts of which every eighth pair's name no known account, and every eighth pair has none at all.

    So a captioner can also write for new accounts, and where nothing is known.
    """
    changed = list(told)
    for place in range(0, len(told), 8):
        changed[place] = [(name, ANONYMOUS if name == "account" else value) for name, value in told[place]]
    for place in range(4, len(told), 8):
        changed[place] = []
    return changed
