// GENERATE, PULL, CANCEL: tokens in order, each exactly once, over a line that loses, damages and repeats.
#include <algorithm>

#include "linnet/digest.h"
#include "native/test/link_board.h"

using namespace linnet;
using namespace linnet::test;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr char kPrompt[] = "the otter and her";

struct Options {
  uint32_t max_tokens = 40;
  uint16_t credit = kTokenWindow;
  uint8_t keep_state = 0;
  GenerateOptions sampling = {7, 3277, 40};
};

Bytes request(const Options& o, const std::string& prompt = kPrompt) {
  return bytes_of(GenerateRequest{o.max_tokens, o.sampling.seed, o.sampling.temperature_q12, o.sampling.top_k, o.credit,
                                  o.keep_state, 0},
                  prompt);
}
Bytes pull(uint32_t next, uint16_t credit) { return bytes_of(PullRequest{next, credit, 0}); }

// A host as docs/link.md describes one: takes tokens in order, pulls when it has heard nothing.
struct Host {
  explicit Host(uint16_t id) : id(id) {}
  void take(const std::vector<Reply>& replies) {
    for (const Reply& r : replies) {
      if (r.request != id) continue;
      if (r.is(ReplyType::kToken) && r.as<TokenReply>().sequence == ids.size()) {
        ids.push_back(r.as<TokenReply>().id);
        text.append(r.payload.begin() + sizeof(TokenReply), r.payload.end());
      }
      if (r.is(ReplyType::kDone) && r.as<DoneReply>().sequence == ids.size()) {
        done = true;
        end = r.as<DoneReply>();
      }
      if (r.is(ReplyType::kError)) error = r.status();
    }
  }
  uint32_t next() const { return static_cast<uint32_t>(ids.size()); }

  uint16_t id;
  std::vector<uint16_t> ids;
  std::string text;
  bool done = false;
  DoneReply end = {};
  Status error = Status::kOk;
};

// To the end over a line that loses nothing, a window at a time.
Host run(LinkBoard& board, uint16_t id, const Options& options, const std::string& prompt = kPrompt) {
  Host host(id);
  host.take(board.exchange(MessageType::kGenerate, id, request(options, prompt)));
  while (!host.done && host.error == Status::kOk)
    host.take(board.exchange(MessageType::kPull, id, pull(host.next(), kTokenWindow)));
  return host;
}

std::vector<uint32_t> sequences(const std::vector<Reply>& replies) {
  std::vector<uint32_t> all;
  for (const Reply& r : replies)
    if (r.is(ReplyType::kToken) || r.is(ReplyType::kDone)) all.push_back(r.as<TokenReply>().sequence);
  return all;
}

std::vector<uint32_t> range(uint32_t first, uint32_t end) {
  std::vector<uint32_t> all;
  for (; first < end; first++) all.push_back(first);
  return all;
}

// The same model with its tokens taken for words.
Bytes with_words_for_tokens(Bytes image) {
  auto* header = reinterpret_cast<Header*>(image.data());
  auto* tokenizer = reinterpret_cast<TokenizerHeader*>(image.data() + header->tokenizer.offset);
  tokenizer->kind = static_cast<uint8_t>(TokenizerKind::kWordLevel);
  tokenizer->flags = static_cast<uint8_t>(TokenizerFlag::kJoinWithSpace);
  tokenizer->unk_id = 2;
  tokenizer->merge_count = tokenizer->merges = tokenizer->byte_ids = 0;
  header->crc32 = crc32(image.data() + 16, static_cast<uint32_t>(image.size()) - 16);
  return image;
}

uint32_t tokens_made(LinkBoard& board) { return board.ask(MessageType::kStats, 999).as<StatsReply>().tokens; }

}  // namespace

TEST("GENERATE gives the engine's tokens, greedy and sampled, and counts prompt and BOS") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  uint16_t id = 1;
  for (const GenerateOptions& sampling :
       {GenerateOptions{}, GenerateOptions{7, 3277, 40}, GenerateOptions{1, 6000, 0}}) {
    Options options;
    options.sampling = sampling;
    const Host host = run(board, id++, options);
    CHECK(host.ids == generated_by_engine(image, kPrompt, 40, sampling));
    CHECK_EQ(host.end.sequence, 40u);
    CHECK_EQ(host.end.status, 0);
    CHECK(host.end.prompt_tokens > 1);
    CHECK(host.end.ticks >= 40 + host.end.prompt_tokens);
  }
}

