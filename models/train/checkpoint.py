"""Write (and read) checkpoints the way model hubs hold them: safetensors + config.json + tokenizer.json.

The safetensors layout is 8 bytes of little-endian header length, a JSON header, then the raw
tensors (https://github.com/huggingface/safetensors#format); Debian ships no package for it, so the
few lines that do it are here.
"""
import json
import os
import struct

import numpy as np

_DTYPES = {np.dtype("float32"): "F32", np.dtype("float16"): "F16", np.dtype("int64"): "I64"}


def write_atomically(path, data):
    """Write bytes to `path` through a temporary name, so that no reader sees half a file."""
    temporary = f"{path}.tmp"
    with open(temporary, "wb") as f:
        f.write(data)
    os.replace(temporary, path)


def save_safetensors(path, tensors, metadata=None):
    """Write {name: array} in safetensors format, the payload starting on an 8-byte boundary."""
    header, blobs, offset = {}, [], 0
    if metadata:
        header["__metadata__"] = {k: str(v) for k, v in metadata.items()}
    for name, array in tensors.items():
        array = np.ascontiguousarray(array)
        blob = array.tobytes()
        header[name] = {
            "dtype": _DTYPES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        blobs.append(blob)
        offset += len(blob)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    write_atomically(path, struct.pack("<Q", len(head)) + head + b"".join(blobs))


def load_safetensors(path):
    """{name: array} of a file that save_safetensors wrote."""
    with open(path, "rb") as f:
        data = f.read()
    start = 8 + struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    dtypes = {name: dtype for dtype, name in _DTYPES.items()}
    tensors = {}
    for name, entry in header.items():
        first, end = (start + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[first:end], dtypes[entry["dtype"]]).reshape(entry["shape"]).copy()
    return tensors


def save_json(path, value):
    write_atomically(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())
