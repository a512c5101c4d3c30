// The places of models (firmware/port.h) in memory of this process.
#pragma once

#include "firmware/port.h"

namespace linnet::host {

// What lies in "flash": from read_image().
void set_image(port::Flash image);

}  // namespace linnet::host
