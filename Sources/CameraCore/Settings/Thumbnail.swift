// SPDX-License-Identifier: MIT

/// The small picture in the EXIF data of a JPEG picture.
public enum Thumbnail: Hashable, Sendable {
    /// No thumbnail.
    case off
    /// A JPEG picture of this size, 1...100 in quality; the whole picture is scaled to it.
    ///
    /// EXIF data has room for 64 kB: of a thumbnail that does not fit the quality goes down.
    case jpeg(Resolution, quality: Int = 35)

    /// 64x48 of quality 35, as picamera has it.
    public static let standard = Thumbnail.jpeg(Resolution(64, 48), quality: 35)
}
