// The board's answers to everything but GENERATE: HELLO, CLASSIFY, SCORE, SELFTEST, STATS, PING, and nonsense.
#include "firmware/port.h"
#include "linnet/digest.h"
#include "native/test/link_board.h"

using namespace linnet;
using namespace linnet::test;

namespace {

using Bytes = std::vector<uint8_t>;

const Bytes kHello = bytes_of(HelloRequest{1, 1});

Bytes text_bytes(const std::string& text) { return {text.begin(), text.end()}; }

std::vector<std::string> strings_after(const Reply& reply, size_t size) {
  std::vector<std::string> all;
  for (size_t at = size; at < reply.payload.size(); at += all.back().size() + 1)
    all.emplace_back(reinterpret_cast<const char*>(reply.payload.data()) + at);
  return all;
}

Bytes score_chunk(uint32_t index, const std::vector<uint16_t>& ids) {
  Bytes payload = bytes_of(ScoreRequest{index, static_cast<uint16_t>(ids.size()), 0});
  for (const uint16_t id : ids) {
    payload.push_back(static_cast<uint8_t>(id));
    payload.push_back(static_cast<uint8_t>(id >> 8));
  }
  return payload;
}

Bytes generate_request(uint32_t max_tokens) {
  return bytes_of(GenerateRequest{max_tokens, 1, 0, 0, kTokenWindow, 0, 0}, "once");
}

std::vector<uint16_t> some_ids(uint32_t count) {
  Random random(5);
  std::vector<uint16_t> ids;
  while (ids.size() < count) ids.push_back(static_cast<uint16_t>(random.next() % 100));
  return ids;
}

}  // namespace

TEST("HELLO says what board, firmware and model there is") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  const Reply reply = board.ask(MessageType::kHello, 7, kHello);
  CHECK(reply.is(ReplyType::kHello));
  const auto hello = reply.as<HelloReply>();
  Header header;
  std::memcpy(&header, image.data(), sizeof(header));
  CHECK_EQ(hello.protocol, kProtocolVersion);
  CHECK_EQ(hello.max_message, kMaxMessage);
  CHECK_EQ(hello.token_window, kTokenWindow);
  CHECK_EQ(hello.model_kind, static_cast<uint8_t>(ModelKind::kLanguageModel));
  CHECK_EQ(hello.model_status, 0);
  CHECK_EQ(hello.vocab_size, header.vocab_size);
  CHECK_EQ(hello.image_size, image.size());
  CHECK_EQ(hello.ram_total, 1u << 16);
  CHECK_EQ(hello.ram_used, (header.state_bytes + 15) / 16 * 16 + (header.scratch_bytes + 15) / 16 * 16);
  CHECK_EQ(hello.ticks_per_second, 1234u);
  Sha256 hash;
  uint8_t digest[32];
  hash.start();
  hash.update(image.data(), static_cast<uint32_t>(image.size()));
  hash.finish(digest);
  CHECK(std::memcmp(digest, hello.image_sha256, 32) == 0);
  CHECK(strings_after(reply, sizeof(HelloReply)) ==
        std::vector<std::string>({"test-board", LINNET_VERSION, "lm-tied"}));
}

TEST("HELLO lists the labels of a classifier") {
  LinkBoard board(read_file(kClassifier));
  const Reply reply = board.ask(MessageType::kHello, 7, kHello);
  const auto names = strings_after(reply, sizeof(HelloReply));
  CHECK_EQ(reply.as<HelloReply>().label_count, 3);
  CHECK_EQ(names.size(), 6u);
  CHECK(names[3] == "negative" && names[4] == "neutral" && names[5] == "tr\xc3\xa8s positif");
}

