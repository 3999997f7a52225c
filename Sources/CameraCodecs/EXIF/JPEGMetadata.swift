// SPDX-License-Identifier: MIT

internal import CameraCore

/// What is written into JPEG pictures besides the picture: EXIF tags and a thumbnail.
struct JPEGMetadata {
    private let tags: ExifTags
    private let thumbnail: (size: Resolution, quality: Int)?
    private let isThumbnailRequired: Bool

    /// Checks the options; nil when they ask for no metadata.
    ///
    /// - Parameters:
    ///   - options: The encoder's options.
    ///   - size: The pictures' size.
    /// - Throws: `.invalidValue` for a thumbnail that cannot be, `.unsupported` in a build without libexif.
    init?(_ options: EncoderOptions, size: Resolution) throws(CameraError) {
        let wantsThumbnail = if case .jpeg = options.thumbnail { true } else { false }
        #if !Pictures
        guard options.exif != nil || wantsThumbnail else { return nil }
        throw CameraError(
            .unsupported, JPEGCodec.operation, subject: options.exif == nil ? "thumbnail" : "exif",
            reason: "this build has no EXIF data; install libexif-dev and build with the trait Pictures, which is "
                + "among the defaults")
        #else
        guard options.exif != nil || options.cameraTags != nil || wantsThumbnail else { return nil }
        tags = (options.cameraTags ?? ExifTags()).merging(options.exif ?? ExifTags())
        isThumbnailRequired = wantsThumbnail
        guard case .jpeg(let small, let quality) = options.thumbnail ?? .standard else {
            thumbnail = nil
            return
        }
        guard (1...size.width).contains(small.width), (1...size.height).contains(small.height) else {
            // The default is not for pictures as small as itself.
            guard wantsThumbnail else {
                thumbnail = nil
                return
            }
            throw Self.refusal("\(small) does not lie between 1x1 and the picture's \(size)")
        }
        guard (1...100).contains(quality) else { throw Self.refusal("the quality \(quality) does not lie in 1...100") }
        thumbnail = (small, quality)
        #endif
    }

    /// What makes the segment of a frame, to be used by one thread at a time.
    ///
    /// - Throws: `.invalidValue` that names a tag.
    func writer(
        for configuration: CodecConfiguration
    ) throws(CameraError) -> @Sendable (Frame) throws(CameraError) -> [UInt8] {
        #if Pictures
        var maker: JPEGThumbnail?
        if let (size, quality) = thumbnail {
            maker = try JPEGThumbnail(
                size: size, quality: quality, isRequired: isThumbnailRequired, for: configuration)
        }
        let writer = try ExifWriter(tags, thumbnail: maker, for: configuration)
        return { (frame) throws(CameraError) in try writer.segment(for: frame) }
        #else
        return { (_) throws(CameraError) in [] }
        #endif
    }

    private static func refusal(_ reason: String) -> CameraError {
        CameraError(.invalidValue, JPEGCodec.operation, subject: "thumbnail", reason: reason)
    }
}
