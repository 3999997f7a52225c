// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

extension Camera {
    /// The EXIF tags of every JPEG picture that this camera takes from now on; initially IFD0.Make and IFD0.Model.
    ///
    /// Tags in the ``EncoderOptions/exif`` of a capture override these, and both override the tags that each picture has by
    /// itself: its time, its size, and its exposure where the camera tells it. An unknown tag, or a value that its tag does not
    /// take, makes the next capture throw.
    public var exifTags: ExifTags {
        get { givenExifTags.withLock { $0 } ?? identityTags }
        set { givenExifTags.withLock { $0 = newValue } }
    }

    /// The options of a picture with this camera's tags.
    func withTags(_ options: EncoderOptions, for format: MediaFormat) -> EncoderOptions {
        guard format == .jpeg else { return options }
        var options = options
        if let tags = givenExifTags.withLock({ $0 }) {
            options.exif = tags.merging(options.exif ?? ExifTags())
        } else {
            options.cameraTags = identityTags
        }
        return options
    }

    /// Who made the camera, and what it is called, in ASCII.
    private var identityTags: ExifTags {
        func ascii(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.map { (32..<127).contains($0.value) ? $0 : "?" }))
        }
        let source = router.source
        return [
            "IFD0.Make": .text(ascii(source.maker ?? "swift-camera")), "IFD0.Model": .text(ascii(source.model)),
        ]
    }
}
