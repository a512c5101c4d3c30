// Every kernel variant by name: <op>_<type>_<variant>. Only the dispatch tables and tests include this.
#pragma once

#include "linnet/kernels.h"

// Compilers have known AVX-VNNI since gcc 11 and clang 12.
#if defined(__x86_64__) && __has_include(<avxvnniintrin.h>)
#define LINNET_COMPILES_AVXVNNI
#endif

namespace linnet {

// The table of a variant, whose kernels are all called after it but the CRC.
#define LINNET_KERNELS(variant, crc)                                                                        \
  {                                                                                                         \
#variant, dense_i8_##variant, dense_many_i8_##variant, lstm_step_i8_##variant, lstm_recur_i8_##variant, \
        sum_exp_##variant, first_above_##variant, narrow_i8_##variant, narrow_i16_##variant, crc            \
  }

void dense_i8_reference(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_reference(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                             uint32_t count, int32_t* out);
void lstm_step_i8_reference(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
void lstm_recur_i8_reference(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,
                             int8_t* output);
uint64_t sum_exp_reference(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);
uint32_t first_above_reference(const int16_t* v, uint32_t count, int32_t limit);
void narrow_i8_reference(const int32_t* v, uint32_t count, int32_t low, int8_t* out);
void narrow_i16_reference(const int32_t* v, uint32_t count, int32_t low, int16_t* out);

void dense_i8_avx2(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_avx2(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                        uint32_t count, int32_t* out);
void lstm_step_i8_avx2(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
void lstm_recur_i8_avx2(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell, int8_t* output);
uint64_t sum_exp_avx2(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);
uint32_t first_above_avx2(const int16_t* v, uint32_t count, int32_t limit);
void narrow_i8_avx2(const int32_t* v, uint32_t count, int32_t low, int8_t* out);
void narrow_i16_avx2(const int32_t* v, uint32_t count, int32_t low, int16_t* out);

void dense_i8_avxvnni(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_avxvnni(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                           uint32_t count, int32_t* out);
void lstm_step_i8_avxvnni(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
void lstm_recur_i8_avxvnni(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,
                           int8_t* output);

void dense_i8_avx512vnni(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_avx512vnni(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                              uint32_t count, int32_t* out);
void lstm_step_i8_avx512vnni(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
void lstm_recur_i8_avx512vnni(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,
                              int8_t* output);
uint64_t sum_exp_avx512vnni(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);
uint32_t first_above_avx512vnni(const int16_t* v, uint32_t count, int32_t limit);
void narrow_i8_avx512vnni(const int32_t* v, uint32_t count, int32_t low, int8_t* out);
void narrow_i16_avx512vnni(const int32_t* v, uint32_t count, int32_t low, int16_t* out);

void dense_i8_neonsmull(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_neonsmull(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                             uint32_t count, int32_t* out);
void lstm_step_i8_neonsmull(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
void lstm_recur_i8_neonsmull(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,
                             int8_t* output);

void dense_i8_neonsdot(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_neonsdot(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                            uint32_t count, int32_t* out);
void lstm_step_i8_neonsdot(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
void lstm_recur_i8_neonsdot(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,
                            int8_t* output);

uint32_t crc32_pclmul(const void* data, uint32_t size, uint32_t crc);

// Those of packed layouts, by layout; on a host for tests only.
const Kernels& packed_pairs_kernels();
const Kernels& packed_quads_kernels();

// Of boards that read row-major weights.
const Kernels& rv32_kernels();
const Kernels& mve_kernels();

}  // namespace linnet
