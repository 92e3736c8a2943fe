"""From a captioner and an image's features to texts, by one compiled loop that knows no model by name."""

from img2tweet_tf.generation.attention import attention_maps, attention_of_texts, fact_attention
from img2tweet_tf.generation.likelihood import token_nats
from img2tweet_tf.generation.options import Decoding, make_decoding, report_idle
from img2tweet_tf.generation.search import decode

__all__ = [
    "Decoding", "attention_maps", "attention_of_texts", "decode", "fact_attention", "make_decoding", "report_idle",
    "token_nats",
]  # fmt: skip
