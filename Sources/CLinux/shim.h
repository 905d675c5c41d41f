#pragma once

// glibc declares it for _GNU_SOURCE only, which Swift's import of glibc does not set.
int syncfs(int descriptor);
