// SPDX-License-Identifier: MIT

/// Records raw video: `yuv420`, `nv12`, `rgb24`, `rgba`, `bgr24`, `bgra`, one packed picture after the other.
open class RawVideoEncoder: VideoEncoder, RawEncoding, @unchecked Sendable {}
