// UPLOAD_BEGIN, UPLOAD_DATA and UPLOAD_COMMIT: what is stored, what is refused, and that the old model lives on.
#include "linnet/digest.h"
#include "native/test/link_board.h"
#include "native/test/link_port.h"

using namespace linnet;
using namespace linnet::test;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint32_t kRoom = 1 << 20;
const Bytes kHello = bytes_of(HelloRequest{1, 1});

UploadRequest request_of(const Bytes& image) {
  UploadRequest request = {static_cast<uint32_t>(image.size()), {}};
  Sha256 hash;
  hash.start();
  hash.update(image.data(), request.size);
  hash.finish(request.sha256);
  return request;
}

Bytes data_of(const UploadRequest& upload, uint32_t offset, const Bytes& bytes) {
  UploadData place = {};
  std::memcpy(place.tag, upload.sha256, sizeof(place.tag));
  place.offset = offset;
  return bytes_of(place, {bytes.begin(), bytes.end()});
}

// Everything an upload takes, in pieces of `chunk` bytes.
class Uploader {
 public:
  Uploader(LinkBoard& board, const Bytes& image) : board_(board), image_(image), request(request_of(image)) {}

  Reply begin() { return board_.ask(MessageType::kUploadBegin, 100, bytes_of(request)); }
  Reply piece(uint32_t from, uint32_t to) {
    const auto start = image_.begin();
    return board_.ask(MessageType::kUploadData, 101, data_of(request, from, {start + from, start + to}));
  }
  void pieces(uint32_t from, uint32_t to, uint32_t chunk = 1000) {
    for (uint32_t at = from; at < to; at += chunk)
      CHECK_EQ(next(piece(at, at + chunk < to ? at + chunk : to)), at + chunk < to ? at + chunk : to);
  }
  Reply commit() { return board_.ask(MessageType::kUploadCommit, 102, bytes_of(request)); }
  Reply all() {
    CHECK_EQ(next(begin()), 0u);
    pieces(0, size());
    return commit();
  }
  uint32_t size() const { return request.size; }

  static uint32_t next(const Reply& reply) {
    CHECK_EQ(reply.payload.size(), sizeof(UploadReply));
    return reply.as<UploadReply>().next;
  }

 private:
  LinkBoard& board_;
  const Bytes image_;

 public:
  const UploadRequest request;
};

// A board with room for uploads; `image` lives on it.
LinkBoard board_with(const char* path, uint32_t arena_bytes = 1 << 16) {
  LinkBoard board(path == nullptr ? Bytes() : read_file(path), arena_bytes);
  wire().slot_bytes = kRoom;
  return board;
}

bool runs(LinkBoard& board, const Bytes& image) {
  const auto hello = board.ask(MessageType::kHello, 1, kHello).as<HelloReply>();
  return hello.model_status == 0 && hello.image_size == image.size() &&
         std::memcmp(hello.image_sha256, request_of(image).sha256, 32) == 0;
}

Bytes generate_request(uint32_t max_tokens, bool keep_state = false) {
  return bytes_of(GenerateRequest{max_tokens, 1, 0, 0, kTokenWindow, keep_state, 0}, keep_state ? "" : "once");
}

std::vector<uint16_t> tokens_of(const std::vector<Reply>& replies) {
  std::vector<uint16_t> ids;
  for (const Reply& reply : replies)
    if (reply.is(ReplyType::kToken)) ids.push_back(reply.as<TokenReply>().id);
  return ids;
}

std::vector<uint16_t> greedy(const Bytes& image, uint32_t count) {
  GenerateOptions options;
  options.seed = 1;
  return generated_by_engine(image, "once", count, options);
}

}  // namespace

