"""Station 4: what a station produced becomes a signed bundle, and anyone can check it.

``contents`` says what belongs into a bundle of each kind, ``bundle`` seals it, ``read`` reads it back and ``verify``
checks it without trusting whoever sealed it. The format, layer by layer: ``canonical`` (JSON), ``layout`` (which
files), ``manifest``, ``statement``, ``envelope`` (the signature), ``archive`` (the ZIP).
"""
