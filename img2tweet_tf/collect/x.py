"""X: public posts by the client library `tweepy` and API v2, which asks for a key and is paid by use."""

import html
import logging
import os
from urllib.parse import urlsplit

import tweepy

from img2tweet_tf.collect.post import LeftAlone, check_consent, make_post, picture, read_posts
from img2tweet_tf.collect.session import PoliteSession
from img2tweet_tf.utils.errors import Img2TweetError

API = "https://api.twitter.com"  # as tweepy addresses it
KEY = "X_BEARER_TOKEN"  # the environment variable; the key is read from nowhere else, and written nowhere
PRICE = 0.005  # dollars for a post that is read, as for an image, twice that for an account (docs.x.com, 2026)
FIELDS = ["created_at", "lang", "public_metrics", "entities", "attachments", "note_tweet", "possibly_sensitive", "geo"]


class X:
    """Reads https://docs.x.com/x-api: users/by/username, users/:id/tweets, tweets."""

    name, page_size, lookup, price, one_server = "x", 100, 100, PRICE, True

    def __init__(self, server=None, replies=False):
        logging.getLogger("tweepy.client").setLevel(logging.INFO)  # at DEBUG it logs its headers, the key among them
        self.session, self.replies = PoliteSession(server, API), replies
        self.client = tweepy.Client(_key(server), return_type=dict)
        self.client.session, self.client.user_agent = self.session, self.session.headers["User-Agent"]

    def find(self, name):
        """Returns the id of an account. Raises `LeftAlone`."""
        answer = self._ask(self.client.get_user, username=name, user_fields=["description", "protected"])
        user = answer.get("data")
        if not user:
            said = " ".join(str(error.get("detail")) for error in answer.get("errors") or [])
            raise LeftAlone("suspended" if "suspended" in said else "no such account")
        if user.get("protected"):
            raise LeftAlone("protected")
        check_consent(user.get("description"))
        return user["id"]

    def page(self, account, cursor, since, limit):
        """Returns a page of posts, newest first, and the cursor of the next page (None after the last)."""
        answer = self._ask(
            self.client.get_users_tweets, account, exclude=["retweets"] + ["replies"] * (not self.replies),
            max_results=max(5, limit), until_id=cursor, since_id=since, tweet_fields=FIELDS,
            expansions=["attachments.media_keys", "geo.place_id"], media_fields=["url", "alt_text", "type"],
            place_fields=["full_name", "name", "country", "place_type"],
        )  # fmt: skip
        included = answer.get("includes") or {}
        media = {each.get("media_key"): each for each in included.get("media") or []}
        places = {each.get("id"): each for each in included.get("places") or []}
        posts = read_posts(answer.get("data"), lambda each: _post(each, media, places))
        more = posts and (answer.get("meta") or {}).get("next_token")
        return posts, posts[-1]["post"] if more else None

    def gone(self, account, posts):
        """Returns those of the ids (at most `lookup`) whose posts are not there any more."""
        answer = self._ask(self.client.get_tweets, posts)
        return set(posts) - {each.get("id") for each in answer.get("data") or []}

    def _ask(self, method, *args, **options):
        try:
            return method(*args, **options)
        except tweepy.Unauthorized:
            raise Img2TweetError(f"X does not accept the key in {KEY} (401)") from None
        except tweepy.NotFound:
            raise LeftAlone("no such account") from None
        except tweepy.HTTPException as error:
            status = error.response.status_code
            why = {402: "the account of that key has no credit left", 403: "the plan of that key does not cover this"}
            raise Img2TweetError(f"X answers {status}: {why.get(status, 'see its developer console')}") from None


def _key(server):
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise Img2TweetError(f"X asks for a key: set {KEY} in the environment (see README)")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise Img2TweetError(f"{KEY}: no key; expected letters, digits and signs without a blank")
    url = urlsplit(server or API)
    if url.scheme != "https" and url.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Img2TweetError(f"--server {server}: a key is sent by https only")
    return key


def _post(each, media, places):
    """Returns a post; the link to its own images, with which its text ends, is left out."""
    text = (each.get("note_tweet") or {}).get("text") or each.get("text") or ""
    entities = each.get("entities") or {}
    for url in entities.get("urls") or []:
        if url.get("media_key") and url.get("url"):
            text = text.replace(url["url"], "").strip()
    keys = (each.get("attachments") or {}).get("media_keys") or []
    photos = [media[key] for key in keys if key in media and media[key].get("type") == "photo"]
    if each.get("possibly_sensitive"):
        photos = []
    place = places.get((each.get("geo") or {}).get("place_id")) or {}
    return make_post(
        each["id"], each.get("created_at"), html.unescape(text),
        [picture(_original(photo["url"]), photo.get("alt_text")) for photo in photos if photo.get("url")],
        lang=each.get("lang"), likes=(each.get("public_metrics") or {}).get("like_count"),
        hashtags=[tag["tag"] for tag in entities.get("hashtags") or [] if tag.get("tag")],
        link=f"https://x.com/i/web/status/{each['id']}", country=place.get("country"),
        city=place.get("name") if place.get("place_type") == "city" else None,
    )  # fmt: skip


def _original(url):
    """Returns the address of an image in its original size; without `name=` X's servers give a smaller one."""
    return url if urlsplit(url).query else f"{url}?name=orig"
