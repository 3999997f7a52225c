/* SPDX-License-Identifier: MIT
 *
 * There so that programs of the RDK boards that encode build as they are. What it declares on the boards is left out here:
 * the camera and the scaler: sp_open_camera and the like. A program that calls them does not link. */
#ifndef SP_VIO_H
#define SP_VIO_H

#include "sp_codec.h"

#endif
