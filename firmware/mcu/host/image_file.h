// A model image from a file, as flash would hold it.
#pragma once

#include "firmware/port.h"

namespace linnet::host {

// Size 0, with errno, if the file cannot be read; also if it is empty, with errno 0.
port::Flash read_image(const char* path);

}  // namespace linnet::host
