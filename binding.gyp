# The addon for node-gyp (what npm runs for a package without a prebuilt binary). Sources: native/sources.json.
# build/Release/linnet.node
{
  "target_defaults": {
    "include_dirs": [".", "native/include"],
    "defines": ["LINNET_HOST"],
    "cflags": ["-O3", "-Wall", "-Wextra", "-ffp-contract=off", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++17", "-fvisibility-inlines-hidden"],
    "cflags_cc!": ["-std=gnu++14"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0",
      "OTHER_CFLAGS": ["-ffp-contract=off"]
    }
  },
  "targets": [
    {
      "target_name": "linnet_engine",
      "type": "static_library",
      "sources": ["<!@(node -p \"const s = require('./native/sources.json'); [...s.engine, ...s.host_kernels].join(' ')\")"]
    },
    {
      "target_name": "linnet_host",
      "type": "static_library",
      "dependencies": ["linnet_engine"],
      "sources": ["<!@(node -p \"require('./native/sources.json').host.join(' ')\")"]
    },
    {
      "target_name": "linnet",
      "dependencies": [
        "linnet_engine",
        "linnet_host",
        "<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"
      ],
      "defines": ["NAPI_VERSION=8", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "sources": ["<!@(node -p \"const s = require('./native/sources.json'); [...s.addon_work, ...s.addon].join(' ')\")"]
    }
  ]
}
