// SPDX-License-Identifier: MIT
#pragma once

#include "../../CLibCamera/CLibCamera.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The functions of the shim; NULL where it was built without libcamera.
__attribute__((visibility("default"))) const clc_face *_Nullable clc_face_of_libcamera(void);

#ifdef __cplusplus
}
#endif
