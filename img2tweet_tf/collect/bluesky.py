"""Bluesky: public feeds by the client library `atproto`, without an account."""

from atproto_client import Client, exceptions, models
from atproto_client.models.common import XrpcError
from atproto_client.request import Request, Response

from img2tweet_tf.collect.post import LeftAlone, check_consent, make_post, picture, read_posts
from img2tweet_tf.collect.session import PoliteSession

PUBLIC = "https://public.api.bsky.app"
HIDDEN = {"!no-unauthenticated", "!hide", "!takedown"}  # labels that say: not for those who have not logged in
WHY_NOT = {
    "AccountTakedown": "suspended",
    "AccountDeactivated": "deactivated by its owner",
    "BlockedActor": "blocked",
    "BlockedByActor": "blocked",
}
ADULT = {"porn", "sexual", "nudity", "graphic-media", "gore"}


class Bluesky:
    """Reads https://docs.bsky.app: app.bsky.actor.getProfile, app.bsky.feed.getAuthorFeed and getPosts."""

    name, page_size, lookup, price, one_server = "bluesky", 100, 25, 0, True

    def __init__(self, server=None, replies=False):
        self.session, self.replies = PoliteSession(server, PUBLIC), replies
        self.client = Client(f"{PUBLIC}/xrpc", request=_Request(self.session))

    def find(self, name):
        """Returns the id (DID) of an account. Raises `LeftAlone`."""
        profile = self._ask("app.bsky.actor.getProfile", models.AppBskyActorGetProfile.Params(actor=name))
        check_consent(profile.get("description"))
        if hidden := HIDDEN & _labels(profile):
            raise LeftAlone(f"shows its posts to those who have logged in only ({', '.join(sorted(hidden))})")
        return profile["did"]

    def page(self, account, cursor, since, limit):
        """Returns a page of posts, newest first, and the cursor of the next page (None after the last)."""
        which = "posts_with_media" if self.replies else "posts_no_replies"
        asked = models.AppBskyFeedGetAuthorFeed.Params(actor=account, filter=which, limit=limit, cursor=cursor)
        page = self._ask("app.bsky.feed.getAuthorFeed", asked)
        return read_posts(page.get("feed"), lambda item: self._post(item, account)), page.get("cursor")

    def gone(self, account, posts):
        """Returns those of the ids (at most `lookup`) whose posts are not there any more."""
        uris = [f"at://{account}/app.bsky.feed.post/{post}" for post in posts]
        found = self._ask("app.bsky.feed.getPosts", models.AppBskyFeedGetPosts.Params(uris=uris))
        return set(posts) - {_key(post) for post in _dicts(found.get("posts"))}

    def _post(self, item, account):
        view = item["post"]
        record, author, embed = view.get("record") or {}, view.get("author") or {}, view.get("embed") or {}
        images = _dicts((embed.get("media") or embed).get("images"))
        foreign = item.get("reason") or author.get("did") != account  # a repost; its time is not that of the feed
        reply = not self.replies and (record.get("reply") or item.get("reply"))
        if foreign or reply or _labels(view) & (HIDDEN | ADULT):
            images = []
        tags = [
            feature["tag"]
            for facet in _dicts(record.get("facets"))
            for feature in _dicts(facet.get("features"))
            if isinstance(feature.get("tag"), str)
        ]
        return make_post(
            _key(view), None if foreign else record.get("createdAt"), record.get("text") or "",
            [picture(image["fullsize"], image.get("alt")) for image in images if image.get("fullsize")],
            lang=next(iter(record.get("langs") or []), None), likes=view.get("likeCount"), hashtags=tags,
            link=f"https://bsky.app/profile/{account}/post/{_key(view)}",
        )  # fmt: skip

    def _ask(self, method, asked):
        """Returns the JSON of an answer, unchecked: one odd post must not take its page down."""
        try:
            content = self.client.invoke_query(method, params=asked, output_encoding="application/json").content
        except exceptions.RequestErrorBase as error:
            raise _left_alone(error.response) from None
        if not isinstance(content, dict):
            raise LeftAlone("the answer is no JSON object", sure=False)
        return content


class _Request(Request):
    """Lets atproto's client speak through a session of `requests`."""

    def __init__(self, session):
        super().__init__()
        self._session = session
        self.add_additional_header("User-Agent", session.headers["User-Agent"])

    def _new_instance(self):
        return type(self)(self._session)

    def get(self, url, params=None, headers=None, **options):
        answer = self._session.get(url, params=params, headers=self.get_headers(headers))
        headers = {name.lower(): value for name, value in answer.headers.items()}
        try:
            content = answer.json()
        except ValueError:
            content = answer.content
        if answer.ok:
            return Response(True, answer.status_code, content, headers)
        said = content if isinstance(content, dict) else {}
        body = XrpcError(error=str(said.get("error")), message=str(said.get("message")))
        raise exceptions.RequestException(Response(False, answer.status_code, body, headers))


def _left_alone(response):
    """Returns the `LeftAlone` that an answer of 400 to 499 stands for."""
    kind, says = response.content.error, response.content.message
    if kind in WHY_NOT:
        return LeftAlone(WHY_NOT[kind])
    if kind == "InvalidRequest" and "not found" in says.lower():
        return LeftAlone("no such account")
    return LeftAlone(f"the server answers {response.status_code} ({says})", sure=False)


def _labels(thing):
    return {label.get("val") for label in _dicts(thing.get("labels")) if not label.get("neg")}


def _key(view):
    return str(view.get("uri") or "").rpartition("/")[2]


def _dicts(values):
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
