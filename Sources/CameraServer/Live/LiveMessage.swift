// SPDX-License-Identifier: MIT

internal import CameraCore

/// What the live page is told besides pictures, in JSON.
enum LiveMessage {
    /// A stream whose pictures follow; its first binary message is the beginning of the MP4.
    struct Stream: Encodable {
        let type = "stream"
        /// The codec in a browser's words.
        let codec: String
        let width: Int
        let height: Int
        /// The nominal time from picture to picture, in seconds.
        let interval: Double

        init(codec: String, width: Int, height: Int, interval: Duration) {
            (self.codec, self.width, self.height) = (codec, width, height)
            self.interval = Double(interval.nanoseconds) / 1e9
        }

        private enum CodingKeys: CodingKey { case type, codec, width, height, interval }
    }
}
