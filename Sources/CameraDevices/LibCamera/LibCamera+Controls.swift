// SPDX-License-Identifier: MIT

internal import CLibCamera
public import CameraCore
internal import SystemPackage

extension LibCamera {
    /// The camera's controls by libcamera's names: "Brightness", "ExposureTime".
    ///
    /// libcamera does not tell the value of a control: it is the value that the last picture was taken with, or else
    /// the one that was set here, or else the initial one.
    public func controls() throws -> [CameraControl] {
        let (metadata, wanted) = (metadata, wantedControls)
        return try openSession("listing the controls").controlDescriptions.map { description in
            var control = description.control
            control.value = metadata?.value(of: control.name) ?? wanted[control.name] ?? control.defaultValue
            return control
        }
    }

    /// Sets a control for the pictures from the next request on, which is a few frames ahead.
    ///
    /// The control stays set while the camera is open, also across stop and start.
    ///
    /// - Throws: `.unknownOption` with the names that there are; `.invalidValue` with what the control takes;
    ///   `.unsupported`.
    public func setControl(_ name: String, to value: ControlValue) throws {
        let session = try openSession("setting the control \(name)")
        let descriptions = session.controlDescriptions
        guard let description = descriptions.first(where: { $0.control.name == name }) else {
            throw CameraError(
                .unknownOption, "setting the control \(name)", subject: self.name,
                reason: "it has " + descriptions.map(\.control.name).joined(separator: ", "))
        }
        try set(description, to: try description.control.accepting(value, of: self.name), session)
    }

    /// Sets a control to a value that it takes; with nil the control is left to libcamera from the next start on.
    func set(_ description: LibCameraControl, to value: ControlValue?, _ session: LibCameraSession) throws(CameraError)
    {
        let result = session.setControl(description.id, value?.numbers ?? [])
        let control = description.control.name
        guard result >= 0 else {
            let operation = "setting the control \(control)" + (value.map { " to \($0)" } ?? "")
            throw use.shim.failure(result, operation, subject: name)
        }
        note(value, of: control)
    }
}

extension LibCameraSession {
    /// The controls that can be set, by name: libcamera has them in no order.
    var controlDescriptions: [LibCameraControl] {
        let found: [LibCameraControl] = controls { context, control in
            LibCameraShim.append(LibCameraControl(control.pointee), to: context)
        }
        return found.sorted { $0.control.name < $1.control.name }
    }
}

/// A control as libcamera describes it.
struct LibCameraControl {
    /// libcamera's number for it.
    let id: UInt32
    /// The control, with the value that it starts with where libcamera tells that.
    let control: CameraControl

    /// Whether it is the control of the frame rate, whose values are microseconds.
    var isFrameDurationLimits: Bool { control.name == "FrameDurationLimits" }

    init(_ source: clc_control) {
        id = source.id
        let kind = Self.kind(of: source)
        // Older releases do not tell what a crop starts with; that is all there is.
        let isRectangle = source.type == CLC_TYPE_RECTANGLE
        let initial = isRectangle && source.initial.count == 0 ? source.maximum : source.initial
        control = CameraControl(
            name: String(cString: source.name), kind: kind, value: nil,
            defaultValue: kind.value(initial.list))
    }

    private static func kind(of control: clc_control) -> CameraControl.Kind {
        let low = control.minimum.list.filter { !$0.isNaN }.min() ?? 0
        let high = max(control.maximum.list.filter { !$0.isNaN }.max() ?? low, low)
        let whole = Int64(clamping: low)...Int64(clamping: high)
        let choices = UnsafeBufferPointer(start: control.choices, count: control.choice_count)
        let length = Int(control.length)
        switch control.type {
        case CLC_TYPE_BOOLEAN: return length == 1 ? .boolean : .other
        case CLC_TYPE_INTEGER where length == 1 && !choices.isEmpty:
            let items = choices.map {
                CameraControl.MenuItem(number: Int64($0.number), name: String(cString: $0.name))
            }
            return .menu(items.sorted { $0.number < $1.number })
        case CLC_TYPE_INTEGER: return Self.array(whole, length: length, per: 1)
        case CLC_TYPE_NUMBER:
            return length == 1 ? .number(low...high) : length == 0 ? .other : .numbers(low...high, count: length)
        // Corners and sides of rectangles are pixels of the sensor, from 0 on.
        case CLC_TYPE_RECTANGLE: return Self.array(0...max(whole.upperBound, 0), length: length, per: 4)
        case CLC_TYPE_SIZE, CLC_TYPE_POINT:
            return Self.array(0...max(whole.upperBound, 0), length: length, per: 2)
        default: return .other
        }
    }

    /// Whole numbers of which each value has `per`.
    private static func array(_ range: ClosedRange<Int64>, length: Int, per: Int) -> CameraControl.Kind {
        switch (length, per) {
        case (1, 1): .integer(range, step: 1)
        case (1, _): .array(range, step: 1, dimensions: [per])
        case (0, _): .list(range, step: 1, limit: Int(CLC_MAX_NUMBERS))
        default: .array(range, step: 1, dimensions: per == 1 ? [length] : [length, per])
        }
    }
}

extension CameraControl.Kind {
    /// A value of this kind; nil when there are no numbers for it.
    fileprivate func value(_ numbers: [Double]) -> ControlValue? {
        guard let first = numbers.first else { return nil }
        return switch self {
        case .number: .number(first)
        case .numbers: .array(numbers.map(ControlValue.number))
        case .array, .list: .array(numbers.map { .integer(Int64(clamping: $0)) })
        case .other, .text: nil
        case .integer, .boolean, .menu, .bitmask, .button: .integer(Int64(clamping: first))
        }
    }
}

extension ControlValue {
    /// The numbers of a value, as the shim takes them.
    var numbers: [Double] {
        switch self {
        case .integer(let number): [Double(number)]
        case .number(let number): [number]
        case .text: []
        case .array(let values): values.flatMap(\.numbers)
        }
    }
}

extension clc_value {
    /// The numbers that there are.
    fileprivate var list: [Double] {
        withUnsafeBytes(of: numbers) { Array($0.bindMemory(to: Double.self).prefix(Int(count))) }
    }
}

extension FrameMetadata {
    /// What a picture was taken with, by the name of the control that sets it; nil for others.
    func value(of name: String) -> ControlValue? {
        switch name {
        case "ExposureTime": exposureTime.map { .integer($0.nanoseconds / 1000) }
        case "AnalogueGain": analogGain.map { .number(Double($0)) }
        case "DigitalGain": digitalGain.map { .number(Double($0)) }
        case "ColourGains": awbGains.map { .array([.number($0.red), .number($0.blue)]) }
        case "ColourTemperature": colorTemperature.map { .integer(Int64($0)) }
        case "LensPosition": lensPosition.map { .number(Double($0)) }
        default: nil
        }
    }
}
