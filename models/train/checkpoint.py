"""Write (and read) checkpoints the way model hubs hold them: safetensors + config.json + tokenizer.json.

The safetensors layout is 8 bytes of little-endian header length, a JSON header, then the raw
tensors (https://github.com/huggingface/safetensors#format); Debian ships no package for it, so the
few lines that write it are here.
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
    """{name: float32 array} of a file in safetensors format."""
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(length)), f.read()
    types = {name: dtype for dtype, name in _DTYPES.items()}
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        arrays[name] = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"]).astype(np.float32)
    return arrays


def save_json(path, value):
    write_atomically(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())
