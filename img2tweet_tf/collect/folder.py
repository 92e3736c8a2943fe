"""The folder that is collected into, and the journal that makes it possible to stop anywhere.

`pairs.jsonl` and `images/` are a pairs folder. What a run is told, accounts, pages of posts, images that are none, is
written down line by line in `collecting.jsonl`; a run that was stopped reads it again. When all accounts are done,
`collect.json` keeps how far each was read, and the journal goes.
"""

import json
import os
from pathlib import Path

from img2tweet_tf.collect.post import ServerTrouble, image_ending
from img2tweet_tf.datasets.pairs import write_pairs
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.paths import atomic_write, check_folder, write_json

CURSOR, UNTIL = "cursor", "until"
UNFINISHED = "its collecting was stopped; finish that first, by the same command"
MOST_TROUBLES = 5  # images in a row that a host does not give; then the run stops


class CollectedFolder:
    """A folder that is being collected: its pairs, what former runs saw, and the journal of this run.

    Attributes:
        state: {"network", "server", "runs", "accounts"}, as in `collect.json`; None for `settings`: as it is there.
        records: {id: pair}; posts: which posts they are of, "account/id".
        seen: by account what `state` will say of it; problems: what was left out.
        accounts, pages, refused: what the journal holds, by account, by page, by pair.
    """

    def __init__(self, path, settings):
        self.path = Path(path)
        check_folder(self.path)
        self.state = self._state(settings)
        self.seen, self.problems, self.troubles = {}, [], {}
        self.accounts, self.pages, self.refused = {}, {}, {}
        images = self.path / "images"
        self.files = {Path(name).stem: name for name in os.listdir(images)} if images.is_dir() else {}
        self.journal, self.before = self.path / "collecting.jsonl", self.path / "before.jsonl"
        self._pairs = self.path / "pairs.jsonl"
        self._read_journal()
        former = _json_lines(self.before if self._started else self._pairs)
        self.records = {record["id"]: record for record in former}
        self.posts = {record["post"] for record in former}

    def _state(self, settings):
        file = self.path / "collect.json"
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            begun = (self.path / "collecting.jsonl").exists()
            if settings is None and begun:
                raise Img2TweetError(f"{self.path}: {UNFINISHED}") from None
            if settings is None or ((self.path / "pairs.jsonl").exists() and not begun):
                raise Img2TweetError(f"{self.path}: expected a folder that collect has made") from None
            return {**settings, "runs": 0, "accounts": {}}
        except ValueError as error:
            raise Img2TweetError(f"{file}: cannot be read ({error}); collect into a new folder") from None
        if settings and any(state[key] != value for key, value in settings.items()):
            raise Img2TweetError(f"{self.path}: was collected from {state['network']} ({state['server'] or 'itself'})")
        return state

    def _read_journal(self):
        """Reads what a stopped run has written down; cuts a line off that it did not finish."""
        whole = self.journal.read_bytes() if self.journal.exists() else b""
        whole = whole[: whole.rfind(b"\n") + 1]
        rows = [json.loads(line) for line in whole.split(b"\n")[:-1]]
        self._started = bool(rows) and rows[0] == {"run": self.state["runs"] + 1}  # else it is of a run that has ended
        if self._started:
            os.truncate(self.journal, len(whole))
            for row in rows:
                self._remember(row)

    def _remember(self, row):
        if "account" in row:
            self.accounts[row["account"]] = row
        elif "page" in row:
            self.pages[row["page"], row[CURSOR], row[UNTIL]] = row
        elif "refused" in row:
            self.refused[row["refused"]] = row["why"]

    def write_down(self, row):
        """Adds a line to the journal, which begins with the number of the run; what was there before is put aside."""
        if not self._started:
            with atomic_write(self.before) as fresh:
                fresh.write_bytes(self._pairs.read_bytes() if self._pairs.exists() else b"")
            with atomic_write(self.journal) as fresh:
                fresh.write_text(json.dumps({"run": self.state["runs"] + 1}) + "\n", encoding="utf-8")
            self._started = True
        with open(self.journal, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self._remember(row)

    def image(self, name, url, session):
        """Returns the file name of an image, fetched unless it is there; None where it is refused for good.

        Raises:
            ServerTrouble: it can't be had now.
        """
        if name in self.files:
            return self.files[name]
        if name not in self.refused:
            content, ending, why = self._fetch(url, session)
            if why is None:
                file = f"{name}.{ending}"
                with atomic_write(self.path / "images" / file) as fresh:
                    fresh.write_bytes(content)
                self.files[name] = file
                return file
            self.write_down({"refused": name, "why": why})
        self.problems.append(f"{name}: {self.refused[name]}")
        return None

    def _fetch(self, url, session):
        """Returns the bytes of an image and its file's ending; or why there are none, as the third."""
        try:
            answer = session.get(url)
        except ServerTrouble as error:
            self.troubles[error.host] = self.troubles.get(error.host, 0) + 1
            if self.troubles[error.host] == MOST_TROUBLES:
                raise Img2TweetError(f"{error}, for {MOST_TROUBLES} images; the same command goes on later") from None
            raise
        if not answer.ok:
            return None, None, f"the image is not there ({answer.status_code})"
        self.troubles = {}
        try:
            return answer.content, image_ending(answer.content), None
        except Img2TweetError as error:
            return None, None, str(error)

    def write_pairs(self):
        """Writes `pairs.jsonl`: account by account, newest first."""
        if self.records:
            order = {name: number for number, name in enumerate([*self.state["accounts"], *self.seen])}
            rows = sorted(self.records.values(), key=lambda row: row["id"])
            rows.sort(key=lambda row: row.get("created_at", ""), reverse=True)
            rows.sort(key=lambda row: order.get(row["account"], len(order)))
            write_pairs(self.path, rows)

    def finish(self):
        """Keeps how far each account was read, and removes the journal."""
        self.state |= {"runs": self.state["runs"] + 1, "accounts": {**self.state["accounts"], **self.seen}}
        write_json(self.path / "collect.json", self.state)
        for file in (self.journal, self.before):
            file.unlink(missing_ok=True)

    def posts_by_account(self):
        """Returns by account the ids of its posts, also of those whose images are yet to come."""
        posts = [*self.posts]
        for name, of in self.state["accounts"].items():
            posts += [f"{name}/{post['post']}" for post in of.get("missing", [])]
        found = {}
        for name, _, key in (post.partition("/") for post in sorted(set(posts))):
            found.setdefault(name, []).append(key)
        return found

    def forget(self, account):
        """Lets the next run read an account from the start, should it be there again."""
        self.state["accounts"][account] = {}

    def drop(self, posts):
        """Removes the pairs of these posts, "account/id", and their images; returns how many."""
        dropped = [record for record in self.records.values() if record["post"] in posts]
        for record in dropped:
            del self.records[record["id"]]
        for name, of in self.state["accounts"].items():
            of["missing"] = [post for post in of.get("missing", []) if f"{name}/{post['post']}" not in posts]
        write_pairs(self.path, self.records.values())
        write_json(self.path / "collect.json", self.state)
        for record in dropped:
            (self.path / record["image"]).unlink(missing_ok=True)
        return len(dropped)


def _json_lines(file):
    return [json.loads(line) for line in file.read_bytes().split(b"\n") if line] if file.exists() else []
