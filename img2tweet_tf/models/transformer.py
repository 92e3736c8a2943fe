"""Captioner 3: the standard transformer; the image's cells are its source sentence."""

from img2tweet_tf.models.projection import Projection
from img2tweet_tf.models.transformer_blocks import DecoderBlock, EncoderBlock, grid_positions, sinusoids
from img2tweet_tf.models.with_context import WithContext
from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class TransformerCaptioner(WithContext):
    """The transformer of Vaswani et al.: an encoder over the cells of the grid, a decoder over the words.

        source  = W_g norm(grid_i) + position(row, column)        (cells, d_model)
        encoder = num_layers x [self-attention, feed-forward]
        target  = sqrt(d_model) E w_t + position(t)               (time, d_model); E projected if its size differs
        decoder = num_layers x [causal self-attention, attention to the encoder, feed-forward]
        p(w_{t+1}) = softmax(W_o target_t)

    Each bracketed part f stands in a residual connection: norm(x + dropout(f(x))) as in the paper, or
    x + dropout(f(norm(x))) with `norm_first` ("pre-norm"), which also trains without a warm-up. Embedded words and
    cells get dropout too.

    {"image": (B, rows, cols, C), "ids": (B, N, T)} -> logits (B, N, T, V).

    Args:
        vocabulary_size: number of token ids, the special ones included.
        embedding_dim: dimension of the word vectors E; the paper's are d_model.
        d_model: width of the model. Tables and notebooks here use 128.
        num_layers: blocks of the encoder, and of the decoder.
        num_heads: heads of every attention.
        inner_dim: d_ff, width inside the feed-forward networks.
        dropout: in 0..1.
        norm_first: see above.
        max_length: most tokens that `step` can read, START included; `call` has no such limit.
        num_fields, num_accounts: of the facts it reads, see `WithContext`; 0 reads none.
        product_dtype: dtype policy of the large products W_g and W_o, see `Projection`.

    Source: Vaswani et al. 2017, "Attention is all you need"; Xiong et al. 2020 for pre-norm; two-dimensional positions
    as in Parmar et al. 2018, "Image transformer".
    """

    # The paper warms up for 4,000 steps, and is meant for a hundred times as many batches.
    training_defaults = {"learning_rate": 5e-4, "warmup_steps": 400, "label_smoothing": 0.1}

    def __init__(
        self, vocabulary_size, embedding_dim=512, d_model=512, num_layers=6, num_heads=8, inner_dim=2048, dropout=0.1,
        norm_first=False, max_length=64, product_dtype="float32", num_fields=0,
        num_accounts=0, name="transformer", **kwargs,
    ):  # fmt: skip
        super().__init__(name=name, **kwargs)
        if d_model % num_heads or d_model % 4:
            raise ValueError(f"d_model must be a multiple of num_heads ({num_heads}) and of 4, got {d_model}")
        block = {
            "d_model": d_model, "num_heads": num_heads, "inner_dim": inner_dim, "dropout": dropout,
            "norm_first": norm_first,
        }  # fmt: skip
        self.sizes = {
            "vocabulary_size": vocabulary_size, "embedding_dim": embedding_dim, **block, "num_layers": num_layers,
            "max_length": max_length, "product_dtype": product_dtype,
        }  # fmt: skip
        self.d_model, self.num_heads, self.max_length = d_model, num_heads, max_length
        self.image_norm = layers.LayerNormalization()
        self.image_dense = Projection(d_model, product_dtype=product_dtype)
        self.image_dropout = layers.Dropout(dropout)
        self.embedding = layers.Embedding(vocabulary_size, embedding_dim)
        self.word_dense = layers.Identity() if embedding_dim == d_model else layers.Dense(d_model)
        self.word_dropout = layers.Dropout(dropout)
        self.encoder = [EncoderBlock(**block) for _ in range(num_layers)]
        self.decoder = [DecoderBlock(**block) for _ in range(num_layers)]
        self.encoder_norm, self.decoder_norm = (  # post-norm has normed already
            layers.LayerNormalization(epsilon=1e-6) if norm_first else layers.Identity() for _ in range(2)
        )
        self.word_logits = Projection(vocabulary_size, product_dtype=product_dtype)
        self.add_context(num_fields, num_accounts, d_model)

    def encode(self, image, training=False):
        """Returns keys and values of the cells for each decoder block, the same for all words: {"image": [...]}."""
        _, rows, cols, channels = image.shape
        x = self.image_dense(self.image_norm(ops.reshape(image, (-1, rows * cols, channels))))
        x = self.image_dropout(x + grid_positions(rows, cols, self.d_model), training=training)
        for block in self.encoder:
            x = block(x, training=training)
        x = self.encoder_norm(x)
        return {"image": [block.cross_attention.keys_values(x) for block in self.decoder]}

    def initial_state(self, memory, n):
        """Returns the state of n texts an image: their place, (B, n), and keys and values of the words so far."""
        images = ops.shape(memory["image"][0][0])[0]
        empty = ops.zeros((images, n, self.num_heads, self.max_length, self.d_model // self.num_heads))
        return {"position": ops.zeros((images, n), "int32"), "past": [(empty, empty) for _ in self.decoder]}

    def place(self, ids, positions, memory, training=False):
        """Ids (B, N, T) at positions, encoded (T, d_model) -> the decoder's input (B, N, T, d_model)."""
        words = self.word_dense(self.embed(ids, memory)) * self.d_model**0.5
        return self.word_dropout(words + positions, training=training)

    def step(self, ids, state, memory):
        """Reads one token of each text: ids (B, N) -> logits (B, N, V), next state, (B, N, layers, heads, L)."""
        position = state["position"][0, 0]  # all texts are at the same place
        positions = ops.take(sinusoids(range(self.max_length), self.d_model), position, axis=0)
        x = self.place(ids[:, :, None], positions, memory)
        past, attention = [], []
        for block, image, words in zip(self.decoder, memory["image"], state["past"], strict=True):
            x, words, weights = block(x, image, words, position)
            past.append(words)
            attention.append(ops.swapaxes(weights, 1, 2))  # (B, N, heads, L)
        logits = self.write(self.decoder_norm(x)[:, :, 0], memory)
        return logits, {"position": state["position"] + 1, "past": past}, ops.stack(attention, axis=2)

    def call(self, inputs, training=False):
        ids = inputs["ids"]
        memory = self.encode_all(inputs, training=training)
        x = self.place(ids, sinusoids(range(ids.shape[2]), self.d_model), memory, training=training)
        for block, image in zip(self.decoder, memory["image"], strict=True):
            x, _, _ = block(x, image, training=training)
        return self.write(self.decoder_norm(x), memory)

    def get_config(self):
        return {**super().get_config(), **self.sizes}