TEST("HELLO is refused if no protocol version suits both, and then changes nothing") {
  LinkBoard board(read_file(kLanguageModel));
  board.exchange(MessageType::kGenerate, 5, generate_request(1000));
  CHECK(board.ask(MessageType::kHello, 1, bytes_of(HelloRequest{2, 9})).status() == Status::kUnsupportedProtocol);
  CHECK(board.ask(MessageType::kHello, 1, bytes_of(HelloRequest{0, 0})).status() == Status::kUnsupportedProtocol);
  CHECK(board.ask(MessageType::kGenerate, 6, generate_request(1)).status() == Status::kBusy);
}

TEST("a board without a model answers, and says so to every request that needs one") {
  LinkBoard board({});
  const auto hello = board.ask(MessageType::kHello, 1, kHello).as<HelloReply>();
  CHECK_EQ(hello.model_kind, 0);
  CHECK(static_cast<Status>(hello.model_status) == Status::kNoModel);
  CHECK_EQ(hello.image_size, 0u);
  CHECK(board.ask(MessageType::kGenerate, 2, generate_request(1)).status() == Status::kNoModel);
  CHECK(board.ask(MessageType::kClassify, 3, text_bytes("good")).status() == Status::kNoModel);
  CHECK(board.ask(MessageType::kScore, 4, score_chunk(0, {1})).status() == Status::kNoModel);
  CHECK(board.ask(MessageType::kSelfTest, 5).status() == Status::kNoModel);
  CHECK(board.ask(MessageType::kPing, 6).is(ReplyType::kPing));
}

TEST("erased flash holds no model, a damaged image is refused with the validator's reason") {
  for (const uint8_t erased : {0x00, 0xff}) {
    LinkBoard board(Bytes(4096, erased));
    CHECK(static_cast<Status>(board.ask(MessageType::kHello, 1, kHello).as<HelloReply>().model_status) ==
          Status::kNoModel);
  }
  Bytes image = read_file(kLanguageModel);
  image[image.size() / 2] ^= 1;
  LinkBoard board(image);
  const auto hello = board.ask(MessageType::kHello, 1, kHello).as<HelloReply>();
  CHECK(static_cast<Status>(hello.model_status) == Status::kCrcMismatch);
  CHECK_EQ(hello.model_kind, 0);
}

TEST("an image is found in flash that is larger than it") {
  Bytes flash = read_file(kLanguageModel);
  flash.resize(flash.size() + 5000, 0xff);
  LinkBoard board(flash);
  CHECK_EQ(board.ask(MessageType::kHello, 1, kHello).as<HelloReply>().model_status, 0);
}

TEST("a model that needs more RAM than there is is refused; one that needs exactly as much is not") {
  const Bytes image = read_file(kLanguageModel);
  uint32_t needed;
  {
    LinkBoard board(image);
    needed = board.ask(MessageType::kHello, 1, kHello).as<HelloReply>().ram_used;
  }
  {
    LinkBoard board(image, needed);
    CHECK_EQ(board.ask(MessageType::kHello, 1, kHello).as<HelloReply>().model_status, 0);
    CHECK(board.ask(MessageType::kSelfTest, 2).is(ReplyType::kSelfTest));
  }
  LinkBoard board(image, needed - 16);
  const auto hello = board.ask(MessageType::kHello, 1, kHello).as<HelloReply>();
  CHECK(static_cast<Status>(hello.model_status) == Status::kOutOfMemory);
  CHECK_EQ(hello.ram_used, needed);
}

