// SPDX-License-Identifier: MIT

package import CameraCore

extension PixelFormat {
    /// The same layout with all planes in one memory: `NV12` for `V4L2_PIX_FMT_NV12M`; itself when it is such a one.
    ///
    /// A ``Frame`` says where each of its planes lies, so it has the same format in both cases.
    package var inOneMemory: PixelFormat { Self.pairs.first { $0.apart == self }?.together ?? self }

    /// The same layout with a memory for each plane: `V4L2_PIX_FMT_NV12M` for `NV12`; nil when V4L2 has none.
    package var inOwnMemories: PixelFormat? { Self.pairs.first { $0.together == self }?.apart }

    private static let pairs: [(together: PixelFormat, apart: PixelFormat)] = [
        (.nv12, PixelFormat(fourCC: "NM12")), (.nv21, PixelFormat(fourCC: "NM21")),
        (.yuv420, PixelFormat(fourCC: "YM12")), (.yuv422, PixelFormat(fourCC: "YM16")),
    ]
}
