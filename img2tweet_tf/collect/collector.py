"""Collects posts of accounts into a pairs folder: newest first, a page at a time, to be stopped anywhere.

What a run was told stands in its journal (see `folder`), so that a run that was stopped asks for the rest only, and its
folder ends the same, byte for byte. The next run brings what is new since then.
"""

import importlib
import re

from img2tweet_tf.collect.folder import CURSOR, UNFINISHED, UNTIL, CollectedFolder
from img2tweet_tf.collect.post import LeftAlone, ServerTrouble, pairs_of
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log, progress, report_problems

NETWORKS = {"bluesky": ("bluesky", "Bluesky"), "mastodon": ("mastodon", "Mastodon"), "x": ("x", "X")}
AT_MOST = 5000
MOST_EMPTY_PAGES = 50  # in a row without a post that is new and has an image; then the account is left
SECONDS_A_REQUEST = 0.3  # for the estimate


def collect(network, accounts, out, server=None, at_most=AT_MOST, replies=False):
    """Collects image-tweet pairs of accounts into a pairs folder; what is there already is not asked for again.

    Args:
        network: of `NETWORKS`.
        accounts: dict of {name: category or None}, see `read_accounts`.
        out: folder, new or one that this function has made.
        server: URL of a server to ask in place of the network's own.
        at_most: how many new pairs, shared evenly among the accounts; on X, how many posts to read, for each is paid.
        replies: whether replies are kept. Reposts, and posts that are marked as sensitive, never are.

    Returns:
        How many pairs are new.

    Raises:
        Img2TweetError: the folder holds something else, a server gives no answer, or there is no pair at all. What
            has been collected stays, and the same call goes on from there.
    """
    if at_most < len(accounts):
        raise Img2TweetError(f"at most {at_most} of {len(accounts)} accounts: expected at least one of each")
    adapter = _adapter(network, server, replies)
    folder = CollectedFolder(out, {"network": network, "server": server})
    share = at_most // len(accounts)
    log(_estimate(adapter, len(accounts), share))
    before = len(folder.records)
    try:
        for number, (name, category) in enumerate(accounts.items(), 1):
            reader = _AccountReader(adapter, folder, name, category, share)
            for _ in progress(reader.new_pairs(), f"account {number} of {len(accounts)}, {name}", unit=" pairs"):
                pass
            log(f"account {number} of {len(accounts)}, {name}: {reader.outcome}")
            folder.write_pairs()
    finally:
        folder.write_pairs()
    report_problems(folder.problems, "accounts and images")
    folder.finish()
    if not folder.records:
        raise Img2TweetError(f"{out}: no pair collected" + "".join(f" ({problem})" for problem in folder.problems[:1]))
    return len(folder.records) - before