TEST("an uploaded model runs, and says so") {
  LinkBoard board = board_with(kClassifier);
  const Bytes image = read_file(kLanguageModel);
  Uploader upload(board, image);
  const Reply reply = upload.all();
  CHECK(reply.type == static_cast<uint8_t>(ReplyType::kUploadCommit));
  CHECK_EQ(Uploader::next(reply), image.size());
  CHECK(runs(board, image));
  CHECK(tokens_of(board.exchange(MessageType::kGenerate, 5, generate_request(10))) == greedy(image, 10));
}

TEST("a board without a model takes one") {
  LinkBoard board = board_with(nullptr);
  const Bytes image = read_file(kLanguageModel);
  CHECK(Uploader(board, image).all().is(ReplyType::kUploadCommit));
  CHECK(runs(board, image));
}

TEST("uploads take turns: each lives while the next is stored") {
  LinkBoard board = board_with(kClassifier);
  for (const char* path : {kLanguageModel, kNgramClassifier, kLanguageModel, kClassifier}) {
    const Bytes image = read_file(path);
    CHECK(Uploader(board, image).all().is(ReplyType::kUploadCommit));
    CHECK(runs(board, image));
  }
  CHECK_EQ(wire().commits, 4u);
}

TEST("the answers say how long an upload stays, and whether the board hears while it stores") {
  LinkBoard board = board_with(kClassifier);
  const Uploader upload(board, read_file(kLanguageModel));
  wire().lasts = true;
  auto reply = Uploader(upload).begin().as<UploadReply>();
  CHECK(reply.lasts == 1 && reply.deaf == 0 && reply.reserved == 0);
  wire().lasts = false;
  wire().deaf = true;
  reply = Uploader(upload).begin().as<UploadReply>();
  CHECK(reply.lasts == 0 && reply.deaf == 1);
}

TEST("data that was stored already, or comes too early, changes nothing and is answered by what is wanted") {
  LinkBoard board = board_with(kClassifier);
  Uploader upload(board, read_file(kLanguageModel));
  upload.begin();
  upload.pieces(0, 300, 100);
  CHECK_EQ(Uploader::next(upload.piece(0, 100)), 300u);    // again
  CHECK_EQ(Uploader::next(upload.piece(250, 350)), 300u);  // half of it again
  CHECK_EQ(Uploader::next(upload.piece(400, 500)), 300u);  // after a gap
  CHECK_EQ(Uploader::next(upload.piece(300, 301)), 301u);
  upload.pieces(301, upload.size(), 997);
  CHECK(upload.commit().is(ReplyType::kUploadCommit));
}

TEST("an upload goes on where it was, for another host too, and while other requests come") {
  LinkBoard board = board_with(kLanguageModel);
  const Bytes image = read_file(kClassifier);
  Uploader upload(board, image);
  upload.begin();
  upload.pieces(0, 2000);
  CHECK(runs(board, read_file(kLanguageModel)));  // a HELLO
  CHECK(tokens_of(board.exchange(MessageType::kGenerate, 5, generate_request(10))) ==
        greedy(read_file(kLanguageModel), 10));
  CHECK_EQ(Uploader::next(upload.begin()), 2000u);
  upload.pieces(2000, upload.size());
  CHECK_EQ(Uploader::next(upload.begin()), upload.size());
  CHECK(upload.commit().is(ReplyType::kUploadCommit));
  CHECK(runs(board, image));
}

TEST("an upload does not touch a generation that runs; the commit waits for its end") {
  LinkBoard board = board_with(kLanguageModel);
  const Bytes image = read_file(kClassifier);
  std::vector<uint16_t> ids = tokens_of(board.exchange(MessageType::kGenerate, 5, generate_request(20)));
  CHECK_EQ(ids.size(), size_t{kTokenWindow});  // four more, but no credit
  Uploader upload(board, image);
  upload.begin();
  upload.pieces(0, upload.size());
  CHECK(upload.commit().status() == Status::kBusy);
  for (const uint16_t id : tokens_of(board.exchange(MessageType::kPull, 5, bytes_of(PullRequest{kTokenWindow, 16, 0}))))
    ids.push_back(id);
  CHECK(ids == greedy(read_file(kLanguageModel), 20));
  CHECK(upload.commit().is(ReplyType::kUploadCommit));
  CHECK(runs(board, image));
}

