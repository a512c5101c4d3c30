// conv and pool: known answers, and what cannot be.
#include <initializer_list>

#include "native/engine/integer_root.h"
#include "native/test/opened_image.h"
#include "native/test/test.h"
#include "native/test/window_oracle.h"

using namespace linnet;
using test::Array;
using test::Filters;
using test::ImageBuilder;
using test::OpenedImage;
using test::Random;

namespace {

uint16_t small(Random& random, int32_t low, int32_t high) { return static_cast<uint16_t>(random.in(low, high)); }

// A conv or pool of one channel on [steps, width], and what comes out; tokens are the steps, one row of `table` each.
struct OneChannel {
  uint32_t steps, width;
  std::vector<int8_t> rows;

  template <typename Op>
  Array run(OpType type, Op op, const Filters* filters) const;
};

void set_matrix(ImageBuilder& builder, ConvOp* op, uint32_t width, const Filters& f) {
  const uint32_t columns = uint32_t{op->kernel[0]} * op->kernel[1];
  op->window = test::lies_in_one_piece(*op, width) ? kNoId : builder.vector(columns);
  op->weights = builder.matrix(f.count, columns, f.weights, f.bias, f.multiplier, f.shift);
}
void set_matrix(ImageBuilder&, PoolOp*, uint32_t, const Filters&) {}

template <typename Op>
Array OneChannel::run(OpType type, Op op, const Filters* filters) const {
  ImageBuilder builder(steps, static_cast<uint16_t>(steps), static_cast<uint16_t>(steps));
  op.channels = 1;
  op.input = builder.embedding(width, rows);
  if (filters != nullptr) set_matrix(builder, &op, width, *filters);
  const uint32_t out_width = test::count_positions(op, 1, width) * (filters == nullptr ? 1 : filters->count);
  op.output = builder.sequence(test::count_positions(op, 0, steps), out_width, test::time_after({1, 1, 0}, op));
  builder.op(type, op);
  builder.finish(op.output);
  OpenedImage model(builder.bytes());
  CHECK_EQ(static_cast<int>(model.status), 0);
  if (model.status != Status::kOk) return {};
  std::vector<uint16_t> ids;
  for (uint32_t t = 0; t < steps; t++) ids.push_back(static_cast<uint16_t>(t));
  model.classify(ids);
  return model.read(op.output, steps);
}

// Fills a record's arrays: both axes alike.
ConvOp square_conv(uint16_t kernel, uint16_t upsample, uint16_t padding) {
  ConvOp op = {};
  for (int axis = 0; axis < 2; axis++) {
    op.kernel[axis] = kernel;
    op.stride[axis] = op.dilation[axis] = 1;
    op.upsample[axis] = upsample;
    op.pad_begin[axis] = op.pad_end[axis] = padding;
  }
  op.groups = 1;
  return op;
}

const Filters kUnit = {1, {}, {}, 1 << 30, 30};  // multiplier 1

}  // namespace

TEST("a transposed convolution of 3 x 3 ones gives the known sums") {
  Filters kernel = kUnit;
  kernel.weights = {2, 0, 5, 9, 7, 2, 3, 8, 3};  // [[3, 8, 3], [2, 7, 9], [5, 0, 2]] turned round
  const OneChannel ones = {3, 3, std::vector<int8_t>(9, 1)};
  const Array out = ones.run(OpType::kConv, square_conv(3, 1, 2), &kernel);
  const std::vector<int8_t> expected = {3,  11, 14, 11, 3,  5,  20, 32, 27, 12, 10, 25, 39,
                                        29, 14, 7,  14, 25, 18, 11, 5,  5,  7,  7,  2};
  CHECK_EQ(out.steps, 5u);
  CHECK_EQ(out.features, 5u);
  for (size_t i = 0; i < 20; i++) CHECK_EQ(out.values[i], expected[i]);
  const int8_t last[5] = {5, 5, 7, 2, 2};
  for (size_t i = 0; i < 5; i++) CHECK_EQ(out.values[20 + i], last[i]);
}

