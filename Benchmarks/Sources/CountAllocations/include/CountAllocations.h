// SPDX-License-Identifier: MIT
// Nothing to call: the library is preloaded (LD_PRELOAD) and replaces malloc and its family.