TEST("a commit ends what is remembered of the old model: tokens, state, score") {
  LinkBoard board = board_with(kLanguageModel);
  const Bytes image = read_file(kEndingLanguageModel);
  board.exchange(MessageType::kGenerate, 5, generate_request(4));
  CHECK(Uploader(board, image).all().is(ReplyType::kUploadCommit));
  CHECK(board.ask(MessageType::kPull, 5, bytes_of(PullRequest{0, 16, 0})).status() == Status::kBadMessage);
  // keep_state finds no state, so this starts afresh.
  CHECK(tokens_of(board.exchange(MessageType::kGenerate, 6, bytes_of(GenerateRequest{5, 1, 0, 0, 16, 1, 0}, "once"))) ==
        greedy(image, 5));
}

TEST("a commit that comes twice is done once; so is the upload of what runs already") {
  LinkBoard board = board_with(kClassifier);
  Uploader upload(board, read_file(kLanguageModel));
  CHECK(upload.all().is(ReplyType::kUploadCommit));
  board.exchange(MessageType::kGenerate, 5, generate_request(100));  // runs on, without credit
  CHECK(upload.commit().is(ReplyType::kUploadCommit));
  CHECK_EQ(Uploader::next(upload.begin()), upload.size());
  CHECK(upload.commit().is(ReplyType::kUploadCommit));
  CHECK_EQ(wire().commits, 1u);
  CHECK(board.ask(MessageType::kGenerate, 6, generate_request(1)).status() == Status::kBusy);
}

TEST("every image that does not run is refused with its reason, and the old one answers with its state") {
  struct Case {
    const char* what;
    Status reason;
    void (*spoil)(Bytes&);
  };
  const Case cases[] = {
      {"no image", Status::kBadMagic, [](Bytes& b) { b[0] ^= 1; }},
      {"zeros", Status::kBadMagic, [](Bytes& b) { b.assign(b.size(), 0); }},
      {"one bit of a weight", Status::kCrcMismatch, [](Bytes& b) { b[b.size() / 2] ^= 1; }},
      {"cut short", Status::kSizeMismatch, [](Bytes& b) { b.resize(b.size() - 16); }},
      {"too long", Status::kSizeMismatch, [](Bytes& b) { b.resize(b.size() + 16); }},
      {"another layout", Status::kUnsupportedLayout,
       [](Bytes& b) {
         Header header;
         std::memcpy(&header, b.data(), sizeof(header));
         header.layout = 7;
         std::memcpy(b.data(), &header, sizeof(header));
       }},
      {"another version", Status::kUnsupportedVersion,
       [](Bytes& b) {
         Header header;
         std::memcpy(&header, b.data(), sizeof(header));
         header.version = 99;
         std::memcpy(b.data(), &header, sizeof(header));
       }},
  };
  for (const Case& c : cases) {
    LinkBoard board = board_with(kLanguageModel);
    const std::vector<uint16_t> expected = greedy(read_file(kLanguageModel), 16);
    std::vector<uint16_t> ids = tokens_of(board.exchange(MessageType::kGenerate, 5, generate_request(8)));
    Bytes image = read_file(kClassifier);
    c.spoil(image);
    const Status status = Uploader(board, image).all().status();
    if (status != c.reason) std::printf("%s: status %d\n", c.what, static_cast<int>(status));
    CHECK(status == c.reason);
    CHECK_EQ(wire().commits, 0u);
    for (const uint16_t id : tokens_of(board.exchange(MessageType::kGenerate, 6, generate_request(8, true))))
      ids.push_back(id);
    CHECK(ids == expected);
    CHECK(runs(board, read_file(kLanguageModel)));
  }
}

