// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc
internal import SystemPackage

#if Pictures
internal import CPNG
#endif

/// Reads PNG pictures, as for overlays.
package enum PNGReader {
    /// A picture in memory.
    package typealias Picture = (size: Resolution, rgba: [UInt8])

    /// The longest side that is read.
    package static let largestSide = 8192

    /// Reads a file.
    ///
    /// - Parameter path: The file.
    /// - Returns: The size, and bytes R, G, B, A of each pixel, row after row; colours are not multiplied by alpha.
    /// - Throws: `.notFound`, `.permissionDenied` or `.system` for a file that cannot be read, `.corruptData` for one that is
    ///   no PNG or is damaged, `.invalidValue` for a picture that is too large, `.unsupported` in a build without libpng.
    package static func read(_ path: String) throws(CameraError) -> Picture {
        let descriptor = path.withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CameraError(.invalidValue, operation, subject: path, reason: "it is not a regular file")
        }
        guard let file = fdopen(descriptor, "rb") else {
            defer { close(descriptor) }
            throw failure(path)
        }
        defer { fclose(file) }
        #if Pictures
        var header = [UInt8](repeating: 0, count: headerByteCount)
        let count = pread(descriptor, &header, header.count, 0)
        return try read(path, header: header.prefix(max(count, 0))) { png_image_begin_read_from_stdio(&$0, file) }
        #else
        throw lack
        #endif
    }

    /// Reads a picture that lies in memory; the same as a file otherwise.
    package static func read(_ bytes: [UInt8]) throws(CameraError) -> Picture {
        #if Pictures
        // libpng reads on after it has begun.
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        defer { copy.deallocate() }
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { copy.copyMemory(from: start, byteCount: source.count) }
        }
        return try read(nil, header: bytes.prefix(headerByteCount)) {
            png_image_begin_read_from_memory(&$0, copy, bytes.count)
        }
        #else
        throw lack
        #endif
    }

    private static func failure(_ path: String) -> CameraError {
        let error = Errno(rawValue: errno)
        let (code, reason): (CameraError.Code, String?) =
            switch error {
            case .noSuchFileOrDirectory: (.notFound, "there is no such file")
            case .permissionDenied: (.permissionDenied, "this user may not read it; change its rights")
            default: (.system, nil)
            }
        return CameraError(code, operation, subject: path, reason: reason, systemError: error)
    }

    private static let operation = "reading the PNG picture"

    #if Pictures
    /// The signature and the header chunk, without its checksum.
    private static let headerByteCount = 29

    private static func read(
        _ path: String?, header: ArraySlice<UInt8>, begin: (inout png_image) -> Int32
    ) throws(CameraError) -> Picture {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        guard begin(&image) != 0 else {
            throw CameraError(.corruptData, operation, subject: path, reason: "it is no PNG picture (\(image.text))")
        }
        let size = Resolution(Int(image.width), Int(image.height))
        guard size.width <= largestSide, size.height <= largestSide else {
            throw CameraError(
                .invalidValue, operation, subject: path,
                reason: "it has \(size) pixels; no side may be longer than \(largestSide)")
        }
        // libpng 1.6.39 gives wrong colours then. Bit depth and interlace method: ISO 15948, 11.2.2.
        if header.count == headerByteCount, header[24] == 16, header[28] == 1 {
            throw CameraError(
                .unsupported, operation, subject: path,
                reason: "it has 16 bits per sample and is interlaced; save it with 8 bits, or without interlacing")
        }
        // Without a word about gamma, sixteen bits would count as linear light, and eight bits as sRGB: both are sRGB here.
        image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
        image.format = PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA
        var rgba = [UInt8](repeating: 0, count: 4 * size.pixelCount)
        let status = rgba.withUnsafeMutableBytes {
            png_image_finish_read(&image, nil, $0.baseAddress, png_int_32(4 * size.width), nil)
        }
        guard status != 0 else {
            throw CameraError(.corruptData, operation, subject: path, reason: "it is damaged (\(image.text))")
        }
        return (size, rgba)
    }
    #else
    private static let lack = CameraError(
        .unsupported, operation,
        reason: "this build cannot; install libpng-dev and build with the trait Pictures, which is among the defaults")
    #endif
}
