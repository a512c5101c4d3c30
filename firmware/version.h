// The version a board gives itself: package.json's, handed in by the build.
#pragma once

namespace linnet {

constexpr char kFirmwareVersion[] = LINNET_VERSION;

}  // namespace linnet