TEST("a model that needs more RAM than there is is refused") {
  LinkBoard ample = board_with(kLanguageModel);
  const uint32_t just_enough = ample.ask(MessageType::kHello, 1, kHello).as<HelloReply>().ram_used;
  LinkBoard board = board_with(kLanguageModel, just_enough);
  CHECK(Uploader(board, read_file(kNgramClassifier)).all().status() == Status::kOutOfMemory);
  CHECK(runs(board, read_file(kLanguageModel)));
}

TEST("what was stored is checked, not what came") {
  LinkBoard board = board_with(kLanguageModel);
  wire().spoils_at = 1234;
  Uploader upload(board, read_file(kClassifier));
  CHECK(upload.all().status() == Status::kHashMismatch);
  CHECK(runs(board, read_file(kLanguageModel)));
  CHECK(upload.commit().status() == Status::kHashMismatch);  // asked again, for the answer may have been lost
  CHECK(upload.piece(0, 10).status() == Status::kUploadLost);
  wire().spoils_at = UINT32_MAX;
  CHECK(upload.all().is(ReplyType::kUploadCommit));
}

TEST("bytes that are not those of the hash are refused") {
  LinkBoard board = board_with(kLanguageModel);
  const Bytes image = read_file(kClassifier);
  UploadRequest lie = request_of(image);
  lie.sha256[31] ^= 1;  // the tag is the same
  board.ask(MessageType::kUploadBegin, 1, bytes_of(lie));
  Uploader(board, image).pieces(0, static_cast<uint32_t>(image.size()));
  CHECK(board.ask(MessageType::kUploadCommit, 2, bytes_of(lie)).status() == Status::kHashMismatch);
  CHECK(runs(board, read_file(kLanguageModel)));
}

TEST("memory that does not work ends the upload, not the model") {
  for (const uint32_t fails_at : {0u, 2500u}) {
    LinkBoard board = board_with(kLanguageModel);
    Uploader upload(board, read_file(kClassifier));
    wire().fails_at = fails_at;
    Reply reply = upload.begin();
    for (uint32_t at = 0; reply.is(ReplyType::kUploadBegin) || reply.is(ReplyType::kUploadData); at += 500)
      reply = upload.piece(at, at + 500);
    CHECK(reply.status() == Status::kUploadFailed);
    CHECK(upload.piece(0, 10).status() == Status::kUploadLost);
    CHECK(upload.commit().status() == Status::kUploadLost);
    CHECK(runs(board, read_file(kLanguageModel)));
  }
  LinkBoard board = board_with(kLanguageModel);
  wire().refuses_commit = true;
  CHECK(Uploader(board, read_file(kClassifier)).all().status() == Status::kUploadFailed);
  CHECK(runs(board, read_file(kLanguageModel)));
}

TEST("another upload takes the place of one that is not complete, and data of the old one is refused") {
  LinkBoard board = board_with(kLanguageModel);
  Uploader old(board, read_file(kClassifier));
  Uploader fresh(board, read_file(kNgramClassifier));
  old.begin();
  old.pieces(0, 2000);
  CHECK_EQ(Uploader::next(fresh.begin()), 0u);
  CHECK(old.piece(2000, 2100).status() == Status::kUploadLost);
  CHECK(old.piece(0, 100).status() == Status::kUploadLost);
  CHECK(old.commit().status() == Status::kUploadLost);
  fresh.pieces(0, fresh.size());
  CHECK_EQ(Uploader::next(old.begin()), 0u);  // and back, from the start
  CHECK(fresh.commit().status() == Status::kUploadLost);
  old.pieces(0, old.size());
  CHECK(old.commit().is(ReplyType::kUploadCommit));
  CHECK(runs(board, read_file(kClassifier)));
}

