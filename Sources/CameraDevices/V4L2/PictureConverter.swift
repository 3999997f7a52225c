// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// Converts pictures in a layout that frames cannot have.
protocol PictureConverter: Sendable {
    /// Bytes of a frame.
    var byteCount: Int { get }

    /// Converts a picture; false when it is not whole.
    func convert(_ source: UnsafeRawPointer, byteCount: Int, to target: UnsafeMutableRawPointer) -> Bool
}

extension V4L2Mode {
    /// The converter for the driver's pictures; nil where frames can have their layout.
    ///
    /// - Throws: `.missingLibrary`.
    func makeConverter() throws(CameraError) -> (any PictureConverter)? {
        if let grey = DeepGrey(image.pixelFormat) { return GreyConverter(grey, image) }
        return ExoticFormat(image.pixelFormat) == nil ? nil : try ExoticConverter(self)
    }
}

/// Makes frames of grey pictures with more than 8 bits.
private struct GreyConverter: PictureConverter {
    private let grey: DeepGrey
    private let size: Resolution
    private let stride: Int

    init(_ grey: DeepGrey, _ image: ImageFormat) {
        self.grey = grey
        size = image.size
        stride = max(image.stride, grey.rowBytes(width: image.size.width))
    }

    var byteCount: Int { size.pixelCount }

    func convert(_ source: UnsafeRawPointer, byteCount: Int, to target: UnsafeMutableRawPointer) -> Bool {
        guard byteCount >= stride * (size.height - 1) + grey.rowBytes(width: size.width) else { return false }
        let target = target.assumingMemoryBound(to: UInt8.self)
        for row in 0..<size.height {
            grey.convert(source + row * stride, to: target + row * size.width, width: size.width)
        }
        return true
    }
}