TEST("a transposed convolution of any stride is the sum of the kernels its inputs throw") {
  Random random(5);
  for (int round = 0; round < 60; round++) {
    const uint16_t k = small(random, 1, 4), stride = small(random, 1, 3), cut = small(random, 0, k - 1);
    OneChannel x = {static_cast<uint32_t>(random.in(2, 5)), static_cast<uint32_t>(random.in(2, 5)), {}};
    x.rows.resize(x.steps * x.width);
    for (auto& v : x.rows) v = static_cast<int8_t>(random.in(-2, 2));
    Filters kernel = kUnit;
    std::vector<int8_t> thrown(size_t{k} * k);
    for (auto& v : thrown) v = static_cast<int8_t>(random.in(-3, 3));
    kernel.weights.assign(thrown.rbegin(), thrown.rend());
    const int64_t height = int64_t{stride} * (x.steps - 1) + k, width = int64_t{stride} * (x.width - 1) + k;
    std::vector<int32_t> sums(static_cast<size_t>(height * width));
    for (uint32_t y = 0; y < x.steps; y++)
      for (uint32_t c = 0; c < x.width; c++)
        for (uint32_t i = 0; i < k; i++)
          for (uint32_t j = 0; j < k; j++)
            sums[static_cast<size_t>((y * stride + i) * width + c * stride + j)] +=
                x.rows[y * x.width + c] * thrown[i * k + j];
    if (height <= 2 * cut || width <= 2 * cut) continue;
    const Array out = x.run(OpType::kConv, square_conv(k, stride, static_cast<uint16_t>(k - 1 - cut)), &kernel);
    CHECK_EQ(out.steps, static_cast<uint32_t>(height - 2 * cut));
    CHECK_EQ(out.features, static_cast<uint32_t>(width - 2 * cut));
    for (uint32_t y = 0; y < out.steps; y++)
      for (uint32_t c = 0; c < out.features; c++)
        CHECK_EQ(static_cast<int>(out.at(y, c)), sums[static_cast<size_t>((y + cut) * width + c + cut)]);
  }
}

TEST("an average rounds ties up, gains fraction bits and counts padding if told to") {
  struct Known {
    std::vector<int8_t> row;
    uint8_t gain, count_padding;
    uint16_t padding;
    std::vector<int8_t> expected;
  };
  const Known cases[] = {
      {{1, 2}, 0, 0, 0, {2}},           // 1.5
      {{-1, -2}, 0, 0, 0, {-1}},        // -1.5
      {{-1, -2}, 1, 0, 0, {-3}},        // -3 in half units
      {{-127, -127}, 7, 0, 0, {-127}},  // clamped
      {{127, 126}, 0, 0, 0, {127}},     // 126.5
      {{3, 5}, 0, 0, 1, {3, 4, 5}},     // of what there is
      {{3, 5}, 0, 1, 1, {2, 4, 3}},     // 1.5, 4, 2.5
      {{-3, -5}, 0, 1, 1, {-1, -4, -2}},
  };
  for (const Known& c : cases) {
    PoolOp op = {};
    op.kernel[0] = op.stride[0] = op.stride[1] = 1;
    op.kernel[1] = 2;
    op.pad_begin[1] = op.pad_end[1] = c.padding;
    op.mode = static_cast<uint8_t>(PoolMode::kAverage);
    op.gain = c.gain;
    op.count_padding = c.count_padding;
    const OneChannel in = {1, 2, c.row};
    CHECK(in.run(OpType::kPool, op, nullptr).values == c.expected);
  }
}

TEST("an Lp pool gives the norm that real numbers have") {
  for (uint8_t order = 1; order <= kMaxOrder; order++) {
    PoolOp op = {};
    op.kernel[0] = op.stride[0] = op.stride[1] = 1;
    op.kernel[1] = 2;
    op.mode = static_cast<uint8_t>(PoolMode::kLp);
    op.order = order;
    op.multiplier = 1u << 30;
    op.shift = 38;  // the root's 8 fraction bits, no more
    const OneChannel in = {1, 2, {-30, 40}};
    const int8_t expected[] = {70, 50, 45};  // 70, 50, 44.98
    CHECK_EQ(static_cast<int>(in.run(OpType::kPool, op, nullptr).values[0]), static_cast<int>(expected[order - 1]));
  }
}