def refresh(out):
    """Drops the pairs of a collected folder whose posts, or accounts, are gone or have opted out, images included.

    Returns:
        How many pairs were dropped.

    Raises:
        Img2TweetError: the folder wasn't collected, is not finished, or a server gives no answer; nothing is dropped.
    """
    folder = CollectedFolder(out, None)
    if folder.pages:
        raise Img2TweetError(f"{out}: {UNFINISHED}")
    adapter = _adapter(folder.state["network"], folder.state["server"], False)
    posts = folder.posts_by_account()
    requests = sum(1 + -(-len(of) // adapter.lookup) for of in posts.values())
    count = sum(map(len, posts.values()))
    cost = f", {_cost(adapter, count / 2, len(posts))}" if adapter.price else ""
    log(f"asking {adapter.name} for {count:,} posts in about {requests:,} requests{cost}")
    gone = set()
    for name, keys in progress(posts.items(), "accounts", total=len(posts)):
        try:
            account = adapter.find(name)
            for start in range(0, len(keys), adapter.lookup):
                missing = adapter.gone(account, keys[start : start + adapter.lookup])
                gone |= {f"{name}/{key}" for key in missing}
        except LeftAlone as error:
            log(f"{name}: {error}; its pairs {'go' if error.sure else 'stay'}")
            if error.sure:
                gone |= {f"{name}/{key}" for key in keys}
                folder.forget(name)
    return folder.drop(gone)


def _adapter(network, server, replies):
    """Returns the adapter of a network; only then its client library is needed."""
    if network not in NETWORKS:
        raise Img2TweetError(f"unknown network {network} (there are: {', '.join(NETWORKS)})")
    if server and not re.match(r"https?://[^/]+", server):
        raise Img2TweetError(f"--server {server}: expected an address such as https://example.org")
    module, kind = NETWORKS[network]
    try:
        adapter = importlib.import_module(f"img2tweet_tf.collect.{module}")
    except ModuleNotFoundError as error:
        raise Img2TweetError(f"collect needs {error.name}: pip install 'img2tweet-tf[collect]'") from None
    return getattr(adapter, kind)(server, replies)


def _estimate(adapter, accounts, share):
    pairs, pages = accounts * share, accounts * (1 + -(-share // adapter.page_size))
    minutes = (pairs + pages) * SECONDS_A_REQUEST / 60
    unit = "posts" if adapter.price else "pairs"
    line = f"{adapter.name}: at most {pairs:,} {unit} of {accounts} accounts, {pairs + pages:,} requests"
    line += f", {minutes:.0f} minutes"
    if adapter.price:
        line += f", {_cost(adapter, pairs, accounts)} where each post has one image (see the developer console)"
    return line


def _cost(adapter, posts, accounts):
    """Returns what posts, each with an image, and accounts cost; an account as much as two posts."""
    return f"${(2 * posts + 2 * accounts) * adapter.price:,.2f}"


class _AccountReader:
    """Reads one account: the posts newer than those of former runs, then those that a former run left for later.

    `outcome` says in the end what came of it.
    """

    def __init__(self, adapter, folder, name, category, share):
        self.adapter, self.folder, self.name, self.category, self.share = adapter, folder, name, category, share
        self.paid = adapter.price > 0
        self.spent = 0  # of the share: pairs that came, or posts that were paid
        self.outcome = ""

    def new_pairs(self):
        """Yields the id of each new pair, once it is in the folder."""
        known = self.folder.state["accounts"].get(self.name, {})
        try:
            account = self._find()
            seen = {"id": account, "newest": known.get("newest"), "gaps": [], "missing": []}
            new = 0
            for post in known.get("missing", []):
                new += yield from self._take(post, seen)
            for gap in [{CURSOR: None, UNTIL: known.get("newest")}, *known.get("gaps", [])]:
                new += yield from self._read(account, gap, seen)
            self.folder.seen[self.name] = seen
            self.outcome = f"{new} new pairs" + (", more are there" if seen["gaps"] else "")
        except LeftAlone as error:
            self._leave(str(error), known)
        except ServerTrouble as error:
            if self.adapter.one_server:
                raise
            self._leave(str(error), known)

    def _leave(self, why, known):
        self.outcome = f"left alone: {why}"
        self.folder.problems.append(f"{self.name}: {why}")
        self.folder.seen[self.name] = {**known, "left_alone": why}

    def _find(self):
        """Returns the account's id, from the journal if it is there. Raises `LeftAlone`."""
        found = self.folder.accounts.get(self.name)
        if found is None:
            try:
                found = {"account": self.name, "id": self.adapter.find(self.name)}
            except LeftAlone as error:
                found = {"account": self.name, "why": str(error)}
            self.folder.write_down(found)
        if "why" in found:
            raise LeftAlone(found["why"])
        return found["id"]

    def _read(self, account, gap, seen):
        """Yields the new pairs between two points of a feed; what is left for later goes to seen["gaps"]."""
        cursor, until, used, empty, new = gap[CURSOR], gap[UNTIL] or {}, set(), 0, 0
        while cursor not in used:
            used.add(cursor)
            if self.spent >= self.share:
                seen["gaps"].append({CURSOR: cursor, UNTIL: gap[UNTIL]})
                return new
            page = self._page(account, cursor, until)
            if self.paid:
                self.spent += len(page["posts"])
            came = 0
            for post in page["posts"]:
                if post["created_at"] and gap[CURSOR] is None and len(used) == 1 and _newer(post, seen.get("newest")):
                    seen["newest"] = {"post": post["post"], "created_at": post["created_at"]}
                if until and post["created_at"] and (post["post"] == until["post"] or _newer(until, post)):
                    return new
                if not post["images"] or f"{self.name}/{post['post']}" in self.folder.posts:
                    continue
                if not self.paid and self.spent and self.spent + len(post["images"]) > self.share:
                    seen["gaps"].append({CURSOR: cursor, UNTIL: gap[UNTIL]})
                    self.spent = self.share
                    return new
                came += yield from self._take(post, seen)
            new, empty = new + came, 0 if came else empty + 1
            if page["next"] is None or empty == MOST_EMPTY_PAGES:
                return new
            cursor = page["next"]
        return new

    def _page(self, account, cursor, until):
        """Returns a page {"posts", "next"}, from the journal if it is there."""
        key = (self.name, cursor, until.get("post"))
        if key not in self.folder.pages:
            limit = min(self.adapter.page_size, self.share - self.spent) if self.paid else self.adapter.page_size
            posts, following = self.adapter.page(account, cursor, until.get("post"), limit)
            page = {"page": self.name, CURSOR: cursor, UNTIL: until.get("post"), "posts": posts, "next": following}
            self.folder.write_down(page)
        return self.folder.pages[key]

    def _take(self, post, seen):
        """Fetches the images of a post; yields the id of each pair, returns how many."""
        taken, pairs = 0, pairs_of(post, self.adapter.name, self.name, self.category)
        for pair, image in zip(pairs, post["images"], strict=True):
            try:
                file = self.folder.image(pair["id"], image["source"], self.adapter.session)
            except ServerTrouble as error:  # perhaps another time
                self.folder.problems.append(f"{pair['id']}: {error}; the next run tries again")
                seen["missing"] += [post] if post not in seen["missing"] else []
                continue
            if file is not None:
                self.folder.records[pair["id"]] = pair | {"image": f"images/{file}"}
                taken += 1
                yield pair["id"]
        self.folder.posts.add(f"{self.name}/{post['post']}")
        self.spent += 0 if self.paid else taken
        return taken


def _newer(post, other):
    """Whether a post is newer than another; ids of one second decide nothing."""
    return not other or post["created_at"] > other["created_at"]
