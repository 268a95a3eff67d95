/* The one entry of libFuzzer that a program with its own main calls; the toolchain brings the archive without a header. */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));
