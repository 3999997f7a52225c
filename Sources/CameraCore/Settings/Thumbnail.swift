// SPDX-License-Identifier: MIT

/// The small picture in the EXIF data of a JPEG picture.
public enum Thumbnail: Hashable, Sendable {
    /// No thumbnail.
    case off
    /// A JPEG picture of this size and quality, 1 to 100, scaled from the whole picture.
    ///
    /// EXIF data has room for 64 kB: the quality of a thumbnail that does not fit is lowered.
    case jpeg(Resolution, quality: Int = 35)

    /// 64x48 at a quality of 35, as in picamera.
    public static let standard = Thumbnail.jpeg(Resolution(64, 48), quality: 35)
}
