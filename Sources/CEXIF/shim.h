// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <libexif/exif-data.h>
#include <libexif/exif-utils.h>
