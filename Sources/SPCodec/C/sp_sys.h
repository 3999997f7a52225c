/* SPDX-License-Identifier: MIT
 *
 * There so that programs of the RDK boards that encode build as they are. What it declares on the boards is left out here:
 * binding modules to one another: sp_module_bind and the like. A program that calls them does not link. */
#ifndef SP_SYS_H
#define SP_SYS_H

#include "sp_codec.h"

#endif
