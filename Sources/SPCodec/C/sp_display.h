/* SPDX-License-Identifier: MIT
 *
 * There so that programs of the RDK boards that encode build as they are. What it declares on the boards is left out here:
 * the display: sp_start_display and the like. A program that calls them does not link. */
#ifndef SP_DISPLAY_H
#define SP_DISPLAY_H

#include "sp_codec.h"

#endif
