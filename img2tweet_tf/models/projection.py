"""The large matrix products of a captioner: a Dense layer whose product may be of other numbers than its sums."""

from img2tweet_tf.utils.backend import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="img2tweet_tf")
class Projection(layers.Layer):
    """x W + b: (..., inputs) -> (..., units), float32, of which only the product x W is in `product_dtype`.

    The bias is not the Dense layer's own: its gradient is a sum over all rows, and a sum of bfloat16 numbers stops
    growing after some hundred of them.

    Args:
        units: size of the output.
        use_bias: whether there is a b.
        product_dtype: a Keras dtype policy; "mixed_bfloat16" is faster where the processor multiplies such numbers.
    """

    def __init__(self, units, use_bias=True, product_dtype="float32", **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias, self.product_dtype = units, use_bias, product_dtype
        self.product = layers.Dense(units, use_bias=False, dtype=product_dtype, name="product")

    def build(self, input_shape):
        self.product.build(input_shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, x):
        product = ops.cast(self.product(x), "float32")
        return product + self.bias if self.use_bias else product

    def get_config(self):
        sizes = {"units": self.units, "use_bias": self.use_bias, "product_dtype": self.product_dtype}
        return {**super().get_config(), **sizes}
