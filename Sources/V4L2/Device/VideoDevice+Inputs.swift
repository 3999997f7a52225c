// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import SystemPackage

/// One of the inputs of a device (`struct v4l2_input`).
package struct InputDescription: Hashable, Sendable {
    /// The number that chooses it.
    package let number: UInt32
    /// The driver's name for it: "HDMI 0".
    package let name: String
    /// What keeps its signal from being a picture; only that of the chosen input is known.
    package let status: Status
    /// The analog standards that it takes, a bit each (`v4l2_std_id`); none for others.
    package let standards: UInt64
    /// Whether its signal has timings, as HDMI's has.
    package let hasTimings: Bool

    /// What is wrong with a signal (`V4L2_IN_ST_…`); bits that are not named here are kept.
    package struct Status: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// There is no signal, or none that can be locked on to: no picture can come.
        package static let withoutPicture = Status(
            rawValue: UInt32(
                V4L2_IN_ST_NO_POWER | V4L2_IN_ST_NO_SIGNAL | V4L2_IN_ST_NO_H_LOCK | V4L2_IN_ST_NO_V_LOCK
                    | V4L2_IN_ST_NO_SYNC | V4L2_IN_ST_NO_CARRIER))
    }

    init(_ input: v4l2_input) {
        number = input.index
        name = String(cArray: input.name)
        status = Status(rawValue: input.status)
        standards = input.capabilities & UInt32(V4L2_IN_CAP_STD) != 0 ? input.std : 0
        hasTimings = input.capabilities & UInt32(V4L2_IN_CAP_DV_TIMINGS) != 0
    }

    /// Whether pictures can come of it.
    package var hasSignal: Bool { status.isDisjoint(with: .withoutPicture) }
}

/// A standard of analog video (`struct v4l2_standard`).
package struct StandardDescription: Hashable, Sendable {
    /// Its bits (`v4l2_std_id`).
    package let bits: UInt64
    /// Its name: "PAL-B".
    package let name: String
    /// Frames per second; nil when the driver tells none.
    package let frameRate: FrameRate?
    /// Lines of a frame, the blank ones included.
    package let lineCount: Int
}

/// The timings of a digital signal (`struct v4l2_bt_timings`).
package struct SignalTimings: Hashable, Sendable {
    /// The size of the visible picture.
    package let size: Resolution
    /// Frames per second; nil when the timings make no sense.
    package let frameRate: FrameRate?
    /// Whether a frame comes as two fields.
    package let isInterlaced: Bool

    init(_ timings: v4l2_dv_timings) {
        var timings = timings
        size = Resolution(width: Int(cv4l2_timings_width(&timings)), height: Int(cv4l2_timings_height(&timings)))
        let clock = cv4l2_timings_clock(&timings)
        let total = cv4l2_timings_total(&timings)
        frameRate =
            (1...1_000_000_000_000).contains(clock) && (1...1_000_000_000).contains(total)
            ? FrameRate(Int(clock), Int(total)) : nil
        isInterlaced = cv4l2_timings_interlaced(&timings) != 0
    }
}

extension VideoDevice {
    /// The inputs that the device has; none where it is all one.
    package func inputs() throws(DeviceError) -> [InputDescription] {
        var inputs: [InputDescription] = []
        while let input = try input(numbered: UInt32(inputs.count)) { inputs.append(input) }
        return inputs
    }

    /// The input that is chosen; nil where there are none.
    package func input() throws(DeviceError) -> InputDescription? {
        var number: Int32 = 0
        guard try performIfMore(.getInput, &number) else { return nil }
        return try input(numbered: UInt32(bitPattern: number))
    }

    /// Chooses an input; the driver may change format, size and standard with it.
    package func setInput(_ number: UInt32) throws(DeviceError) {
        var number = Int32(bitPattern: number)
        try perform(.setInput, &number)
    }

    private func input(numbered number: UInt32) throws(DeviceError) -> InputDescription? {
        var input = v4l2_input()
        input.index = number
        return try performIfMore(.enumerateInputs, &input) ? InputDescription(input) : nil
    }

    /// The standards that the chosen input can be set to.
    package func standards() throws(DeviceError) -> [StandardDescription] {
        var standards: [StandardDescription] = []
        while true {
            var standard = v4l2_standard()
            standard.index = UInt32(standards.count)
            guard try performOnSignal(.enumerateStandards, &standard) else { return standards }
            let period = standard.frameperiod
            standards.append(
                StandardDescription(
                    bits: standard.id, name: String(cArray: standard.name),
                    frameRate: period.numerator > 0 && period.denominator > 0
                        ? FrameRate(Int(period.denominator), Int(period.numerator)) : nil,
                    lineCount: Int(standard.framelines)))
        }
    }

    /// The standard that is set; nil where there is none.
    package func standard() throws(DeviceError) -> UInt64? {
        var bits: UInt64 = 0
        return try performOnSignal(.getStandard, &bits) ? bits : nil
    }

    /// Sets the standard; of several bits the driver chooses.
    package func setStandard(_ bits: UInt64) throws(DeviceError) {
        var bits = bits
        try perform(.setStandard, &bits)
    }

    /// The standards that the signal may have; nil where there is no signal, or the driver cannot tell.
    package func detectedStandard() throws(DeviceError) -> UInt64? {
        var bits: UInt64 = 0
        return try performOnSignal(.queryStandard, &bits) && bits != 0 ? bits : nil
    }

    /// The timings that are set; nil where there are none.
    package func timings() throws(DeviceError) -> SignalTimings? {
        try timings(by: .getTimings).map(SignalTimings.init)
    }

    /// The timings of the signal; nil where there is none, or the driver cannot tell.
    package func detectedTimings() throws(DeviceError) -> SignalTimings? {
        try timings(by: .queryTimings).map(SignalTimings.init)
    }

    /// Sets standard and timings to those of the signal at the chosen input; nothing happens without one.
    package func adoptSignal() throws(DeviceError) {
        guard let input = try input(), try signalDiffers(from: input) else { return }
        if input.hasTimings, var timings = try timings(by: .queryTimings) {
            try perform(.setTimings, &timings)
        } else if let bits = try detectedStandard() {
            try setStandard(bits)
        }
    }

    /// Whether the signal at an input is known to be of another kind than the device is set to.
    package func signalDiffers(from input: InputDescription) throws(DeviceError) -> Bool {
        if input.hasTimings, var found = try timings(by: .queryTimings), var present = try timings(by: .getTimings) {
            return cv4l2_timings_match(&found, &present) == 0
        }
        if input.standards != 0, let found = try detectedStandard(), let present = try standard() {
            return found & present == 0
        }
        return false
    }

    private func timings(by request: Request<v4l2_dv_timings>) throws(DeviceError) -> v4l2_dv_timings? {
        var timings = v4l2_dv_timings()
        return try performOnSignal(request, &timings) ? timings : nil
    }

    /// Makes an ioctl; false where the input or its signal has no such thing.
    private func performOnSignal<Argument>(
        _ request: Request<Argument>, _ argument: inout Argument
    ) throws(DeviceError) -> Bool {
        do throws(DeviceError) {
            try perform(request, &argument)
            return true
        } catch {
            let absent: [Errno] = [
                .invalidArgument, .inappropriateIOCTLForDevice, .noData, .noLink, .noLocks, .outOfRange,
            ]
            guard absent.contains(error.errno) else { throw error }
            return false
        }
    }
}
