"""People judge: a blind, balanced questionnaire on image and text, its collection, and its analysis (an extra)."""

from img2tweet_tf.study.analyse import analyse_study, load_analysis
from img2tweet_tf.study.build import build_study
from img2tweet_tf.study.power import simulate_answers, study_power

__all__ = ["analyse_study", "build_study", "load_analysis", "simulate_answers", "study_power"]
