// SPDX-License-Identifier: MIT

/// Records compressed video: `h264` and `mjpeg`.
open class CookedVideoEncoder: VideoEncoder, @unchecked Sendable {}
