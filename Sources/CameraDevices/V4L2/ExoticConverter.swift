// SPDX-License-Identifier: MIT

internal import CV4LConvert
internal import CameraCore
internal import V4L2

/// Makes frames of pictures in an exotic layout, by libv4lconvert.
final class ExoticConverter: PictureConverter, @unchecked Sendable {
    // Unchecked: only the thread that takes a camera's frames converts.

    /// Bytes of a frame.
    let byteCount: Int
    private let mode: V4L2Mode
    private let converter: OpaquePointer

    /// The file of the library; nil where this was built without it.
    static var library: String? { cv4lconvert_library.map { String(cString: $0) } }

    /// Loads the library.
    ///
    /// - Throws: `.missingLibrary`.
    init(_ mode: V4L2Mode) throws(CameraError) {
        let operation = "reading the format \(mode.image.pixelFormat)"
        guard let library = Self.library else {
            throw CameraError(
                .unsupported, operation, subject: "libv4lconvert",
                reason:
                    "this program was built without it; install libv4l-dev and build it again, or choose another format"
            )
        }
        converter = try Self.make(operation, library)
        self.mode = mode
        byteCount = mode.frameFormat.byteCount(of: mode.image.size) ?? 0
    }

    /// Loads the library, to see whether that can be done.
    ///
    /// - Throws: `.missingLibrary`.
    static func check(_ library: String) throws(CameraError) {
        cv4lconvert_destroy(try make("loading the library", library))
    }

    private static func make(_ operation: String, _ library: String) throws(CameraError) -> OpaquePointer {
        if let converter = cv4lconvert_create() { return converter }
        // The library's own package has another name on each release of Debian; v4l-utils brings it on all of them.
        throw CameraError(
            .missingLibrary, operation, subject: library,
            reason: "it is not installed; install it (apt install v4l-utils), or choose another format")
    }

    deinit {
        cv4lconvert_destroy(converter)
    }

    /// Converts a picture; false when it is not whole.
    func convert(_ source: UnsafeRawPointer, byteCount sourceCount: Int, to target: UnsafeMutableRawPointer) -> Bool {
        let size = mode.image.size
        return cv4lconvert_convert(
            converter, mode.image.pixelFormat.rawValue, mode.frameFormat.rawValue, Int32(size.width),
            Int32(size.height), Int32(mode.image.stride), source, Int32(clamping: sourceCount), target,
            Int32(clamping: byteCount)) == byteCount
    }
}
