// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders

extension Camera {
    /// Feeds the camera's frames to an encoder channel, so that the program need not touch them.
    ///
    /// ```swift
    /// let channel = try EncoderChannel(.k230)
    /// let link = try camera.link(to: channel)
    /// try channel.start()
    /// while let stream = try channel.receive() { file.write(stream.bytes.span) }
    /// link.end()
    /// ```
    ///
    /// A camera feeds any number of channels, and recordings beside them. Frames of other sizes are scaled. What is done to
    /// the camera's pictures, such as zoom, rotation, effects and text, is done to those of the channel as well.
    ///
    /// - Parameters:
    ///   - channel: The channel; frames flow once it is started, before or after it was linked.
    ///   - splitterPort: The port whose style the pictures have; see ``style(splitterPort:)``.
    /// - Returns: The link, which ends with the last reference to it.
    /// - Throws: `.closed`, `.sourceEnded`; what the camera failed with; `.invalidValue` when an overlay is larger than the
    ///   channel's pictures.
    public func link(to channel: EncoderChannel, splitterPort: Int = 1) throws(CameraError) -> ChannelLink {
        try checkOpen("linking a channel")
        return try ChannelLink(open.parent, to: channel, port: splitterPort)
    }
}