TEST("an end token ends a generation and is not sent") {
  const Bytes image = read_file(kEndingLanguageModel);
  LinkBoard board(image);
  bool ended_early = false;
  for (uint16_t seed = 1; seed <= 40; seed++) {
    Options options;
    options.max_tokens = 200;
    options.sampling = {seed, 8000, 0};
    const Host host = run(board, seed, options);
    CHECK(host.ids == generated_by_engine(image, kPrompt, 200, options.sampling));
    ended_early = ended_early || host.ids.size() < 200;
  }
  CHECK(ended_early);
}

TEST("the board sends no more than it has credit for, DONE aside, which needs none") {
  LinkBoard board(read_file(kLanguageModel));
  Options options;
  options.max_tokens = 8;
  options.credit = 3;
  CHECK(sequences(board.exchange(MessageType::kGenerate, 1, request(options))) == range(0, 3));
  CHECK(sequences(board.exchange({})).empty());
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(3, 0))).empty());
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(3, 1))) == range(3, 4));
  CHECK_EQ(tokens_made(board), 4u);
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(4, 4))) == range(4, 9));  // 8 is DONE
}

TEST("PULL goes back to any token in the window, and DONE is remembered") {
  LinkBoard board(read_file(kLanguageModel));
  Options options;
  options.max_tokens = 30;
  const Host host = run(board, 1, options);
  for (uint32_t next = 14; next <= 30; next++)
    CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(next, 16))) == range(next, 31));
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(20, 3))) == range(20, 23));
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(31, 16))).empty());  // DONE acknowledged
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(30, 0))) == range(30, 31));
  CHECK_EQ(tokens_made(board), 30u);
}

TEST("tokens sent again are the same tokens, with the same text") {
  LinkBoard board(read_file(kLanguageModel));
  const std::vector<Reply> first = board.exchange(MessageType::kGenerate, 1, request({}));
  const std::vector<Reply> again = board.exchange(MessageType::kPull, 1, pull(0, 16));
  CHECK_EQ(first.size(), 16u);
  CHECK_EQ(again.size(), 16u);
  for (size_t i = 0; i < std::min(first.size(), again.size()); i++) CHECK(first[i].payload == again[i].payload);
}

TEST("PULL of what is gone, never was, or belongs to no generation is refused and changes nothing") {
  LinkBoard board(read_file(kLanguageModel));
  CHECK(board.ask(MessageType::kPull, 1, pull(0, 1)).status() == Status::kBadMessage);
  board.exchange(MessageType::kGenerate, 1, request({}));
  board.exchange(MessageType::kPull, 1, pull(16, 4));  // 20 made: 4 … 19 are kept
  CHECK(board.ask(MessageType::kPull, 1, pull(3, 16)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kPull, 1, pull(21, 16)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kPull, 1, pull(0xffffffff, 16)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kPull, 1, pull(20, 17)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kPull, 2, pull(20, 16)).status() == Status::kBadMessage);
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(4, 16))) == range(4, 20));
}

TEST("a GENERATE that comes twice runs once") {
  LinkBoard board(read_file(kLanguageModel));
  Options options;
  options.max_tokens = 20;
  const Bytes generate = framed(message(MessageType::kGenerate, 1, request(options)));
  Bytes twice = generate;
  twice.insert(twice.end(), generate.begin(), generate.end());
  CHECK(sequences(board.exchange(twice)) == range(0, 16));
  CHECK(sequences(board.exchange(generate)) == range(0, 16));  // as a PULL from 0
  CHECK_EQ(tokens_made(board), 16u);
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(16, 16))) == range(16, 21));
  CHECK(board.ask(MessageType::kGenerate, 1, request(options)).status() == Status::kBadMessage);  // 0 is gone
  CHECK_EQ(tokens_made(board), 20u);
}

TEST("CANCEL works within one token, and the state is the one those tokens left") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  Options endless;
  endless.sampling = {};
  endless.max_tokens = kMostTokens;
  board.put(framed(message(MessageType::kGenerate, 1, request(endless))));
  std::vector<Reply> before;
  while (before.empty()) {
    board.step();
    before = board.received();
  }
  CHECK_EQ(sequences(before).size(), 1u);
  const std::vector<Reply> after = board.exchange(MessageType::kCancel, 1);
  CHECK_EQ(after.size(), 2u);
  CHECK(after[0].is(ReplyType::kCancel) && after[0].status() == Status::kOk);
  CHECK(after[1].is(ReplyType::kDone));
  CHECK(static_cast<Status>(after[1].as<DoneReply>().status) == Status::kCancelled);
  CHECK_EQ(after[1].as<DoneReply>().sequence, 1u);
  CHECK_EQ(tokens_made(board), 1u);

  Options rest;
  rest.keep_state = 1;
  rest.sampling = {};
  rest.max_tokens = 9;
  const std::vector<uint16_t> whole = generated_by_engine(image, kPrompt, 10, {});
  CHECK(run(board, 2, rest, "").ids == std::vector<uint16_t>(whole.begin() + 1, whole.end()));
}

