// SPDX-License-Identifier: MIT

internal import CameraCore

extension LibCameraSettings {
    /// libcamera's normal, short and long mode (`AeExposureMode`), and whether anything is automatic at all.
    var exposureMode: Mapping? {
        let all: [(ExposureMode, Int64)] = [(.auto, 0), (.sports, 1), (.veryLong, 2)]
        let available = choices("AeExposureMode")
        let modes = all.filter { available.isEmpty ? $0.0 == .auto : available.contains($0.1) }
        let words = (controls["AeEnable"] == nil ? [] : [.off]) + modes.map(\.0)
        guard words.count > 1 else { return nil }
        func word(_ isOff: Bool, _ mode: ControlValue?) -> SettingValue? {
            if isOff { return .choice(ExposureMode.off.rawValue) }
            let number = mode?.numbers.first ?? 0
            return modes.first { Double($0.1) == number }.map { .choice($0.0.rawValue) }
        }
        return Mapping(
            values: .choices(words.map(\.rawValue)), value: word(isExposureFixed, present("AeExposureMode")),
            initial: word(
                controls["AeEnable"]?.defaultValue == .integer(0), controls["AeExposureMode"]?.defaultValue)
        ) { value in
            guard case .choice(let word) = value else { return [] }
            let isOff = word == ExposureMode.off.rawValue
            var changes: [Change] = []
            if controls["AeEnable"] != nil { changes.append(("AeEnable", .integer(isOff ? 0 : 1))) }
            for number in Self.exposureNumbers {
                if controls[number.mode] != nil { changes.append((number.mode, .integer(isOff ? 1 : 0))) }
                // Numbers that were set would end the automatic again.
                if !isOff { changes.append((number.name, nil)) }
            }
            if !available.isEmpty, let mode = modes.first(where: { $0.0.rawValue == word }) {
                changes.append(("AeExposureMode", .integer(mode.1)))
            }
            return changes
        }
    }

    /// What the automatic exposure chooses, and the control that says whether it does: 0 for yes, 1 for no.
    ///
    /// libcamera has these modes since 0.5; `AeEnable` stands for both of them.
    private static let exposureNumbers = [
        (name: "ExposureTime", mode: "ExposureTimeMode"), (name: "AnalogueGain", mode: "AnalogueGainMode"),
    ]

    private var isExposureFixed: Bool {
        let modes = Self.exposureNumbers.filter { controls[$0.mode] != nil }
        guard modes.isEmpty else { return modes.allSatisfy { present($0.mode) == .integer(1) } }
        return present("AeEnable") == .integer(0)
    }

    /// Sixths of a stop; `ExposureValue` has stops.
    var exposureCompensation: Mapping? {
        guard let stops = range("ExposureValue") else { return nil }
        let low = max(Int(clamping: (stops.lowerBound * 6).rounded(.up)), -25)
        let high = min(Int(clamping: (stops.upperBound * 6).rounded(.down)), 25)
        guard low < high else { return nil }
        func sixths(_ value: ControlValue?) -> SettingValue? {
            value?.numbers.first.map { .integer(Int(clamping: $0 * 6)) }
        }
        return Mapping(
            values: .integers(low...high), value: sixths(present("ExposureValue") ?? .number(0)), initial: .integer(0)
        ) { value in
            guard case .integer(let sixths) = value else { return [] }
            return [("ExposureValue", .number(Double(sixths) / 6))]
        }
    }

    /// The exposure time in microseconds; 0 returns it to the automatic.
    var shutterSpeed: Mapping? {
        guard let microseconds = range("ExposureTime"), microseconds.upperBound >= 1 else { return nil }
        let low = max(microseconds.lowerBound, 1)
        return Mapping(
            values: .durations(.zero...Duration(clampingMicroseconds: microseconds.upperBound)),
            value: .duration(Duration(clampingMicroseconds: fixed("ExposureTime", "ExposureTimeMode") ?? 0)),
            initial: .duration(.zero)
        ) { value in
            guard case .duration(let time) = value else { return [] }
            let number = min(max(Double(time.nanoseconds) / 1000, low), microseconds.upperBound)
            return fixing("ExposureTime", to: time == .zero ? nil : number, "ExposureTimeMode")
        }
    }

    var exposureSpeed: Mapping? {
        guard range("ExposureTime") != nil || taken("ExposureTime") != nil else { return nil }
        let microseconds = taken("ExposureTime")?.numbers.first
        let time = microseconds.map { SettingValue.duration(Duration(clampingMicroseconds: $0)) }
        return Mapping(values: .durations(.zero ... .seconds(1000)), value: time, initial: nil)
    }

    /// The ISO, 100 for an analog gain of 1; 0 returns the gain to the automatic.
    var iso: Mapping? {
        guard let gains = range("AnalogueGain"), gains.upperBound >= 0.01 else { return nil }
        let gain = fixed("AnalogueGain", "AnalogueGainMode") ?? 0
        return Mapping(
            values: .integers(0...Int(clamping: Int64((min(gains.upperBound, 1e6) * 100).rounded(.down)))),
            value: .integer(Int(clamping: gain * 100)), initial: .integer(0)
        ) { value in
            guard case .integer(let iso) = value else { return [] }
            let number = min(max(Double(iso) / 100, gains.lowerBound), gains.upperBound)
            return fixing("AnalogueGain", to: iso == 0 ? nil : number, "AnalogueGainMode")
        }
    }

    /// An amplification that is in use.
    func gain(_ name: String) -> Mapping? {
        guard controls[name] != nil || taken(name) != nil else { return nil }
        let value = taken(name)?.numbers.first.map(SettingValue.number)
        return Mapping(values: .numbers(0...1e6), value: value, initial: nil)
    }

    /// libcamera's middle-weighted, spot and matrix metering (`AeMeteringMode`).
    var meterMode: Mapping? {
        menu(
            "AeMeteringMode",
            [(MeterMode.average.rawValue, 0), (MeterMode.spot.rawValue, 1), (MeterMode.matrix.rawValue, 2)])
    }

    /// The value that a part of the automatic exposure is fixed to; nil while it is automatic.
    private func fixed(_ name: String, _ mode: String) -> Double? {
        guard wanted[mode] != .integer(0), let number = wanted[name]?.numbers.first, number > 0 else { return nil }
        return number
    }

    /// The changes that fix a value, or return it to the automatic.
    ///
    /// Since 0.5 each value has a mode of its own. Before that, by libcamera's documentation, setting a value fixes it
    /// and setting 0 returns it to the automatic, also where the control's range begins above 0.
    private func fixing(_ name: String, to number: Double?, _ mode: String) -> [Change] {
        guard controls[mode] != nil else { return [(name, value(number ?? 0, for: name))] }
        guard let number else { return [(mode, .integer(0)), (name, nil)] }
        return [(mode, .integer(1)), (name, value(number, for: name))]
    }
}
