// Which weights are packed: their tensors' types say so (docs/format.md, "Packed weights").
#pragma once

#include "linnet/image.h"
#include "linnet/kernels.h"

namespace linnet {

inline Packing packing_of(const Tensor& weight) {
  switch (static_cast<DType>(weight.dtype)) {
    case DType::kPacked: return Packing::kRows;
    case DType::kPackedGates: return Packing::kGates;
    default: return Packing::kNone;
  }
}

// A row of weights in pieces, whatever its packing.
class RowReader {
 public:
  RowReader(const Image& image, uint16_t weight)
      : w_{image.constant<int8_t>(weight),
           nullptr,
           nullptr,
           nullptr,
           image.tensor(weight).dims[0],
           image.tensor(weight).dims[1],
           image.tensor(weight).dims[0],
           nullptr,
           packing_of(image.tensor(weight))} {}

  // Columns [first, first + count) of a row, where they lie or in `buffer`.
  const int8_t* read(uint32_t row, uint32_t first, uint32_t count, int8_t* buffer) const {
    if (w_.packing == Packing::kNone) return w_.weight + static_cast<uint64_t>(row) * w_.columns + first;
    kernels().packed->read_row(w_, row, first, count, buffer);
    return buffer;
  }

 private:
  DenseView w_;
};

}  // namespace linnet
