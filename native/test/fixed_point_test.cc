// The fixed-point functions beside their real formulas, with the error docs/numerics.md states.
#include "native/engine/fixed_point.h"

#include <cmath>
#include <initializer_list>

#include "native/test/test.h"

using namespace linnet;
using test::Random;

TEST("round_shift rounds to nearest with ties up") {
  CHECK_EQ(round_shift(5, 1), 3);
  CHECK_EQ(round_shift(-5, 1), -2);
  CHECK_EQ(round_shift(7, 2), 2);
  CHECK_EQ(round_shift(6, 2), 2);
  CHECK_EQ(round_shift(-6, 2), -1);
  CHECK_EQ(round_shift(-7, 2), -2);
}

TEST("requantize equals the real product rounded once") {
  Random random(7);
  for (int i = 0; i < 200000; i++) {
    const auto acc = static_cast<int32_t>(random.next());
    const auto m = static_cast<int32_t>((1u << 30) + (random.next() >> 2));
    const auto s = static_cast<unsigned>(random.in(32, 62));
    const long double exact = static_cast<long double>(acc) * m / std::pow(2.0L, s);
    const auto expected = static_cast<int64_t>(std::floor(exact + 0.5L));
    CHECK_EQ(requantize(acc, m, s), sat32(expected));
  }
}

TEST("sigmoid and tanh are within 4 units of Q0.15 everywhere, odd and monotonic") {
  int32_t previous_sigmoid = -1, previous_tanh = -32769;
  for (int32_t x = -32768; x <= 32767; x++) {
    const double real = x / 4096.0;
    CHECK(std::fabs(sigmoid_q15(x) - 32768 / (1 + std::exp(-real))) < 4);
    CHECK(std::fabs(tanh_q15(x) - 32768 * std::tanh(real)) < 4.5);
    CHECK(sigmoid_q15(x) >= previous_sigmoid && tanh_q15(x) >= previous_tanh);
    if (x > -32768) {
      CHECK_EQ(tanh_q15(-x), -tanh_q15(x));
      CHECK_EQ(sigmoid_q15(-x), 32768 - sigmoid_q15(x));
    }
    previous_sigmoid = sigmoid_q15(x);
    previous_tanh = tanh_q15(x);
  }
}

TEST("exp_neg is within 4 units of Q0.31") {
  for (uint32_t d = 0; d < 40000; d++)
    CHECK(std::fabs(static_cast<double>(exp_neg(d)) - 2147483648.0 * std::exp(-static_cast<double>(d) / 1024)) <
          (d < 32768 ? 4 : 1));
}

TEST("ln_q24 is within 3e-6 over 53 bits") {
  Random random(11);
  for (int bits = 1; bits <= 53; bits++)
    for (int i = 0; i < 2000; i++) {
      const uint64_t v = ((uint64_t{random.next()} << 32 | random.next()) >> (64 - bits)) | 1;
      CHECK(std::fabs(static_cast<double>(ln_q24(v)) / 16777216 - std::log(static_cast<double>(v))) < 3e-6);
    }
}

TEST("gumbel never exceeds its bound, which for rare words is within ln 2 of it") {
  const auto check = [](uint32_t q) {
    const int64_t real = gumbel(~q), bound = gumbel_at_most(~q);
    CHECK(real <= bound);
    if (q > 16 && q < 1u << 24) CHECK(bound - real < 46000 + 65536 / q);
  };
  for (int bit = 0; bit < 32; bit++)
    for (int64_t near = -3000; near <= 3000; near++) check(static_cast<uint32_t>((int64_t{1} << bit) + near));
  for (uint32_t q : {0u, 1u, UINT32_MAX, UINT32_MAX - 1}) check(q);
  Random random(14);
  for (int i = 0; i < 300000; i++) check(random.next() >> (random.next() % 32));
}

TEST("an LSTM unit follows the real equations within the formats' resolution") {
  Random random(13);
  for (int i = 0; i < 100000; i++) {
    int32_t pre[4];
    for (auto& p : pre) p = random.in(-32768, 32767);
    const int32_t before = random.in(-2000000, 2000000);
    int32_t cell = before;
    const int8_t h = lstm_cell(pre[0], pre[1], pre[2], pre[3], &cell);
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    const double c =
        sigmoid(pre[1] / 4096.0) * before / 65536.0 + sigmoid(pre[0] / 4096.0) * std::tanh(pre[2] / 4096.0);
    CHECK(std::fabs(cell / 65536.0 - c) < 2e-4 * (1 + std::fabs(before / 65536.0)));
    CHECK(std::fabs(h / 128.0 - sigmoid(pre[3] / 4096.0) * std::tanh(c)) < 1.5 / 128);
  }
}

TEST("a cell saturates instead of wrapping") {
  int32_t cell = INT32_MAX;
  lstm_cell(32767, 32767, 32767, 0, &cell);
  CHECK(cell > INT32_MAX - (1 << 22));
  cell = INT32_MIN;
  lstm_cell(32767, 32767, -32767, 0, &cell);
  CHECK(cell < INT32_MIN + (1 << 22));
}
