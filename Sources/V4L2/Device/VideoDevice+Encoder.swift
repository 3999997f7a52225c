// SPDX-License-Identifier: MIT

internal import CV4L2

/// What a stateful encoder can be told (`V4L2_ENC_CMD_…`).
package struct EncoderCommand: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Go on after a drain (`V4L2_ENC_CMD_START`).
    package static let start = EncoderCommand(rawValue: UInt32(V4L2_ENC_CMD_START))
    /// Drain: encode what is queued, and mark the last buffer (`V4L2_ENC_CMD_STOP`).
    package static let stop = EncoderCommand(rawValue: UInt32(V4L2_ENC_CMD_STOP))
}

extension VideoDevice {
    /// Tells an encoder what to do.
    ///
    /// - Throws: EBUSY while a drain is under way.
    package func perform(_ command: EncoderCommand) throws(DeviceError) {
        var argument = v4l2_encoder_cmd()
        argument.cmd = command.rawValue
        try perform(.encoderCommand, &argument)
    }
}
