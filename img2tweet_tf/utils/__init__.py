"""What every other folder uses: errors, log and progress, paths and atomic writes, Keras and TensorFlow."""
