"""`python -m img2tweet_tf COMMAND`: see `cli`."""

import sys

from img2tweet_tf.cli import main

if __name__ == "__main__":
    sys.exit(main())
