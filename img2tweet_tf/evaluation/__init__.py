"""How good predicted tweets are: metrics, intervals, and what they were compared with."""

from img2tweet_tf.evaluation.bootstrap import Interval, bootstrap_interval, paired_bootstrap
from img2tweet_tf.evaluation.evaluate import evaluate
from img2tweet_tf.evaluation.metrics import METRICS, copied, example_stats, score
from img2tweet_tf.evaluation.named_objects import Finder, sample_nouns
from img2tweet_tf.evaluation.picks import good_median_bad
from img2tweet_tf.evaluation.pointing import pointing_game
from img2tweet_tf.evaluation.swap import swap_test
from img2tweet_tf.evaluation.tokens import METRIC_TOKENIZER, metric_tokens

__all__ = [
    "METRICS", "METRIC_TOKENIZER", "Finder", "Interval", "bootstrap_interval", "copied", "evaluate", "example_stats",
    "good_median_bad", "metric_tokens", "paired_bootstrap", "pointing_game", "sample_nouns", "score", "swap_test",
]  # fmt: skip
