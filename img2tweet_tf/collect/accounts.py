"""The accounts to collect from: a YAML list of names, or lists of names by category."""

from pathlib import Path

import yaml

from img2tweet_tf.utils.errors import Img2TweetError


def read_accounts(file):
    """Reads accounts from a YAML file: `[alice, bob]`, or `{dogs: [alice], food: [bob]}` by category.

    Returns:
        dict of {name: category, None where there are none}, in the file's order; names without a leading "@".

    Raises:
        Img2TweetError: it can't be read, or holds something else.
    """
    try:
        found = yaml.safe_load(Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Img2TweetError(f"{file}: cannot be read as accounts ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        hint = " (a name with a leading @ needs quotes)" if "'@'" in str(error) else ""
        raise Img2TweetError(f"{file}: no YAML in UTF-8{hint}: {' '.join(str(error).split())}") from None
    by_category = found if isinstance(found, dict) else {None: found}
    accounts = {}
    for category, names in by_category.items():
        if not isinstance(names, list) or not all(isinstance(name, str) and _name(name) for name in names):
            raise Img2TweetError(f"{file}: expected a list of account names, or such lists by category")
        for name in names:
            accounts.setdefault(_name(name), None if category is None else str(category))
    if not accounts:
        raise Img2TweetError(f"{file}: no account in it")
    return accounts


def _name(written):
    """Returns a name as written without blanks and the leading @; empty if it can't be one."""
    name = written.strip().removeprefix("@")
    return name if name.isprintable() and not set(name) & set(" /?#&%\\") else ""
