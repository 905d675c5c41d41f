#pragma once

// glibc declares it for _GNU_SOURCE only, which Swift's import of glibc does not set.
int syncfs(int descriptor);

#include <linux/stat.h>
#include <stdint.h>

// For the same reason.
int statx(int folder, const char *path, int flags, unsigned int wanted, struct statx *status);

// When an open file was made, in nanoseconds since 1970; 0 where its file system does not say. A function of our own,
// since `statx` is a struct and a function, of which Swift sees one.
static inline int64_t clinux_birth_time(int descriptor) {
    struct statx status;
    const int empty_path = 0x1000; // AT_EMPTY_PATH
    if (statx(descriptor, "", empty_path, STATX_BTIME, &status) != 0 || !(status.stx_mask & STATX_BTIME)) return 0;
    return status.stx_btime.tv_sec * 1000000000 + status.stx_btime.tv_nsec;
}