TEST("CANCEL of what does not run is answered all the same, as often as it comes") {
  LinkBoard board(read_file(kLanguageModel));
  CHECK(board.ask(MessageType::kCancel, 9).status() == Status::kOk);
  board.exchange(MessageType::kGenerate, 1, request({}));
  CHECK(board.ask(MessageType::kCancel, 9).is(ReplyType::kCancel));  // 1 goes on
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(16, 2))) == range(16, 18));
  CHECK_EQ(board.exchange(MessageType::kCancel, 1).size(), 2u);  // and DONE
  CHECK(board.ask(MessageType::kCancel, 1).is(ReplyType::kCancel));
  const std::vector<Reply> done = board.exchange(MessageType::kPull, 1, pull(18, 0));
  CHECK_EQ(done.size(), 1u);
  CHECK(static_cast<Status>(done[0].as<DoneReply>().status) == Status::kCancelled);
}

TEST("while a generation runs other work is refused as busy, and HELLO, PING and STATS are answered between tokens") {
  LinkBoard board(read_file(kLanguageModel));
  board.put(framed(message(MessageType::kGenerate, 1, request({}))));
  board.step();
  board.put(framed(message(MessageType::kPing, 2)));
  board.step();
  const std::vector<Reply> ping = board.received();
  CHECK(!ping.empty() && ping[0].is(ReplyType::kPing));
  board.exchange({});
  CHECK(board.ask(MessageType::kGenerate, 3, request({})).status() == Status::kBusy);
  CHECK(board.ask(MessageType::kSelfTest, 4).status() == Status::kBusy);
  CHECK(board.ask(MessageType::kScore, 5, bytes_of(ScoreRequest{0, 1, 0}, std::string("\1\0", 2))).status() ==
        Status::kBusy);
  CHECK(board.ask(MessageType::kStats, 6).is(ReplyType::kStats));
  CHECK(sequences(board.exchange(MessageType::kPull, 1, pull(16, 1))) == range(16, 17));
}

TEST("a HELLO ends whatever ran before it") {
  LinkBoard board(read_file(kLanguageModel));
  board.exchange(MessageType::kGenerate, 1, request({}));
  CHECK(board.ask(MessageType::kHello, 2, bytes_of(HelloRequest{1, 1})).is(ReplyType::kHello));
  CHECK(board.ask(MessageType::kPull, 1, pull(16, 1)).status() == Status::kBadMessage);
  CHECK_EQ(run(board, 1, {}).ids.size(), 40u);
}

TEST("keep_state goes on where the last generation stopped, token for token") {
  const Bytes image = read_file(kLanguageModel);
  const std::vector<uint16_t> whole = generated_by_engine(image, kPrompt, 30, {});
  for (const uint32_t first : {1u, 5u, 17u}) {
    LinkBoard board(image);
    Options options;
    options.sampling = {};
    options.max_tokens = first;
    std::vector<uint16_t> ids = run(board, 1, options).ids;
    options.max_tokens = 30 - first;
    options.keep_state = 1;
    const Host rest = run(board, 2, options, "");
    ids.insert(ids.end(), rest.ids.begin(), rest.ids.end());
    CHECK(ids == whole);
    CHECK_EQ(rest.end.prompt_tokens, 0u);
  }
}

TEST("keep_state starts afresh if there is no state: at first, after other work, after HELLO") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  Options options;
  options.keep_state = 1;
  const std::vector<uint16_t> fresh = generated_by_engine(image, kPrompt, 40, options.sampling);
  CHECK(run(board, 1, options).ids == fresh);
  CHECK(run(board, 2, options).ids != fresh);
  board.ask(MessageType::kSelfTest, 3);
  CHECK(run(board, 4, options).ids == fresh);
  board.ask(MessageType::kHello, 5, bytes_of(HelloRequest{1, 1}));
  CHECK(run(board, 6, options).ids == fresh);
}

TEST("parameters out of range are refused") {
  LinkBoard board(read_file(kLanguageModel));
  Options few, many, no_credit, much_credit, top_k;
  few.max_tokens = 0;
  many.max_tokens = kMostTokens + 1;
  no_credit.credit = 0;
  much_credit.credit = kTokenWindow + 1;
  top_k.sampling.top_k = kMaxTopK + 1;
  for (const Options& o : {few, many, no_credit, much_credit, top_k}) {
    const Reply reply = board.ask(MessageType::kGenerate, 1, request(o));
    CHECK(reply.is(ReplyType::kError));
    CHECK(reply.status() == Status::kBadParameter);
  }
}

