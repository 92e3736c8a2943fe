"""The one exception that is meant for users."""


class Img2TweetError(Exception):
    """Something the user can mend. The message is one line: what was expected, what came, where, what to do."""