TEST("PING comes back as it was, up to the longest message") {
  LinkBoard board({});
  Bytes echo(kMaxMessage - sizeof(MessageHeader));
  for (size_t i = 0; i < echo.size(); i++) echo[i] = static_cast<uint8_t>(i * 7);
  for (const size_t size : {size_t{0}, size_t{1}, echo.size()}) {
    const Bytes part(echo.begin(), echo.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(board.ask(MessageType::kPing, 0xffff, part).payload == part);
  }
}

TEST("messages that are malformed are refused as bad_message, and the board goes on") {
  LinkBoard board(read_file(kLanguageModel));
  const Bytes generate = generate_request(3), score = score_chunk(0, {1, 2});
  Bytes generate_reserved = generate, pull = bytes_of(PullRequest{0, 1, 1}), score_reserved = score;
  generate_reserved[15] = 1;
  score_reserved[6] = 1;
  Bytes keep_state_2 = generate;
  keep_state_2[14] = 2;
  const struct {
    MessageType type;
    Bytes payload;
  } cases[] = {
      {MessageType::kHello, {}},
      {MessageType::kHello, {1, 0, 1, 0, 0}},
      {MessageType::kGenerate, Bytes(generate.begin(), generate.begin() + 15)},
      {MessageType::kGenerate, generate_reserved},
      {MessageType::kGenerate, keep_state_2},
      {MessageType::kPull, {}},
      {MessageType::kPull, pull},
      {MessageType::kCancel, {0}},
      {MessageType::kScore, {}},
      {MessageType::kScore, Bytes(score.begin(), score.end() - 1)},
      {MessageType::kScore, score_chunk(0, {})},
      {MessageType::kScore, score_chunk(0, std::vector<uint16_t>(257))},
      {MessageType::kScore, score_reserved},
      {MessageType::kSelfTest, {0}},
      {MessageType::kStats, {0}},
      {static_cast<MessageType>(0x09), {}},
      {static_cast<MessageType>(0x11), {}},
      {static_cast<MessageType>(0x1f), {}},
  };
  for (const auto& c : cases) {
    const Reply reply = board.ask(c.type, 77, c.payload);
    CHECK(reply.is(ReplyType::kError));
    CHECK(reply.status() == Status::kBadMessage);
  }
  for (const Bytes& bare :
       {Bytes{0x0e}, Bytes{0x0e, 0}, Bytes{0x0e, 0, 1}, Bytes{0x0e, 0, 0, 0}, Bytes{0x0e, 1, 5, 0}}) {
    const std::vector<Reply> replies = board.exchange(framed(bare));
    CHECK_EQ(replies.size(), 1u);
    CHECK(replies[0].status() == Status::kBadMessage);
  }
  CHECK(board.ask(MessageType::kPing, 1).is(ReplyType::kPing));
}

TEST("CLASSIFY gives the engine's label and scores, as often as it is asked") {
  const Bytes image_bytes = read_file(kClassifier);
  LinkBoard board(image_bytes);
  AlignedBytes bytes(image_bytes);
  Image image;
  CHECK_EQ(static_cast<int>(open_image(bytes.data(), bytes.size(), &image)), 0);
  AlignedBytes state(Bytes(image.header->state_bytes + 16)), scratch(Bytes(image.header->scratch_bytes));
  Session session = {&image, state.data(), scratch.data()};
  for (const std::string text :
       {"good", "not a very good film , terrible actors", "the witty gorgeous story was never bad"}) {
    uint16_t ids[64], scores[kMaxLabels];
    int16_t logits[kMaxLabels];
    uint32_t count = 0;
    Tokenizer(image).encode(text.data(), static_cast<uint32_t>(text.size()), ids, 64, &count);
    CHECK_EQ(static_cast<int>(classify(session, ids, count, scores, logits)), 0);
    const Bytes first = board.ask(MessageType::kClassify, 9, text_bytes(text)).payload;
    const Reply again = board.ask(MessageType::kClassify, 9, text_bytes(text));
    const auto reply = again.as<ClassifyReply>();
    CHECK_EQ(reply.tokens, count);
    CHECK_EQ(again.payload.size(), sizeof(ClassifyReply) + 3 * sizeof(uint16_t));
    CHECK(std::memcmp(again.payload.data() + sizeof(reply), scores, 6) == 0);
    for (int i = 0; i < 3; i++) CHECK(logits[reply.label] >= logits[i]);
    CHECK(Bytes(first.begin() + sizeof(reply), first.end()) ==
          Bytes(again.payload.begin() + sizeof(reply), again.payload.end()));
  }
}

TEST("CLASSIFY refuses an empty text, one too long, and a language model") {
  LinkBoard board(read_file(kClassifier));
  std::string text;
  CHECK(board.ask(MessageType::kClassify, 1).status() == Status::kInputEmpty);
  for (int i = 0; i < 40; i++) text += "film ";
  CHECK(board.ask(MessageType::kClassify, 2, text_bytes(text)).is(ReplyType::kClassify));
  CHECK(board.ask(MessageType::kClassify, 3, text_bytes(text + "film")).status() == Status::kInputTooLong);
  CHECK(board.ask(MessageType::kGenerate, 4, generate_request(1)).status() == Status::kWrongKind);
  CHECK(board.ask(MessageType::kScore, 5, score_chunk(0, {1})).status() == Status::kWrongKind);
  LinkBoard other(read_file(kLanguageModel));
  CHECK(other.ask(MessageType::kClassify, 6, text_bytes("good")).status() == Status::kWrongKind);
}

TEST("CLASSIFY refuses a text whose n-grams are too many, for the model or for the board's list of ids") {
  LinkBoard board(read_file(kNgramClassifier));
  const auto words = [&](int count) {
    std::string text;
    for (int i = 0; i < count; i++) text += "a ";
    return board.ask(MessageType::kClassify, 1, text_bytes(text));
  };
  // Words have 1, 2, 3, 3 … ids, and so has the </s> behind them.
  const Reply most = words(100);
  CHECK(most.is(ReplyType::kClassify));
  CHECK_EQ(most.as<ClassifyReply>().tokens, 300u);
  CHECK(words(101).status() == Status::kInputTooLong);
  CHECK(words(450).status() == Status::kInputTooLong);  // 1350 ids
  CHECK(words(0).is(ReplyType::kClassify));             // </s> alone
}

TEST("SCORE adds up to the same however the ids are cut into chunks") {
  LinkBoard board(read_file(kLanguageModel));
  const std::vector<uint16_t> ids = some_ids(200);
  const auto whole = board.ask(MessageType::kScore, 1, score_chunk(0, ids)).as<ScoreReply>();
  CHECK_EQ(whole.count, 200u);
  CHECK(whole.nll_q16 > 0);
  for (const size_t size : {size_t{1}, size_t{7}, size_t{199}}) {
    uint64_t sum = 0;
    uint32_t index = 0;
    for (size_t at = 0; at < ids.size(); at += size, index++) {
      const size_t end = std::min(at + size, ids.size());
      const std::vector<uint16_t> chunk(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                        ids.begin() + static_cast<std::ptrdiff_t>(end));
      const auto reply =
          board.ask(MessageType::kScore, 2 + static_cast<uint16_t>(size), score_chunk(index, chunk)).as<ScoreReply>();
      CHECK_EQ(reply.index, index);
      sum += reply.nll_q16;
    }
    CHECK_EQ(sum, whole.nll_q16);
  }
}

TEST("a SCORE chunk that comes again gets the answer it got, also under a new id, and does not advance the state") {
  LinkBoard board(read_file(kLanguageModel));
  const std::vector<uint16_t> ids = some_ids(30);
  const Bytes zero = board.ask(MessageType::kScore, 1, score_chunk(0, ids)).payload;
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(0, ids)).payload == zero);
  const Bytes one = board.ask(MessageType::kScore, 1, score_chunk(1, ids)).payload;
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(1, ids)).payload == one);
  CHECK(board.ask(MessageType::kScore, 2, score_chunk(1, ids)).payload == one);
  const Bytes two = board.ask(MessageType::kScore, 3, score_chunk(2, ids)).payload;
  LinkBoard straight(read_file(kLanguageModel));
  for (uint32_t index = 0; index < 2; index++) straight.ask(MessageType::kScore, 1, score_chunk(index, ids));
  CHECK(straight.ask(MessageType::kScore, 1, score_chunk(2, ids)).payload == two);
  CHECK(one != two);
}

