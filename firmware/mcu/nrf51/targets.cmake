include(${CMAKE_CURRENT_SOURCE_DIR}/cmake/unroll-kernels.cmake)
