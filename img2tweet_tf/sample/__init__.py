"""The embedded dataset: a small consistent world, its pictures, and what its people tweeted about them.

A controlled experiment, not evidence about Twitter. `facts` holds the shared words; `world` what happens; `scenes` how
it looks; `captions` what can be seen; `tweets` what was posted; `make` writes it all as a pairs folder.
"""

from img2tweet_tf.sample.make import PAIRS, make_sample, sample_folder

__all__ = ["PAIRS", "make_sample", "sample_folder"]
