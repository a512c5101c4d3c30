// A validated view of a .linnet image, read in place (flash, mmap or a buffer). No copy, no heap.
#pragma once

#include "linnet/kernels.h"
#include "linnet/schema/image.h"
#include "linnet/schema/status.h"

namespace linnet {

struct Image {
  const uint8_t* data = nullptr;  // 16-byte aligned, header->size bytes
  const Header* header = nullptr;
  const Tensor* tensors = nullptr;
  // Packed matrices (linnet/kernels.h) by the place of their Dense in the op section, in 2-byte steps; null: none.
  const uint8_t* const* packed = nullptr;

  const Tensor& tensor(uint16_t id) const { return tensors[id]; }

  // Elements of a constant tensor; null for kNoId.
  template <typename T>
  const T* constant(uint16_t id) const {
    return id == kNoId ? nullptr : reinterpret_cast<const T*>(data + tensors[id].offset);
  }

  // The matrix of an op, `d` within its record; `sections`: gates of a recurrent layer.
  DenseView dense(const Dense& d, uint32_t sections = 1) const {
    const Tensor& w = tensors[d.weight];
    const uint8_t* place = reinterpret_cast<const uint8_t*>(&d);
    return {constant<int8_t>(d.weight),
            constant<int32_t>(d.bias),
            constant<int32_t>(d.multiplier),
            constant<uint8_t>(d.shift),
            w.dims[0],
            w.dims[1],
            w.dims[0] / sections,
            packed == nullptr ? nullptr : packed[(place - op_at(0)) / 2]};
  }

  // The op record at byte offset `at` of the op section; the next one starts `size` bytes later.
  const uint8_t* op_at(uint32_t at) const { return data + header->ops.offset + at; }

  bool is_language_model() const { return header->kind == static_cast<uint8_t>(ModelKind::kLanguageModel); }
  const char* name() const { return reinterpret_cast<const char*>(data + header->strings.offset); }
  const char* label(uint32_t index) const;  // index < header->label_count
};

// Start of every op record.
struct OpRecord {
  OpType type;
  uint16_t size;
};

// Checks everything an engine relies on (docs/format.md lists the checks) and fills `image`. `data` must stay
// where it is. Time is linear in `size`. On failure `image` is untouched and *where, if given, holds the byte
// offset in the image at which the fault was found.
Status open_image(const void* data, uint32_t size, Image* image, uint32_t* where = nullptr);

}  // namespace linnet