TEST("integer_root is exact at every power's edges") {
  Random random(3);
  for (uint32_t order = 1; order <= kMaxOrder; order++) {
    const uint64_t largest = order == 1 ? (uint64_t{1} << 61) - 1 : order == 2 ? 1518500249 : 1321122;
    for (int i = 0; i < 20000; i++) {
      uint64_t r =
          i < 1000 ? static_cast<uint64_t>(i) + 1 : 1 + (uint64_t{random.next()} << 32 | random.next()) % largest;
      if (i == 1000) r = largest;
      uint64_t power = 1;
      for (uint32_t k = 0; k < order; k++) power *= r;
      CHECK_EQ(integer_root(power, order), r);
      CHECK_EQ(integer_root(power - 1, order), r - 1);
    }
    CHECK_EQ(integer_root(0, order), uint64_t{0});
    CHECK_EQ(integer_root((uint64_t{1} << 61) - 1, order), largest);
  }
}

TEST("upsampling after a stride, groups that do not divide and pools of too large a window are refused") {
  enum class Wrong { kNothing, kUpsample, kGroups, kFilters };
  for (const Wrong wrong : {Wrong::kNothing, Wrong::kUpsample, Wrong::kGroups, Wrong::kFilters}) {
    ImageBuilder builder(4, 4, 7);  // 7, 4 and, upsampled, 7 steps: only the rule itself is broken
    ConvOp first = square_conv(1, 1, 0);
    first.channels = 4;
    first.stride[0] = 2;
    first.window = kNoId;
    first.input = builder.embedding(4, std::vector<int8_t>(16, 1));
    first.weights = builder.matrix(4, 4, std::vector<int8_t>(16, 1), {}, 1 << 30, 30);
    first.output = builder.sequence(4, 4, test::time_after({1, 1, 0}, first));
    ConvOp second = square_conv(1, 1, 0);
    second.channels = 4;
    second.groups = wrong == Wrong::kGroups ? 3 : 2;
    second.upsample[0] = wrong == Wrong::kUpsample ? 2 : 1;
    const uint32_t filters = wrong == Wrong::kGroups || wrong == Wrong::kFilters ? 3 : 2, columns = 4 / second.groups;
    second.input = first.output;
    second.window = builder.vector(columns);
    second.weights = builder.matrix(filters, columns, std::vector<int8_t>(filters * columns, 1), {}, 1 << 30, 30);
    const test::TimeForm form = test::time_after(test::time_after({1, 1, 0}, first), second);
    const auto longest = static_cast<uint32_t>((form.factor * 7 + form.offset) / form.divisor);
    second.output = builder.sequence(longest, filters, form);
    builder.op(OpType::kConv, first);
    builder.op(OpType::kConv, second);
    builder.finish(second.output);
    const OpenedImage opened(builder.bytes());
    const Status expected = wrong == Wrong::kNothing ? Status::kOk : Status::kBadShape;
    CHECK_EQ(static_cast<int>(opened.status), static_cast<int>(expected));
  }
  for (const uint16_t kernel : {uint16_t{512}, uint16_t{513}}) {
    ImageBuilder builder(2, 1, 1);
    PoolOp op = {};
    op.channels = 1;
    op.kernel[0] = 64;
    op.kernel[1] = kernel;
    op.pad_begin[0] = 63;
    op.stride[0] = op.stride[1] = 1;
    op.input = builder.embedding(600, std::vector<int8_t>(1200, 1));
    op.output = builder.sequence(1, 600 - kernel + 1u, test::time_after({1, 1, 0}, op));
    builder.op(OpType::kPool, op);
    builder.finish(op.output);
    const OpenedImage opened(builder.bytes());
    CHECK_EQ(static_cast<int>(opened.status), static_cast<int>(kernel == 512 ? Status::kOk : Status::kBadShape));
  }
}
