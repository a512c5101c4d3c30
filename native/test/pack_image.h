// Images in a board's layout.
#pragma once

#include <cstddef>

#include "native/engine/validate.h"
#include "native/test/opened_image.h"
#include "native/test/pack_weights.h"

namespace linnet::test {

template <typename T>
void put(std::vector<uint8_t>& file, size_t at, T value) {
  std::memcpy(file.data() + at, &value, sizeof(value));
}

inline size_t tensor_at(const Image& image, uint16_t id) { return image.header->tensors.offset + id * sizeof(Tensor); }

// The image with its matrices packed.
inline std::vector<uint8_t> pack(const std::vector<uint8_t>& file, const Image& image, Layout layout) {
  std::vector<uint8_t> packed = file;
  for (OpCursor op(image); !op.done(); op.next()) {
    const OpView view = op.view();
    if (view.type == OpType::kConv && reinterpret_cast<const ConvOp*>(op.record())->groups != 1) continue;
    const bool gates = view.type == OpType::kLstm;
    for (uint32_t i = 0; i < view.matrix_count; i++) {
      const uint16_t id = view.matrices[i].weight;
      const Tensor& t = image.tensor(id);
      const std::vector<int8_t> weights = pack_weights(image.constant<int8_t>(id), t.dims[0], t.dims[1],
                                                       gates ? Packing::kGates : Packing::kRows, layout);
      std::memcpy(packed.data() + t.offset, weights.data(), weights.size());
      packed[tensor_at(image, id)] = static_cast<uint8_t>(gates ? DType::kPackedGates : DType::kPacked);
    }
  }
  put(packed, offsetof(Header, layout), static_cast<uint16_t>(layout));
  return repaired(packed);
}

}  // namespace linnet::test
