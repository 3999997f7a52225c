// SPDX-License-Identifier: MIT

internal import CLibCamera
internal import CameraCore
internal import V4L2

/// Where the planes of a stream's pictures lie in its buffers.
struct LibCameraLayout: Sendable {
    private let format: PixelFormat
    private let stride: Int
    /// The places in one piece of memory; empty where rows have no meaning.
    private let places: [PictureLayout.Plane]

    init(_ stream: VideoStream, stride: Int) {
        format = stream.format
        self.stride = stride
        places =
            stream.format.isCompressed
            ? [] : PictureLayout(ImageFormat(stream.format, stream.size, stride: stride)).planes
    }

    /// The planes in a buffer; nil when the picture is not whole.
    func planes(of buffer: LibCameraBuffer, _ filled: clc_filled) -> [Frame.Plane]? {
        guard buffer.planeCount > 0 else { return nil }
        if places.isEmpty { return onePlane(of: buffer, filled) }
        // libcamera describes each plane; some drivers put all of them in one.
        let isApart = buffer.planeCount >= places.count
        var planes: [Frame.Plane] = []
        for (index, place) in places.enumerated() {
            let source = buffer.plane(isApart ? index : 0)
            let offset = isApart ? 0 : place.offset
            guard source.length >= offset + place.byteCount else { return nil }
            planes.append(
                Frame.Plane(
                    baseAddress: source.address + offset, byteCount: place.byteCount, stride: place.stride,
                    dmaBuffer: DMABuffer(
                        descriptor: source.descriptor, offset: source.offset + offset, byteCount: source.total)))
        }
        return planes
    }

    /// A compressed picture, or a sensor's raw data.
    private func onePlane(of buffer: LibCameraBuffer, _ filled: clc_filled) -> [Frame.Plane]? {
        let source = buffer.plane(0)
        let used = Int(filled.used.0)
        var byteCount = min(used == 0 ? source.length : used, source.length)
        if format == .mjpeg {
            let bytes = UnsafeRawBufferPointer(start: source.address, count: byteCount)
            guard let count = bytes.jpegByteCount else { return nil }
            byteCount = count
        }
        return [
            Frame.Plane(
                baseAddress: source.address, byteCount: byteCount, stride: format.isCompressed ? byteCount : stride,
                dmaBuffer: DMABuffer(
                    descriptor: source.descriptor, offset: source.offset, byteCount: source.total))
        ]
    }
}
