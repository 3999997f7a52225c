// SPDX-License-Identifier: MIT
#include <libyuv.h>