TEST("an empty prompt is enough for a model with BOS, and too little for one without") {
  Bytes image = read_file(kLanguageModel);
  {
    LinkBoard board(image);
    CHECK(run(board, 1, {}, "").ids == generated_by_engine(image, "", 40, Options().sampling));
  }
  auto* header = reinterpret_cast<Header*>(image.data());
  header->bos_id = kNoId;
  header->crc32 = crc32(image.data() + 16, static_cast<uint32_t>(image.size()) - 16);
  LinkBoard board(image);
  CHECK(board.ask(MessageType::kGenerate, 1, request({}, "")).status() == Status::kInputEmpty);
  CHECK(run(board, 2, {}).ids == generated_by_engine(image, kPrompt, 40, Options().sampling));
}

TEST("the longest prompt that fits a message is taken") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  std::string prompt;
  while (prompt.size() < kMaxMessage - sizeof(MessageHeader) - sizeof(GenerateRequest)) prompt += "\xff~}";
  prompt.resize(kMaxMessage - sizeof(MessageHeader) - sizeof(GenerateRequest));
  CHECK(run(board, 1, {}, prompt).ids == generated_by_engine(image, prompt, 40, Options().sampling));
}

TEST("where tokens are words, a space goes before each but the first of all text, also when sent again") {
  const Bytes image = with_words_for_tokens(read_file(kLanguageModel));
  for (const std::string prompt : {"", "her"}) {
    LinkBoard board(image);
    const std::vector<Reply> first = board.exchange(MessageType::kGenerate, 1, request({}, prompt));
    const std::vector<Reply> again = board.exchange(MessageType::kPull, 1, pull(0, 16));
    bool follows_text = !prompt.empty();
    CHECK_EQ(first.size(), 16u);
    for (size_t i = 0; i < first.size(); i++) {
      AlignedBytes bytes(image);
      Image opened;
      CHECK_EQ(static_cast<int>(open_image(bytes.data(), bytes.size(), &opened)), 0);
      const TokenText plain = Tokenizer(opened).text(first[i].as<TokenReply>().id);
      const std::string expected = (follows_text && plain.size > 0 ? " " : "") + std::string(plain.bytes, plain.size);
      CHECK(std::string(first[i].payload.begin() + sizeof(TokenReply), first[i].payload.end()) == expected);
      CHECK(first[i].payload == again[i].payload);
      follows_text = follows_text || plain.size > 0;
    }
  }
}

TEST("over a line that loses, damages and repeats frames both ways, the text is whole and made once") {
  const Bytes image = read_file(kLanguageModel);
  for (uint64_t seed = 1; seed <= 150; seed++) {
    Random random(seed);
    LinkBoard board(image);
    Options options;
    options.max_tokens = 60;
    const std::vector<uint16_t> expected = generated_by_engine(image, kPrompt, 60, options.sampling);
    const auto harm = [&](Bytes frame) {
      switch (random.next() % 6) {
        case 0: return Bytes();
        case 1: frame[random.next() % frame.size()] ^= static_cast<uint8_t>(1u << random.next() % 8); return frame;
        case 2: frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(random.next() % frame.size())); return frame;
        case 3: {
          const Bytes copy = frame;
          frame.insert(frame.end(), copy.begin(), copy.end());
          return frame;
        }
        default: return frame;
      }
    };
    Host host(1);
    HostDecoder decoder;
    bool heard = false;
    int rounds = 0;
    for (; !host.done && host.error == Status::kOk && rounds < 2000; rounds++) {
      const Bytes ask =
          heard ? message(MessageType::kPull, 1, pull(host.next(), static_cast<uint16_t>(1 + random.next() % 16)))
                : message(MessageType::kGenerate, 1, request(options));
      board.put(harm(framed(ask)));
      while (board.step()) {
      }
      Bytes answer;
      answer.swap(wire().from_board);
      // Harm comes to the answer frame by frame; flags stand at both ends of each.
      for (size_t at = 0; at < answer.size();) {
        size_t end = at + 1;
        while (end < answer.size() && answer[end] != 0x7e) end++;
        end = std::min(end + 1, answer.size());
        decoder.push(harm(
            {answer.begin() + static_cast<std::ptrdiff_t>(at), answer.begin() + static_cast<std::ptrdiff_t>(end)}));
        at = end;
      }
      heard = heard || !decoder.replies.empty();
      host.take(decoder.replies);
      decoder.replies.clear();
    }
    CHECK(host.done);
    CHECK(host.ids == expected);
    if (!host.done || host.ids != expected)
      std::printf("seed %llu, status %d\n", static_cast<unsigned long long>(seed), static_cast<int>(host.error));
    board.exchange(Bytes{0x7e, 0x7e});
    board.exchange(MessageType::kPing, 3);
    CHECK_EQ(tokens_made(board), 60u);
  }
}
