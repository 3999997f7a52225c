// SPDX-License-Identifier: MIT

/// Takes one raw picture: `yuv420`, `nv12`, `rgb24`, `rgba`, `bgr24`, `bgra`.
open class RawOneImageEncoder: OneImageEncoder, RawImageEncoding, @unchecked Sendable {}