TEST("SCORE refuses a chunk out of order or after other work, and ids outside the vocabulary; chunk 0 always starts") {
  LinkBoard board(read_file(kLanguageModel));
  const std::vector<uint16_t> ids = some_ids(5);
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(1, ids)).status() == Status::kBadMessage);
  const Bytes zero = board.ask(MessageType::kScore, 1, score_chunk(0, ids)).payload;
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(2, ids)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(1, {1, 0xffff})).status() == Status::kBadToken);
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(1, ids)).is(ReplyType::kScore));
  board.exchange(MessageType::kGenerate, 2, generate_request(2));
  CHECK(board.ask(MessageType::kScore, 1, score_chunk(2, ids)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kScore, 3, score_chunk(0, ids)).payload == zero);
}

TEST("a repeated SCORE that is still being worked on is answered once, another request is refused, CANCEL ends it") {
  LinkBoard board(read_file(kLanguageModel));
  const Bytes chunk = score_chunk(0, some_ids(20));
  board.put(framed(message(MessageType::kScore, 1, chunk)));
  for (int i = 0; i < 3; i++) board.step();
  CHECK_EQ(board.received().size(), 0u);
  board.put(framed(message(MessageType::kScore, 1, chunk)));
  board.put(framed(message(MessageType::kScore, 2, chunk)));
  board.step();
  const std::vector<Reply> busy = board.received();
  CHECK_EQ(busy.size(), 1u);
  CHECK(busy[0].request == 2 && busy[0].status() == Status::kBusy);
  CHECK_EQ(board.exchange({}).size(), 1u);

  board.put(framed(message(MessageType::kScore, 3, chunk)));
  board.step();
  const std::vector<Reply> cancelled = board.exchange(MessageType::kCancel, 3);
  CHECK_EQ(cancelled.size(), 2u);
  CHECK(cancelled[0].is(ReplyType::kCancel) && cancelled[0].status() == Status::kOk);
  CHECK(cancelled[1].is(ReplyType::kError) && cancelled[1].status() == Status::kCancelled);
}

