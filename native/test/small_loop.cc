#include "native/test/small_loop.h"

namespace linnet::test {

SmallLoop::SmallLoop(unsigned threads) {
  for (unsigned i = 0; i < threads; i++) threads_.emplace_back([this] { work(); });
}

SmallLoop::~SmallLoop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void SmallLoop::queue(std::function<void()> work, std::function<void()> after) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back({std::move(work), std::move(after)});
  }
  changed_.notify_all();
}

void SmallLoop::post(std::function<void()> event) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    events_.push_back(std::move(event));
  }
  changed_.notify_all();
}

void SmallLoop::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !events_.empty() || (jobs_.empty() && busy_ == 0); });
    if (events_.empty()) return;
    const auto event = std::move(events_.front());
    events_.pop_front();
    lock.unlock();
    event();
    lock.lock();
  }
}

void SmallLoop::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
    if (ends_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_++;
    lock.unlock();
    job.work();
    lock.lock();
    busy_--;
    events_.push_back(std::move(job.after));
    changed_.notify_all();
  }
}

}  // namespace linnet::test
