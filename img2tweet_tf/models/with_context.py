"""What all captioners share that may read facts of the world beside the image."""

from img2tweet_tf.context.reader import COPY, TOKEN
from img2tweet_tf.models.fact_memory import FactMemory
from img2tweet_tf.models.pointer import Pointer, mix
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


class WithContext(keras.Model):
    """A captioner whose decoder may attend to facts, copy from them, and know who posts.

    It takes the place of `keras.Model` below a captioner, which calls `add_context` last in its `__init__`, and `embed`
    and `write` in place of its own embedding and last layer. With `num_fields` 0 these are just that.
    """

    def add_context(self, num_fields, num_accounts, units):
        """Makes the layers: the facts' memory and pointer, of `units`; and a vector for each account."""
        self.sizes |= {"num_fields": num_fields, "num_accounts": num_accounts}
        if num_fields:
            embedding_dim = self.sizes["embedding_dim"]
            self.fact_memory, self.pointer = FactMemory(num_fields, units), Pointer(units)
            self.account = layers.Embedding(num_accounts, embedding_dim)
            self.account_dropout = layers.Dropout(self.sizes["dropout"], noise_shape=(None, 1))  # whole vectors
            self.copied = layers.Dense(embedding_dim, use_bias=False)

    def encode_all(self, inputs, training=False):
        """Returns what every step reads: of the image and, where `inputs` has them, of "context" and "account"."""
        memory = self.encode(inputs["image"], training=training)
        if "context" in inputs and self.sizes["num_fields"]:
            memory |= self.encode_context(inputs["context"], inputs["account"], training=training)
        return memory

    def encode_context(self, context, account, training=False):
        """Returns what every step reads of the facts, context (B, M, 4), and of who posts, account (B,).

        The vector of an unknown account is 0, and so is that of a known one at times while training: the decoder must
        learn to write for anyone, and to read the facts rather than know them from who posts.
        """
        context = ops.cast(context, "int32")  # Keras builds a loaded model with floats
        facts, mask = self.fact_memory(context, self.embedding(context[..., TOKEN]))
        voice = self.account(account) * ops.cast(account > 0, "float32")[:, None]
        voice = self.account_dropout(voice, training=training)
        return {"facts": facts, "fact_mask": mask, "copy_ids": context[..., COPY], "account": voice}

    def embed(self, ids, memory):
        """Ids (B, N, ...) of the extended vocabulary -> word vectors (B, N, ..., E).

        Each has the account's vector added and, where the word stands in a fact, what the memory says of that place:
        the selective read of CopyNet, by which a name's second word follows its first.
        """
        if "facts" not in memory:
            return self.embedding(ids)
        flat = ops.cast(ops.reshape(ids, (ops.shape(ids)[0], -1)), "int32")
        known = ops.where(flat < self.sizes["vocabulary_size"], flat, Vocabulary.UNK)
        same = ops.cast(flat[..., None] == memory["copy_ids"][:, None], "float32") * memory["fact_mask"][:, None, 1:]
        same = ops.pad(same, ((0, 0), (0, 0), (1, 0)))  # the sentinel is no word
        copied = self.copied(ops.matmul(same, memory["facts"]))
        words = self.embedding(known) + copied + memory["account"][:, None]
        return ops.reshape(words, (*ops.shape(ids), words.shape[-1]))

    def write(self, h, memory):
        """The decoder's output (B, N, ..., D) -> logits (B, N, ..., V), with facts log P over V + M words."""
        if "facts" not in memory:
            return self.word_logits(h)
        flat = ops.reshape(h, (ops.shape(h)[0], -1, h.shape[-1]))
        flat, weights, gate = self.pointer(flat, memory["facts"], memory["fact_mask"])
        logits = mix(self.word_logits(flat), weights, gate, memory["copy_ids"])
        return ops.reshape(logits, (*ops.shape(h)[:-1], logits.shape[-1]))
