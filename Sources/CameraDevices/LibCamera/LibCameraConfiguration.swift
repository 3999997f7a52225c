// SPDX-License-Identifier: MIT

public import CameraCore

/// The streams, the rate and the flips that are asked of a camera; nil leaves the choice to the camera.
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
    /// The rotation in degrees, besides the flips: 0 or 180.
    public var rotation: Int
    /// The number of buffers to ask for; the camera may make more or fewer.
    public var bufferCount: Int

    /// Makes a configuration.
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

    /// A stream that is asked of a camera; nil leaves the choice to the camera.
    public struct Stream: Hashable, Sendable {
        /// The purpose of the stream, by which the camera chooses sizes and quality.
        public var role: Role
        /// The size of the frames.
        public var resolution: Resolution?
        /// The pixel format of the frames.
        public var pixelFormat: PixelFormat?

        /// Makes the configuration of a stream.
        public init(_ role: Role, resolution: Resolution? = nil, pixelFormat: PixelFormat? = nil) {
            self.role = role
            self.resolution = resolution
            self.pixelFormat = pixelFormat
        }
    }

    /// The purpose of a stream.
    public enum Role: Hashable, Sendable, CaseIterable {
        /// Recording.
        case video
        /// A preview: small and quick.
        case viewfinder
        /// Still pictures of the best quality.
        case still
        /// The sensor's own data, before any processing.
        case raw
    }

    /// The largest number of streams of a camera.
    package static let streamLimit = 4
}