TEST("messages out of order, out of range or of a wrong size are refused and change nothing") {
  LinkBoard board = board_with(kLanguageModel);
  Uploader upload(board, read_file(kClassifier));
  CHECK(upload.piece(0, 10).status() == Status::kUploadLost);
  CHECK(upload.commit().status() == Status::kUploadLost);
  upload.begin();
  upload.pieces(0, 1000);
  CHECK(upload.commit().status() == Status::kBadMessage);  // not complete
  const uint32_t size = upload.size();
  const Bytes ten(10, 1);
  for (const uint32_t offset : {size - 9, size, size + 1, UINT32_MAX, UINT32_MAX - 5})
    CHECK(board.ask(MessageType::kUploadData, 3, data_of(upload.request, offset, ten)).status() == Status::kBadMessage);
  CHECK(board.ask(MessageType::kUploadData, 3, data_of(upload.request, 1000, {})).status() == Status::kBadMessage);
  for (const auto type : {MessageType::kUploadBegin, MessageType::kUploadData, MessageType::kUploadCommit})
    for (const size_t bytes : {0u, 1u, 7u, 35u, 37u})
      if (type != MessageType::kUploadData || bytes < sizeof(UploadData))
        CHECK(board.ask(type, 4, Bytes(bytes, 1)).status() == Status::kBadMessage);
  CHECK_EQ(Uploader::next(upload.begin()), 1000u);
  upload.pieces(1000, size);
  CHECK(upload.commit().is(ReplyType::kUploadCommit));
}

TEST("an image larger than the room, or smaller than a header, is refused before it is sent") {
  LinkBoard board = board_with(kLanguageModel);
  UploadRequest request = {kRoom + 1, {1, 2, 3}};
  CHECK(board.ask(MessageType::kUploadBegin, 1, bytes_of(request)).status() == Status::kUploadTooLarge);
  request.size = UINT32_MAX;
  CHECK(board.ask(MessageType::kUploadBegin, 1, bytes_of(request)).status() == Status::kUploadTooLarge);
  for (const uint32_t size : {0u, 1u, static_cast<uint32_t>(sizeof(Header)) - 1}) {
    request.size = size;
    CHECK(board.ask(MessageType::kUploadBegin, 1, bytes_of(request)).status() == Status::kImageTooSmall);
  }
  request.size = kRoom;
  CHECK(board.ask(MessageType::kUploadBegin, 1, bytes_of(request)).is(ReplyType::kUploadBegin));
}

TEST("a refused begin leaves the upload under way") {
  LinkBoard board = board_with(kLanguageModel);
  Uploader upload(board, read_file(kClassifier));
  upload.begin();
  upload.pieces(0, 1000);
  CHECK(board.ask(MessageType::kUploadBegin, 1, bytes_of(UploadRequest{kRoom + 1, {}})).status() ==
        Status::kUploadTooLarge);
  CHECK_EQ(Uploader::next(upload.begin()), 1000u);
}

TEST("a board without room for a second model takes no uploads") {
  LinkBoard board(read_file(kLanguageModel));
  Uploader upload(board, read_file(kClassifier));
  CHECK(upload.begin().status() == Status::kNoUploads);
  CHECK(upload.piece(0, 10).status() == Status::kUploadLost);
  CHECK(upload.commit().status() == Status::kUploadLost);
  Uploader same(board, read_file(kLanguageModel));
  CHECK(same.commit().is(ReplyType::kUploadCommit));  // runs already
}

TEST("a commit while the console answers is refused as busy") {
  LinkBoard board = board_with(kLanguageModel);
  Uploader upload(board, read_file(kClassifier));
  upload.begin();
  upload.pieces(0, upload.size());
  const std::string line = "once\r";
  board.put({line.begin(), line.end()});
  for (int i = 0; i < 3; i++) board.step();
  board.put(framed(message(MessageType::kUploadCommit, 9, bytes_of(upload.request))));
  board.step();
  bool busy = false;
  for (const Reply& reply : board.received())
    if (reply.request == 9) busy = reply.is(ReplyType::kError) && reply.status() == Status::kBusy;
  CHECK(busy);
}
