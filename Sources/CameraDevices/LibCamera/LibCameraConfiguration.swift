// SPDX-License-Identifier: MIT

public import CameraCore

/// What to ask of a camera of libcamera; nil leaves it to the camera.
public struct LibCameraConfiguration: Hashable, Sendable {
    /// The streams, at most four, the main one first.
    ///
    /// Their frames are exposed together. What a camera has differs: a Raspberry Pi has a main stream, a second one that
    /// is no larger, and a raw one.
    public var streams: [Stream]
    /// The rate of all streams.
    public var frameRate: FrameRate?
    /// Whether left and right are exchanged.
    public var flipsHorizontally: Bool
    /// Whether top and bottom are exchanged.
    public var flipsVertically: Bool
    /// Degrees that pictures are turned, besides the flips: 0 or 180.
    public var rotation: Int
    /// Buffers to ask for; the camera may make more or fewer.
    public var bufferCount: Int

    /// Describes a wish.
    public init(
        streams: [Stream] = [Stream(.video)], frameRate: FrameRate? = nil, flipsHorizontally: Bool = false,
        flipsVertically: Bool = false, rotation: Int = 0, bufferCount: Int = 8
    ) {
        self.streams = streams
        self.frameRate = frameRate
        self.flipsHorizontally = flipsHorizontally
        self.flipsVertically = flipsVertically
        self.rotation = rotation
        self.bufferCount = bufferCount
    }

    /// What to ask of one stream.
    public struct Stream: Hashable, Sendable {
        /// What it is for; the camera chooses sizes and qualities by it.
        public var role: Role
        /// The size of its frames.
        public var resolution: Resolution?
        /// The layout of its frames.
        public var pixelFormat: PixelFormat?

        /// Describes a wish.
        public init(_ role: Role, resolution: Resolution? = nil, pixelFormat: PixelFormat? = nil) {
            self.role = role
            self.resolution = resolution
            self.pixelFormat = pixelFormat
        }
    }

    /// What a stream is for.
    public enum Role: Hashable, Sendable, CaseIterable {
        /// To be recorded.
        case video
        /// To be looked at: small and quick.
        case viewfinder
        /// Pictures of the best quality.
        case still
        /// What the sensor gives, before any processing.
        case raw
    }

    /// The most streams of a camera.
    public static let streamLimit = 4
}
