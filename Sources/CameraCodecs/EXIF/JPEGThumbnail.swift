// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraImaging

/// Makes small JPEG pictures of frames.
final class JPEGThumbnail: Sendable {
    private let size: Resolution
    private let quality: Int
    private let isRequired: Bool
    private let converter: FrameConverter
    private let compressor: JPEGCompressor

    /// Prepares for thumbnails of a size.
    ///
    /// - Parameters:
    ///   - size: The thumbnails' size.
    ///   - quality: 1...100.
    ///   - isRequired: Whether a thumbnail that does not fit is an error, instead of being left out.
    ///   - configuration: The configuration of the pictures that the thumbnails belong to.
    /// - Throws: `.codec` when there is no memory.
    init(
        size: Resolution, quality: Int, isRequired: Bool, for configuration: CodecConfiguration
    ) throws(CameraError) {
        self.size = size
        self.quality = quality
        self.isRequired = isRequired
        let pool = BytePool()
        converter = FrameConverter(pool: pool)
        var small = configuration
        small.size = size
        small.inputFormat = .yuv420
        compressor = try JPEGCompressor(small, restartInterval: 0, pool: pool)
    }

    /// The thumbnail of a frame, at a quality low enough for at most `room` bytes.
    ///
    /// - Returns: A JPEG picture; empty when it does not fit and is not required.
    /// - Throws: `.invalidValue` when it cannot be made to fit, `.codec`.
    func picture(of frame: Frame, room: Int) throws(CameraError) -> [UInt8] {
        guard let small = try converter.convert(frame, to: .yuv420, size: size, color: frame.color) else { return [] }
        var quality = quality
        while true {
            let picture = try compressor.compress(small, quality: quality)
            if picture.count <= room { return picture.span.withUnsafeBytes { Array($0) } }
            if quality == 1 { break }
            quality = max(1, quality * 2 / 3)
        }
        guard isRequired else { return [] }
        throw CameraError(
            .invalidValue, "writing EXIF data", subject: "thumbnail",
            reason: "\(size) needs more than the \(max(room, 0)) bytes that are left for it; choose a smaller one")
    }
}
