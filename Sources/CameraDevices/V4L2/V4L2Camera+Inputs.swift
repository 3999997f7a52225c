// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

/// A connector of a capture card: antenna, S-Video, HDMI.
public struct V4L2Input: Hashable, Sendable {
    /// The number that ``V4L2Camera/setInput(_:)`` takes.
    public let number: Int
    /// The driver's name for the input: "HDMI 0".
    public let name: String
    /// Whether the input has a signal; known only of the chosen input, and true of the others.
    public let hasSignal: Bool
    /// Whether the input takes analog standards, which ``V4L2Camera/standards()`` lists.
    public let hasStandards: Bool
    /// Whether the input's signal has timings, as that of HDMI has.
    public let hasTimings: Bool
}

/// A standard of analog video.
public struct V4L2Standard: Hashable, Sendable {
    /// The driver's name for the standard: "PAL-B".
    public let name: String
    /// Frames per second; nil when the driver tells none.
    public let frameRate: FrameRate?
    let bits: UInt64
}

/// The timings of a digital video signal, such as that of HDMI.
public struct V4L2Timings: Hashable, Sendable {
    /// The size of the picture.
    public let size: Resolution
    /// Frames per second; nil when the driver's numbers are not valid.
    public let frameRate: FrameRate?
    /// Whether a frame comes as two fields.
    public let isInterlaced: Bool
}

extension V4L2Camera {
    /// The inputs of the device; webcams have none or one.
    public func inputs() throws(CameraError) -> [V4L2Input] {
        try reporting { try openDevice().inputs().map(V4L2Input.init) }
    }

    /// The chosen input; nil with drivers that have none.
    public func input() throws(CameraError) -> V4L2Input? {
        try reporting { try openDevice().input().map(V4L2Input.init) }
    }

    /// Chooses an input, adapts the device to the signal there, and sets the format that suits best; not while running.
    ///
    /// - Parameter number: The number of one of ``inputs()``.
    /// - Throws: `.invalidValue` when there is no such input; `.alreadyRecording` while the camera runs; `.busy`.
    public func setInput(_ number: Int) throws(CameraError) {
        try changing("choosing an input") { device in
            let inputs = try device.inputs()
            guard let input = inputs.first(where: { Int($0.number) == number }) else {
                let names = inputs.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
                throw CameraError(
                    .invalidValue, "choosing the input \(number)", subject: name, reason: "it has \(names)")
            }
            try device.setInput(input.number)
        }
    }

    /// The standards that the chosen input can be set to; none with webcams and HDMI.
    public func standards() throws(CameraError) -> [V4L2Standard] {
        try reporting {
            try openDevice().standards().map {
                V4L2Standard(name: $0.name, frameRate: $0.frameRate, bits: $0.bits)
            }
        }
    }

    /// The standards that the device is set to; several that it does not tell apart, or none where it has none.
    public func standard() throws(CameraError) -> [V4L2Standard] {
        let standards = try standards()
        let bits = try reporting { try openDevice().standard() } ?? 0
        return standards.filter { $0.bits & bits == $0.bits }
    }

    /// The standards that the signal may have; none when there is no signal, or the driver cannot tell.
    public func detectStandard() throws(CameraError) -> [V4L2Standard] {
        let standards = try standards()
        let bits = try reporting { try openDevice().detectedStandard() } ?? 0
        return standards.filter { $0.bits & bits == $0.bits }
    }

    /// Sets the standard by hand; not while running.
    ///
    /// Opening and configuring the camera set the standard of the signal, where the driver can tell that.
    public func setStandard(_ standard: V4L2Standard) throws(CameraError) {
        try changing("setting the standard", adoptsSignal: false) { try $0.setStandard(standard.bits) }
    }

    /// The timings of the signal at the chosen input; nil without a signal, and where signals have none.
    public func detectTimings() throws(CameraError) -> V4L2Timings? {
        try reporting { try openDevice().detectedTimings().map(V4L2Timings.init) }
    }

    /// The timings that the device is set to; nil where it has none.
    ///
    /// They are those of the signal when the camera was opened or configured.
    public func timings() throws(CameraError) -> V4L2Timings? {
        try reporting { try openDevice().timings().map(V4L2Timings.init) }
    }
}

extension V4L2Input {
    fileprivate init(_ input: InputDescription) {
        self.init(
            number: Int(input.number), name: input.name, hasSignal: input.hasSignal,
            hasStandards: input.standards != 0, hasTimings: input.hasTimings)
    }
}

extension V4L2Timings {
    fileprivate init(_ timings: SignalTimings) {
        self.init(size: timings.size, frameRate: timings.frameRate, isInterlaced: timings.isInterlaced)
    }
}
