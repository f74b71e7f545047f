"""``VERIFY.txt``: how to check a bundle by hand. Informative, trusted by nobody, yet under the signature."""

from __future__ import annotations

_TEXT = """\
This is an evidence bundle. It can be checked with sha256sum and openssl alone.

You need the public key of the organisation, KEY.pem, from a place that you trust: the
organisation gave you the key or its fingerprint by another way than this bundle. The
key in proof/signer.pub is worth nothing before its fingerprint is the one that you hold.

1. Is it the right key? This must print the fingerprint that you hold:
     openssl pkey -pubin -in KEY.pem -outform DER | sha256sum
   The signer of this bundle says that its fingerprint is
     {fingerprint}

2. Did that key sign the statement? This must print 'Verified OK':
     openssl dgst -sha256 -verify KEY.pem -signature proof/statement.sig proof/statement.pae

3. Is the statement about this manifest? The last line of the first command must hold the
   digest that the second prints:
     tail -c 200 proof/statement.pae
     sha256sum < manifest-sha256.txt

4. Are all files unaltered? This must print OK for each:
     sha256sum --strict -c manifest-sha256.txt

5. Are there no other files? This must print nothing:
     find data ! -type d | LC_ALL=C sort | diff - <(cut -c67- manifest-sha256.txt)

The script verify-bundle.sh does all of this and more, to a folder or to the ZIP itself.

What a good result proves: whoever holds the private key sealed exactly these files with
exactly this statement. It does not prove when, nor that the sources told the truth; times
in the statement and in data/ are the signer's claim.
"""


def instructions(fingerprint: str) -> bytes:
    """The text for bundles of the signer with that fingerprint; the same for all of them."""
    return _TEXT.format(fingerprint=fingerprint).encode("ascii")
