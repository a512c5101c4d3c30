// Every kernel variant by name: <op>_<type>_<variant>. Only the dispatch tables and tests include this.
#pragma once

#include "linnet/kernels.h"

namespace linnet {

void dense_i8_reference(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_reference(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                             uint32_t count, int32_t* out);
void lstm_step_i8_reference(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
uint64_t sum_exp_reference(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);

void dense_i8_avx2(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_avx2(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                        uint32_t count, int32_t* out);
void lstm_step_i8_avx2(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
uint64_t sum_exp_avx2(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);

void dense_i8_avx512vnni(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
void dense_many_i8_avx512vnni(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                              uint32_t count, int32_t* out);
void lstm_step_i8_avx512vnni(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
uint64_t sum_exp_avx512vnni(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);

}  // namespace linnet
