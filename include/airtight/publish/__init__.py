"""Station 5: a sealed bundle becomes published evidence, kept once and found again.

``store`` says what keeps objects (``local``, ``s3``; ``opening`` chooses), ``publisher`` puts a bundle there whole,
``index`` finds it again and ``reindex`` rebuilds the index from the store. ``staging`` holds what lies between tasks.
The only outbound storage of the product.
"""
