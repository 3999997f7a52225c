// SPDX-License-Identifier: MIT

internal import CameraCore

/// Where the planes of a picture lie in the memories of a buffer.
package struct PictureLayout: Hashable, Sendable {
    /// The planes, in the order of the format.
    package let planes: [Plane]

    /// One plane's place.
    package struct Plane: Hashable, Sendable {
        /// Which of the buffer's memories it lies in.
        package let memory: Int
        /// Bytes from the memory's start, or from where the driver says that its data begins.
        package let offset: Int
        /// Bytes from one row to the next.
        package let stride: Int
        /// Bytes to the end of the last row.
        package let byteCount: Int
    }

    /// Lays out a format as the kernel documents it ("Planar YUV formats" in its media API).
    ///
    /// In one memory the planes follow each other without gaps, and rows of the chroma planes are padded in proportion to
    /// those of the luma plane.
    ///
    /// - Parameter image: A format that is not compressed; of compressed ones there is no layout.
    package init(_ image: ImageFormat) {
        let format = image.pixelFormat.inOneMemory
        let isApart = image.memories.count > 1
        var planes: [Plane] = []
        var offset = 0
        for index in 0..<format.planeCount {
            guard let layout = format.layout(ofPlane: index) else { break }
            let rowBytes = layout.rowBytes(width: image.size.width)
            let padded =
                isApart
                ? (image.memories.indices.contains(index) ? image.memories[index].stride : 0)
                : index == 0 ? image.stride : image.stride * layout.bytesPerGroup / layout.pixelsAcross
            let stride = max(padded, rowBytes)
            let rows = layout.rows(height: image.size.height)
            planes.append(
                Plane(
                    memory: isApart ? index : 0, offset: isApart ? 0 : offset, stride: stride,
                    byteCount: stride * (rows - 1) + rowBytes))
            offset += stride * rows
        }
        self.planes = planes
    }

    /// Memories that the planes lie in.
    package var memoryCount: Int { planes.last.map { $0.memory + 1 } ?? 0 }

    /// Bytes that a memory of a buffer must have for a whole picture; 0 for compressed formats.
    package func byteCount(ofMemory memory: Int) -> Int {
        planes.last { $0.memory == memory }.map { $0.offset + $0.byteCount } ?? 0
    }
}
