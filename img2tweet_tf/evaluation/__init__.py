"""How good predicted tweets are: metrics, intervals, and what they were compared with."""

from .bootstrap import Interval, bootstrap_interval, paired_bootstrap
from .evaluate import evaluate
from .metrics import METRICS, copied, example_stats, score
from .tokens import METRIC_TOKENIZER, metric_tokens

__all__ = [
    "METRICS", "METRIC_TOKENIZER", "Interval", "bootstrap_interval", "copied", "evaluate", "example_stats",
    "metric_tokens", "paired_bootstrap", "score",
]  # fmt: skip
