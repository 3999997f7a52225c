// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <png.h>
