"""Knowledge of the world: the facts of a pair, by kind of context, and the arrays that a captioner reads."""

from img2tweet_tf.context.controls import CONTROLS, controlled
from img2tweet_tf.context.facts import KINDS, check_kind, facts_of, given_facts, hidden_facts, read_facts
from img2tweet_tf.context.reader import ContextReader
from img2tweet_tf.context.support import barred, unsupported

__all__ = [
    "CONTROLS", "KINDS", "ContextReader", "barred", "check_kind", "controlled", "facts_of", "given_facts",
    "hidden_facts", "read_facts", "unsupported",
]  # fmt: skip
