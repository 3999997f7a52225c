// SPDX-License-Identifier: MIT
// Nothing to call: the library is preloaded (LD_PRELOAD) and takes the time of calls of codecs, and of read and write.
