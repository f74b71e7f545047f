"""Station 6: what people review. Pure: records that were read from sealed evidence go in, statements come out.

Nothing here opens a store, asks a clock or decides for people: a decision that is missing is named, never assumed.
"""
