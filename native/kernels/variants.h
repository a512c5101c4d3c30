// Every kernel variant by name: <op>_<type>_<variant>. Only the dispatch tables and tests include this.
#pragma once

#include "linnet/digest.h"
#include "linnet/kernels.h"

// Compilers have known AVX-VNNI since gcc 11 and clang 12.
#if defined(__x86_64__) && __has_include(<avxvnniintrin.h>)
#define LINNET_COMPILES_AVXVNNI
#endif

namespace linnet {

// The contracts are those of Kernels.
#define LINNET_DECLARE_PRODUCTS(variant)                                                                      \
  void dense_i8_##variant(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out); \
  void dense_many_i8_##variant(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions,      \
                               uint32_t first, uint32_t count, int32_t* out);                                 \
  void lstm_step_i8_##variant(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell,        \
                              int8_t* output);                                                                \
  void lstm_recur_i8_##variant(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,  \
                               int8_t* output);
#define LINNET_DECLARE_ALL(variant)                                                                \
  LINNET_DECLARE_PRODUCTS(variant)                                                                 \
  uint64_t sum_exp_##variant(const int16_t* logits, uint32_t count, int32_t largest, unsigned up); \
  uint32_t first_above_##variant(const int16_t* v, uint32_t count, int32_t limit);                 \
  void narrow_i8_##variant(const int32_t* v, uint32_t count, int32_t low, int8_t* out);            \
  void narrow_i16_##variant(const int32_t* v, uint32_t count, int32_t low, int16_t* out);

LINNET_DECLARE_ALL(reference)
LINNET_DECLARE_ALL(avx2)
LINNET_DECLARE_PRODUCTS(avxvnni)
LINNET_DECLARE_ALL(avx512vnni)
LINNET_DECLARE_PRODUCTS(neonsmull)
LINNET_DECLARE_PRODUCTS(neonsdot)

// The table of a variant, whose kernels are all called after it but the CRC.
#define LINNET_KERNELS(variant, crc)                                                                        \
  {                                                                                                         \
#variant, dense_i8_##variant, dense_many_i8_##variant, lstm_step_i8_##variant, lstm_recur_i8_##variant, \
        sum_exp_##variant, first_above_##variant, narrow_i8_##variant, narrow_i16_##variant, crc            \
  }

inline constexpr Kernels kReference = LINNET_KERNELS(reference, crc32);

// The kernels of `base` but for what multiplies.
constexpr Kernels based_on(const Kernels& base, const char* name, decltype(Kernels::dense_i8) dense,
                           decltype(Kernels::dense_many_i8) dense_many, decltype(Kernels::lstm_step_i8) lstm_step,
                           decltype(Kernels::lstm_recur_i8) lstm_recur) {
  Kernels k = base;
  k.name = name;
  k.dense_i8 = dense;
  k.dense_many_i8 = dense_many;
  k.lstm_step_i8 = lstm_step;
  k.lstm_recur_i8 = lstm_recur;
  return k;
}
#define LINNET_BASED_ON(base, variant) \
  based_on(base, #variant, dense_i8_##variant, dense_many_i8_##variant, lstm_step_i8_##variant, lstm_recur_i8_##variant)

// Those of a packed layout: they have what multiplies, with inputs in their own form.
constexpr Kernels of_layout(const char* name, decltype(Kernels::dense_i8) dense,
                            decltype(Kernels::lstm_step_i8) lstm_step, const PackedKernels& packed) {
  Kernels k = based_on(kReference, name, dense, nullptr, lstm_step, nullptr);
  k.packed = &packed;
  return k;
}

uint32_t crc32_pclmul(const void* data, uint32_t size, uint32_t crc);

// Those of packed layouts, by layout; on a host for tests only.
const Kernels& packed_pairs_kernels();
const Kernels& packed_quads_kernels();

// Of boards that read row-major weights.
const Kernels& rv32_kernels();
const Kernels& mve_kernels();

}  // namespace linnet
