"""Hashed word n-grams, exactly as fastText's dictionary.cc computes them."""

_32, _64 = (1 << 32) - 1, (1 << 64) - 1


def _signed(value):
    return value - (1 << 32) if value >> 31 else value


def word_hash(word):
    """FNV-1a over UTF-8 bytes that are taken as signed chars and widened to 32 bits; as int32."""
    h = 2166136261
    for byte in word.encode():
        h = ((h ^ (byte | (0xFFFFFF00 if byte & 0x80 else 0))) * 16777619) & _32
    return _signed(h)


def ngram_ids(words, n, bucket, first_id):
    """Ids of all 2- to n-grams of the words, by start, then length."""
    hashes, ids = [word_hash(w) for w in words], []
    for start, h in enumerate(hashes):
        for following in hashes[start + 1 : start + n]:
            h = (h * 116049371 + following) & _64
            ids.append(first_id + h % bucket)
    return ids
