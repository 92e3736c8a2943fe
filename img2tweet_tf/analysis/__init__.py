"""Images and texts as data: maps (PCA, UMAP), how well classes separate, linear probes, statistics of texts.

`analysis.statistics` also runs by itself, so it is imported by its name.
"""

from img2tweet_tf.analysis.probes import linear_probe_auc, probe_facts
from img2tweet_tf.analysis.projection import name_clusters, pca_map, separation, separation_table, umap_map
from img2tweet_tf.analysis.text_vectors import hashtag_topics, mean_vectors, tf_idf
from img2tweet_tf.analysis.word_probes import probe_words, visible_share

__all__ = [
    "hashtag_topics", "linear_probe_auc", "mean_vectors", "name_clusters", "pca_map", "probe_facts", "probe_words",
    "separation", "separation_table", "tf_idf", "umap_map", "visible_share",
]  # fmt: skip
