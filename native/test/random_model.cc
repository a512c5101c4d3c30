#include "native/test/random_model.h"

namespace linnet::test {
namespace {

constexpr uint32_t kVocab = 24;

std::vector<int8_t> draw(Random& random, size_t size, int32_t low = -127) {
  std::vector<int8_t> values(size);
  // Now and then only extremes.
  const bool extreme = random.next() % 4 == 0;
  for (auto& v : values) v = static_cast<int8_t>(extreme ? (random.next() % 2 ? 127 : low) : random.in(low, 127));
  return values;
}

uint16_t small(Random& random, int32_t low, int32_t high) { return static_cast<uint16_t>(random.in(low, high)); }

}  // namespace

RandomModel::RandomModel(uint64_t seed, uint32_t most, uint32_t tokens)
    : random_(seed),
      least_(tokens < 3 ? tokens : 3),
      most_(most),
      builder_(kVocab, static_cast<uint16_t>(least_), static_cast<uint16_t>(most)) {
  const auto features = static_cast<uint32_t>(random_.in(1, 12));
  const std::vector<int8_t> table = draw(random_, kVocab * features);
  for (uint32_t t = 0; t < tokens; t++) ids.push_back(small(random_, 0, kVocab - 1));
  Array rows = {tokens, features, {}};
  for (const uint16_t id : ids)
    rows.values.insert(rows.values.end(), table.begin() + id * features, table.begin() + (id + 1) * features);
  values.push_back({builder_.embedding(features, table), true, features, {1, 1, 0}, rows});
}

void RandomModel::random_layers(int count) {
  for (int i = 0; i < count; i++) {
    const uint32_t kind = random_.next() % 6;
    if (kind < 3)
      random_conv(random_.next() % 4 == 0 ? OverTime::kLargest : OverTime::kEveryStep);
    else if (kind < 5)
      random_pool();
    else
      random_pair();
  }
}

std::vector<uint8_t> RandomModel::finish() {
  builder_.finish(values.back().id);
  return builder_.bytes();
}

uint32_t RandomModel::divisor_of(uint32_t n) {
  for (;;) {
    const auto d = static_cast<uint32_t>(random_.in(1, static_cast<int32_t>(n)));
    if (n % d == 0) return d;
  }
}

int64_t RandomModel::steps(const Value& v, int64_t n) {
  return v.sequence ? (v.form.factor * n + v.form.offset) / v.form.divisor : 1;
}

template <typename Op>
bool RandomModel::has_windows(const Op& op, const Value& in, uint32_t width) const {
  if (count_positions(op, 1, width) == 0) return false;
  if (!in.sequence) return op.kernel[0] == 0 || count_positions(op, 0, 1) == 1;
  return count_positions(op, 0, static_cast<uint32_t>(steps(in, least_))) > 0;
}

template <typename Op>
uint16_t RandomModel::add_output(const Op& op, const Value& in, bool sequence, const Array& array) {
  Value out = {0, sequence, array.features, time_after(in.form, op), array};
  const auto longest = count_positions(op, 0, static_cast<uint32_t>(steps(in, most_)));
  out.id = sequence ? builder_.sequence(longest, array.features, out.form) : builder_.vector(array.features);
  values.push_back(out);
  return out.id;
}

ConvOp RandomModel::random_conv_fields(const Value& in) {
  ConvOp op = {};
  uint32_t width;
  do {
    op.channels = divisor_of(in.features);
    width = in.features / op.channels;
    op.groups = static_cast<uint16_t>(divisor_of(op.channels));
    const bool plain = random_.next() % 3 == 0;  // as a text-CNN has it
    for (int axis = 0; axis < 2; axis++) {
      op.kernel[axis] = plain && axis == 1 ? static_cast<uint16_t>(width) : small(random_, 1, 4);
      op.stride[axis] = small(random_, 1, 3);
      op.dilation[axis] = plain ? 1 : small(random_, 1, 3);
      op.upsample[axis] = plain || (axis == 0 && in.form.divisor != 1) ? 1 : small(random_, 1, 3);
      op.pad_begin[axis] = plain && axis == 1 ? 0 : small(random_, 0, 3);
      op.pad_end[axis] = plain && axis == 1 ? 0 : small(random_, 0, 3);
    }
    if (plain) op.groups = 1;
    if (plain && random_.next() % 2 == 0) op.pad_begin[0] = op.pad_end[0] = 0;
  } while (!has_windows(op, in, width));
  return op;
}

void RandomModel::random_conv(OverTime over_time) {
  const Value in = values.back();
  ConvOp op = random_conv_fields(in);
  op.over_time = static_cast<uint8_t>(over_time);
  Filters f;
  f.count = op.groups * static_cast<uint32_t>(random_.in(1, random_.next() % 4 == 0 ? 70 : 6));
  const uint32_t columns = uint32_t{op.kernel[0]} * op.kernel[1] * (op.channels / op.groups);
  f.weights = draw(random_, f.count * columns);
  for (uint32_t r = 0; r < f.count && random_.next() % 3 != 0; r++) f.bias.push_back(random_.in(-20000, 20000));
  f.bias.resize(f.bias.empty() ? 0 : f.count);
  f.multiplier = random_.in(1 << 30, INT32_MAX);
  op.activation = static_cast<uint8_t>(random_.in(0, 3));
  // Tables want Q3.12; the others about the range of int8.
  f.shift = static_cast<uint8_t>(op.activation >= 2 ? random_.in(31, 35) : random_.in(36, 41));
  op.input = in.id;
  op.window = lies_in_one_piece(op, in.features / op.channels) ? kNoId : builder_.vector(columns);
  if (op.window != kNoId) windows.push_back(op.window);
  op.weights = builder_.matrix(f.count, columns, f.weights, f.bias, f.multiplier, f.shift);
  op.output = add_output(op, in, in.sequence && over_time == OverTime::kEveryStep, conv(in.array, op, f));
  builder_.op(OpType::kConv, op);
}

PoolOp RandomModel::random_pool_fields(const Value& in) {
  PoolOp op = {};
  uint32_t width;
  do {
    op.channels = divisor_of(in.features);
    width = in.features / op.channels;
    for (int axis = 0; axis < 2; axis++) {
      op.kernel[axis] = small(random_, axis == 0 && random_.next() % 4 == 0 ? 0 : 1, 4);
      const bool all = op.kernel[axis] == 0;
      op.stride[axis] = all ? 1 : small(random_, 1, 3);
      op.pad_begin[axis] = all ? 0 : small(random_, 0, op.kernel[axis] - 1);
      op.pad_end[axis] = all ? 0 : small(random_, 0, op.kernel[axis] - 1);
    }
  } while (!has_windows(op, in, width));
  op.mode = static_cast<uint8_t>(random_.in(0, 2));
  if (op.mode == static_cast<uint8_t>(PoolMode::kAverage)) {
    op.gain = static_cast<uint8_t>(random_.in(0, kMaxGain));
    op.count_padding = random_.next() % 2;
  } else if (op.mode == static_cast<uint8_t>(PoolMode::kLp)) {
    op.order = static_cast<uint8_t>(random_.in(1, kMaxOrder));
    op.multiplier = static_cast<uint32_t>(random_.in(1 << 30, INT32_MAX));
    op.shift = static_cast<uint8_t>(random_.in(38, 41));
  }
  return op;
}

void RandomModel::random_pool() {
  const Value in = values.back();
  PoolOp op = random_pool_fields(in);
  const bool sequence = in.sequence && op.kernel[0] != 0;
  op.input = in.id;
  op.output = add_output(op, in, sequence, pool(in.array, op));
  builder_.op(OpType::kPool, op);
}

void RandomModel::max_over_time() {
  const Value in = values.back();
  PoolOp op = {};
  op.channels = in.features;
  op.kernel[1] = op.stride[0] = op.stride[1] = 1;
  op.input = in.id;
  op.output = add_output(op, in, false, pool(in.array, op));
  builder_.op(OpType::kPool, op);
}

// add or mul of the last value with one of the same shape, itself if there is no other.
void RandomModel::random_pair() {
  const Value a = values.back();
  Value b = a;
  for (const Value& v : values)
    if (v.sequence == a.sequence && v.features == a.features && v.form.factor == a.form.factor &&
        v.form.divisor == a.form.divisor && v.form.offset == a.form.offset) {
      b = v;
      break;
    }
  Value out = a;
  out.id = a.sequence ? builder_.sequence(static_cast<uint32_t>(steps(a, most_)), a.features, a.form)
                      : builder_.vector(a.features);
  const auto activation = static_cast<uint8_t>(random_.in(0, 3));
  if (random_.next() % 2 == 0) {
    AddOp op = {};
    op.inputs[0] = a.id;
    op.inputs[1] = b.id;
    op.output = out.id;
    op.activation = activation;
    for (auto& m : op.multipliers) m = static_cast<int32_t>(random_.next() >> 1) * (random_.next() % 2 ? 1 : -1);
    op.shift = static_cast<uint8_t>(activation >= 2 ? random_.in(24, 28) : random_.in(30, 33));
    out.array = add(a.array, b.array, op);
    builder_.op(OpType::kAdd, op);
  } else {
    MulOp op = {};
    op.inputs[0] = a.id;
    op.inputs[1] = b.id;
    op.output = out.id;
    op.activation = activation;
    op.multiplier = random_.next() % 8 == 0 ? 0 : static_cast<uint32_t>(random_.in(1 << 30, INT32_MAX));
    op.shift = static_cast<uint8_t>(activation >= 2 ? random_.in(31, 35) : random_.in(35, 39));
    out.array = mul(a.array, b.array, op);
    builder_.op(OpType::kMul, op);
  }
  values.push_back(out);
}

}  // namespace linnet::test
