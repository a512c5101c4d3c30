# For a core that does one thing at a time: the loops all time goes into are unrolled, whatever the rest is built for.
# (microbit: 8 % of an otherwise small firmware, and half the instructions a token.)
set_source_files_properties(
  ${LINNET_ROOT}/native/kernels/dense_i8_reference.cc ${LINNET_ROOT}/native/kernels/lstm_i8_reference.cc
  PROPERTIES COMPILE_OPTIONS "-O2;-funroll-loops")
