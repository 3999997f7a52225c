// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// Where the planes of a camera's pictures lie in one of its buffers.
struct V4L2FrameLayout: Sendable {
    /// The planes, in the order of the format.
    let planes: [Plane]

    /// One plane's place.
    struct Plane: Hashable, Sendable {
        /// Bytes from the buffer's start.
        let offset: Int
        /// Bytes from one row to the next.
        let stride: Int
        /// Bytes to the end of the last row.
        let byteCount: Int
    }

    /// Lays out a format as the kernel documents it ("Planar YUV formats" in its media API).
    ///
    /// The planes follow each other without gaps, and rows of the chroma planes are padded in proportion to those of the
    /// luma plane.
    ///
    /// - Parameter image: A format that is not compressed; of compressed ones there is no layout.
    init(_ image: ImageFormat) {
        var planes: [Plane] = []
        var offset = 0
        for index in 0..<image.pixelFormat.planeCount {
            guard let layout = image.pixelFormat.layout(ofPlane: index) else { break }
            let rowBytes = layout.rowBytes(width: image.size.width)
            let padded = index == 0 ? image.stride : image.stride * layout.bytesPerGroup / layout.pixelsAcross
            let stride = max(padded, rowBytes)
            let rows = layout.rows(height: image.size.height)
            planes.append(Plane(offset: offset, stride: stride, byteCount: stride * (rows - 1) + rowBytes))
            offset += stride * rows
        }
        self.planes = planes
    }

    /// Bytes that a buffer must have for a whole picture; 0 for compressed formats.
    var byteCount: Int { planes.last.map { $0.offset + $0.byteCount } ?? 0 }
}
