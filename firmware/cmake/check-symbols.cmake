# Run after linking: fails if the firmware (ELF) has drawn in a heap, exceptions or floating-point arithmetic.
execute_process(COMMAND ${NM} ${ELF} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
foreach(forbidden IN ITEMS malloc _malloc_r free _sbrk _Znwj _ZdlPv __cxa_throw __cxa_begin_catch _Unwind_Resume
                           __aeabi_fadd __aeabi_fmul __aeabi_i2f __aeabi_dadd __aeabi_dmul __aeabi_i2d
                           __addsf3 __mulsf3 __floatsisf __adddf3 __muldf3 __floatsidf printf)
  if(symbols MATCHES " ${forbidden}\n")
    message(FATAL_ERROR "${ELF} must not contain ${forbidden}")
  endif()
endforeach()
