"""Image-tweet pairs from the social web and from archives. What talks to networks needs the extra `collect`."""

from img2tweet_tf.collect.accounts import read_accounts
from img2tweet_tf.collect.archives import ARCHIVES, import_archive
from img2tweet_tf.collect.collector import AT_MOST, NETWORKS, collect, refresh

__all__ = ["ARCHIVES", "AT_MOST", "NETWORKS", "collect", "import_archive", "read_accounts", "refresh"]
