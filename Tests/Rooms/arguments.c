/* SPDX-License-Identifier: MIT
 *
 * Loaded into arm64 programs where the emulator has larger pages: Swift's runtime does not find the arguments there, and is
 * told what C's is told. Programs of this machine's processor that are started from there could not load it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

__attribute__((constructor)) static void tell(int argc, char **argv) {
    unsetenv("LD_PRELOAD");
    void (*override)(char **, int) = dlsym(RTLD_DEFAULT, "_swift_stdlib_overrideUnsafeArgvArgc");
    if (override) override(argv, argc);
}
