// SPDX-License-Identifier: MIT

public import CameraKit

/// A camera that a ``CameraServer`` shows: how it is opened, encoded and recorded.
public struct ServedCamera: Sendable {
    /// Its name in addresses: letters, digits, "-" and "_".
    public let name: String
    /// What opens it.
    let opening: @Sendable () throws(CameraError) -> Camera
    /// Whether it is the server's: opened again when it fails, and closed in the end.
    let isOwned: Bool
    /// The format of the live pictures and recordings: `.h264` or `.h265`.
    public var format = MediaFormat.h264
    /// Bit rate, quality and the like of the live pictures and recordings.
    public var options = EncoderOptions()
    /// The template of recordings, such as "hall/{counter:05d}.mp4"; nil where the page offers none.
    public var template: String?
    /// When a recording goes on in its next file.
    public var splitting = SplitRule.every(.seconds(600))
    /// How much of the recordings is kept; nil to keep all.
    public var retention: Retention?
    /// When recordings go to the disk.
    public var sync = SyncPolicy.none
    /// Whether it records from the beginning on.
    public var recordsAtOnce = false
    /// How much is kept in memory for events, which the page then offers; nil for none.
    ///
    /// It costs an encode of its own.
    public var ring: Duration?
    /// How much the files of events have from before the event; nil for all that is kept.
    public var beforeEvent: Duration?
    /// What tells the movement that is an event; nil where only requests are events.
    ///
    /// It needs a ``ring``.
    public var motion: MotionDetector?
    /// How long the files of events go on after the event.
    public var afterEvent = Duration.seconds(30)
    /// The template of the files of events; with ``ring`` it must be given.
    public var eventTemplate: String?
    /// Addresses of other servers that its recordings are sent to as well, such as "rtmp://server/live/hall".
    public var publishing: [String] = []
    /// Called with each event of the camera, on a thread of the server's; must not wait.
    package var onEvent: (@Sendable (CameraEvent) -> Void)?
    /// Tells by its path whether ``retention`` leaves a file alone; nil where it does with none.
    ///
    /// It must not wait.
    package var keepsFile: (@Sendable (String) -> Bool)?

    /// Shows a camera that the program has opened, and closes by itself.
    ///
    /// A recording of the program's in the same format is what viewers see: it is encoded once.
    ///
    /// - Parameters:
    ///   - camera: The camera.
    ///   - name: Its name in addresses.
    public init(_ camera: Camera, name: String = "camera") {
        self.name = name
        opening = { () throws(CameraError) in camera }
        isOwned = false
    }

    /// Shows a camera that the server opens, and opens again whenever it has failed.
    ///
    /// - Parameters:
    ///   - name: Its name in addresses.
    ///   - opening: Opens it; called on a thread of the server's.
    public init(_ name: String, opening: @escaping @Sendable () throws(CameraError) -> Camera) {
        self.name = name
        self.opening = opening
        isOwned = true
    }

    /// Throws for what no server could show.
    package func check() throws(CameraError) {
        let operation = "serving a camera"
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy(Self.isNameByte) else {
            throw CameraError(
                .invalidValue, operation, subject: name,
                reason: "its name stands in addresses: use 1 to 64 letters without accents, digits, '-' and '_'")
        }
        guard [.h264, .h265].contains(format) else {
            throw CameraError(.invalidFormat, operation, subject: name, reason: "live pictures are H.264 or H.265")
        }
        for template in [template, eventTemplate].compactMap(\.self) {
            guard try FileTemplate(template).isSeries else {
                throw CameraError(
                    .invalidValue, operation, subject: template,
                    reason: "each file needs a name of its own; put {counter} or {timestamp} into it")
            }
        }
        if motion != nil, ring == nil {
            throw CameraError(
                .invalidValue, operation, subject: name, reason: "events of movement need a ring to take pictures from")
        }
        if ring != nil, eventTemplate == nil {
            throw CameraError(
                .invalidValue, operation, subject: name, reason: "with a ring the files of events need a template")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }
}
