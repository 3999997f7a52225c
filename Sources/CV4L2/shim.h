// SPDX-License-Identifier: MIT
#include <linux/videodev2.h>
