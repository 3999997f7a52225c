// SPDX-License-Identifier: MIT

/// Takes a series of raw pictures: `yuv420`, `nv12`, `rgb24`, `rgba`, `bgr24`, `bgra`.
open class RawMultiImageEncoder: MultiImageEncoder, RawImageEncoding, @unchecked Sendable {}
