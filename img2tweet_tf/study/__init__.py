"""People judge: a blind, balanced questionnaire on image and text, its collection, and its analysis (an extra)."""

from img2tweet_tf.study.build import build_study

__all__ = ["build_study"]
