"""Mastodon: public posts by the client library `Mastodon.py`, without an account, each from its account's instance."""

import mastodon

from img2tweet_tf.collect.post import (
    LeftAlone,
    ServerTrouble,
    check_consent,
    make_post,
    picture,
    plain_text,
    read_posts,
)
from img2tweet_tf.collect.session import PoliteSession
from img2tweet_tf.utils.errors import Img2TweetError


class Mastodon:
    """Reads https://docs.joinmastodon.org: accounts/lookup, accounts/:id/statuses, statuses.

    Args:
        server: URL of one instance that all accounts are asked for at; None for each account's own.
        replies: whether replies are kept.
    """

    name, page_size, lookup, price, one_server = "mastodon", 40, 20, 0, False

    def __init__(self, server=None, replies=False):
        self.session, self.server, self.replies = PoliteSession(server), server, replies
        self._clients = {}

    def find(self, name):
        """Returns the id "number@instance" of an account. Raises `LeftAlone`."""
        user, _, instance = name.partition("@")
        if not instance and not self.server:
            raise Img2TweetError(f"{name}: expected user@instance, such as gargron@mastodon.social, or --server URL")
        client = self._client(instance)
        found = _ask(client.account_lookup, name if self.server else user)
        fields = [part for field in found.get("fields") or [] for part in (field.get("name"), field.get("value"))]
        check_consent(*map(plain_text, (found.get("note"), *fields)))
        if found.get("suspended") or found.get("limited"):
            raise LeftAlone("suspended" if found.get("suspended") else "limited by its moderators")
        if found.get("noindex"):
            raise LeftAlone("opted out of indexing (noindex)")
        return f"{found['id']}@{instance}"

    def page(self, account, cursor, since, limit):
        """Returns a page of posts, newest first, and the cursor of the next page (None after the last)."""
        number, _, instance = account.partition("@")
        page = _ask(
            self._client(instance).account_statuses, number, only_media=True, exclude_replies=not self.replies,
            exclude_reblogs=True, max_id=cursor, since_id=since, limit=limit,
        )  # fmt: skip
        posts = read_posts(list(page), self._post)
        return posts, posts[-1]["post"] if posts else None

    def gone(self, account, posts):
        """Returns those of the ids (at most `lookup`) whose posts are not there any more."""
        client = self._client(account.partition("@")[2])
        try:
            there = {str(status["id"]) for status in _ask(client.statuses, posts)}
        except LeftAlone:  # before version 4.3 only one at a time
            there = {post for post in posts if _is_there(client, post)}
        return set(posts) - there

    def _post(self, status):
        reply = not self.replies and status.get("in_reply_to_id")
        keep = not (status.get("reblog") or reply or status.get("sensitive")) and status.get("visibility") == "public"
        images = [
            picture(each.get("url") or each.get("remote_url"), each.get("description"))
            for each in (status.get("media_attachments") or [] if keep else [])
            if each.get("type") == "image" and (each.get("url") or each.get("remote_url"))
        ]
        return make_post(
            status["id"], status.get("created_at"), plain_text(status.get("content")), images,
            lang=status.get("language"), likes=status.get("favourites_count"),
            hashtags=[tag["name"] for tag in status.get("tags") or [] if tag.get("name")], link=status.get("url"),
        )  # fmt: skip

    def _client(self, instance):
        if instance not in self._clients:
            self._clients[instance] = mastodon.Mastodon(
                api_base_url=self.server or f"https://{instance}", session=self.session, ratelimit_method="throw",
                user_agent=self.session.headers["User-Agent"],
            )  # fmt: skip
        return self._clients[instance]


def _is_there(client, post):
    try:
        return bool(_ask(client.status, post))
    except LeftAlone as error:
        if not error.sure:
            raise
        return False


def _ask(method, *args, **options):
    """Calls a method of the client library; says in our words what went wrong."""
    try:
        return method(*args, **options)
    except mastodon.MastodonNetworkError as error:
        if isinstance(error.__context__, ServerTrouble):
            raise error.__context__ from None
        raise LeftAlone("its instance cannot be reached", sure=False) from None
    except mastodon.MastodonNotFoundError:
        raise LeftAlone("no such account") from None
    except mastodon.MastodonUnauthorizedError:
        raise LeftAlone("its instance shows posts to those who have logged in only", sure=False) from None
    except mastodon.MastodonAPIError as error:
        status = next((part for part in error.args if isinstance(part, int)), None)
        if status == 410:
            raise LeftAlone("suspended") from None
        raise LeftAlone(f"its instance answers {status or 'what is no JSON'}", sure=False) from None
