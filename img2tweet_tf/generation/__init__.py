"""From a captioner and an image's features to texts, by one compiled loop that knows no model by name."""

from img2tweet_tf.generation.attention import attention_maps, attention_of_texts, fact_attention
from img2tweet_tf.generation.search import METHODS, check_decoding, decode

__all__ = ["METHODS", "attention_maps", "attention_of_texts", "check_decoding", "decode", "fact_attention"]
