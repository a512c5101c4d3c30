// The console: what a person at a terminal sees (docs/link.md, Console).
#include <algorithm>
#include <cstdio>

#include "firmware/app/text.h"
#include "native/test/link_board.h"

using namespace linnet;
using namespace linnet::test;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr char kBusy[] = "busy: a program is using the link\r\n";

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What the console should write for these tokens.
std::string text_of(const Bytes& image_bytes, const std::vector<uint16_t>& ids) {
  AlignedBytes bytes(image_bytes);
  Image image;
  CHECK_EQ(static_cast<int>(open_image(bytes.data(), bytes.size(), &image)), 0);
  std::string text;
  for (const uint16_t id : ids) {
    const TokenText t = Tokenizer(image).text(id);
    for (uint32_t i = 0; i < t.size; i++) text += t.bytes[i] == '\n' ? std::string("\r\n") : std::string(1, t.bytes[i]);
  }
  return text;
}

std::string answer_to(const Bytes& image, const std::string& prompt, uint32_t count, const GenerateOptions& options) {
  return prompt + text_of(image, generated_by_engine(image, prompt, count, options)) + "\r\n> ";
}

std::string printed(uint32_t value, unsigned places) {
  wire() = Wire();
  print_decimal(value, places);
  return {wire().from_board.begin(), wire().from_board.end()};
}

Bytes generate_request() { return bytes_of(GenerateRequest{1000, 1, 0, 0, kTokenWindow, 0, 0}, "once"); }

}  // namespace

TEST("a typed line is echoed and continued, by default 64 tokens at temperature 0.8, top-k 40, seed 1") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  const std::string text = board.type("the otter\r");
  CHECK(text == "the otter\r\n" + answer_to(image, "the otter", 64, {1, 3277, 40}));
  CHECK(board.type("the otter\r") == text);  // every line starts afresh
}

TEST("settings change what is generated") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  board.type("/seed 4294967295\r/temp 1.25\r/tokens 9\r/topk 0\r");
  CHECK(ends_with(board.type("her\r"), answer_to(image, "her", 9, {4294967295u, 5120, 0})));
  board.type("/temp 0\r");
  CHECK(ends_with(board.type("her\r"), answer_to(image, "her", 9, {})));
  CHECK(contains(board.type("/info\r"), "tokens 9, temperature 0.00, top-k 0, seed 4294967295"));
}

TEST("settings out of range, and commands there are not, are answered with what there is") {
  LinkBoard board(read_file(kLanguageModel));
  CHECK(contains(board.type("/tokens 0\r"), "give a number from 1 to 1000000"));
  CHECK(contains(board.type("/tokens 1000001\r"), "give a number from"));
  CHECK(contains(board.type("/topk 129\r"), "give a number from 0 to 128"));
  CHECK(contains(board.type("/seed 4294967296\r"), "give a number from 0 to 4294967295"));
  CHECK(contains(board.type("/seed\r"), "give a number from"));
  CHECK(contains(board.type("/temp 16\r"), "give a number from 0 to 15.99"));
  CHECK(contains(board.type("/temp 1.2.3\r"), "give a number from"));
  CHECK(contains(board.type("/temp .\r"), "give a number from"));
  CHECK(contains(board.type("/temperature 1\r"), "no such command"));
  CHECK(contains(board.type("/\r"), "no such command"));
  CHECK(contains(board.type("/info\r"), "tokens 64, temperature 0.80, top-k 40, seed 1"));
  CHECK(contains(board.type("/help\r"), "/reset"));
}

TEST("a classifier answers with labels and percentages, likeliest first") {
  const Bytes image_bytes = read_file(kClassifier);
  LinkBoard board(image_bytes);
  const std::string typed = "the witty gorgeous story";
  const Reply reply = board.ask(MessageType::kClassify, 1, Bytes(typed.begin(), typed.end()));
  const char* labels[] = {"negative", "neutral", "tr\xc3\xa8s positif"};
  std::vector<std::pair<int, const char*>> scores;
  for (int i = 0; i < 3; i++) {
    uint16_t score;
    std::memcpy(&score, reply.payload.data() + sizeof(ClassifyReply) + 2 * i, 2);
    scores.push_back({score, labels[i]});
  }
  std::stable_sort(scores.begin(), scores.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string expected;
  for (const auto& [score, label] : scores) {
    char text[64];
    const int permille = (score * 1000 + 16384) / 32768;
    std::snprintf(text, sizeof(text), "%s%s %d.%d %%", expected.empty() ? "" : "  ", label, permille / 10,
                  permille % 10);
    expected += text;
  }
  CHECK(board.type(typed + "\r") == typed + "\r\n" + expected + "\r\n> ");
  CHECK(contains(board.type("  \r"), "nothing to label"));
}

TEST("backspace takes back a whole character, Ctrl-U the line, Ctrl-C too") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  board.type("/tokens 4\r");
  CHECK(ends_with(board.type("hex\x7fr\r"), answer_to(image, "her", 4, {1, 3277, 40})));
  CHECK(ends_with(board.type("he\xf0\x9d\x84\x9e\br\r"), answer_to(image, "her", 4, {1, 3277, 40})));
  CHECK(ends_with(board.type("\b\b rubbish\x15her\r"), answer_to(image, "her", 4, {1, 3277, 40})));
  CHECK(ends_with(board.type("rubbish\x03her\r"), answer_to(image, "her", 4, {1, 3277, 40})));
}

