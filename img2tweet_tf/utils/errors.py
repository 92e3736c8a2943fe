"""The one exception that is meant for users."""


class Img2TweetError(Exception):
    """Something the user can mend. The message is one line: what was expected, what came, where, what to do."""

    def _render_traceback_(self):
        """Tells IPython to show that line, and no traceback, in a notebook."""
        return [f"Img2TweetError: {self}"]
