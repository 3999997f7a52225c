// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

extension V4L2Camera {
    /// The device's controls, named as `v4l2-ctl` spells them.
    public func controls() throws -> [CameraControl] {
        try reporting {
            let device = try openDevice()
            return try device.controls().map { try device.cameraControl($0) }
        }
    }

    /// Sets a control by its name.
    ///
    /// The value is a number in the control's range, 0 or 1, the number or the name of a choice, text, or all numbers
    /// of an array. The driver rounds numbers to its steps, and may adjust others; ``controls()`` tells the value that
    /// it chose.
    ///
    /// - Throws: `.unknownOption` with the names that there are; `.invalidValue` with what the control takes;
    ///   `.unsupported` when the control cannot be set now, with the reason.
    public func setControl(_ name: String, to value: ControlValue) throws {
        try reporting {
            let device = try openDevice()
            let controls = try device.controls()
            guard let control = controls.first(where: { $0.variableName == name }) else {
                throw CameraError(
                    .unknownOption, "setting the control \(name)", subject: self.name,
                    reason: "it has " + controls.map(\.variableName).joined(separator: ", "))
            }
            try set(control, to: value, on: device)
        }
    }

    /// Sets a control of the open device; an error says why it cannot be set.
    func set(_ control: ControlDescription, to value: ControlValue, on device: VideoDevice) throws {
        let accepted = try device.cameraControl(control).accepting(value, of: name)
        do throws(DeviceError) {
            try device.set(accepted, of: control)
        } catch {
            throw refusal(error, of: control, value)
        }
    }

    /// What a driver's refusal of a value means: its errors have meanings of their own here.
    private func refusal(_ error: DeviceError, of control: ControlDescription, _ value: ControlValue) -> CameraError {
        let operation = "setting the control \(control.variableName) to \(value)"
        let (code, reason): (CameraError.Code, String)
        switch error.errno {
        case .permissionDenied:
            (code, reason) = (.unsupported, "another control rules it now: switch its automatic off first")
        case .resourceBusy: (code, reason) = (.unsupported, "it cannot change while the camera runs")
        case .invalidArgument, .outOfRange: (code, reason) = (.invalidValue, "the driver does not take this value")
        default: return CameraError(error, calls: calls)
        }
        return CameraError(code, operation, subject: name, reason: reason, systemError: error.errno)
    }
}

extension VideoDevice {
    /// A control in the words of all cameras, with its present value.
    func cameraControl(_ control: ControlDescription) throws(DeviceError) -> CameraControl {
        CameraControl(
            name: control.variableName, kind: try kind(of: control), value: currentValue(of: control),
            defaultValue: initialValue(of: control), traits: control.traits)
    }

    /// Sets a value that the control takes.
    fileprivate func set(_ value: ControlValue, of control: ControlDescription) throws(DeviceError) {
        switch value {
        case .integer(let number): try setValue(number, of: control)
        case .text(let text): try setText(text, of: control)
        case .array(let values):
            let numbers = values.map { if case .integer(let number) = $0 { number } else { Int64(0) } }
            try setElements(numbers, of: control)
        // No V4L2 control has fractions.
        case .number: break
        }
    }

    /// What values a control takes.
    private func kind(of control: ControlDescription) throws(DeviceError) -> CameraControl.Kind {
        let hasRange = control.minimum <= control.maximum
        let range = hasRange ? control.minimum...control.maximum : 0...Int64(UInt32.max)
        let step = max(control.step, 1)
        if control.element != nil {
            // No driver tells the range of sizes; the kernel takes all but 0.
            if control.kind == .area { return .array(1...Int64(UInt32.max), step: 1, dimensions: [2]) }
            guard !control.flags.contains(.dynamicArray) else {
                return .list(range, step: step, limit: control.dimensions.reduce(1) { $0.saturatingMultiply(by: $1) })
            }
            return .array(range, step: step, dimensions: control.dimensions)
        }
        switch control.kind {
        case .boolean: return .boolean
        case .button: return .button
        case .menu, .integerMenu:
            return .menu(
                try choices(of: control).map { CameraControl.MenuItem(number: $0.number, name: $0.name) })
        case .bitmask: return .bitmask(UInt32(truncatingIfNeeded: control.maximum))
        case .integer, .integer64: return hasRange ? .integer(range, step: step) : .other
        case .text: return hasRange ? .text(Int(clamping: range.lowerBound)...Int(clamping: range.upperBound)) : .other
        default: return .other
        }
    }

    /// The present value; nil for what has none, or does not give it now.
    private func currentValue(of control: ControlDescription) -> ControlValue? {
        guard !control.flags.contains(.writeOnly) else { return nil }
        if control.kind == .text { return (try? text(of: control)).map(ControlValue.text) }
        if control.element != nil { return (try? elements(of: control)).map { .array($0.map(ControlValue.integer)) } }
        return control.hasNumber ? (try? value(of: control)).map(ControlValue.integer) : nil
    }

    /// The value that the driver starts with; nil for what has none.
    private func initialValue(of control: ControlDescription) -> ControlValue? {
        if control.kind == .text { return (try? text(of: control, .initial)).map(ControlValue.text) }
        if control.element != nil {
            return (try? elements(of: control, .initial)).map { .array($0.map(ControlValue.integer)) }
        }
        guard control.hasNumber else { return nil }
        let isMask = control.kind == .bitmask
        return .integer(isMask ? Int64(UInt32(truncatingIfNeeded: control.defaultValue)) : control.defaultValue)
    }
}

extension ControlDescription {
    /// Whether the value is one number.
    fileprivate var hasNumber: Bool {
        [.integer, .integer64, .boolean, .menu, .integerMenu, .bitmask].contains(kind) && !flags.contains(.hasPayload)
    }

    /// What can be done with it, in the words of all cameras.
    fileprivate var traits: CameraControl.Traits {
        let pairs: [(Flags, CameraControl.Traits)] = [
            (.readOnly, .readOnly), (.writeOnly, .writeOnly), (.grabbed, .busy), (.inactive, .inactive),
            (.volatile, .volatile),
        ]
        return pairs.reduce(into: []) { traits, pair in
            if flags.contains(pair.0) { traits.insert(pair.1) }
        }
    }
}
