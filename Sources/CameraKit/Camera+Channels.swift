// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders

extension Camera {
    /// Feeds the camera's frames to an encoder channel, so that the program need not touch them.
    ///
    /// ```swift
    /// let channel = try EncoderChannel(.k230)
    /// try channel.start()
    /// let link = try camera.link(to: channel)
    /// while let stream = try channel.receive() { file.write(stream.bytes.span) }
    /// link.end()
    /// ```
    ///
    /// A camera feeds any number of channels, and recordings beside them. Frames of other sizes are scaled.
    ///
    /// - Parameter channel: A channel that was started.
    /// - Returns: The link, which ends with the last reference to it.
    /// - Throws: `.notStarted`, `.closed`, `.sourceEnded`; what the camera failed with.
    public func link(to channel: EncoderChannel) throws(CameraError) -> ChannelLink {
        try checkOpen("linking a channel")
        return try ChannelLink(self, to: channel)
    }
}
