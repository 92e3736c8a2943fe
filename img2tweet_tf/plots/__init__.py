"""Figures: functions that take data and a matplotlib `ax`, load nothing, and return `ax`.

Titles are the caller's: they say the finding. `plots.web` writes maps for the browser.
"""

from img2tweet_tf.plots.charts import (
    block_diagram,
    compare_statistics,
    copied_facts,
    learning_curves,
    pointing_bars,
    probe_bars,
    word_gains,
)
from img2tweet_tf.plots.maps import (
    lift_bars,
    name_places,
    scatter_map,
    thumbnail_map,
    word_growth_lines,
    word_probe_dots,
    zipf_lines,
)
from img2tweet_tf.plots.pictures import attention_words, boxes, contact_sheet, show_image_and_texts
from img2tweet_tf.plots.style import COLOURS, FAINT, SERIES, for_notebooks

__all__ = [
    "COLOURS", "FAINT", "SERIES", "attention_words", "block_diagram", "boxes", "compare_statistics", "contact_sheet",
    "copied_facts", "for_notebooks", "learning_curves", "lift_bars", "name_places", "pointing_bars", "probe_bars",
    "scatter_map", "show_image_and_texts", "thumbnail_map", "word_gains", "word_growth_lines", "word_probe_dots",
    "zipf_lines",
]  # fmt: skip