TEST("lines may end in CR, LF or both, and an empty one only brings the prompt") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  board.type("/tokens 4\r");
  const std::string answer = "her\r\n" + answer_to(image, "her", 4, {1, 3277, 40});
  for (const char* end : {"\r", "\n", "\r\n"}) CHECK(board.type(std::string("her") + end) == answer);
  CHECK(board.type("\n\n") == "\r\n> \r\n> ");
}

TEST("a line longer than the buffer rings the bell and keeps what fits") {
  LinkBoard board(read_file(kLanguageModel));
  const std::string text = board.type(std::string(600, 'x'));
  CHECK(text == std::string(512, 'x') + std::string(88, '\a'));
  CHECK(contains(board.type("\r"), std::string(512, 'x')));
}

TEST("a frame that lost its first flag is no line, and leaves nothing behind") {
  const Bytes image = read_file(kLanguageModel);
  LinkBoard board(image);
  board.type("/tokens 4\r");
  for (const uint8_t type : {0x01, 0x02, 0x03, 0x05, 0x06, 0x0e}) {
    const std::string payload = "her\r";
    Bytes frame = framed(message(static_cast<MessageType>(type), 0x4141, Bytes(payload.begin(), payload.end())));
    frame.erase(frame.begin());
    CHECK_EQ(board.exchange(frame).size(), 0u);
    CHECK(!contains(board.text(), "> her"));
    CHECK_EQ(board.exchange(MessageType::kPing, 1).size(), 1u);
    board.text();
    CHECK(board.type("her\r") == "her\r\n" + answer_to(image, "her", 4, {1, 3277, 40}));
  }
  CHECK_EQ(board.ask(MessageType::kStats, 2).as<StatsReply>().tokens, 24u);
}

TEST("Ctrl-C stops an answer within one token") {
  LinkBoard board(read_file(kLanguageModel));
  board.type("/tokens 1000000\r");
  board.put({'h', 'e', 'r', '\r'});
  for (int i = 0; i < 50; i++) board.step();
  const std::string text = board.type("\x03");
  CHECK(ends_with(text, "^C\r\n> "));
  CHECK(board.ask(MessageType::kStats, 2).as<StatsReply>().tokens < 60);
}

TEST("while a request of the link runs a line is answered with busy; commands still work") {
  LinkBoard board(read_file(kLanguageModel));
  CHECK_EQ(board.exchange(MessageType::kGenerate, 1, generate_request()).size(), 16u);
  CHECK(board.type("her\r") == std::string("her\r\n") + kBusy + "> ");
  CHECK(contains(board.type("/info\r"), "lm-tied"));
  CHECK_EQ(board.exchange(MessageType::kPull, 1, bytes_of(PullRequest{16, 4, 0})).size(), 4u);
  board.exchange(MessageType::kCancel, 1);
  CHECK(!contains(board.type("her\r"), "busy"));
}

TEST("while the console generates the link refuses work as busy, and a HELLO takes over") {
  LinkBoard board(read_file(kLanguageModel));
  board.type("/tokens 1000000\r");
  board.put({'h', 'e', 'r', '\r'});
  for (int i = 0; i < 50; i++) board.step();
  board.put(framed(message(MessageType::kGenerate, 1, generate_request())));
  board.put(framed(message(MessageType::kPing, 2)));
  board.step();
  const std::vector<Reply> replies = board.received();
  CHECK_EQ(replies.size(), 2u);
  CHECK(replies[0].status() == Status::kBusy);
  CHECK_EQ(board.exchange(MessageType::kHello, 3, bytes_of(HelloRequest{1, 1})).size(), 1u);
  CHECK_EQ(board.exchange(MessageType::kGenerate, 4, generate_request()).size(), 16u);
}

TEST("after the console has used the model, generations and scores of the link do not go on as if nothing had been") {
  LinkBoard board(read_file(kLanguageModel));
  board.exchange(MessageType::kScore, 1, bytes_of(ScoreRequest{0, 1, 0}, std::string("\5\0", 2)));
  board.type("her\r");
  CHECK(board.ask(MessageType::kScore, 1, bytes_of(ScoreRequest{1, 1, 0}, std::string("\5\0", 2))).status() ==
        Status::kBadMessage);
  board.exchange(MessageType::kGenerate, 2, bytes_of(GenerateRequest{3, 1, 0, 0, kTokenWindow, 0, 0}, "once"));
  board.type("her\r");
  CHECK(board.ask(MessageType::kPull, 2, bytes_of(PullRequest{0, 4, 0})).status() == Status::kBadMessage);
}

TEST("/reset resets") {
  LinkBoard board({});
  bool reset = false;
  try {
    board.type("/reset\r");
  } catch (const Reset&) {
    reset = true;
  }
  CHECK(reset);
}

TEST("a board without a model says how to get one") {
  LinkBoard board({});
  CHECK(contains(board.type("hello\r"), "linnet flash"));
  CHECK(contains(board.type("/info\r"), "no model, status 52"));
}

TEST("numbers are printed and read in decimal") {
  CHECK(printed(0, 0) == "0" && printed(4294967295u, 0) == "4294967295");
  CHECK(printed(973, 1) == "97.3" && printed(5, 1) == "0.5" && printed(0, 2) == "0.00" && printed(1000, 1) == "100.0");
  uint32_t value = 0;
  CHECK(parse_decimal("0.8", 4, &value) && value == 8000);
  CHECK(parse_decimal("15.99999", 4, &value) && value == 159999);
  CHECK(parse_decimal("7", 4, &value) && value == 70000);
  CHECK(parse_decimal("4294967295", 0, &value) && value == 4294967295u);
  for (const char* bad : {"", ".", "-1", "1e3", " 1", "1.0", "4294967296", "99999999999999999999999"})
    CHECK(!parse_decimal(bad, 0, &value));
}