TEST("SELFTEST gives the digest the engine gives, for both kinds of model") {
  for (const char* path : {kLanguageModel, kClassifier}) {
    const Bytes image_bytes = read_file(path);
    LinkBoard board(image_bytes);
    AlignedBytes bytes(image_bytes);
    Image image;
    CHECK_EQ(static_cast<int>(open_image(bytes.data(), bytes.size(), &image)), 0);
    AlignedBytes state(Bytes(image.header->state_bytes + 16)), scratch(Bytes(image.header->scratch_bytes));
    Session session = {&image, state.data(), scratch.data()};
    uint8_t digest[32];
    CHECK_EQ(static_cast<int>(self_test(session, digest)), 0);
    const auto reply = board.ask(MessageType::kSelfTest, 1).as<SelfTestReply>();
    CHECK(std::memcmp(reply.digest, digest, 32) == 0);
  }
}

TEST("STATS counts tokens, requests, bytes and bad frames") {
  LinkBoard board(read_file(kLanguageModel));
  Bytes damaged = framed(message(MessageType::kPing, 1));
  damaged[3] ^= 1;
  board.exchange(damaged);
  board.exchange(MessageType::kGenerate, 2, generate_request(3));
  const Bytes stats = framed(message(MessageType::kStats, 3));
  const std::vector<Reply> replies = board.exchange(stats);
  CHECK_EQ(replies.size(), 1u);
  const auto s = replies[0].as<StatsReply>();
  CHECK_EQ(s.tokens, 3u);
  CHECK_EQ(s.requests, 2u);
  CHECK_EQ(s.bad_frames, 1u);
  CHECK_EQ(s.received_bytes, wire().to_board.size());
  CHECK_EQ(s.lost_bytes, 3u);
  CHECK(s.last_tokens > 3);
  CHECK(s.last_ticks > 0);
}
