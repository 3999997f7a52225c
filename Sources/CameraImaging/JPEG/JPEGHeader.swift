// SPDX-License-Identifier: MIT

package import CameraCore

/// What the beginning of a JPEG picture tells about it.
package struct JPEGHeader: Hashable, Sendable {
    /// The picture's size.
    package let size: Resolution
    /// How chroma is sampled.
    package let subsampling: Subsampling
    /// What the numbers mean once decoded: always ``ColorSpace/jpeg``.
    package var color: ColorSpace { .jpeg }

    /// How many pixels share a chroma sample.
    package enum Subsampling: Hashable, Sendable, CaseIterable {
        /// None: 4:4:4.
        case yuv444
        /// Two across: 4:2:2.
        case yuv422
        /// Two across and two down: 4:2:0.
        case yuv420
        /// Two down: 4:4:0.
        case yuv440
        /// Four across: 4:1:1.
        case yuv411
        /// There is no chroma.
        case grey

        /// How many pixels across and down share a sample.
        var sharing: CameraImaging.Subsampling {
            switch self {
            case .yuv444, .grey: .none
            case .yuv422: .horizontal
            case .yuv420: .both
            case .yuv440: CameraImaging.Subsampling(across: 1, down: 2)
            case .yuv411: CameraImaging.Subsampling(across: 4, down: 1)
            }
        }
    }

    /// Reads the header; nothing is decoded, so damage further on goes unnoticed.
    ///
    /// - Parameter bytes: The picture from its first byte on; valid only during the call.
    /// - Throws: `.corruptData` with a ``PictureFault`` when it is no JPEG picture, its header is damaged, or it is not made
    ///   of luma and chroma.
    package init(parsing bytes: RawSpan) throws(CameraError) {
        let decoder = try JPEGDecoder()
        let header = bytes.withUnsafeBytes { pointer -> Result<JPEGHeader, CameraError> in
            Result { () throws(CameraError) in try decoder.header(of: pointer) }
        }
        self = try header.get()
    }

    init(size: Resolution, subsampling: Subsampling) {
        self.size = size
        self.subsampling = subsampling
    }
}
